#include "radio/peer.h"

// A hamlet whose frames a neighbour passes on, or has to: radio/FORMATS.md, "Over a neighbour".

namespace khuoi::radio {

namespace {
using std::chrono::hours;

constexpr std::chrono::minutes unheard_before_relay{30};
constexpr hours tries_itself_after{6};
constexpr hours tries_itself_after_hearing{1};
}  // namespace

/// For half an hour the commune did not answer this hamlet, or not without help.
bool Peer::needs_relay(Instant now) const {
  return was_relayed_ || (in_vain_since_ && now - *in_vain_since_ >= unheard_before_relay);
}

/// Air may have become better, or an antenna higher. It costs a JOIN in place of another frame: never in a quiet hour.
bool Peer::may_try_itself(Instant now) const {
  const Association* with = all_.current();
  if (self_.commune || with == nullptr || !with->relayed || joining()) return false;
  const bool has_news = with->out.open().empty() && with->out.may_cut() && pace_.may_speak(now);
  const hours pause = heard_without_help_ ? tries_itself_after_hearing : tries_itself_after;
  return has_news && answer_owed_in_ == 0 && now - tried_itself_at_ >= pause;
}

void Peer::try_itself(Instant now) {
  begin_joining(now);
  pace_.speak_at(now);
  tries_itself_ = true;
  tried_itself_at_ = now;
  heard_without_help_ = false;
}

/// A neighbour says this hamlet's own JOIN once more: it was appointed before this hamlet started. Anybody may do so,
/// which costs frames until this hamlet tries itself again.
Peer::Heard Peer::on_echo(Instant now, const Frame& frame) {
  const bool is_echo = joining() && speaking()->out.frames_cut() != 0 && frame.mac == join_said_;
  if (!is_echo || speaking()->relayed) return Heard::nothing;
  was_relayed_ = true;
  tries_itself_ = false;
  tried_itself_at_ = now;
  begin_joining(now);
  return Heard::nothing;
}

}  // namespace khuoi::radio
