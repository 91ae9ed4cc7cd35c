#pragma once

#include <map>
#include <span>

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// Which submissions speak of one person: those that share a run of at least nine digits (citizen id, insurance card,
/// telephone), or a full name that few submissions carry. One number for each submission.
std::vector<std::uint32_t> people_of(std::span<const std::string_view> submissions);

/// Two or more words, each with a capital first letter, and nothing else: a person's name or a place's.
bool is_name(std::string_view text);

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
