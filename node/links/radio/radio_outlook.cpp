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
/// A neighbour spends so much of its hour at most.
constexpr std::int64_t relay_share = 4;

/// Of so many frames, on the air of this node. A word goes before each burst, with the base's spreading factor.
Micros air_of(std::int64_t frames, const RadioFacts& facts) {
  if (facts.relayed || facts.burst_frame_airtime <= Micros(0)) return frames * facts.frame_airtime;
  constexpr std::int64_t frames_a_turn = 1 + radio::grant_frames_max;
  const std::int64_t words = (frames + frames_a_turn - 1) / frames_a_turn;
  return words * facts.frame_airtime + (frames - words) * facts.burst_frame_airtime;
}

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
  const Micros air = air_of(frames, facts) * 1000 / arrive_permille;
  const Micros limit = facts.relayed ? facts.limit / relay_share : facts.limit;
  const Micros left = std::max(Micros(0), limit - facts.used);
  const Micros both = facts.relayed ? 2 * air : air;
  const Micros at_once = both + both / pauses_divisor;
  if (air <= left || limit <= Micros(0)) return at_once;
  // What does not fit into this hour goes at the pace of the hours behind it.
  return std::max<Micros>(at_once, Micros((air - left).count() * (hour / limit + 1)));
}

namespace {
/// Nobody else is waited for; where nothing waits, all of them.
template <typename Look>
void each_waited_for(const radio::Station::Figures& figures, const Look& look) {
  const bool any = std::ranges::any_of(figures.peers, [](const auto& peer) { return peer.octets_waiting != 0; });
  for (const auto& peer : figures.peers) {
    if (!any || peer.octets_waiting != 0) look(peer);
  }
}
}  // namespace

void add_peers(const radio::Station::Figures& figures, RadioFacts& facts) {
  bool silent = true;
  for (const auto& peer : figures.peers) {
    facts.octets_waiting += peer.octets_waiting;
    facts.loss_permille = std::max(facts.loss_permille, peer.loss_permille);
    // One that answers is enough for the line to be well.
    silent = silent && peer.failures != 0;
    facts.failures = std::max(facts.failures, peer.failures);
  }
  if (!silent) facts.failures = 0;
  each_waited_for(figures, [&](const auto& peer) { facts.relayed = facts.relayed || peer.relayed; });
}

unsigned burst_factor_of(const radio::Station::Figures& figures) {
  std::optional<unsigned> slowest;
  each_waited_for(figures, [&](const auto& peer) {
    // 0 is the base, and slower than any that a burst has.
    const bool base = peer.burst_factor == 0 || slowest == 0U;
    slowest = base ? 0 : std::max(slowest.value_or(0), peer.burst_factor);
  });
  return slowest.value_or(0);
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
