// One record that cannot be read is one marked row, never the end of a list, a page, an export or a fold.
#include "sync/files/file_intake.h"
#include "tests/regress/planting.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

constexpr std::array kinds_of_a_dossier{sync::Kind::submission, sync::Kind::edit, sync::Kind::manifest,
                                        sync::Kind::state,      sync::Kind::pick, sync::Kind::withdrawal};

/// One dossier for each kind, each with a record of every kind, and one more; met by both sides.
struct FullPair : ReplicaPair {
  FullPair() {
    talk(hamlet, commune);
    for (int n = 0; n <= static_cast<int>(kinds_of_a_dossier.size()); ++n) write_dossier(n * 10);
    hamlet.unlock();
    for (int n = 0; n <= static_cast<int>(kinds_of_a_dossier.size()); ++n) settle(n * 10);
    for (int round = 0; round < 3; ++round) talk(hamlet, commune);
  }
  void write_dossier(int n) {
    hamlet.submit(test_submission(uuid(n), "Gốc", "a.jpg"));
    hamlet.submit(test_submission(uuid(n + 1), "Một", "a.jpg", uuid(n)));
    hamlet.submit(test_submission(uuid(n + 2), "Hai", "a.jpg", uuid(n)));
    hamlet.work([&](sync::Batch& batch) -> Result<void> {
      sync::FileIntake file(hamlet.rng);
      KHUOI_TRY_VOID(file.add(batch, view_of("octets of a photo")));
      KHUOI_TRY(const auto facts, file.finish(batch, "a.jpg", "image/jpeg"));
      KHUOI_TRY(const auto again, hamlet.replica->reader().submissions().prepare(batch.txn, view_of(test_submission(uuid(n), "Gốc", "a.jpg"))));
      KHUOI_TRY_VOID(hamlet.replica->intake().submit(batch, again, {facts}));
      return {};
    });
    talk(hamlet, commune);
    commune.work([&](sync::Batch& batch) {
      sync::StateChange accepted;
      accepted.state = sync::State::accepted;
      return commune.replica->set_state(batch, key_of_instance(commune, n), accepted);
    });
    talk(hamlet, commune);
  }
  void settle(int n) {
    hamlet.work([&](sync::Batch& batch) -> Result<void> {
      const sync::DossierKey key = key_of_instance(hamlet, n);
      KHUOI_TRY(const auto row, hamlet.replica->dossiers().row(batch.txn, key));
      KHUOI_TRY_VOID(hamlet.replica->pick(batch, key, row->heads.front()));
      return hamlet.replica->withdraw(batch, key, "đổi ý");
    });
  }
};

sync::Ref record_of_kind(TestNode& node, int n, sync::Kind kind) {
  auto txn = node.replica->read();
  const auto row = node.replica->dossiers().row(**txn, key_of_instance(node, n));
  REQUIRE((row && *row));
  const auto item = std::ranges::find((*row)->items, kind, &sync::DossierRow::Item::kind);
  REQUIRE(item != (*row)->items.end());
  return item->ref;
}

std::map<DossierId, sync::DossierEntry> rows_by_id(TestNode& node) {
  std::map<DossierId, sync::DossierEntry> out;
  for (const auto& entry : node.list()) out.emplace(entry.id, entry);
  return out;
}

void check_reads_whole(TestNode& node, int n) {
  const auto rows = rows_by_id(node);
  const auto found = rows.find(sync::dossier_id_of("uuid:" + uuid(n)));
  REQUIRE(found != rows.end());
  CHECK(found->second.problem.empty());
  CHECK(found->second.form == "test");
  CHECK(found->second.state == "accepted");
  auto txn = node.replica->read();
  const auto detail = node.replica->views().detail(**txn, key_of_instance(node, n));
  REQUIRE(detail);
  CHECK(detail->versions.size() == 3);
  CHECK(detail->history.size() == 1);
  CHECK(detail->unreadable.empty());
}

std::string verify_says(TestNode& node) {
  auto txn = node.replica->read();
  const auto verified = node.replica->reader().verify(**txn);
  return verified ? "sound" : verified.error().what;
}

}  // namespace

/// Whoever reads rows meets the damaged ones, and the next commit marks them.
void note_damage(TestNode& node) {
  (void)node.list();
  node.work([](sync::Batch&) { return Result<void>(); });
}

TEST_CASE("unreadable: a record of any kind whose body does not open is one marked row, and all else is read", "[regress]") {
  FullPair pair;
  const int whole = static_cast<int>(kinds_of_a_dossier.size()) * 10;
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    REQUIRE(rows_by_id(*node).size() == kinds_of_a_dossier.size() + 1);
    check_reads_whole(*node, whole);
    std::vector<sync::Ref> broken;
    for (std::size_t i = 0; i < kinds_of_a_dossier.size(); ++i) {
      broken.push_back(record_of_kind(*node, static_cast<int>(i) * 10, kinds_of_a_dossier.at(i)));
    }
    node->work([&](sync::Batch& batch) -> Result<void> {
      for (const sync::Ref& ref : broken) KHUOI_TRY_VOID(turn_over(batch.txn, ref));
      return {};
    });
    node->start();
    node->unlock();
    check_reads_whole(*node, whole);
    const auto rows = rows_by_id(*node);
    CHECK(rows.size() == kinds_of_a_dossier.size() + 1);
    const std::string said = verify_says(*node);
    for (std::size_t i = 0; i < kinds_of_a_dossier.size(); ++i) {
      const int n = static_cast<int>(i) * 10;
      INFO(sync::name_of(kinds_of_a_dossier.at(i)) << " at " << node->replica->self().name);
      const auto& row = rows.at(sync::dossier_id_of("uuid:" + uuid(n)));
      CHECK(row.problem.find("cannot be read") != std::string::npos);
      CHECK(row.number != 0);
      CHECK(row.form == "test");  // what can be read of it still is
      auto txn = node->replica->read();
      const auto detail = node->replica->views().detail(**txn, key_of_instance(*node, n));
      REQUIRE(detail);
      REQUIRE(detail->unreadable.size() == 1);
      CHECK(detail->unreadable.front().kind == kinds_of_a_dossier.at(i));
      CHECK(said.find(broken.at(i).run.hex()) != std::string::npos);
      CHECK(said.find("record " + std::to_string(broken.at(i).number) + " ") != std::string::npos);
    }
  }
}

TEST_CASE("unreadable: a dossier with a broken record still takes in edits, answers, files and its erasure", "[regress]") {
  FullPair pair;
  for (std::size_t i = 0; i < kinds_of_a_dossier.size(); ++i) {
    const int n = static_cast<int>(i) * 10;
    for (TestNode* node : {&pair.hamlet, &pair.commune}) {
      const sync::Ref ref = record_of_kind(*node, n, kinds_of_a_dossier.at(i));
      node->work([&](sync::Batch& batch) { return turn_over(batch.txn, ref); });
    }
    pair.hamlet.submit(test_submission(uuid(n + 3), "Ba", "", uuid(n + 1)));
    pair.commune.work([&](sync::Batch& batch) {
      sync::StateChange next;
      next.state = sync::State::stopped;
      return pair.commune.replica->set_state(batch, key_of_instance(pair.commune, n), next);
    });
  }
  for (int round = 0; round < 3; ++round) CHECK(talk(pair.hamlet, pair.commune).finished);
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    CHECK(status_of(*node).dossiers_unreadable == kinds_of_a_dossier.size());
    const auto rows = rows_by_id(*node);
    REQUIRE(rows.size() == kinds_of_a_dossier.size() + 1);
    for (std::size_t i = 0; i < kinds_of_a_dossier.size(); ++i) {
      INFO(sync::name_of(kinds_of_a_dossier.at(i)) << " at " << node->replica->self().name);
      const int n = static_cast<int>(i) * 10;
      CHECK(rows.at(sync::dossier_id_of("uuid:" + uuid(n))).state == "stopped");
      auto txn = node->replica->read();
      const auto detail = node->replica->views().detail(**txn, key_of_instance(*node, n));
      REQUIRE(detail);
      const bool version_lost = kinds_of_a_dossier.at(i) == sync::Kind::submission || kinds_of_a_dossier.at(i) == sync::Kind::edit;
      CHECK(detail->versions.size() == (version_lost ? 3 : 4));
    }
  }
  pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->erase(batch, key_of_instance(pair.commune, 0), "quyền"); });
  CHECK(talk(pair.hamlet, pair.commune).finished);
  auto txn = pair.hamlet.replica->read();
  const auto erased = pair.hamlet.replica->views().detail(**txn, key_of_instance(pair.hamlet, 0));
  REQUIRE(erased);
  CHECK(erased->erased);
  for (TestNode* node : {&pair.hamlet, &pair.commune})  // nothing of an erased one is missed
    CHECK(status_of(*node).dossiers_unreadable == kinds_of_a_dossier.size() - 1);
}

TEST_CASE("unreadable: status counts a dossier once, and no more when its records are whole again", "[regress]") {
  FullPair pair;
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    CHECK(status_of(*node).dossiers_unreadable == 0);
    const std::array broken{record_of_kind(*node, 0, sync::Kind::state), record_of_kind(*node, 0, sync::Kind::edit)};
    const auto turn_all = [&](sync::Batch& batch) -> Result<void> {
      for (const sync::Ref& ref : broken) KHUOI_TRY_VOID(turn_over(batch.txn, ref));
      return {};
    };
    // Of the first version, which others edited: so that all records are looked at.
    const auto next_record = [&](int n) {
      pair.hamlet.submit(test_submission(uuid(n), "Sau", "", uuid(0)));
      CHECK(talk(pair.hamlet, pair.commune).finished);
    };
    node->work(turn_all);
    next_record(node == &pair.hamlet ? 4 : 6);
    CHECK(status_of(*node).dossiers_unreadable == 1);
    node->work([&](sync::Batch& batch) { return break_row(batch.txn, key_of_instance(*node, 10)); });
    CHECK(status_of(*node).dossiers_unreadable == 1);
    note_damage(*node);
    CHECK(status_of(*node).dossiers_unreadable == 2);
    node->work(turn_all);  // as they were
    next_record(node == &pair.hamlet ? 5 : 7);
    CHECK(status_of(*node).dossiers_unreadable == 1);  // the broken row
  }
}

TEST_CASE("unreadable: XML that does not parse, an unknown form or model, and a broken row are each one marked row", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  for (int n = 0; n < 5; ++n) pair.hamlet.submit(test_submission(uuid(n), "Người " + std::to_string(n)));
  const std::vector<Bytes> payloads{bare_payload("<data id=\"test\" version=\"1\"><name>không đóng"),
                                    bare_payload("<lạ id=\"form_la\"><meta><instanceID>x</instanceID></meta></lạ>"),
                                    foreign_payload(), bare_payload("\xff\xfe không phải XML")};
  std::vector<sync::Ref> refs;
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    for (const Bytes& payload : payloads) {
      const sync::Recipient to = sync::commune_recipient(pair.hamlet.replica->membership(), sync::Domain::general);
      KHUOI_TRY(const sync::Ref ref, write_anything(*pair.hamlet.replica, batch, to, sync::Submission{payload}));
      refs.push_back(ref);
    }
    return {};
  });
  pair.hamlet.start();
  CHECK(talk(pair.hamlet, pair.commune).finished);
  pair.hamlet.unlock();
  // The commune quarantines what is no submission, keeps what waits for its model, and lists what it can.
  CHECK(pair.commune.list().size() == 6);
  CHECK(status_of(pair.commune).quarantined == 2);
  CHECK(status_of(pair.commune).unopened == 1);
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    node->work([&](sync::Batch& batch) -> Result<void> {
      for (int n = 0; n < 4; ++n) {
        KHUOI_TRY_VOID(put_into_row(*node->replica, batch, key_of_instance(*node, n), refs.at(static_cast<std::size_t>(n)), sync::Kind::submission));
      }
      return {};
    });
    node->start();
    node->unlock();
    const std::size_t strangers = node == &pair.commune ? 1 : 0;  // the dossier of the unknown form
    auto rows = node->list();
    CHECK(rows.size() == 5 + strangers);
    int marked = 0;
    for (const auto& row : rows) {
      if (!row.problem.empty()) ++marked;
      CHECK(row.number != 0);
    }
    CHECK(marked == 3);  // a form that nobody knows says little, but it can be read
    node->work([&](sync::Batch& batch) { return break_row(batch.txn, key_of_instance(*node, 3)); });
    rows = node->list();
    CHECK(rows.size() == 5 + strangers);
    const auto broken = std::ranges::find(rows, std::string("damaged"), &sync::DossierEntry::state);
    REQUIRE(broken != rows.end());
    CHECK(broken->number != 0);
    CHECK(broken->id == key_of_instance(*node, 3).id);
    note_damage(*node);
    CHECK(status_of(*node).dossiers == 4 + strangers);
    CHECK(status_of(*node).dossiers_unreadable == 1);
    CHECK(verify_says(*node).find("dossier " + key_of_instance(*node, 3).id.hex()) != std::string::npos);
  }
  // What belongs to the dossier of a broken row is held, and what came with it goes on.
  auto txn = pair.hamlet.replica->read();
  CHECK_FALSE(pair.hamlet.replica->reader().submissions().prepare(**txn, view_of(test_submission(uuid(90), "Sửa", "", uuid(3)))));
  txn->reset();
  pair.hamlet.submit(test_submission(uuid(91), "Khác"));
  CHECK(talk(pair.hamlet, pair.commune).finished);
  CHECK(pair.commune.list().size() == 7);
}

TEST_CASE("unreadable: what was written before the grant and cannot be read keeps nobody from unlocking", "[regress]") {
  TestNode commune(sync::Role::commune, "Sảng Mộc", 1);
  TestNode hamlet(sync::Role::hamlet, "Khuổi Mèo", 2);
  commune.unlock();
  for (TestNode* node : {&hamlet, &commune}) {
    node->work([&](sync::Batch& batch) { return node->replica->library().put_built_in(batch, view_of(test_form), sync::Domain::general); });
  }
  for (int n = 0; n < 3; ++n) hamlet.submit(test_submission(uuid(n), "Người"));
  const sync::Ref broken = record_of_kind(hamlet, 1, sync::Kind::submission);
  hamlet.work([&](sync::Batch& batch) { return turn_over(batch.txn, broken); });
  join(commune, hamlet);
  for (int again = 0; again < 2; ++again) {
    hamlet.start();
    hamlet.unlock();
  }
  for (int round = 0; round < 3; ++round) talk(hamlet, commune);
  CHECK(commune.list().size() == 2);
  REQUIRE(hamlet.list().size() == 3);
  CHECK(std::ranges::count_if(hamlet.list(), [](const auto& row) { return row.problem.empty(); }) == 2);
  CHECK(status_of(hamlet).records == 3);
}
