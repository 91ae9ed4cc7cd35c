#include "node/links/radio/air_survey.h"

#include <algorithm>

namespace khuoi::node {

namespace {
/// A greater step is no loss, but a counter that began elsewhere.
constexpr std::int64_t missed_max = 256;

std::int64_t hour_of(Instant at) {
  return std::chrono::duration_cast<std::chrono::hours>(at.time_since_epoch()).count();
}
}  // namespace

AirSurvey::Figures& AirSurvey::hour(Box& box, Instant now) {
  const std::int64_t number = hour_of(now);
  Hour& out = box.hours[static_cast<std::size_t>(number) % hours_max];
  if (out.number != number) out = {number, {}};
  return out.figures;
}

void AirSurvey::heard(Instant now, const Heard& frame) {
  Box& box = boxes_[frame.alias];
  box.heard_at = now;
  Figures& to = hour(box, now);
  to.snr_worst_db = to.frames == 0 ? frame.signal.snr_db : std::min(to.snr_worst_db, frame.signal.snr_db);
  ++to.frames;
  to.snr_sum_db += frame.signal.snr_db;
  to.by_factor[frame.signal.channel.spreading_factor].add({1, frame.signal.snr_db, frame.signal.snr_db});
  to.rssi_sum_dbm += frame.signal.rssi_dbm;
  to.airtime_heard += frame.airtime;
  if (frame.proof) count(box, to, frame);
}

/// A frame that is sent again has its old counter: it was counted as missed, and tells nothing new.
void AirSurvey::count(Box& box, Figures& figures, const Heard& frame) {
  if (box.token != frame.proof->name.tokens.hamlet) {
    box.token = frame.proof->name.tokens.hamlet;
    box.newest = {-1, -1};
  }
  std::int64_t& newest = box.newest[frame.stream ? 1 : 0];
  const std::int64_t counter = frame.proof->counter;
  if (counter <= newest) return;
  const std::int64_t missed = counter - newest - 1;
  if (missed <= missed_max) figures.missed += static_cast<std::uint64_t>(missed);
  ++figures.fresh;
  newest = counter;
}

void AirSurvey::Figures::Quickness::add(const Quickness& other) {
  snr_worst_db = frames == 0 ? other.snr_worst_db : std::min(snr_worst_db, other.snr_worst_db);
  frames += other.frames;
  snr_sum_db += other.snr_sum_db;
}

void AirSurvey::sent(Instant now, RadioAlias alias, Micros airtime) {
  hour(boxes_[alias], now).airtime_sent += airtime;
}

std::map<RadioAlias, AirSurvey::Row> AirSurvey::rows(Instant now, unsigned hours) const {
  std::map<RadioAlias, Row> out;
  for (const auto& [alias, box] : boxes_) {
    Row& row = out[alias];
    row.heard_at = box.heard_at;
    Figures& sum = row.figures;
    for (const Hour& one : box.hours) {
      if (one.number <= hour_of(now) - static_cast<std::int64_t>(hours) || one.number > hour_of(now)) continue;
      const Figures& add = one.figures;
      if (add.frames != 0)
        sum.snr_worst_db = sum.frames == 0 ? add.snr_worst_db : std::min(sum.snr_worst_db, add.snr_worst_db);
      sum.frames += add.frames;
      sum.fresh += add.fresh;
      sum.missed += add.missed;
      sum.snr_sum_db += add.snr_sum_db;
      for (const auto& [factor, frames] : add.by_factor) sum.by_factor[factor].add(frames);
      sum.rssi_sum_dbm += add.rssi_sum_dbm;
      sum.airtime_heard += add.airtime_heard;
      sum.airtime_sent += add.airtime_sent;
    }
  }
  return out;
}

}  // namespace khuoi::node
