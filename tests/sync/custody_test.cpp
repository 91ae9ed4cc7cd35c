#include "sync/contact/custody.h"

#include "sync/wire/messages.h"
#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {
/// Two hamlets of one commune; the first has written, and its stick passed the second.
struct Neighbours {
  ReplicaPair pair;
  TestNode other{sync::Role::hamlet, "Nà Lay", 3};
  Stick stick;

  explicit Neighbours(int submissions = 3) {
    pair.join(other);
    talk(pair.hamlet, pair.commune);
    talk(other, pair.commune);
    for (int i = 0; i < submissions; ++i) pair.hamlet.submit(test_submission(uuid(i), "Số " + std::to_string(i)));
    sync_stick(pair.hamlet, stick);
  }
  sync::Custody::Usage carried() {
    auto txn = other.replica->read();
    const auto out = sync::Custody::usage(**txn);
    REQUIRE(out);
    return *out;
  }
};

std::uint64_t moved(const sync::Counts& counts) {
  return counts.records_in + counts.records_out + counts.control_in + counts.control_out + counts.carried_in +
         counts.carried_out;
}
}  // namespace

TEST_CASE("custody: what one hamlet wrote reaches the commune by a neighbour's stick when its own is lost", "[sync][custody]") {
  Neighbours the;
  const sync::Counts kept = sync_stick(the.other, the.stick);
  CHECK(kept.carried_in == 1);
  CHECK(kept.records_in == 0);
  the.stick.clear();  // lost
  Stick next;
  CHECK(sync_stick(the.other, next).carried_out == 1);
  sync_stick(the.pair.commune, next);
  CHECK(the.pair.commune.list().size() == 3);
  const NodeId author = the.pair.hamlet.replica->self().node;
  CHECK(records_of(the.pair.commune, author).size() == records_of(the.pair.hamlet, author).size());  // author copies too
  sync_stick(the.pair.hamlet, next);
  for (const auto& entry : the.pair.hamlet.list()) CHECK(entry.state == "received");
  check_store_is_sound(the.pair.commune);
}

TEST_CASE("custody: a contact brings what a neighbour wrote, once, and it is kept no longer", "[sync][custody]") {
  Neighbours the;
  sync_stick(the.other, the.stick);
  const Talk first = talk(the.other, the.pair.commune);
  CHECK(first.finished);
  CHECK(first.dialler.carried_out == 1);
  CHECK(first.listener.records_in == 3);
  CHECK(the.pair.commune.list().size() == 3);
  CHECK(the.carried().segments == 0);
  CHECK(the.carried().octets == 0);
  const Talk second = talk(the.other, the.pair.commune);
  CHECK(moved(second.dialler) + moved(second.listener) == 0);
}

TEST_CASE("custody: what the commune said it holds is dropped, and not kept again from another stick", "[sync][custody]") {
  Neighbours the;
  const Stick as_written = the.stick;
  sync_stick(the.other, the.stick);
  CHECK(the.carried().segments == 1);
  sync_stick(the.pair.commune, the.stick);
  sync_stick(the.other, the.stick);
  CHECK(the.carried().segments == 0);
  Stick renamed;
  for (const auto& [name, octets] : as_written) renamed.emplace("ffffffffffffffff", octets);
  CHECK(moved(sync_stick(the.other, renamed)) == 0);
  CHECK(the.carried().segments == 0);
}

TEST_CASE("custody: a stick that holds it already is given no second copy, and comes to rest", "[sync][custody]") {
  Neighbours the;
  CHECK(sync_stick(the.other, the.stick).carried_out == 0);
  const Stick before = the.stick;
  CHECK(moved(sync_stick(the.other, the.stick)) == 0);
  CHECK(the.stick == before);
  Stick fresh;
  CHECK(sync_stick(the.other, fresh).carried_out == 1);
  CHECK(moved(sync_stick(the.other, fresh)) == 0);
  for (int round = 0; round < 3; ++round) {
    for (TestNode* node : {&the.pair.commune, &the.pair.hamlet, &the.other}) {
      sync_stick(*node, fresh);
      sync_stick(*node, the.stick);
    }
  }
  const Stick rest = fresh;
  for (TestNode* node : {&the.pair.commune, &the.pair.hamlet, &the.other}) CHECK(moved(sync_stick(*node, fresh)) == 0);
  CHECK(fresh == rest);
  CHECK(the.carried().segments == 0);
}

TEST_CASE("custody: a segment with any octet changed is not kept", "[sync][custody]") {
  Neighbours the(1);
  REQUIRE(the.stick.size() == 1);
  const Bytes whole = the.stick.begin()->second;
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    Stick flipped;
    Bytes octets = whole;
    octets[at] ^= 1;
    flipped.emplace(the.other.rng.id<RunId>().hex(), octets);
    sync_stick(the.other, flipped);
    const auto usage = the.carried();
    CHECK(usage.segments <= 1);
    if (usage.segments == 1) {  // the change lay elsewhere in the bundle: what is kept is what was written
      auto txn = the.other.replica->read();
      const auto names = sync::Custody::names(**txn);
      REQUIRE(names);
      const auto kept = sync::Custody::whole(**txn, names->front());
      REQUIRE(kept);
      CHECK(std::search(whole.begin(), whole.end(), (**kept).begin(), (**kept).end()) != whole.end());
    }
  }
}

TEST_CASE("custody: only a commune is brought what others wrote, and only what they signed", "[sync][custody]") {
  Neighbours the;
  sync_stick(the.other, the.stick);
  auto txn = the.other.replica->read();
  const auto names = sync::Custody::names(**txn);
  auto whole = sync::Custody::whole(**txn, names->front());
  txn->reset();
  Bytes forged = **whole;
  forged.back() ^= 1;  // the signature; the checksum is made to fit
  const auto parts = sync::decode_segment(**whole);
  REQUIRE(parts);
  const Bytes reframed =
      sync::frame_signed_segment(sync::SegmentType::records, parts->from, parts->payload, the.other.replica->keys().sign().secret_key);
  sync::Session dialler(*the.other.replica, {.dials = true}, the.pair.commune.replica->keys().sign().public_key);
  sync::Session listener(*the.pair.commune.replica, {}, the.other.replica->keys().sign().public_key);
  std::vector<Bytes> hello;
  the.other.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(hello, dialler.transmit(batch, 1));
    return {};
  });
  the.pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(listener.on_message(batch, hello.front()));
    for (const Bytes& junk : {forged, reframed, Bytes(100, 1), Bytes()}) {
      KHUOI_TRY_VOID(listener.on_message(batch, sync::encode_message(sync::CarriedMessage{junk})));
    }
    return {};
  });
  CHECK(listener.counts().records_rejected == 4);
  CHECK(the.pair.commune.list().empty());
  std::vector<Bytes> answer;
  the.pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(answer, listener.transmit(batch, 1));
    return {};
  });
  the.other.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(dialler.on_message(batch, answer.front()));
    const auto refused = dialler.on_message(batch, sync::encode_message(sync::CarriedMessage{**whole}));
    CHECK(refused.error().code == Errc::malformed);
    return {};
  });
}

TEST_CASE("custody: beyond its share of the store the oldest goes first, and what is too large is left", "[sync][custody]") {
  Neighbours the(1);
  TestNode& box = the.pair.hamlet;
  const sync::BundleHeader from{box.replica->self().commune, box.replica->self().node};
  std::vector<Bytes> segments;
  for (std::uint8_t n = 0; n < 5; ++n) {
    segments.push_back(sync::frame_signed_segment(sync::SegmentType::records, from, Bytes(1000, n),
                                                  box.replica->keys().sign().secret_key));
  }
  const std::uint64_t room = 3 * segments[0].size();
  const auto keep = [&](const Bytes& octets, std::uint64_t octets_max) {
    const auto segment = sync::decode_segment(octets);
    REQUIRE(segment);
    the.other.work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY_VOID(sync::Custody::keep(batch, *segment, octets_max));
      return {};
    });
  };
  for (const Bytes& octets : segments) keep(octets, room);
  const auto here = [&](const Bytes& octets) {
    auto txn = the.other.replica->read();
    return *sync::Custody::has(**txn, sync::Custody::name_of(octets));
  };
  CHECK(the.carried().segments == 3);
  CHECK(the.carried().octets == room);
  CHECK_FALSE(here(segments[0]));
  CHECK_FALSE(here(segments[1]));
  CHECK(here(segments[4]));
  const Bytes large = sync::frame_signed_segment(sync::SegmentType::records, from, Bytes(65 * 1024, 1),
                                                 box.replica->keys().sign().secret_key);
  keep(large, 10U << 20U);
  CHECK_FALSE(here(large));
  the.other.now.wall = UnixSeconds{the.other.now.wall.value + sync::Custody::kept_seconds_max + 1};
  keep(segments[0], room);
  CHECK(the.carried().segments == 1);  // the others were too old
}

TEST_CASE("custody: neither a void head nor a past that the commune lost stops what it lacks from being carried",
          "[sync][custody][regress]") {
  Neighbours the;
  // The commune took all in, and said so to its author, in a life that ends here.
  const auto before = the.pair.commune.disk->clone();
  Stick seen = the.stick;
  sync_stick(the.pair.commune, seen);
  sync::Holdings said;
  the.pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto statement,
              the.pair.commune.replica->receipts().make(batch, the.pair.hamlet.replica->self().node));
    said = *sync::decode_holdings(statement.octets);
    said.head.ordinal = 6;
    return {};
  });
  const auto note = [&](const sync::Holdings& statement) {
    the.other.work([&](sync::Batch& batch) { return sync::Custody::note_statement(batch, statement); });
  };
  const auto takes_it = [&] {
    Stick stick;
    for (const auto& [name, octets] : the.stick) stick.emplace(the.other.rng.id<RunId>().hex(), octets);
    Stick fresh;
    the.other.work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(const auto names, sync::Custody::names(batch.txn));
      for (const auto& name : names) KHUOI_TRY_VOID(sync::Custody::drop(batch, name));
      return {};
    });
    return sync_stick(the.other, stick).carried_in == 1;
  };
  CHECK(takes_it());
  sync::Holdings poisoned = said;
  poisoned.head.ordinal = sync::void_ordinal + 7;
  note(poisoned);
  CHECK(takes_it());
  note(said);
  CHECK_FALSE(takes_it());
  // Another life under the same ordinal: which of the two lasts nobody can tell.
  sync::Holdings other_life = said;
  other_life.head.start = {1, 2, 3, 4, 5, 6, 7, 8};
  other_life.runs.clear();
  note(other_life);
  CHECK(takes_it());
  // One that sets aside what is noted here takes its place, though it is not later.
  note(said);
  CHECK_FALSE(takes_it());
  other_life.head.ordinal = 1;
  other_life.head.sequence = 1;
  other_life.supersedes = said.head;
  note(other_life);
  CHECK(takes_it());
  note(said);
  CHECK_FALSE(takes_it());
}
