#pragma once

#include <deque>
#include <string>

#include "sync/base/bytes.h"
#include "sync/base/result.h"

namespace khuoi::sim {

/// What an oracle saw break. Thrown inside sim/ only; run_seed() catches it.
struct Violation {
  std::string what;
};
[[noreturn]] inline void violated(std::string what) { throw Violation{std::move(what)}; }

/// The value of something that cannot fail in a simulated world.
template <typename T>
T sure(Result<T> result, const char* where) {
  if (!result) violated(std::string(where) + " failed: " + result.error().what);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// What happened, in order: the last events for a person, and a digest of all of them that two runs of one seed share.
class Trace final {
 public:
  explicit Trace(bool aloud) : aloud_(aloud) {}
  void at(std::int64_t micros) { micros_ = micros; }
  void note(const std::string& event);
  void mix(ByteView octets);
  /// For whoever reads along; it is no event. `text` is only called if somebody does.
  template <typename Text>
  void detail(const Text& text) const {
    if (aloud_) print(text());
  }
  [[nodiscard]] std::uint64_t digest() const { return digest_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] const std::deque<std::string>& last() const { return last_; }

 private:
  void print(const std::string& line) const;
  static constexpr std::size_t kept_max = 60;
  bool aloud_;
  std::int64_t micros_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t digest_ = 0xcbf29ce484222325U;  // FNV-1a, 64 bits
  std::deque<std::string> last_;
};

}  // namespace khuoi::sim
