// An edit that comes before what it edits is linked once both are there, on every node and in every order.
#include "tests/regress/planting.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

void shuffle_any(auto& what, Rng& rng) {
  for (std::size_t i = what.size(); i > 1; --i) std::swap(what[i - 1], what[rng.below(i)]);
}

/// Versions of one dossier: number 0 is the first, each other one edits an earlier one.
struct Story {
  std::vector<int> edits;  ///< by number
  std::vector<int> order;  ///< of handing in
  explicit Story(Rng& rng, bool branches) {
    const int count = 2 + static_cast<int>(rng.below(5));
    for (int n = 0; n < count; ++n) {
      const bool branch = branches && n > 1 && rng.below(3) == 0;
      edits.push_back(branch ? static_cast<int>(rng.below(static_cast<std::uint64_t>(n))) : n - 1);
      order.push_back(n);
    }
    shuffle_any(order, rng);
  }
  [[nodiscard]] std::string xml(int n) const {
    return test_submission(uuid(n), "Bản " + std::to_string(n), "", n == 0 ? "" : uuid(edits.at(static_cast<std::size_t>(n))));
  }
  [[nodiscard]] std::set<std::string> heads() const {
    std::set<std::string> out;
    for (int n = 0; n < static_cast<int>(edits.size()); ++n) {
      if (std::ranges::find(edits, n) == edits.end()) out.insert("uuid:" + uuid(n));
    }
    return out;
  }
};

std::set<std::string> heads_at(TestNode& node) {
  const auto key = only_key(node);
  auto txn = node.replica->read();
  const auto row = node.replica->dossiers().row(**txn, key);
  const auto detail = node.replica->views().detail(**txn, key);
  REQUIRE((row && *row && detail));
  std::set<std::string> out;
  for (const auto& version : detail->versions) {
    if (std::ranges::find((*row)->heads, version.ref) != (*row)->heads.end()) out.insert(version.facts.instance_id);
  }
  CHECK((*row)->conflict == (out.size() > 1));
  return out;
}

/// The hamlet's records reach the commune in any order, as sticks bring them.
void deliver_shuffled(TestNode& hamlet, TestNode& commune, Rng& rng) {
  auto records = records_of(hamlet, hamlet.replica->self().node);
  shuffle_any(records, rng);
  for (int round = 0; round < 3; ++round) {
    for (const auto& record : records) give(commune, record, true);
  }
}

}  // namespace

TEST_CASE("edits: handed in and delivered in any order they end as one dossier with the heads that they say", "[regress]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SeededRng rng(seed);
    const Story story(rng, seed % 2 == 0);
    ReplicaPair pair;
    talk(pair.hamlet, pair.commune);
    if (rng.below(2) == 0) pair.hamlet.unlock();
    for (const int n : story.order) pair.hamlet.submit(story.xml(n));
    deliver_shuffled(pair.hamlet, pair.commune, rng);
    pair.hamlet.unlock();
    INFO("seed " << seed);
    CHECK(heads_at(pair.hamlet) == story.heads());
    CHECK(heads_at(pair.commune) == story.heads());
    CHECK(only_key(pair.hamlet).id == sync::dossier_id_of("uuid:" + uuid(0)));
    CHECK(only_key(pair.commune).id == sync::dossier_id_of("uuid:" + uuid(0)));
    // Every version's id finds it, and each number that was told to somebody.
    for (int n = 0; n < static_cast<int>(story.edits.size()); ++n) {
      for (TestNode* node : {&pair.hamlet, &pair.commune}) {
        auto txn = node->replica->read();
        const auto found = node->replica->views().resolve(**txn, sync::dossier_id_of("uuid:" + uuid(n)).hex());
        REQUIRE(found);
        CHECK(*found == only_key(*node));
      }
    }
    check_store_is_sound(pair.commune);
  }
}

TEST_CASE("edits: an answer to a dossier that turns out to be a later part of another reaches it on both sides", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(2), "Hai", "", uuid(1)));
  talk(pair.hamlet, pair.commune);
  pair.commune.work([&](sync::Batch& batch) {
    sync::StateChange accepted;
    accepted.state = sync::State::accepted;
    accepted.code = "H1";
    return pair.commune.replica->set_state(batch, only_key(pair.commune), accepted);
  });
  pair.hamlet.submit(test_submission(uuid(1), "Một", "", uuid(0)));
  pair.hamlet.submit(test_submission(uuid(0), "Gốc"));
  for (int round = 0; round < 3; ++round) talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    const auto rows = node->list();
    REQUIRE(rows.size() == 1);
    CHECK(rows.front().instance_id == "uuid:" + uuid(2));
    CHECK(rows.front().state == "accepted");
    CHECK(rows.front().code == "H1");
    CHECK(rows.front().conflict == false);
  }
}

TEST_CASE("edits: of two versions under one instanceID an edit that saw neither replaces none", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(2), "Sửa", "", uuid(1)));
  pair.hamlet.submit(test_submission(uuid(1), "Một chữ"));
  pair.hamlet.submit(test_submission(uuid(1), "Chữ khác"));
  for (int round = 0; round < 2; ++round) talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  CHECK(pair.hamlet.list().front().conflict == true);
  CHECK(pair.commune.list().front().conflict == true);
}

TEST_CASE("edits: a conflict of a time before edits were linked heals when the node next looks", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(2), "Hai", "", uuid(1)));
  pair.hamlet.submit(test_submission(uuid(1), "Một"));
  pair.hamlet.unlock();
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    const auto key = only_key(pair.hamlet);
    KHUOI_TRY(auto row, pair.hamlet.replica->dossiers().row(batch.txn, key));
    row->heads = {row->items[0].ref, row->items[1].ref};
    row->conflict = true;
    KHUOI_TRY_VOID(pair.hamlet.replica->dossiers().put(batch, key, *row));
    return sync::dossier_counts_rows.erase(batch, {});  // programs of then counted no dossiers
  });
  pair.hamlet.start();
  pair.hamlet.unlock();
  CHECK(pair.hamlet.list().front().conflict == false);
}
