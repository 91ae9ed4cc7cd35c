#pragma once

#include <array>
#include <deque>

#include "radio/frame.h"
#include "sync/base/time.h"

namespace khuoi::radio {

/// What a hamlet draws for a JOIN.
using HamletToken = std::array<std::uint8_t, token_octets>;

/// Of the commune: which JOINs of one hamlet it may answer. Anybody can record a JOIN and send it again. Memory: 1,024
/// tokens.
class JoinGuard final {
 public:
  /// No JOIN with this token gets a WELCOME again.
  void retire(const HamletToken& token);
  /// The token is not retired, and few JOINs were welcomed within this minute.
  [[nodiscard]] bool may_welcome(Instant now, const HamletToken& token);
  void welcomed(Instant now) { welcomes_.push_back(now); }

 private:
  std::deque<HamletToken> retired_;
  std::deque<Instant> welcomes_;
};

}  // namespace khuoi::radio
