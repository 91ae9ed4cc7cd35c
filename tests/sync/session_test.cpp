#include "sync/wire/block.h"
#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::Session;

namespace {
Result<void> tell(TestNode& node, Session& session, ByteView message) {
  auto work = node.replica->begin(node.now);
  REQUIRE(work);
  const auto done = session.on_message(work->batch(), message);
  if (!done) return done;  // the driver drops the link, and with it the batch
  return work->commit();
}
std::vector<Bytes> say(TestNode& node, Session& session) {
  std::vector<Bytes> out;
  node.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(out, session.transmit(batch, 1U << 20U));
    return {};
  });
  return out;
}

/// Runs a session in which every message of the dialler passes through `change`; stops when a side refuses.
template <typename Change>
bool talk_through(TestNode& dialler, TestNode& listener, const Change& change) {
  Session a(*dialler.replica, {.dials = true}, key_of_node(listener));
  Session b(*listener.replica, {}, key_of_node(dialler));
  std::size_t number = 0;
  for (int round = 0; round < 20; ++round) {
    for (Bytes& message : say(dialler, a)) {
      change(number++, message);
      if (!tell(listener, b, message)) return false;
    }
    for (const Bytes& message : say(listener, b)) {
      if (!tell(dialler, a, message)) return false;
    }
    if (a.finished() && b.finished()) return true;
  }
  return false;
}
}  // namespace

TEST_CASE("session: a peer that is not in the roster, or revoked, is closed with nothing said", "[sync][session]") {
  ReplicaPair pair;
  TestNode stranger(sync::Role::hamlet, "Người lạ", 8);
  TestNode foreign_commune(sync::Role::commune, "Xã khác", 41);
  TestNode foreigner(sync::Role::hamlet, "Xóm khác", 42);
  foreign_commune.unlock();
  join(foreign_commune, foreigner);
  for (TestNode* caller : {&stranger, &foreigner}) {
    Session b(*pair.commune.replica, {}, key_of_node(*caller));
    Session a(*caller->replica, {.dials = true}, key_of_node(pair.commune));
    for (const Bytes& message : say(*caller, a)) CHECK_FALSE(tell(pair.commune, b, message));
    CHECK_FALSE(b.established());
    CHECK(say(pair.commune, b).empty());
  }
  pair.commune.work([&](sync::Batch& batch) {
    return pair.commune.replica->enrolment().revoke(batch, pair.hamlet.replica->self().node);
  });
  Session b(*pair.commune.replica, {}, key_of_node(pair.hamlet));
  Session a(*pair.hamlet.replica, {.dials = true}, key_of_node(pair.commune));
  for (const Bytes& message : say(pair.hamlet, a)) {
    const auto done = tell(pair.commune, b, message);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::denied);
  }
  CHECK(say(pair.commune, b).empty());
}

TEST_CASE("session: the key the link proved must be the one the hello names", "[sync][session]") {
  ReplicaPair pair;
  TestNode other(sync::Role::hamlet, "Nà Lay", 5);
  pair.join(other);
  Session a(*pair.hamlet.replica, {.dials = true}, key_of_node(pair.commune));
  Session b(*pair.commune.replica, {}, key_of_node(other));
  for (const Bytes& message : say(pair.hamlet, a)) CHECK_FALSE(tell(pair.commune, b, message));
}

TEST_CASE("session: an answer to another hello is refused, and so is a second hello or talk before it", "[sync][session]") {
  ReplicaPair pair;
  Session old_a(*pair.hamlet.replica, {.dials = true}, key_of_node(pair.commune));
  Session old_b(*pair.commune.replica, {}, key_of_node(pair.hamlet));
  std::vector<Bytes> old_answer;
  for (const Bytes& message : say(pair.hamlet, old_a)) REQUIRE(tell(pair.commune, old_b, message));
  old_answer = say(pair.commune, old_b);
  REQUIRE_FALSE(old_answer.empty());

  Session a(*pair.hamlet.replica, {.dials = true}, key_of_node(pair.commune));
  const auto hello = say(pair.hamlet, a);
  const auto replayed = tell(pair.hamlet, a, old_answer.front());
  REQUIRE_FALSE(replayed);
  CHECK(replayed.error().code == Errc::unauthenticated);
  CHECK_FALSE(pair.hamlet.replica->since_start().told_time().at(pair.hamlet.now));

  Session b(*pair.commune.replica, {}, key_of_node(pair.hamlet));
  CHECK_FALSE(tell(pair.commune, b, sync::encode_message(sync::CaughtUp{})));
  REQUIRE(tell(pair.commune, b, hello.front()));
  CHECK_FALSE(tell(pair.commune, b, hello.front()));
}

TEST_CASE("session: whatever becomes of any one message, nothing wrong is taken and a good contact completes", "[sync][session]") {
  const int how = GENERATE(0, 1, 2, 3);
  CAPTURE(how);
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  for (int i = 0; i < 5; ++i) pair.hamlet.submit(test_submission(uuid(i), "Số " + std::to_string(i)));
  const auto hamlet_image = pair.hamlet.disk->clone();
  const auto commune_image = pair.commune.disk->clone();
  for (std::size_t which = 0; which < 5; ++which) {
    SeededRng rng(which * 10 + static_cast<std::size_t>(how));
    for (int attempt = 0; attempt < 6; ++attempt) {
      CAPTURE(which, attempt);
      TestNode hamlet(hamlet_image->clone(), 31);
      TestNode commune(commune_image->clone(), 32);
      hamlet.now = pair.hamlet.now;
      commune.now = pair.commune.now;
      talk_through(hamlet, commune, [&](std::size_t number, Bytes& message) {
        if (number != which || message.empty()) return;
        const std::size_t at = rng.below(message.size());
        if (how == 0) message[at] ^= static_cast<std::uint8_t>(1U << rng.below(8));
        if (how == 1) message.resize(at);
        if (how == 2) message.insert(message.begin() + static_cast<std::ptrdiff_t>(at), 8, 0xff);
        if (how == 3) message = Bytes(64, 0xff);
      });
      CHECK(commune.list().size() <= 5);
      CHECK(status_of(commune).quarantined == 0);
      CHECK(talk(hamlet, commune).finished);
      CHECK(talk(hamlet, commune).finished);
      CHECK(commune.list().size() == 5);
      for (const auto& entry : hamlet.list()) CHECK(entry.state == "received");
      CHECK(status_of(commune).quarantined == 0);
    }
  }
}

TEST_CASE("session: cut after any message, the next one resumes", "[sync][session]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  for (int i = 0; i < 300; ++i) pair.hamlet.submit(test_submission(uuid(i), "Số " + std::to_string(i)));
  std::size_t taken = 1;
  for (int cut = 0; cut < 60 && pair.commune.list().size() < 300; ++cut) {
    Session a(*pair.hamlet.replica, {.dials = true, .block_octets = 1024}, key_of_node(pair.commune));
    Session b(*pair.commune.replica, {.block_octets = 1024}, key_of_node(pair.hamlet));
    std::size_t allowed = taken++;
    for (const Bytes& hello : say(pair.hamlet, a)) REQUIRE(tell(pair.commune, b, hello));
    for (const Bytes& answer : say(pair.commune, b)) REQUIRE(tell(pair.hamlet, a, answer));
    for (const Bytes& message : say(pair.hamlet, a)) {
      if (allowed-- == 0) break;
      REQUIRE(tell(pair.commune, b, message));
    }
  }
  CHECK(pair.commune.list().size() == 300);
  CHECK(talk(pair.hamlet, pair.commune).finished);
  const Talk last = talk(pair.hamlet, pair.commune);
  CHECK(last.dialler.records_out == 0);
  CHECK(status_of(pair.hamlet).waiting == 0);
}

TEST_CASE("session: records of others that a peer brings are judged by themselves", "[sync][session]") {
  ReplicaPair pair;
  TestNode thief(sync::Role::hamlet, "Nà Lay", 5);
  pair.join(thief);
  talk(thief, pair.commune);
  talk(pair.hamlet, pair.commune);
  const CraftedRun victim(pair.hamlet, kem_of(pair.commune));
  std::vector<sync::Sealed> block{victim.opener()};
  sync::Sealed forged{victim.header(2, sync::Class::sealed, sync::Rank::high), Bytes(64, 3)};
  sync::Sealed copy{victim.header(1, sync::Class::sealed, sync::Rank::low), Bytes(124, 3)};
  block.push_back(copy);
  block.push_back(forged);
  Session a(*thief.replica, {.dials = true}, key_of_node(pair.commune));
  Session b(*pair.commune.replica, {}, key_of_node(thief));
  for (const Bytes& hello : say(thief, a)) REQUIRE(tell(pair.commune, b, hello));
  say(pair.commune, b);
  REQUIRE(tell(pair.commune, b, sync::encode_message(sync::RecordsMessage{sync::encode_block(block)})));
  auto txn = pair.commune.replica->read();
  const auto row = pair.commune.replica->runs().find(**txn, victim.key());
  REQUIRE(*row != nullptr);
  CHECK((*row)->held == RangeSet(0, 0));
}

TEST_CASE("session: a restored commune learns a hamlet it forgot from its hello", "[sync][session]") {
  TestNode commune(sync::Role::commune, "Sảng Mộc", 1);
  commune.unlock();
  const auto image = commune.disk->clone();
  TestNode hamlet(sync::Role::hamlet, "Khuổi Mèo", 2);
  join(commune, hamlet);
  commune.restore(*image);
  {
    Session a(*hamlet.replica, {.dials = true}, key_of_node(commune));
    Session b(*commune.replica, {}, key_of_node(hamlet));
    for (const Bytes& hello : say(hamlet, a)) CHECK_FALSE(tell(commune, b, hello));
  }
  Session a(*hamlet.replica, {.dials = true, .offers_grant = true}, key_of_node(commune));
  Session b(*commune.replica, {}, key_of_node(hamlet));
  for (const Bytes& hello : say(hamlet, a)) {
    CHECK(hello.size() <= sync::hello_octets_max);
    CHECK(tell(commune, b, hello));
  }
  CHECK(commune.replica->roster().node(hamlet.replica->self().node) != nullptr);
}

TEST_CASE("session: a revocation outlives the restore of a commune, since hamlets give the roster back", "[sync][session]") {
  const bool by_stick = GENERATE(false, true);
  CAPTURE(by_stick);
  ReplicaPair pair;
  TestNode thief(sync::Role::hamlet, "Nà Lay", 5);
  pair.join(thief);
  talk(pair.hamlet, pair.commune);
  talk(thief, pair.commune);
  const auto image = pair.commune.disk->clone();
  thief.submit(test_submission(uuid(1), "Trước khi mất"));
  talk(thief, pair.commune);
  pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->enrolment().revoke(batch, thief.replica->self().node); });
  talk(pair.hamlet, pair.commune);
  CHECK(pair.hamlet.replica->roster().node(thief.replica->self().node)->revoked);
  pair.commune.restore(*image);
  CHECK_FALSE(pair.commune.replica->roster().node(thief.replica->self().node)->revoked);
  if (by_stick) {
    Stick stick;
    sync_stick(pair.commune, stick);
    sync_stick(pair.hamlet, stick);
    pair.hamlet.submit(test_submission(uuid(2), "Có việc"));
    for (int round = 0; round < 2; ++round) {
      sync_stick(pair.hamlet, stick);
      sync_stick(pair.commune, stick);
    }
  } else {
    talk(pair.hamlet, pair.commune);
  }
  CHECK(pair.commune.replica->roster().node(thief.replica->self().node)->revoked);
  Session b(*pair.commune.replica, {}, key_of_node(thief));
  Session a(*thief.replica, {.dials = true, .offers_grant = true}, key_of_node(pair.commune));
  for (const Bytes& hello : say(thief, a)) CHECK_FALSE(tell(pair.commune, b, hello));
}

TEST_CASE("session: what a revoked box writes after its last receipt waits for a person", "[sync][session]") {
  ReplicaPair pair;
  TestNode thief(sync::Role::hamlet, "Nà Lay", 5);
  pair.join(thief);
  talk(thief, pair.commune);
  thief.submit(test_submission(uuid(1), "Trước"));
  talk(thief, pair.commune);
  thief.submit(test_submission(uuid(2), "Sau"));
  Stick stick;
  sync_stick(thief, stick);
  pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->enrolment().revoke(batch, thief.replica->self().node); });
  const auto before = status_of(pair.commune).quarantined;
  sync_stick(pair.commune, stick);
  CHECK(pair.commune.list().size() == 1);
  CHECK(status_of(pair.commune).quarantined == before + 1);
  // The same again, on a stick of another name, adds nothing.
  Stick again;
  again.emplace("0123456789abcdef", stick.begin()->second);
  sync_stick(pair.commune, again);
  CHECK(status_of(pair.commune).quarantined == before + 1);
  // And nobody else can fill the quarantine in its name.
  sync::Sealed junk = records_of(thief, thief.replica->self().node).back();
  junk.header.number += 1;
  CHECK(give(pair.commune, junk, false).taken == sync::Taken::rejected);
  CHECK(status_of(pair.commune).quarantined == before + 1);
}

TEST_CASE("session: a commit that fails ends the runs, and no number is used twice", "[sync][session]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  std::map<sync::Ref, Bytes> seen;
  for (int i = 2; i < 12; ++i) {
    if (i % 3 == 0) pair.hamlet.disk->fail_commit(0, fail(Errc::io, "the disk is gone"));
    auto work = pair.hamlet.replica->begin(pair.hamlet.now);
    REQUIRE(work);
    const auto prepared = pair.hamlet.replica->reader().submissions().prepare(work->batch().txn, view_of(test_submission(uuid(i), "x")));
    REQUIRE(prepared);
    REQUIRE(pair.hamlet.replica->intake().submit(work->batch(), *prepared, {}));
    CHECK(work->commit().has_value() == (i % 3 != 0));
  }
  std::set<RunId> runs;
  for (const sync::Sealed& record : records_of(pair.hamlet, pair.hamlet.replica->self().node)) {
    CHECK(seen.emplace(record.header.ref(), record.body).second);
    runs.insert(record.header.run);
  }
  CHECK(runs.size() == 4);
  CHECK(talk(pair.hamlet, pair.commune).finished);
  CHECK(pair.commune.list().size() == 8);
  CHECK(status_of(pair.commune).forks == 0);
  CHECK(status_of(pair.commune).quarantined == 0);
  check_store_is_sound(pair.hamlet);
}
