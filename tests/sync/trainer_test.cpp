#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

void submit(ReplicaPair& pair, int first, int count) {
  for (int i = first; i < first + count; ++i) {
    pair.hamlet.submit(test_submission(uuid(i), "Nông Văn " + std::to_string(i % 5)));
  }
  talk(pair.hamlet, pair.commune);
}

bool due(TestNode& node) {
  auto txn = node.replica->read();
  const auto out = node.replica->reader().lessons().due(**txn);
  REQUIRE(out);
  return *out;
}

/// What the service does: for how many forms the commune published a dictionary by itself.
std::size_t train_by_itself(TestNode& commune) {
  std::vector<sync::DictionaryRecord> dictionaries;
  {
    auto txn = commune.replica->read();
    const auto set = commune.replica->reader().lessons().set(**txn);
    REQUIRE(set);
    const auto learned = sync::learn(*set, sync::Training::when_a_tenth_less);
    REQUIRE(learned.has_value());
    dictionaries = *learned;
  }
  commune.work([&](sync::Batch& batch) { return commune.replica->trainer().publish(batch, dictionaries); });
  return dictionaries.size();
}

/// Octets of the newest submission as it is sealed.
std::size_t octets_of_newest(TestNode& hamlet) {
  const auto records = records_of(hamlet, hamlet.replica->self().node);
  REQUIRE_FALSE(records.empty());
  return records.back().body.size();
}

}  // namespace

TEST_CASE("trainer: a commune learns by itself once records become a tenth smaller, and not again for nothing",
          "[sync][trainer]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  submit(pair, 0, 3);
  CHECK_FALSE(due(pair.commune));
  submit(pair, 3, 37);
  const std::size_t before = octets_of_newest(pair.hamlet);
  CHECK(due(pair.commune));
  CHECK_FALSE(due(pair.hamlet));
  CHECK(train_by_itself(pair.commune) == 1);
  CHECK_FALSE(due(pair.commune));
  talk(pair.hamlet, pair.commune);
  submit(pair, 40, 8);
  CHECK(octets_of_newest(pair.hamlet) * 10 <= before * 9);
  CHECK(due(pair.commune));
  CHECK(train_by_itself(pair.commune) == 0);
  CHECK(pair.commune.list().size() == 48);
  CHECK(status_of(pair.commune).unopened == 0);
}

TEST_CASE("trainer: a hamlet trains nothing", "[sync][trainer]") {
  ReplicaPair pair;
  auto txn = pair.hamlet.replica->read();
  CHECK(pair.hamlet.replica->reader().lessons().set(**txn).error().code == Errc::denied);
}

TEST_CASE("trainer: a box that joins after the training gets the dictionaries in force", "[sync][trainer][regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  submit(pair, 0, 40);
  const std::size_t before = octets_of_newest(pair.hamlet);
  CHECK(train_by_itself(pair.commune) == 1);
  TestNode late(sync::Role::hamlet, "Nà Lay", 3);
  pair.join(late);
  talk(late, pair.commune);
  late.submit(test_submission(uuid(99), "Nông Văn 3"));
  CHECK(octets_of_newest(late) * 10 <= before * 9);
  talk(late, pair.commune);
  CHECK(pair.commune.list().size() == 41);
  CHECK(status_of(pair.commune).unopened == 0);
  check_store_is_sound(late);
}

TEST_CASE("trainer: a dictionary leaves behind all else that the commune writes", "[sync][trainer]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  submit(pair, 0, 40);
  CHECK(train_by_itself(pair.commune) == 1);
  pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    sync::Message message;
    message.text = "Xã đã nhận.";
    KHUOI_TRY_VOID(pair.commune.replica->bulletin().send_message(batch, message, pair.hamlet.replica->self().hamlet));
    return {};
  });
  auto txn = pair.commune.replica->read();
  const auto load = sync::Planner(*pair.commune.replica).records(**txn, pair.hamlet.replica->self().node, {});
  REQUIRE(load);
  std::vector<sync::Kind> order;
  for (const sync::Candidate& one : *load) {
    const auto plain = pair.commune.replica->reader().run_keys().read(**txn, one.ref);
    const bool told = plain && (plain->kind == sync::Kind::message || plain->kind == sync::Kind::dictionary);
    if (told) order.push_back(plain->kind);
    if (told && plain->kind == sync::Kind::dictionary) CHECK(one.rank == sync::Rank::low);
  }
  CHECK(order == std::vector{sync::Kind::message, sync::Kind::dictionary});
}

TEST_CASE("trainer: an erased dossier is not learned from", "[sync][trainer]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  submit(pair, 0, 5);
  const auto learned_from = [&] {
    auto txn = pair.commune.replica->read();
    const auto set = pair.commune.replica->reader().lessons().set(**txn);
    REQUIRE(set);
    std::size_t count = 0;
    for (const auto& [hash, form] : set->forms) count += form.submissions.size();
    return count;
  };
  CHECK(learned_from() == 5);
  const auto id = pair.commune.list().front().id;
  pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto key, pair.commune.replica->views().resolve(batch.txn, id.hex()));
    return pair.commune.replica->erase(batch, key, "asked");
  });
  CHECK(learned_from() == 4);
}
