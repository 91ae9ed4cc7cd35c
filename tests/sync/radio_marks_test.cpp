// What a peer said by radio, beside its signed statements.
#include "sync/peers/radio_marks.h"

#include "sync/contact/planner.h"
#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::RadioMarks;
using sync::RunKey;

namespace {

constexpr sync::StartId one_start{1, 2, 3, 4, 5, 6, 7, 8};
constexpr sync::StartId other_start{1, 2, 9, 9, 9, 9, 9, 9};
const NodeId peer_id = NodeId::filled(5);

/// A node that was told 3..9 of one run by radio, and 20 of it refused.
struct Marked {
  TestNode node{sync::Role::hamlet, "Khuổi Mèo", 2};
  RunKey run{NodeId::filled(1), RunId::filled(2)};
  std::map<RunKey, RangeSet> taken_back;
  bool of_later_starts = false;

  explicit Marked(const RadioMarks::Start& start) {
    node.work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY_VOID(RadioMarks::add_refused(batch, peer_id, run, 20));
      return RadioMarks::add_received(batch, peer_id, run, RangeSet(3, 9), start);
    });
  }
  sync::RadioMark after(const sync::Head& head, const RangeSet& listed, bool sets_aside = false,
                        const sync::Head& heard = {}) {
    sync::Holdings said;
    said.from = peer_id;
    said.head = head;
    if (!listed.empty()) said.runs.push_back({run.run, listed, {}});
    node.work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(auto left, RadioMarks::on_statement(batch, said, sets_aside, heard));
      taken_back = std::move(left.taken_back);
      of_later_starts = left.of_later_starts;
      return {};
    });
    return mark();
  }
  sync::RadioMark mark() {
    const auto txn = node.replica->read();
    const auto out = RadioMarks::of(**txn, peer_id, run);
    REQUIRE(out);
    return *out;
  }
};

/// All that the hamlet wrote and its commune has not got yet, as if it had been acknowledged by radio.
std::map<RunKey, RangeSet> acknowledge_all(TestNode& hamlet) {
  const NodeId commune = hamlet.replica->self().commune_node;
  std::map<RunKey, RangeSet> out;
  hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto open, sync::Planner(*hamlet.replica).records(batch.txn, commune, {}));
    KHUOI_TRY(const sync::PeerRow row, hamlet.replica->peers().row(batch.txn, commune));
    const RadioMarks::Start said_under{row.absorbed.ordinal, row.absorbed.start, 8};
    for (const sync::Candidate& one : open) out[run_of(one.ref)].add(one.ref.number);
    for (const auto& [run, numbers] : out) {
      KHUOI_TRY_VOID(RadioMarks::add_received(batch, commune, run, numbers, said_under));
    }
    return {};
  });
  return out;
}

std::size_t waiting(TestNode& node) {
  const auto txn = node.replica->read();
  const auto status = node.replica->reader().status(**txn);
  REQUIRE(status);
  return status->waiting;
}

}  // namespace

TEST_CASE("radio marks: a statement of the same start takes over what it lists, and nothing else", "[sync][radio]") {
  Marked marked({4, one_start, 8});
  const auto mark = marked.after({4, 70, one_start}, RangeSet(1, 5));
  CHECK(mark.received == RangeSet(6, 9));
  CHECK(mark.refused == RangeSet(20, 20));
  CHECK(marked.taken_back.empty());
  CHECK(marked.after({4, 71, one_start}, RangeSet(1, 20)).refused.empty());
}

TEST_CASE("radio marks: a start is told by as many of its octets as are known", "[sync][radio]") {
  Marked two({4, other_start, 2});
  CHECK(two.after({4, 70, one_start}, {}).received == RangeSet(3, 9));
  Marked all({4, other_start, 8});
  CHECK(all.after({4, 70, one_start}, {}).received.empty());
  Marked too_many({4, one_start, 200});  // a damaged row
  CHECK(too_many.after({4, 70, one_start}, {}).received == RangeSet(3, 9));
}

TEST_CASE("radio marks: an earlier start's statement changes nothing, a later one's tells of everything",
          "[sync][radio]") {
  Marked marked({4, one_start, 8});
  CHECK(marked.after({3, 900, other_start}, {}).received == RangeSet(3, 9));
  const auto mark = marked.after({5, 1, other_start}, RangeSet(3, 4));
  CHECK(mark.received.empty());
  CHECK(mark.refused == RangeSet(20, 20));
  CHECK(marked.taken_back == std::map<RunKey, RangeSet>{{marked.run, RangeSet(5, 9)}});
}

TEST_CASE("radio marks: who sets a past aside tells of everything, but for what this very start said by radio",
          "[sync][radio]") {
  Marked past({4, one_start, 8});
  CHECK(past.after({3, 900, other_start}, {}, true).received.empty());
  Marked present({4, one_start, 8});
  CHECK(present.after({4, 1, one_start}, {}, true).received == RangeSet(3, 9));
  Marked later({4, one_start, 8});  // its later statements name the same past, which is set aside already
  CHECK(later.after({3, 900, other_start}, {}, false).received == RangeSet(3, 9));
}

TEST_CASE("radio marks: an earlier start that echoes what I said after the acknowledgement forgot it", "[sync][radio]") {
  Marked marked({4, one_start, 8});
  const auto grew_at = marked.mark().grew_at;
  REQUIRE(grew_at);
  const sync::Head before{grew_at->ordinal, grew_at->sequence, {}};
  CHECK(marked.after({3, 900, other_start}, {}, false, before).received == RangeSet(3, 9));
  CHECK(marked.of_later_starts);
  const sync::Head afterwards{grew_at->ordinal, grew_at->sequence + 1, {}};
  const auto mark = marked.after({3, 901, other_start}, RangeSet(3, 4), false, afterwards);
  CHECK(mark.received.empty());
  CHECK(mark.refused == RangeSet(20, 20));
  CHECK(marked.taken_back == std::map<RunKey, RangeSet>{{marked.run, RangeSet(5, 9)}});
  CHECK_FALSE(marked.of_later_starts);
}

TEST_CASE("radio marks: a mark of an earlier program, which knows nothing of own heads, is read and stays", "[sync][radio]") {
  Marked marked({4, one_start, 8});
  marked.node.work([&](sync::Batch& batch) -> Result<void> {
    sync::RadioMark old = marked.mark();
    old.grew_at.reset();
    Bytes key{static_cast<std::uint8_t>(sync::Note::by_radio)};
    append(key, octets_of_part(std::pair(peer_id, marked.run)));
    return batch.txn.put(sync::Table::note, key, octets_of_part(old));
  });
  CHECK_FALSE(marked.mark().grew_at);
  CHECK(marked.after({3, 900, other_start}, {}, false, {99, 99, {}}).received == RangeSet(3, 9));
}

TEST_CASE("radio marks: a peer that lives under an earlier start forgot what it said under a later one",
          "[sync][radio]") {
  const auto after = [](const RadioMarks::Start& lives_under) {
    Marked marked({4, one_start, 2});
    marked.node.work([&](sync::Batch& batch) { return RadioMarks::forget_later(batch, peer_id, lives_under); });
    CHECK(marked.mark().refused == RangeSet(20, 20));
    return marked.mark().received;
  };
  CHECK(after({3, one_start, 2}).empty());
  CHECK(after({4, {9, 9}, 2}).empty());
  CHECK(after({4, other_start, 2}) == RangeSet(3, 9));  // two octets are known of either
  CHECK(after({5, {9, 9}, 2}) == RangeSet(3, 9));
}

TEST_CASE("radio marks: a set that is too ragged to be read back is not written", "[sync][radio]") {
  Marked marked({4, one_start, 8});
  RangeSet ragged;
  for (std::uint32_t i = 0; i <= RangeSet::ranges_max; ++i) ragged.add(100 + 2 * i);
  marked.node.work([&](sync::Batch& batch) {
    return RadioMarks::add_received(batch, peer_id, marked.run, ragged, {4, one_start, 8});
  });
  CHECK(marked.mark().received == RangeSet(3, 9));
}

TEST_CASE("radio marks: what is acknowledged is received, not safe, and is planned for no path", "[sync][radio]") {
  MetPair pair;
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  REQUIRE(waiting(pair.hamlet) == 1);
  const auto runs = acknowledge_all(pair.hamlet);
  CHECK(waiting(pair.hamlet) == 0);
  CHECK(pair.hamlet.list().front().state == "received");
  const auto txn = pair.hamlet.replica->read();
  const NodeId commune = pair.commune.replica->self().node;
  const auto open = sync::Planner(*pair.hamlet.replica).records(**txn, commune, {});
  REQUIRE(open);
  CHECK(open->empty());
  for (const auto& [run, numbers] : runs) {
    const auto told = pair.hamlet.replica->peers().run(**txn, commune, run);
    REQUIRE(told);
    CHECK(told->safe.empty());
  }
}

TEST_CASE("radio marks: a restored commune takes back what it lost, and nothing that it acknowledges later",
          "[sync][radio]") {
  MetPair pair;
  const auto backup = pair.commune.disk->clone();
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  acknowledge_all(pair.hamlet);
  pair.commune.restore(*backup);
  pair.commune.unlock();
  pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->note_restored(batch); });
  for (int i = 0; i < 4; ++i) talk(pair.hamlet, pair.commune);
  CHECK(pair.commune.list().size() == 1);
  CHECK(waiting(pair.hamlet) == 0);

  pair.commune.work([&](sync::Batch& batch) {
    return pair.commune.replica->receipts().restate(batch, pair.hamlet.replica->self().node);
  });
  const Bytes earlier = statement_of(pair.commune, pair.hamlet);
  pair.hamlet.submit(test_submission(uuid(2), "Bình"));
  acknowledge_all(pair.hamlet);
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto absorbed, pair.hamlet.replica->receipts().absorb(batch, earlier, sync::Path::stick));
    CHECK(absorbed == sync::Receipts::Absorbed::applied);
    return {};
  });
  CHECK(waiting(pair.hamlet) == 0);
}

TEST_CASE("radio marks: a bundle whose records all came by radio leaves the stick", "[sync][radio]") {
  MetPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  Stick stick;
  sync_stick(pair.hamlet, stick);
  REQUIRE(stick.size() == 1);
  sync_stick(pair.hamlet, stick);
  REQUIRE(stick.size() == 1);
  acknowledge_all(pair.hamlet);
  sync_stick(pair.hamlet, stick);
  CHECK(stick.empty());
}

TEST_CASE("radio marks: a commune that has a dossier by radio is not left", "[sync][radio]") {
  MetPair pair;
  pair.hamlet.unlock();
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  acknowledge_all(pair.hamlet);
  auto work = pair.hamlet.replica->begin(pair.hamlet.now);
  REQUIRE(work);
  const auto left = pair.hamlet.replica->resealing().leave_commune(work->batch());
  REQUIRE_FALSE(left);
  CHECK(left.error().code == Errc::denied);
}

namespace {

/// A commune that acknowledged all by radio under a later start, and then was set back: nothing that it signed tells so.
MetPair set_back_after_radio() {
  MetPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  const NodeId commune = pair.hamlet.replica->self().commune_node;
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto open, sync::Planner(*pair.hamlet.replica).records(batch.txn, commune, {}));
    KHUOI_TRY(const sync::PeerRow row, pair.hamlet.replica->peers().row(batch.txn, commune));
    const RadioMarks::Start lost_life{row.absorbed.ordinal + 9, other_start, 8};
    for (const sync::Candidate& one : open) {
      const RangeSet number(one.ref.number, one.ref.number);
      KHUOI_TRY_VOID(RadioMarks::add_received(batch, commune, run_of(one.ref), number, lost_life));
    }
    return {};
  });
  REQUIRE(waiting(pair.hamlet) == 0);
  return pair;
}

void carry_statement(TestNode& from, TestNode& to) {
  const Bytes said = statement_of(from, to);
  to.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(to.replica->receipts().absorb(batch, said, sync::Path::stick));
    return {};
  });
}

}  // namespace

TEST_CASE("radio marks: a contact finds out that the commune forgot what it acknowledged by radio", "[sync][radio]") {
  MetPair pair = set_back_after_radio();
  talk(pair.hamlet, pair.commune);
  CHECK(pair.commune.list().size() == 1);
}

TEST_CASE("radio marks: sticks alone find out that the commune forgot what it acknowledged by radio", "[sync][radio]") {
  MetPair pair = set_back_after_radio();
  const NodeId hamlet = pair.hamlet.replica->self().node;
  const auto restated = [&] {
    pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->receipts().restate(batch, hamlet); });
    carry_statement(pair.commune, pair.hamlet);
  };
  restated();  // it may have been written before the acknowledgement
  CHECK(waiting(pair.hamlet) == 0);
  carry_statement(pair.hamlet, pair.commune);
  restated();
  CHECK(waiting(pair.hamlet) == 1);
  Stick stick;
  sync_stick(pair.hamlet, stick);
  sync_stick(pair.commune, stick);
  CHECK(pair.commune.list().size() == 1);
}
