#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::Receipts;

namespace {
Receipts::Absorbed absorb(TestNode& node, ByteView octets) {
  Receipts::Absorbed out = Receipts::Absorbed::rejected;
  node.work([&](sync::Batch& batch) -> Result<void> {
    const auto absorbed = node.replica->receipts().absorb(batch, octets, sync::Path::stick);
    if (!absorbed && absorbed.error().code == Errc::unsupported) return {};  // of a later version: as good as rejected here
    KHUOI_TRY(out, absorbed);
    return {};
  });
  return out;
}
std::string state_of(TestNode& node) { return node.list().front().state; }
sync::PeerRow peer_row(TestNode& node, const TestNode& peer) {
  auto txn = node.replica->read();
  return *node.replica->peers().row(**txn, peer.replica->self().node);
}
}  // namespace

TEST_CASE("receipts: every changed octet and every cut of a statement is rejected", "[sync][receipts]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  talk(pair.hamlet, pair.commune);
  const Bytes good = statement_of(pair.commune, pair.hamlet);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 0x04U;
    CHECK(absorb(pair.hamlet, bad) != Receipts::Absorbed::applied);
    bad.resize(i);
    CHECK(absorb(pair.hamlet, bad) == Receipts::Absorbed::rejected);
  }
  CHECK(state_of(pair.hamlet) == "received");
}

TEST_CASE("receipts: a statement that another node signed in the commune's name is rejected", "[sync][receipts]") {
  ReplicaPair pair;
  TestNode thief(sync::Role::hamlet, "Nà Lay", 5);
  pair.join(thief);
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  auto lie = *sync::decode_holdings(statement_of(pair.commune, pair.hamlet));
  lie.head.sequence += 1000;
  lie.runs = {{pair.hamlet.rng.id<RunId>(), RangeSet(0, 100), RangeSet(0, 100)}};
  CHECK(absorb(pair.hamlet, sync::encode_holdings(lie, thief.replica->keys().sign().secret_key)) ==
        Receipts::Absorbed::rejected);
  lie.from = thief.replica->self().node;  // signed rightly, by a node that this one does not know or that has no say
  absorb(pair.hamlet, sync::encode_holdings(lie, thief.replica->keys().sign().secret_key));
  CHECK(state_of(pair.hamlet) == "saved");
  CHECK(status_of(pair.hamlet).waiting == 1);
}

TEST_CASE("receipts: an older statement, from an old stick, changes nothing", "[sync][receipts]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  talk(pair.hamlet, pair.commune);
  const Bytes old = statement_of(pair.commune, pair.hamlet);
  pair.hamlet.submit(test_submission(uuid(2), "Bình"));
  talk(pair.hamlet, pair.commune);
  CHECK(absorb(pair.hamlet, old) == Receipts::Absorbed::old);
  for (const auto& entry : pair.hamlet.list()) CHECK(entry.state == "received");
}

TEST_CASE("receipts: a commune restored from a backup gets everything again, and no old stick undoes that", "[sync][receipts]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  const auto image = pair.commune.disk->clone();
  std::vector<Bytes> old;
  for (int i = 0; i < 3; ++i) {
    if (i == 1) pair.commune.start();  // the lost past has starts of its own
    pair.hamlet.submit(test_submission(uuid(i), "Số " + std::to_string(i)));
    talk(pair.hamlet, pair.commune);
    old.push_back(statement_of(pair.commune, pair.hamlet));
  }
  for (const auto& entry : pair.hamlet.list()) CHECK(entry.state == "received");
  pair.commune.restore(*image);
  CHECK(pair.commune.list().empty());
  talk(pair.hamlet, pair.commune);  // here the two find out
  for (const Bytes& statement : old) CHECK(absorb(pair.hamlet, statement) == Receipts::Absorbed::old);
  const Talk second = talk(pair.hamlet, pair.commune);
  CHECK(second.finished);
  CHECK(pair.commune.list().size() == 3);
  for (const auto& entry : pair.hamlet.list()) CHECK(entry.state == "received");
  for (const Bytes& statement : old) CHECK(absorb(pair.hamlet, statement) == Receipts::Absorbed::old);
  const Talk third = talk(pair.hamlet, pair.commune);
  CHECK(third.dialler.records_out + third.dialler.control_out + third.listener.control_out == 0);
  check_store_is_sound(pair.commune);
  check_store_is_sound(pair.hamlet);
}

TEST_CASE("receipts: a commune restored from a backup gets everything again by stick alone", "[sync][receipts]") {
  const int starts = GENERATE(0, 1, 3);  // of the past that is lost
  CAPTURE(starts);
  ReplicaPair pair;
  Stick stick;
  sync_stick(pair.commune, stick);
  sync_stick(pair.hamlet, stick);
  const auto image = pair.commune.disk->clone();
  for (int i = 0; i < starts; ++i) {
    pair.commune.start();
    pair.hamlet.submit(test_submission(uuid(50 + i), "Số"));
    sync_stick(pair.hamlet, stick);
    sync_stick(pair.commune, stick);
  }
  for (int i = starts; i < 20; ++i) pair.hamlet.submit(test_submission(uuid(i), "Số"));
  sync_stick(pair.hamlet, stick);
  sync_stick(pair.commune, stick);
  sync_stick(pair.hamlet, stick);
  for (const auto& entry : pair.hamlet.list()) REQUIRE(entry.state == "received");
  pair.commune.restore(*image);
  Stick fresh;
  for (int round = 0; round < 4; ++round) {
    sync_stick(pair.commune, fresh);
    sync_stick(pair.hamlet, fresh);
    pair.hamlet.submit(test_submission(uuid(100 + round), "Mới"));  // what makes a hamlet speak
    sync_stick(pair.hamlet, fresh);
  }
  sync_stick(pair.commune, fresh);
  sync_stick(pair.hamlet, fresh);
  CHECK(pair.commune.list().size() == 24);
  for (const auto& entry : pair.hamlet.list()) CHECK(entry.state == "received");
}

TEST_CASE("receipts: a hamlet restored from an old copy fetches its own records back, and reads them once unlocked", "[sync][receipts]") {
  const bool by_stick = GENERATE(false, true);
  const bool locked = GENERATE(true, false);
  CAPTURE(by_stick, locked);
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "Trước"));
  talk(pair.hamlet, pair.commune);
  const auto image = pair.hamlet.disk->clone();
  Stick stick;
  for (int i = 2; i < 6; ++i) pair.hamlet.submit(test_submission(uuid(i), "Sau " + std::to_string(i)));
  if (by_stick) sync_stick(pair.hamlet, stick);
  else talk(pair.hamlet, pair.commune);
  pair.hamlet.restore(*image);
  CHECK(pair.hamlet.list().size() == 1);
  if (!locked) pair.hamlet.unlock();
  pair.hamlet.submit(test_submission(uuid(9), "Viết tiếp"));
  exchange(pair, by_stick, stick);
  pair.hamlet.unlock();
  const auto entries = pair.hamlet.list();
  CHECK(entries.size() == 6);
  CHECK(pair.commune.list().size() == 6);
  for (const auto& entry : entries) {
    CHECK(entry.instance_id.has_value());
    CHECK(entry.state == "received");
  }
  CHECK(status_of(pair.hamlet).quarantined == 1);  // two runs follow one: a person is told
  CHECK(status_of(pair.hamlet).unopened == 0);
  check_store_is_sound(pair.hamlet);
  check_store_is_sound(pair.commune);
  const Talk settle = talk(pair.hamlet, pair.commune);
  const Talk last = talk(pair.hamlet, pair.commune);
  CHECK(settle.finished);
  CHECK(last.dialler.control_out + last.listener.control_out + last.dialler.records_out + last.listener.records_out == 0);
}

TEST_CASE("receipts: two disks cloned from one box both write: two runs, both merged, the box flagged", "[sync][receipts]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "Chung"));
  talk(pair.hamlet, pair.commune);
  REQUIRE(pair.hamlet.replica->close(pair.hamlet.now));
  TestNode twin(pair.hamlet.disk->clone(), 77);
  twin.now = pair.hamlet.now;
  pair.hamlet.start();
  pair.hamlet.submit(test_submission(uuid(2), "Bản một"));
  twin.submit(test_submission(uuid(3), "Bản hai"));
  for (int round = 0; round < 4; ++round) {
    CHECK(talk(pair.hamlet, pair.commune).finished);
    CHECK(talk(twin, pair.commune).finished);
  }
  CHECK(pair.commune.list().size() == 3);
  CHECK(status_of(pair.commune).forks == 2);
  CHECK(status_of(pair.commune).quarantined == 1);
  // No number under two records, no key under two runs.
  std::set<Bytes> encs;
  for (const sync::Sealed& record : records_of(pair.commune, pair.hamlet.replica->self().node)) {
    if (record.header.number == 0) CHECK(encs.insert(to_bytes(sync::decode_opener(record.body)->enc)).second);
  }
  pair.hamlet.unlock();
  twin.unlock();
  for (TestNode* node : {&pair.hamlet, &twin}) {
    CHECK(node->list().size() == 3);
    for (const auto& entry : node->list()) CHECK(entry.state == "received");
    check_store_is_sound(*node);
  }
}

TEST_CASE("receipts: a failed commit does not make the next heads strangers to the peer", "[sync][receipts][regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  talk(pair.hamlet, pair.commune);
  {
    auto work = pair.commune.replica->begin(pair.commune.now);
    REQUIRE(work);  // dropped
  }
  pair.hamlet.submit(test_submission(uuid(2), "Bình"));
  talk(pair.hamlet, pair.commune);
  for (const auto& entry : pair.hamlet.list()) CHECK(entry.state == "received");
  CHECK(peer_row(pair.commune, pair.hamlet).superseded.none());
}

TEST_CASE("receipts: a box that lies about what it holds fills nothing", "[sync][receipts][regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  const auto rows = [&] {
    auto txn = pair.commune.replica->read();
    std::size_t count = 0;
    REQUIRE(pair.commune.replica->peers().each_run(**txn, pair.hamlet.replica->self().node,
                                                   [&](const sync::RunKey&, const sync::PeerRun&) { return ++count != 0; }));
    return count;
  };
  auto lie = *sync::decode_holdings(statement_of(pair.hamlet, pair.commune));
  lie.version = 1;
  lie.whole = true;
  const auto& secret = pair.hamlet.replica->keys().sign().secret_key;
  std::size_t after_first = 0;
  for (int round = 0; round < 3; ++round) {
    lie.head.sequence += 1000;
    lie.runs.clear();
    lie.files.clear();
    for (int i = 0; i < 500; ++i) lie.runs.push_back({pair.hamlet.rng.id<RunId>(), RangeSet(0, 0xffffffff), {}});
    for (int i = 0; i < 500; ++i) lie.files.push_back({pair.hamlet.rng.id<sync::FileId>(), true, {}});
    CHECK(absorb(pair.commune, sync::encode_holdings(lie, secret)) == Receipts::Absorbed::applied);
    if (round == 0) after_first = rows();
  }
  CHECK(rows() == after_first);
  // More wants than a peer's row can hold do not come in.
  lie.head.sequence += 1000;
  lie.runs.clear();
  lie.wants.clear();
  for (std::size_t i = 0; i <= sync::Holdings::wants_max; ++i) lie.wants.push_back({pair.hamlet.rng.id<RunId>(), RangeSet(1, 1)});
  CHECK(absorb(pair.commune, sync::encode_holdings(lie, secret)) == Receipts::Absorbed::rejected);
  check_store_is_sound(pair.commune);
  // And neither side goes on answering for ever.
  CHECK(talk(pair.hamlet, pair.commune).rounds < 10);
}

TEST_CASE("receipts: a live answer's time is not set back by a statement that was long under way", "[sync][receipts][regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  Stick stick;
  sync_stick(pair.hamlet, stick);
  sync_stick(pair.commune, stick);  // states now, and is heard of a day later
  pair.commune.now.wall.value += 86'400;
  pair.hamlet.start();
  CHECK_FALSE(pair.hamlet.replica->since_start().told_time().at(pair.hamlet.now));
  talk(pair.hamlet, pair.commune);
  const auto time = pair.hamlet.replica->since_start().told_time().at(pair.hamlet.now);
  REQUIRE(time);
  CHECK(time->value >= pair.commune.now.wall.value);
}

TEST_CASE("receipts: what is in a verified backup is safe, and only that", "[sync][receipts]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  talk(pair.hamlet, pair.commune);
  pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->mark_all_safe(batch); });
  pair.hamlet.submit(test_submission(uuid(2), "Bình"));
  talk(pair.hamlet, pair.commune);
  auto txn = pair.hamlet.replica->read();
  RangeSet safe;
  RangeSet received;
  REQUIRE(pair.hamlet.replica->peers().each_run(**txn, pair.commune.replica->self().node,
                                                [&](const sync::RunKey&, const sync::PeerRun& run) {
                                                  safe.add(run.safe);
                                                  received.add(run.received);
                                                }));
  CHECK(safe.contains(2));
  CHECK_FALSE(safe.contains(3));
  CHECK(received.contains(RangeSet(0, 3)));
}

TEST_CASE("receipts: two nodes that were both restored, each knowing the other's lost past, come together again",
          "[sync][receipts][regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  const auto commune_first = pair.commune.disk->clone();
  const auto hamlet_first = pair.hamlet.disk->clone();
  const auto live = [&](TestNode& started, int number) {
    started.start();
    pair.hamlet.submit(test_submission(uuid(number), "Một"));
    talk(pair.hamlet, pair.commune);
  };
  live(pair.commune, 1);
  live(pair.commune, 2);
  live(pair.hamlet, 5);
  const auto hamlet_knows = pair.hamlet.disk->clone();
  pair.commune.restore(*commune_first);
  pair.hamlet.restore(*hamlet_first);
  const auto publish = [&](const std::string& name) {  // so that the box has something to state
    pair.commune.work([&](sync::Batch& batch) {
      std::string xml = test_form;
      xml.replace(xml.find("id=\"test\""), 9, "id=\"" + name + "\"");
      sync::FormRecord form;
      form.xml = to_bytes(view_of(xml));
      return pair.commune.replica->add_form(batch, form);
    });
  };
  publish("one");
  live(pair.hamlet, 3);
  publish("two");
  live(pair.hamlet, 4);
  const auto commune_knows = pair.commune.disk->clone();
  pair.commune.restore(*commune_knows);
  pair.hamlet.restore(*hamlet_knows);
  Stick stick;
  for (int round = 0; round < 6; ++round) {
    pair.hamlet.submit(test_submission(uuid(10), "Mới"));
    sync_stick(pair.hamlet, stick);
    sync_stick(pair.commune, stick);
  }
  sync_stick(pair.hamlet, stick);
  pair.hamlet.unlock();
  sync_stick(pair.hamlet, stick);
  CHECK(pair.commune.list().size() == 6);
  const auto mine = pair.hamlet.list();
  CHECK(mine.size() == 6);
  for (const auto& entry : mine) CHECK(entry.state == "received");
  const Stick before = stick;
  sync_stick(pair.commune, stick);
  sync_stick(pair.hamlet, stick);
  CHECK(stick == before);
}

TEST_CASE("receipts: a box whose disk was swapped, and has nothing to say, gets what it lost from a stick a week later",
          "[sync][receipts][regress]") {
  ReplicaPair pair;
  Stick stick;
  sync_stick(pair.commune, stick);
  sync_stick(pair.hamlet, stick);
  talk(pair.hamlet, pair.commune);
  const auto image = pair.hamlet.disk->clone();
  pair.commune.work([&](sync::Batch& batch) {
    std::string xml = test_form;
    xml.replace(xml.find("id=\"test\""), 9, "id=\"later\"");
    sync::FormRecord form;
    form.xml = to_bytes(view_of(xml));
    return pair.commune.replica->add_form(batch, form);
  });
  talk(pair.hamlet, pair.commune);
  const auto has_form = [&] {
    auto txn = pair.hamlet.replica->read();
    const auto found = pair.hamlet.replica->library().form(**txn, "later", "1");
    REQUIRE(found);
    return found->has_value();
  };
  REQUIRE(has_form());
  pair.hamlet.restore(*image);
  REQUIRE_FALSE(has_form());
  const auto a_round = [&] {
    sync_stick(pair.commune, stick);
    sync_stick(pair.hamlet, stick);
  };
  a_round();
  CHECK_FALSE(has_form());  // each believes that the other has everything
  for (TestNode* node : {&pair.commune, &pair.hamlet}) {
    node->now.wall = UnixSeconds{node->now.wall.value + sync::restate_after_seconds};
  }
  for (int round = 0; round < 3; ++round) a_round();
  CHECK(has_form());
  const Stick before = stick;
  a_round();
  CHECK(stick == before);
}
