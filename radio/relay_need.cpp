#include "radio/relay_need.h"

namespace khuoi::radio {

namespace {
using std::chrono::hours;

constexpr std::chrono::minutes unheard_before_relay{30};
constexpr hours tries_itself_after{6};
constexpr hours tries_itself_after_hearing{1};
}  // namespace

/// For half an hour the commune did not answer this hamlet, or not without help.
bool RelayNeed::asks_for_relay(Instant now) const {
  const bool unheard = in_vain_since_ && now - *in_vain_since_ >= unheard_before_relay;
  return (relayed_ || unheard) && !tries_itself_;
}

bool RelayNeed::may_try_itself(Instant now) const {
  return now - tried_at_ >= (heard_without_help_ ? tries_itself_after_hearing : tries_itself_after);
}

void RelayNeed::try_itself(Instant now) {
  tries_itself_ = true;
  tried_at_ = now;
  heard_without_help_ = false;
}

void RelayNeed::served_already(Instant now) {
  relayed_ = true;
  tries_itself_ = false;
  tried_at_ = now;
}

}  // namespace khuoi::radio
