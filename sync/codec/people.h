#pragma once

#include <map>
#include <span>

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// Which submissions speak of one person: those that share a long number (names.h), or a full name of three words or
/// more that few submissions carry, however it is written. One number for each submission.
std::vector<std::uint32_t> people_of(std::span<const std::string_view> submissions);

/// Whether at least three different people gave a thing; a thing is any text the caller makes up for it.
class GivenBy final {
 public:
  static constexpr std::size_t people_min = 3;
  void add(const std::string& thing, std::uint32_t person);
  [[nodiscard]] bool enough(const std::string& thing) const;

 private:
  struct Givers {
    std::array<std::uint32_t, people_min> people{};
    std::size_t count = 0;
  };
  std::map<std::string, Givers> givers_;
};

}  // namespace khuoi::sync
