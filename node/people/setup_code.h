#pragma once

#include <map>
#include <string>
#include <string_view>

#include "sync/base/rng.h"
#include "sync/base/time.h"
#include "sync/seal/secret.h"

namespace khuoi::people {

inline constexpr std::size_t setup_code_digits = 8;
/// Wrong codes from everywhere in one run of the service; then only the box's own screen makes the node. Of 10^8 codes
/// a guesser has tried 500.
inline constexpr std::uint64_t setup_code_tries_max = 500;
inline constexpr std::size_t setup_code_addresses_max = 64;

/// What a first start from another device must know: digits that only the box's console and log show, drawn anew at
/// each start of the service. There is no store yet to count wrong tries in; whoever can restart the box can read its
/// console.
/// Threads: text() and open() any, check() one at a time.
class SetupCode final {
 public:
  explicit SetupCode(Rng& rng);
  /// In two groups of four, as a person reads it.
  [[nodiscard]] std::string text() const;

  enum class Verdict { right, wrong, wait, closed };
  struct Answer {
    Verdict verdict = Verdict::wrong;
    std::uint64_t wait_seconds = 0;  ///< of `wait`
  };
  /// Spaces and dashes do not count. After n wrong codes in a row an address waits 2^(n-1) seconds, at most 15 minutes;
  /// what comes while it waits is not looked at. Of more addresses than the table holds, the strangers wait together.
  Answer check(std::string_view typed, const std::string& from, Instant now);

 private:
  struct Tries {
    std::uint64_t wrong = 0;
    Instant next{};  ///< not before
  };
  sync::Secret digits_;
  std::uint64_t wrong_ = 0;
  std::map<std::string, Tries> by_address_;
};

}  // namespace khuoi::people
