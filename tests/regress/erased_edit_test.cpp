// An edit of an erased dossier is kept apart for a person, and its sender is told.
#include "tests/regress/planting.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

std::vector<sync::Quarantined> apart_at(TestNode& node) {
  auto txn = node.replica->read();
  const auto all = sync::quarantined(**txn);
  REQUIRE(all);
  return *all;
}

void check_kept_apart(TestNode& node, const std::string& words) {
  const auto apart = apart_at(node);
  REQUIRE(apart.size() == 1);
  CHECK(apart.front().why.find("an edit of an erased dossier") != std::string::npos);
  auto txn = node.replica->read();
  const auto plain = node.replica->run_keys().read(**txn, apart.front().ref);
  REQUIRE(plain);
  const auto xml = node.replica->dossiers().reader().xml_of(**txn, *plain);
  REQUIRE(xml);
  CHECK(text_of(*xml).find(words) != std::string::npos);
  const auto rows = node.list();
  REQUIRE(rows.size() == 1);
  CHECK_FALSE(rows.front().instance_id.has_value());
}

}  // namespace

TEST_CASE("erased: an edit handed in afterwards is told of, kept apart at hamlet and commune, and shown nowhere else", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "Gốc"));
  pair.hamlet.submit(test_submission(uuid(2), "Sửa trước khi xóa", "", uuid(1)));
  talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  pair.hamlet.work([&](sync::Batch& batch) { return pair.hamlet.replica->erase(batch, only_key(pair.hamlet), "quyền"); });
  talk(pair.hamlet, pair.commune);
  const auto taken = pair.hamlet.submit(test_submission(uuid(3), "Sửa sau khi xóa", "", uuid(2)));
  CHECK(taken.erased);
  for (int round = 0; round < 2; ++round) talk(pair.hamlet, pair.commune);
  check_kept_apart(pair.hamlet, "Sửa sau khi xóa");
  check_kept_apart(pair.commune, "Sửa sau khi xóa");
  CHECK_FALSE(pair.hamlet.submit(test_submission(uuid(4), "Khác")).erased);
}

TEST_CASE("erased: an edit that a hamlet wrote before it heard of the commune's erasure is kept apart there", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "Gốc"));
  talk(pair.hamlet, pair.commune);
  pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->erase(batch, only_key(pair.commune), "quyền"); });
  pair.hamlet.submit(test_submission(uuid(2), "Chưa biết đã xóa", "", uuid(1)));
  for (int round = 0; round < 2; ++round) talk(pair.hamlet, pair.commune);
  check_kept_apart(pair.commune, "Chưa biết đã xóa");
  pair.hamlet.unlock();
  CHECK_FALSE(pair.hamlet.list().front().instance_id.has_value());
}

TEST_CASE("erased: what was written before the erasure and comes after it is forgotten with it", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "Gốc"));
  pair.hamlet.submit(test_submission(uuid(2), "Sửa", "", uuid(1)));
  const auto before = records_of(pair.hamlet, pair.hamlet.replica->self().node);
  pair.hamlet.work([&](sync::Batch& batch) {
    return pair.hamlet.replica->erase(batch, {HamletId(), sync::dossier_id_of("uuid:" + uuid(1))}, "quyền");
  });
  auto txn = pair.hamlet.replica->read();
  const auto row = pair.hamlet.replica->dossiers().row(**txn, {HamletId(), sync::dossier_id_of("uuid:" + uuid(1))});
  REQUIRE((row && *row));
  const auto erase = pair.hamlet.replica->sealed(**txn, (*row)->items.back().ref);
  REQUIRE(erase);
  txn->reset();
  for (const auto& record : before) {
    if (record.header.number < 2) give(pair.commune, record, true);
  }
  give(pair.commune, *erase, true);
  for (const auto& record : before) give(pair.commune, record, true);
  CHECK(apart_at(pair.commune).empty());
  const auto rows = pair.commune.list();
  REQUIRE(rows.size() == 1);
  CHECK_FALSE(rows.front().instance_id.has_value());
}

TEST_CASE("erased: an edit that comes before the erasure it was written after is kept apart all the same", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "Gốc"));
  talk(pair.hamlet, pair.commune);
  pair.hamlet.work([&](sync::Batch& batch) {
    return pair.hamlet.replica->erase(batch, {HamletId(), sync::dossier_id_of("uuid:" + uuid(1))}, "quyền");
  });
  pair.hamlet.submit(test_submission(uuid(2), "Sửa sau khi xóa", "", uuid(1)));
  auto txn = pair.hamlet.replica->read();
  const auto row = pair.hamlet.replica->dossiers().row(**txn, {HamletId(), sync::dossier_id_of("uuid:" + uuid(1))});
  REQUIRE((row && *row));
  const sync::Ref erase = (*row)->items.back().ref;
  for (const std::uint32_t later : {1U, 0U}) {
    const auto record = pair.hamlet.replica->sealed(**txn, {erase.author, erase.run, erase.number + later});
    REQUIRE(record);
    CHECK(give(pair.commune, *record, true).taken == sync::Taken::stored);
  }
  txn->reset();
  check_kept_apart(pair.commune, "Sửa sau khi xóa");
}
