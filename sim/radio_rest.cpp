#include <algorithm>

#include "radio/frame.h"
#include "sim/radio.h"

namespace khuoi::sim {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

/// A hundred records take an evening of a hamlet's hours at SF10, and longer where two frames of five are lost.
constexpr Micros arrival_max = hours(96);
constexpr Micros looked_at_every = minutes(10);

}  // namespace

void Radios::heal() {
  if (junk_) junk_->stop();
  for (const auto& box : boxes_) {
    box->full_until.clear();
    box->plugs.clear();
    box->station.plug();
    if (box->node->revoked || !box->node->on) {
      switch_off(*box);
    } else if (!box->station.on() && !box->boots.when()) {
      start(*box);
    }
    if (box->node->is_commune() || scenario_.ridge != box->node->hamlet) continue;
    air_.show(box->station.number(), boxes_.front()->station.number());
  }
}

/// The first record that may go by radio and has not arrived.
std::optional<Bytes> Radios::missing() {
  Node& commune = world_.commune();
  for (const auto& box : boxes_) {
    if (box->node->is_commune() || box->node->revoked || !box->node->on) continue;
    if (auto key = judge_.missing_by_radio(*box->node, commune)) return key;
    if (auto key = judge_.missing_by_radio(commune, *box->node)) return key;
  }
  return std::nullopt;
}

void Radios::check_arrival() {
  catch_up();
  const Instant began = world_.time();
  auto lacks = missing();
  while (lacks) {
    if (world_.time() - began > arrival_max) {
      violated("after " + std::to_string(arrival_max / hours(1)) + " hours of nothing but radio it has not brought " +
               name_of_key(*lacks));
    }
    world_.wait(looked_at_every.count());
    catch_up();  // the program looks now and then whether it has new keys
    lacks = missing();
  }
  world_.trace().note("radio: all that may go by it has arrived");
}

void Radios::check_silence() {
  air_.set_losses({});
  // The last answers; and whoever a copied disk had taken the place of finds out by its next greeting.
  world_.wait(Micros(hours(14)).count());
  frames_.clear();
  constexpr unsigned hours_still = 24;
  world_.wait(Micros(hours(hours_still)).count());
  std::size_t with = 0;  // hamlets on the air
  for (const auto& box : boxes_) with += !box->node->is_commune() && box->station.on() ? 1U : 0U;
  for (const auto& [key, count] : frames_) {
    const auto& [modem, type] = key;
    const bool commune = modem == boxes_.front()->station.number();
    world_.trace().note("radio: in a quiet day " + std::string(commune ? "the commune" : "a hamlet") + " sends " +
                        std::to_string(count) + " frames of type " + std::to_string(type));
    // A greeting of each hamlet in 12 hours, and one more at an edge; a frame that met another one is said again. A
    // commune calls those that it never heard once an hour, after a pause of at least half of it. A hamlet that passes
    // frames on for a neighbour repeats both sides.
    const std::size_t silent = world_.scenario().hamlets - std::min(world_.scenario().hamlets, with);
    const std::size_t polls = 6 * (hours_still / 6 + 1) * world_.scenario().hamlets;
    std::size_t allowed = 0;
    if (type == static_cast<std::uint8_t>(radio::FrameType::ask) && !commune) allowed = 6 * (with + 1);
    if (type == static_cast<std::uint8_t>(radio::FrameType::ack)) allowed = 6 * with;
    if (type == static_cast<std::uint8_t>(radio::FrameType::call)) allowed = 2 * hours_still * silent;
    // What everyone may read: six polls every six hours to whoever did not answer yet, and the answers.
    if (type == static_cast<std::uint8_t>(radio::FrameType::poll)) allowed = polls;
    if (type == static_cast<std::uint8_t>(radio::FrameType::report) && !commune) allowed = polls;
    // A hamlet that a neighbour served is heard by the commune itself again: the neighbour is told twice.
    if (type == static_cast<std::uint8_t>(radio::FrameType::serve) && commune) allowed = 2 * with;
    if (count > allowed) {
      violated("where nobody has anything to say, " + std::string(commune ? "the commune" : "a hamlet") + " sent " +
               std::to_string(count) + " frames of type " + std::to_string(type) + " in a day, " +
               std::to_string(allowed) + " are allowed");
    }
  }
}

void Radios::check_ledger(const Box& box) const {
  if (!box.station.on()) return;
  const Micros on_air = air_.airtime_within(box.station.number(), hours(1));
  if (box.station.used() >= on_air) return;
  violated(box.node->name + "'s ledger knows of " + std::to_string(box.station.used().count()) +
           " us of the last hour, it was on the air for " + std::to_string(on_air.count()) + " us");
}

std::vector<std::string> Radios::figures() const {
  std::vector<std::string> out;
  const auto text = [](Micros time) { return std::to_string(time / std::chrono::milliseconds(1)) + " ms"; };
  for (const auto& box : boxes_) {
    const Air::Figures on_air = air_.figures(box->station.number());
    out.push_back(box->node->name + ": " + text(on_air.airtime) + " on the air, " + text(on_air.worst_hour) +
                  " in its worst hour of " + text(limits_of(*box->node).hour));
  }
  return out;
}

void Radios::check_duty() const {
  for (const auto& box : boxes_) {
    const Micros worst = air_.figures(box->station.number()).worst_hour;
    const Micros most = limits_of(*box->node).hour;
    if (worst > most) {
      violated(box->node->name + " was on the air for " + std::to_string(worst.count()) + " us of an hour, " +
               std::to_string(most.count()) + " are allowed");
    }
  }
}

}  // namespace khuoi::sim
