#include "tests/support/second_writer.h"
#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {
std::vector<sync::Opener> openers_of(TestNode& node) {
  std::vector<sync::Opener> out;
  for (const sync::Sealed& record : records_of(node, node.replica->self().node)) {
    if (record.header.number == 0) out.push_back(*sync::decode_opener(record.body));
  }
  return out;
}
}  // namespace

TEST_CASE("run writer: what a box wrote before its grant is no fork of what it writes after", "[sync][run_writer][regress]") {
  TestNode early(sync::Role::hamlet, "Nà Lay", 9);
  early.work([&](sync::Batch& batch) {
    return early.replica->library().put_built_in(batch, view_of(test_form), sync::Domain::general);
  });
  for (int i = 0; i < 3; ++i) {
    early.submit(test_submission(uuid(i), "Trước"));
    early.start();
  }
  ReplicaPair pair;
  pair.join(early);
  early.submit(test_submission(uuid(7), "Sau"));
  early.unlock();
  talk(early, pair.commune);
  CHECK(status_of(early).forks == 0);
  CHECK(status_of(pair.commune).forks == 0);
  CHECK(status_of(pair.commune).quarantined == 0);
  CHECK(pair.commune.list().size() == 4);
}

TEST_CASE("run writer: edits and picks made before the grant stand after it, in whatever order the runs' ids fall", "[sync][run_writer][regress]") {
  for (std::uint64_t seed = 100; seed < 108; ++seed) {
    CAPTURE(seed);
    TestNode early(sync::Role::hamlet, "Nà Lay", seed);
    early.work([&](sync::Batch& batch) {
      return early.replica->library().put_built_in(batch, view_of(test_form), sync::Domain::general);
    });
    early.submit(test_submission(uuid(1), "Một"));
    early.start();
    early.submit(test_submission(uuid(2), "Hai", "", uuid(1)));
    early.start();
    early.submit(test_submission(uuid(3), "Ba", "", uuid(2)));
    early.start();
    ReplicaPair pair;
    pair.join(early);
    early.unlock();
    CHECK(talk(early, pair.commune).finished);
    for (TestNode* node : {&early, &pair.commune}) {
      auto txn = node->replica->read();
      const auto row = node->replica->dossiers().row(**txn, only_key(*node));
      REQUIRE(*row);
      const auto view = node->replica->dossiers().view(**txn, **row);
      REQUIRE(view);
      CHECK(view->heads.size() == 1);
      CHECK_FALSE(view->conflict);
    }
    CHECK(early.list().front().instance_id == "uuid:" + uuid(3));
    CHECK(pair.commune.list().front().instance_id == "uuid:" + uuid(3));
  }
}

TEST_CASE("run writer: every start and every failed commit begins a run that names the one before", "[sync][run_writer]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  for (int i = 0; i < 4; ++i) {
    pair.hamlet.submit(test_submission(uuid(i), "x"));
    pair.hamlet.start();
  }
  const auto openers = openers_of(pair.hamlet);
  REQUIRE(openers.size() == 4);
  std::set<RunId> previous;
  std::set<std::array<std::uint8_t, 32>> encs;
  for (const sync::Opener& opener : openers) {
    CHECK(previous.insert(opener.previous).second);
    CHECK(encs.insert(opener.enc).second);
  }
  CHECK(talk(pair.hamlet, pair.commune).finished);
  CHECK(status_of(pair.commune).forks == 0);
  CHECK(status_of(pair.commune).quarantined == 0);
}

TEST_CASE("run writer: what could not be read back is not written", "[sync][run_writer][regress]") {
  ReplicaPair pair;
  auto work = pair.hamlet.replica->begin(pair.hamlet.now);
  REQUIRE(work);
  for (const std::string& text : {std::string(70'000, 'x'), std::string("\xff\xfe"), std::string("a\0b", 3)}) {
    CHECK_FALSE(pair.hamlet.replica->bulletin().send_message(work->batch(), {text, ""}, std::nullopt));
  }
}

TEST_CASE("run writer: a receiving key whose commit failed seals nothing", "[sync][run_writer][keyring][regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  {
    auto work = pair.commune.replica->begin(pair.commune.now);
    REQUIRE(work);
    REQUIRE(pair.commune.replica->enrolment().rotate_kem(work->batch()));
    pair.commune.disk->fail_commit(0, fail(Errc::io, "the disk is gone"));
    CHECK_FALSE(work->commit());
  }
  CHECK(pair.commune.replica->keys().kem().size() == 1);
  pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(pair.commune.replica->bulletin().send_message(batch, {"Chào", "Xã"}, pair.hamlet.replica->self().hamlet));
    return {};
  });
  pair.commune.start();
  talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  CHECK(status_of(pair.hamlet).unopened == 0);
  CHECK(status_of(pair.hamlet).quarantined == 0);
  check_store_is_sound(pair.commune);
}

TEST_CASE("run writer: a rotated key opens what was sealed to the old one, and replies still arrive", "[sync][run_writer][keyring]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "Khoá cũ"));
  pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->enrolment().rotate_kem(batch); });
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(2), "Khoá mới"));
  talk(pair.hamlet, pair.commune);
  CHECK(pair.commune.list().size() == 2);
  CHECK(status_of(pair.commune).quarantined == 0);
  CHECK(status_of(pair.commune).forks == 0);
}

TEST_CASE("run writer: checkpoints agree with their records after clean stops and crashes", "[sync][run_writer]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  for (int i = 0; i < 6; ++i) {
    pair.hamlet.submit(test_submission(uuid(10 * i), "x"));
    pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY_VOID(pair.hamlet.replica->bulletin().send_message(batch, {"Chào", ""}, std::nullopt));
      return {};
    });
    if (i % 2 == 0) REQUIRE(pair.hamlet.replica->close(pair.hamlet.now));
    pair.hamlet.start();
  }
  pair.hamlet.submit(test_submission(uuid(99), "x"));
  talk(pair.hamlet, pair.commune);
  CHECK(status_of(pair.commune).quarantined == 0);
  std::size_t pending = 0;
  auto txn = pair.commune.replica->read();
  REQUIRE(sync::scan_prefix(**txn, sync::Table::note, Bytes{0x82}, [&](ByteView, ByteView) { return ++pending != 0; }));
  CHECK(pending == 0);
}

TEST_CASE("run writer: a checkpoint that does not match its records is shown to a person", "[sync][run_writer]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  give(pair.commune, run.opener(), false);
  give(pair.commune, run.record(2, sync::Message{"một", ""}), false);
  sync::Checkpoint wrong;
  wrong.run = run.run();
  wrong.up_to = 2;
  wrong.chain.fill(5);
  const Bytes octets = sync::checkpoint_octets(wrong);
  wrong.signature = sync::sign(pair.hamlet.replica->keys().sign().secret_key, sync::Purpose::checkpoint,
                               pair.hamlet.replica->self().commune, {ByteView(octets)});
  CHECK(give(pair.commune, run.record(3, wrong), false).taken == sync::Taken::stored);
  CHECK(status_of(pair.commune).quarantined == 1);
  wrong.signature[0] ^= 1U;
  CHECK(give(pair.commune, run.record(4, wrong), false).taken == sync::Taken::stored);
  CHECK(status_of(pair.commune).quarantined == 2);
}

TEST_CASE("run writer: a checkpoint is checked from where the last one ended, and a wrong one is found there", "[sync][run_writer]") {
  MetPair pair;
  TestNode& hamlet = pair.hamlet;
  sync::RunWriter writer = sync::SecondWriter::of(*hamlet.replica);
  const auto to = sync::Recipient::sealed_to(kem_of(pair.commune), sync::Domain::general);
  std::optional<sync::Ref> last;
  const auto write = [&](int messages) {
    hamlet.work([&](sync::Batch& batch) -> Result<void> {
      for (int n = 0; n < messages; ++n) {
        KHUOI_TRY(last, writer.append(batch, to, sync::Rank::normal, sync::Domain::general, sync::Message{"Chào", ""}));
      }
      return writer.cover(batch, false);
    });
    talk(hamlet, pair.commune);
  };
  const auto row = [&](TestNode& at) {
    const auto txn = at.replica->read();
    const auto found = at.replica->runs().find(**txn, sync::run_of(*last));
    REQUIRE((found && *found != nullptr));
    return **found;
  };
  write(3);
  const sync::RunRow first = row(pair.commune);
  CHECK(first.chained_up_to == last->number);
  write(4);
  const sync::RunRow second = row(pair.commune);
  CHECK(second.chained_up_to == last->number);
  CHECK(second.chained_up_to > first.chained_up_to);
  CHECK(status_of(pair.commune).quarantined == 0);

  sync::Checkpoint wrong;
  wrong.run = last->run;
  wrong.up_to = last->number + 1;  // the checkpoint behind it
  wrong.chain = second.chain;
  const Bytes octets = sync::checkpoint_octets(wrong);
  wrong.signature = sync::sign(hamlet.replica->keys().sign().secret_key, sync::Purpose::checkpoint,
                               hamlet.replica->self().commune, {ByteView(octets)});
  hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(writer.append(batch, to, sync::Rank::low, sync::Domain::general, wrong));
    return {};
  });
  talk(hamlet, pair.commune);
  CHECK(status_of(pair.commune).quarantined == 1);
  CHECK(row(pair.commune).chained_up_to == second.chained_up_to);
}
