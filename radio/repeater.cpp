#include "radio/repeater.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace khuoi::radio {

namespace {
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t frames_held_max = 16, frames_seen_max = 256;
constexpr unsigned joins_in_vain = 2;
constexpr hours neighbour_lasts{2};
constexpr minutes told_again_after{10};
/// Whoever waits for an answer longer says his frame again.
constexpr seconds frame_lasts{15};
/// A JOIN is answered as long as no other was said.
constexpr minutes join_lasts{10};
constexpr std::int64_t share_of_hour = 4;

bool passes_on(FrameType type) {
  switch (type) {
    case FrameType::join:
    case FrameType::welcome:
    case FrameType::data:
    case FrameType::ack:
    case FrameType::ask:
    case FrameType::call:
      return true;
    default:
      return false;
  }
}
}  // namespace

void Repeater::on_frame(Instant now, const Frame& frame, ByteView octets, const Signal& signal) {
  if (!passes_on(frame.type)) return;
  if (served_.contains(frame.alias) && wants_help(frame)) queue(now, frame, octets);
  if (frame.type == FrameType::welcome) neighbours_.erase(frame.alias);
  if (frame.type != FrameType::join || (frame.flags & join_flag::relayed) == 0) return;
  std::erase_if(neighbours_, [&](const auto& one) { return now - one.second.at >= neighbour_lasts; });
  if (!neighbours_.contains(frame.alias) && neighbours_.size() >= neighbours_max) return;
  Neighbour& one = neighbours_[frame.alias];
  ++one.joins;
  one.at = now;
  one.join = to_bytes(octets);
  one.snr_db = static_cast<int>(std::clamp(std::round(signal.snr_db), -128.0, 127.0));
}

/// A hamlet that is served tries the commune itself with one JOIN at times, and neither that nor its WELCOME is passed
/// on. One that started anew does not know that it is served: its own second JOIN, said once more, tells it.
bool Repeater::wants_help(const Frame& frame) {
  const bool join = frame.type == FrameType::join;
  if (join && (frame.flags & join_flag::relayed) == 0) return ++without_help_[frame.alias] > 1;
  if (join) without_help_.erase(frame.alias);
  if (frame.type != FrameType::welcome || !without_help_.contains(frame.alias)) return true;
  if (without_help_[frame.alias] == 1) without_help_.erase(frame.alias);
  return false;
}

void Repeater::queue(Instant now, const Frame& frame, ByteView octets) {
  const Seen seen(octets.front(), frame.mac);
  if (std::ranges::find(seen_, seen) != seen_.end()) return;
  seen_.push_back(seen);
  if (seen_.size() > frames_seen_max) seen_.pop_front();
  queue_.push_back({now, to_bytes(octets)});
  if (queue_.size() > frames_held_max) queue_.pop_front();
}

void Repeater::serve(Instant now, const std::vector<RadioAlias>& aliases) {
  served_ = {aliases.begin(), aliases.end()};
  std::erase_if(without_help_, [&](const auto& one) { return !served_.contains(one.first); });
  for (const RadioAlias alias : aliases) {
    const auto heard = neighbours_.find(alias);
    if (heard == neighbours_.end()) continue;
    if (now - heard->second.at < join_lasts) queue(now, *decode_frame(heard->second.join), heard->second.join);
    neighbours_.erase(heard);
  }
}

bool Repeater::in_vain(Instant now, const Neighbour& one) const {
  return one.joins >= joins_in_vain && now - one.at < neighbour_lasts &&
         (!one.told_at || now - *one.told_at >= told_again_after);
}

std::vector<NeighbourHeard> Repeater::to_tell(Instant now) const {
  std::vector<NeighbourHeard> out;
  for (const auto& [alias, one] : neighbours_) {
    if (in_vain(now, one) && 3 * (out.size() + 1) <= timing_.body_max()) out.push_back({alias, static_cast<std::int8_t>(one.snr_db)});
  }
  return out;
}

void Repeater::told(Instant now) {
  for (const NeighbourHeard& one : to_tell(now)) neighbours_.at(one.alias).told_at = now;
}

std::optional<std::size_t> Repeater::next_octets(Instant now, Micros hour) {
  while (!queue_.empty() && now - queue_.front().at >= join_lasts) queue_.pop_front();
  while (queue_.size() > 1 && now - queue_.front().at >= frame_lasts) queue_.pop_front();
  while (!spent_.empty() && now - spent_.front().first >= hours(1)) spent_.pop_front();
  if (queue_.empty()) return std::nullopt;
  const std::size_t octets = queue_.front().octets.size();
  Micros spent = timing_.airtime(octets);
  for (const auto& [when, how_long] : spent_) spent += how_long;
  return spent <= hour / share_of_hour ? std::optional(octets) : std::nullopt;
}

Bytes Repeater::take(Instant now) {
  Bytes out = std::move(queue_.front().octets);
  queue_.pop_front();
  spent_.emplace_back(now, timing_.airtime(out.size()));
  return out;
}

}  // namespace khuoi::radio
