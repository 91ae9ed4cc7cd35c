#pragma once

#include <map>
#include <mutex>
#include <string>

#include "node/engine/engine.h"
#include "sync/seal/secret.h"

namespace khuoi::openrosa {

inline constexpr std::chrono::minutes nonce_lifetime{10};
inline constexpr std::size_t nonces_max = 1024;  ///< in use at one time
inline constexpr std::uint32_t counts_remembered = 64;

/// The nonces of Digest: signed with a key of this start, so that handing them out costs no memory, and each good for
/// ten minutes. Of those that somebody used with a right password it remembers which counts came, so that what was
/// overheard in the air is worth nothing a second time. Counts may come out of order, as parallel downloads do, within
/// the last 64. Threads: any.
class Nonces final {
 public:
  explicit Nonces(Rng& rng);
  /// 48 hexadecimal digits, never the same twice.
  std::string issue(Instant now);
  /// Whether this is one of ours, young enough, and this count of it had not come yet; from now on it has. Call it only
  /// for who proved the password: what it remembers is bounded, and the oldest gives way.
  bool use(std::string_view nonce, std::uint32_t count, Instant now);
  [[nodiscard]] std::size_t remembered();

 private:
  struct Seen {
    std::uint32_t greatest = 0;
    std::uint64_t before = 0;  ///< bit i: count `greatest - i` came
  };
  [[nodiscard]] std::string signed_text(std::uint64_t id) const;
  [[nodiscard]] bool is_ours(std::string_view nonce, std::uint64_t& id) const;
  void make_room(Instant now);
  sync::Secret key_;
  std::mutex mutex_;
  std::uint64_t last_ = 0;   ///< the id given out last: microseconds of the monotonic clock, made unique
  std::uint64_t floor_ = 0;  ///< ids up to here are over, used or not
  std::map<std::uint64_t, Seen> seen_;
};

}  // namespace khuoi::openrosa
