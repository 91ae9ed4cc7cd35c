#include "node/links/radio/radio_outlook.h"

#include <algorithm>

namespace khuoi::node {

namespace {
constexpr Micros hour = std::chrono::hours(1);
/// One lost frame is no silence.
constexpr unsigned failures_of_silence = 2;
/// Beside a frame's own time: the pauses before it, and its part of the answers (radio/FORMATS.md).
constexpr std::int64_t pauses_divisor = 2;
constexpr unsigned loss_permille_most = 950;

std::int64_t minutes_of(Micros time) {
  return (time + std::chrono::minutes(1) - Micros(1)) / Micros(std::chrono::minutes(1));
}

LinkOutlook::Why why_of(const RadioFacts& facts) {
  using enum LinkOutlook::Why;
  if (!facts.modem_up) return modem;
  if (facts.fiber_up) return fiber;  // also what is written from now on
  const bool silent = facts.failures >= failures_of_silence;
  if (facts.octets_waiting == 0 && facts.octets_held == 0) return silent ? unheard : nothing;
  if (facts.octets_waiting == 0) return fiber_at;
  if (facts.blocked_until) return duty;
  return silent ? unheard : sending;
}
}  // namespace

std::optional<Micros> time_to_send(std::size_t octets, const RadioFacts& facts) {
  if (octets == 0) return Micros(0);
  if (facts.frame_octets == 0 || facts.limit <= Micros(0)) return std::nullopt;
  const auto frames = static_cast<std::int64_t>((octets + facts.frame_octets - 1) / facts.frame_octets);
  const unsigned arrive_permille = 1000 - std::min(facts.loss_permille, loss_permille_most);
  const Micros air = frames * facts.frame_airtime * 1000 / arrive_permille;
  const Micros left = std::max(Micros(0), facts.limit - facts.used);
  const Micros at_once = air + air / pauses_divisor;
  if (air <= left) return at_once;
  // What does not fit into this hour goes at the pace of the hours behind it.
  return std::max<Micros>(at_once, Micros((air - left).count() * (hour / facts.limit + 1)));
}

LinkOutlook outlook_of(const RadioFacts& facts) {
  LinkOutlook out;
  out.why = why_of(facts);
  out.octets_waiting = static_cast<std::int64_t>(facts.octets_waiting);
  out.octets_held = static_cast<std::int64_t>(facts.octets_held);
  out.fiber_at = facts.fiber_at;
  if (out.why == LinkOutlook::Why::duty) out.until = facts.blocked_until;
  if (facts.heard_ago) out.heard_minutes_ago = *facts.heard_ago / Micros(std::chrono::minutes(1));
  const bool goes = out.why == LinkOutlook::Why::sending || out.why == LinkOutlook::Why::duty;
  const auto time = goes ? time_to_send(facts.octets_waiting, facts) : std::nullopt;
  if (time && *time > Micros(0)) out.minutes = minutes_of(*time);
  return out;
}

}  // namespace khuoi::node
