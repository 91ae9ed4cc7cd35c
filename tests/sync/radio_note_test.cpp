#include "sync/contact/radio/elements.h"
#include "tests/sync/radio_world.h"

namespace khuoi::tests {

using namespace std::chrono_literals;

TEST_CASE("radio: a note about many records stays short, whichever of them are not known", "[sync][radio]") {
  RadioWorld world(1, 9);
  world.submit(1, test_submission(uuid_of(1), "Lò Thị Mây"));
  REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 0; }));
  RunId known;
  {
    const auto txn = world.commune().replica->read();
    REQUIRE(world.commune().replica->runs().each(**txn, [&](const sync::RunKey& key, const sync::RunRow& row) {
      if (key.author == world.hamlet(1).replica->self().node && !row.held.empty()) known = key.run;
    }));
  }
  REQUIRE(known != RunId{});
  // Every second record is of a run that nobody heard of; the others are refused.
  Bytes stream = sync::encode_element(sync::RadioRun{0, RunId{}});
  append(stream, sync::encode_element(sync::RadioRun{1, known}));
  for (std::uint32_t n = 1; n <= 300; ++n) {
    append(stream, sync::encode_element(sync::RadioRecord{0, n, sync::Rank::normal, Bytes(4, 1)}));
    append(stream, sync::encode_element(sync::RadioRecord{1, 0, sync::Rank::normal, Bytes(4, 1)}));
  }
  RadioWork work;
  work.arrived.push_back({world.air.hamlet(1).alias, 1'000'000, 24, stream});
  TestNode& commune = world.commune();
  auto writing = commune.replica->begin(commune.now);
  REQUIRE(writing);
  const auto done = world.boxes[0].contact->run(writing->batch(), work);
  REQUIRE(done);
  REQUIRE(done->committed.size() == 1);
  const Bytes& said = done->committed[0].note;
  CHECK(said.size() <= radio_note_octets_max);
  const auto note = sync::decode_note(said);
  REQUIRE(note);
  CHECK(note->unknown.contains(1));
  CHECK(note->unknown.contains(599));
  CHECK(note->refused.contains(2));
  CHECK(note->refused.contains(600));
}

}  // namespace khuoi::tests
