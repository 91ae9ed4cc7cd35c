#include "radio/object_in.h"

#include <algorithm>
#include <utility>

#include "radio/erasure.h"

namespace khuoi::radio {

namespace {
constexpr std::size_t objects_gathered_max = 2;
constexpr std::size_t objects_known_max = 32;
/// Somebody may send again what he recorded, to make this node report: of one object, until an hour passed without a
/// report on it, and within an hour.
constexpr std::uint8_t reports_of_one_max = 16;
constexpr std::size_t reports_an_hour_max = 120;
/// As many follow, or more.
constexpr std::size_t symbols_told_max = 15;
constexpr std::chrono::hours object_lasts{24};
constexpr unsigned spoilt_times_max = 2;
}  // namespace

bool ObjectIn::is_groups(const Frame& frame) {
  for (unsigned which = 0; which < keys_heard_; ++which) {
    if (keys_.group_mac(which, {frame.counter, std::nullopt, frame.before_mac}) != frame.mac) continue;
    keys_heard_ = which + 1;
    return true;
  }
  return false;
}

bool ObjectIn::on_frame(Instant now, const Frame& frame) {
  if (frame.alias != group_alias) return false;
  const auto symbol = frame.type == FrameType::symbol ? decode_symbol(frame.body) : std::nullopt;
  const auto poll = frame.type == FrameType::poll ? decode_poll(frame.body) : std::nullopt;
  if ((!symbol && !poll) || !is_groups(frame)) return false;
  if (symbol) on_symbol(now, frame, *symbol);
  if (poll) on_poll(now, *poll);
  return true;
}

ObjectIn::Object& ObjectIn::find(Instant now, const ObjectName& name) {
  std::erase_if(objects_,
                [&](const Object& one) { return one.stage == Stage::gathering && now - one.heard_at >= object_lasts; });
  const auto found = std::ranges::find(objects_, name, &Object::name);
  if (found != objects_.end()) return *found;
  const auto gathering = [](const Object& one) { return one.stage == Stage::gathering; };
  if (static_cast<std::size_t>(std::ranges::count_if(objects_, gathering)) >= objects_gathered_max)
    objects_.erase(std::ranges::find_if(objects_, gathering));
  // What was handed up stays until its work is over.
  const auto old = std::ranges::find_if(objects_, [](const Object& one) { return one.stage != Stage::handed_up; });
  if (objects_.size() >= objects_known_max && old != objects_.end()) objects_.erase(old);
  objects_.push_back({});
  objects_.back().name = name;
  return objects_.back();
}

void ObjectIn::on_symbol(Instant now, const Frame& frame, const Symbol& symbol) {
  Object& object = find(now, symbol.object);
  object.heard_at = now;
  ++object.heard;
  // Those that still come in this round are lost where they are not heard before the report.
  const std::size_t follow = frame.flags;
  object.sent = std::max({object.sent, object.heard, frame.counter + 1 + (follow < symbols_told_max ? follow : 0)});
  const bool fits = object.symbols.empty() || object.symbols.begin()->second.size() == symbol.octets.size();
  if (object.stage == Stage::gathering && fits && frame.counter < ErasureCode::symbols_max)
    object.symbols.try_emplace(frame.counter, to_bytes(symbol.octets));
  if (object.stage == Stage::gathering && object.symbols.size() >= object.name.count) join(object);

  const Micros symbol_takes = timing_.airtime(frame.before_mac.size() + frame.mac.size()) + timing_.gap;
  const Instant ends = now + static_cast<std::int64_t>(follow) * symbol_takes;  // at the latest
  const auto [place, turns] = keys_.turn_of(alias_);
  if (object.reports && may_report(now, object))
    object.turn = ends + static_cast<std::int64_t>(place) * timing_.report_turn();
  // Whoever misses three in a row will hear no more of it.
  quiet_until_ = now + static_cast<std::int64_t>(std::min<std::size_t>(follow, 3)) * (timing_.frame() + timing_.gap);
  if (follow <= 3) quiet_until_ += static_cast<std::int64_t>(turns) * timing_.report_turn();
}

void ObjectIn::on_poll(Instant now, const Poll& poll) {
  quiet_until_ = now + static_cast<std::int64_t>(poll.asked.size()) * timing_.report_turn();
  const auto place = std::ranges::find(poll.asked, alias_);
  if (place == poll.asked.end()) return;
  Object& object = find(now, poll.object);
  object.heard_at = now;
  if (object.stage == Stage::gathering && object.symbols.size() >= object.name.count) join(object);
  if (may_report(now, object)) object.turn = now + std::distance(poll.asked.begin(), place) * timing_.report_turn();
}

bool ObjectIn::may_report(Instant now, Object& object) {
  if (now - object.reported_at >= std::chrono::hours(1)) object.reports_made = 0;
  return object.reports_made < reports_of_one_max;
}

void ObjectIn::join(Object& object) {
  auto octets = ErasureCode::join(object.symbols, object.name.count, object.name.pad);
  if (octets) {
    object.digest = keys_.chain({}, *octets);
    if (!std::equal(object.name.tag.begin(), object.name.tag.end(), object.digest.begin())) octets.reset();
  }
  object.symbols.clear();
  if (octets) {
    object.octets = std::move(*octets);
    object.stage = Stage::handed_up;
  } else if (++object.spoilt_times >= spoilt_times_max) {
    object.stage = Stage::spoilt;
  }
}

void ObjectIn::add_work(RadioWork& to) {
  for (Object& one : objects_) {
    if (one.octets.empty()) continue;
    to.objects_arrived.push_back({one.name.tag, std::exchange(one.octets, {})});
  }
}

void ObjectIn::on_taken(const RadioWorkDone::ObjectTaken& taken) {
  for (Object& one : objects_) {
    if (one.stage != Stage::handed_up || one.name.tag != taken.tag) continue;
    one.stage = taken.whole ? Stage::has_it : Stage::spoilt;
  }
}

void ObjectIn::on_failed() {
  for (Object& one : objects_) {
    if (one.stage == Stage::handed_up && one.octets.empty()) one.stage = Stage::gathering;
  }
}

Report ObjectIn::report_of(const Object& object) {
  Report out;
  out.tag = object.name.tag.front();
  out.lost = static_cast<std::uint8_t>(std::min<std::size_t>(object.sent - object.heard, 255));
  if (object.stage == Stage::spoilt) out.lacking = Report::spoilt;
  if (object.stage == Stage::gathering)
    out.lacking = static_cast<std::uint8_t>(object.name.count - object.symbols.size());
  return out;
}

std::optional<ObjectIn::Due> ObjectIn::due(Instant now) const {
  const auto lately = std::ranges::count_if(reports_, [&](Instant at) { return now - at < std::chrono::hours(1); });
  if (static_cast<std::size_t>(lately) >= reports_an_hour_max) return std::nullopt;
  for (const Object& one : objects_) {
    if (!one.turn || now < *one.turn || one.stage == Stage::handed_up) continue;
    const bool has = one.stage == Stage::has_it;
    return Due{report_of(one), has ? std::optional(one.digest) : std::nullopt};
  }
  return std::nullopt;
}

void ObjectIn::reported(Instant now) {
  std::erase_if(reports_, [&](Instant at) { return now - at >= std::chrono::hours(1); });
  reports_.push_back(now);
  for (Object& one : objects_) {
    if (!one.turn || now < *one.turn || one.stage == Stage::handed_up) continue;
    one.turn.reset();
    one.reports = one.stage == Stage::gathering;
    ++one.reports_made;
    one.reported_at = now;
    return;
  }
}

std::optional<Instant> ObjectIn::report_at() const {
  std::optional<Instant> out;
  for (const Object& one : objects_) {
    if (one.turn && one.stage != Stage::handed_up) out = out ? std::min(*out, *one.turn) : *one.turn;
  }
  return out;
}

}  // namespace khuoi::radio
