// Keys of frames to a whole group: who has which.
#include "sync/membership/group_keys.h"

#include "sync/contact/planner.h"
#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::GroupKey;
using sync::GroupKeys;

namespace {

std::vector<GroupKey> keys_of(TestNode& node) {
  const auto txn = node.replica->read();
  const auto out = GroupKeys::of(**txn);
  REQUIRE(out);
  return *out;
}
std::vector<std::uint32_t> epochs_of(TestNode& node) {
  std::vector<std::uint32_t> out;
  for (const GroupKey& key : keys_of(node)) out.push_back(key.epoch);
  return out;
}
GroupKey key_of(std::uint32_t epoch, std::uint8_t octet) {
  GroupKey out;
  out.epoch = epoch;
  out.key.fill(octet);
  return out;
}
void keep(TestNode& node, const GroupKey& key) {
  node.work([&](sync::Batch& batch) { return GroupKeys::keep(batch, key); });
}
void put_raw(TestNode& node, const Bytes& octets) {
  node.work([&](sync::Batch& batch) { return batch.txn.put(sync::Table::keys, view_of("radio_group"), octets); });
}
void revoke(TestNode& commune, const TestNode& box) {
  commune.work([&](sync::Batch& batch) {
    return commune.replica->enrolment().revoke(batch, box.replica->self().node);
  });
}

}  // namespace

TEST_CASE("group keys: the two greatest epochs stay, in whatever order they come", "[sync][radio]") {
  for (const auto& order : std::vector<std::vector<std::uint32_t>>{{1, 2, 3}, {3, 2, 1}, {2, 3, 1}, {3, 1, 2}}) {
    TestNode node(sync::Role::hamlet, "Khuổi Mèo", 2);
    for (const std::uint32_t epoch : order) keep(node, key_of(epoch, static_cast<std::uint8_t>(epoch)));
    CHECK(keys_of(node) == std::vector<GroupKey>{key_of(3, 3), key_of(2, 2)});
  }
}

TEST_CASE("group keys: of one epoch the later to come counts", "[sync][radio]") {
  TestNode node(sync::Role::hamlet, "Khuổi Mèo", 2);
  keep(node, key_of(4, 1));
  keep(node, key_of(5, 2));
  keep(node, key_of(5, 3));
  CHECK(keys_of(node) == std::vector<GroupKey>{key_of(5, 3), key_of(4, 1)});
}

TEST_CASE("group keys: a key of an earlier program is one of epoch 0, and any other length is damaged",
          "[sync][radio]") {
  TestNode node(sync::Role::hamlet, "Khuổi Mèo", 2);
  CHECK(keys_of(node).empty());
  put_raw(node, Bytes(32, 9));
  CHECK(keys_of(node) == std::vector<GroupKey>{key_of(0, 9)});
  keep(node, key_of(1, 1));
  CHECK(keys_of(node) == std::vector<GroupKey>{key_of(1, 1), key_of(0, 9)});
  for (const std::size_t size : {0U, 31U, 33U, 35U, 37U, 71U, 108U}) {
    put_raw(node, Bytes(size, 9));
    const auto txn = node.replica->read();
    const auto read = GroupKeys::of(**txn);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::damaged);
  }
}

TEST_CASE("group keys: the first grant makes one, later boxes get the same, and a revocation makes the next",
          "[sync][radio]") {
  ReplicaPair pair;
  TestNode other(sync::Role::hamlet, "Nà Lay", 3);
  TestNode third(sync::Role::hamlet, "Nà Ca", 4);
  pair.join(other);
  pair.join(third);
  for (TestNode* box : {&pair.hamlet, &other, &third}) talk(*box, pair.commune);
  const auto first = keys_of(pair.commune);
  REQUIRE(first.size() == 1);
  CHECK(first[0].epoch == 1);
  CHECK(keys_of(pair.hamlet) == first);
  CHECK(keys_of(other) == first);

  revoke(pair.commune, other);
  talk(pair.hamlet, pair.commune);
  const auto now = keys_of(pair.commune);
  CHECK(epochs_of(pair.commune) == std::vector<std::uint32_t>{2, 1});
  CHECK(now[0].key != now[1].key);
  CHECK(keys_of(pair.hamlet) == now);
  CHECK(keys_of(other) == first);

  // A box that was away for two of them gets each, and a new one only what is in force.
  revoke(pair.commune, third);
  TestNode fourth(sync::Role::hamlet, "Khuổi Sao", 5);
  pair.join(fourth);
  talk(fourth, pair.commune);
  talk(pair.hamlet, pair.commune);
  CHECK(epochs_of(fourth) == std::vector<std::uint32_t>{3});
  CHECK(keys_of(pair.hamlet) == keys_of(pair.commune));
}

TEST_CASE("group keys: a commune of an earlier program makes one, locked too, and gives it to all in force once",
          "[sync][radio]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  for (TestNode* node : {&pair.commune, &pair.hamlet}) {
    node->work([&](sync::Batch& batch) { return GroupKeys::forget(batch); });
  }
  pair.commune.start();
  for (int i = 0; i < 2; ++i) {
    pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->enrolment().ensure_group_key(batch); });
  }
  talk(pair.hamlet, pair.commune);
  CHECK(epochs_of(pair.commune) == std::vector<std::uint32_t>{1});
  CHECK(keys_of(pair.hamlet) == keys_of(pair.commune));
  auto work = pair.hamlet.replica->begin(pair.hamlet.now);
  const auto denied = pair.hamlet.replica->enrolment().ensure_group_key(work->batch());
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == Errc::denied);
}

TEST_CASE("group keys: they go by radio, since a hamlet without them hears nothing that is meant for all",
          "[sync][radio]") {
  ReplicaPair pair;
  const auto txn = pair.commune.replica->read();
  const auto open = sync::Planner(*pair.commune.replica).records(**txn, pair.hamlet.replica->self().node, {});
  REQUIRE(open);
  std::size_t found = 0;
  for (const sync::Candidate& one : *open) {
    if (one.opener || one.ref.number == 1) continue;
    const auto plain = pair.commune.replica->run_keys().read(**txn, one.ref);
    if (!plain || plain->kind != sync::Kind::group_key) continue;
    ++found;
    CHECK(one.rank == sync::Rank::high);
  }
  CHECK(found == 1);
}
