#pragma once

#include "sync/contact/radio/radio_contact.h"
#include "sync/contact/radio/radio_keys.h"
#include "tests/radio/station_world.h"
#include "tests/support/replica_pair.h"

namespace khuoi::tests {

/// A commune and hamlets with real records on one channel.
struct RadioWorld {
  struct Box {
    std::unique_ptr<TestNode> node;
    std::unique_ptr<sync::RadioKeys> keys;
    std::unique_ptr<sync::RadioContact> contact;
    RadioGoes goes = RadioGoes::all;
  };
  AirWorld air;
  std::vector<Box> boxes;

  RadioWorld(std::size_t hamlets, std::uint64_t seed, radio::Modulation modulation = {},
             radio::DutyLedger::Limits limits = {std::chrono::hours(1), Micros(0)})
      : air(hamlets, seed, modulation, limits) {
    boxes.resize(hamlets + 1);
    boxes[0].node = std::make_unique<TestNode>(sync::Role::commune, "Sảng Mộc", seed + 1);
    commune().unlock();
    for (std::size_t i = 1; i <= hamlets; ++i) {
      boxes[i].node = std::make_unique<TestNode>(sync::Role::hamlet, "Khuổi " + std::to_string(i), seed + 1 + i);
      join(commune(), hamlet(i));
    }
    publish_form(commune(), test_form);
    for (std::size_t i = 1; i <= hamlets; ++i) meet(i);
    for (std::size_t i = 1; i <= hamlets; ++i) {
      air.hamlet(i).alias = hamlet(i).replica->roster().node(hamlet(i).replica->self().node)->radio_alias;
    }
    for (std::size_t i = 0; i <= hamlets; ++i) start(i);
  }
  TestNode& commune() { return *boxes[0].node; }
  TestNode& hamlet(std::size_t i) { return *boxes[i].node; }
  /// Two contacts by fiber: both sides know what the other holds.
  void meet(std::size_t i) {
    talk(hamlet(i), commune());
    talk(hamlet(i), commune());
  }
  /// Its program begins, with what its disk holds.
  void start(std::size_t i) {
    Box& box = boxes[i];
    AirNode& on_air = *air.nodes[i];
    on_air.station.reset();
    box.contact.reset();
    box.node->start();
    if (i == 0) box.node->unlock();
    auto txn = box.node->replica->read();
    REQUIRE(txn);
    const auto group = sync::GroupKeys::of(**txn);
    REQUIRE(group);
    box.keys = std::make_unique<sync::RadioKeys>(box.node->replica->membership(), *group);
    box.contact = std::make_unique<sync::RadioContact>(*box.node->replica);
    on_air.keys = box.keys.get();
    on_air.records = [this, i](const RadioWork& work) -> Result<RadioWorkDone> {
      TestNode& node = *boxes[i].node;
      node.now.monotonic = air.now;
      KHUOI_TRY(auto writing, node.replica->begin(node.now));
      RadioWork asked = work;
      asked.goes = boxes[i].goes;
      KHUOI_TRY(auto done, boxes[i].contact->run(writing.batch(), asked));
      KHUOI_TRY_VOID(writing.commit());
      return done;
    };
    air.start(on_air);
  }
  void submit(std::size_t i, const std::string& xml) {
    hamlet(i).submit(xml);
    air.hamlet(i).station->on_local_change();
  }
  std::size_t waiting(std::size_t i) {
    auto txn = hamlet(i).replica->read();
    REQUIRE(txn);
    auto status = hamlet(i).replica->reader().status(**txn);
    REQUIRE(status);
    return status->waiting;
  }
  std::size_t waiting() {
    std::size_t out = 0;
    for (std::size_t i = 1; i < boxes.size(); ++i) out += waiting(i);
    return out;
  }
};

inline std::string uuid_of(std::uint64_t n) {
  char text[40];
  std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012llx", static_cast<unsigned long long>(n));
  return text;
}

}  // namespace khuoi::tests
