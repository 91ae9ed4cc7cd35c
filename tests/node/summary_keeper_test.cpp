// What lists show of a commune's dossiers is made when their records come in: no list decodes them.
#include "node/acts/summary_keeper.h"

#include "node/acts/summary.h"
#include "node/sticks/stick_sync.h"
#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace khuoi::tests;

namespace {

void carry_stick(const DiskNode& from, const DiskNode& to, const TempFolder& stick) {
  for (const DiskNode* node : {&from, &to}) {
    const auto report = sync_stick(*node->engine, stick.path(), {});
    REQUIRE(report);
    REQUIRE(report->faults.empty());
  }
}

/// A hamlet with so many dossiers, and the stick by which it heard of the commune's form.
struct Filled : DiskPair {
  explicit Filled(std::size_t dossiers) {
    carry_stick(commune, hamlet, stick);
    hamlet.submit(0, dossiers);
  }
  void bring() const { carry_stick(hamlet, commune, stick); }
  TempFolder stick;
};

struct Shown {
  std::size_t dossiers = 0;
  std::size_t made = 0;  ///< from records, since none was kept
  std::set<std::string> found_by;
};

Shown shown_by(const DiskNode& node) {
  Shown out;
  REQUIRE(node.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    Summaries summaries(reader, txn);
    return reader.dossiers().each_key(txn, [&](const sync::DossierKey& key, const sync::DossierRow& row) -> Result<void> {
      KHUOI_TRY(const Summary one, summaries.of(key, row));
      ++out.dossiers;
      out.made += one.octets_read != 0 ? 1 : 0;
      out.found_by.insert(one.searched);
      return {};
    });
  }));
  return out;
}

std::set<std::string> made_of_records(const DiskNode& node) {
  node.work([](sync::Replica&, sync::Batch& batch) -> Result<void> {
    for (std::uint32_t number = 1; number <= 1000; ++number) KHUOI_TRY_VOID(sync::KeptSummaries::erase(batch, number));
    return {};
  });
  return shown_by(node).found_by;
}

}  // namespace

TEST_CASE("summary keeper: of what a stick brings new to a commune all are kept in the commits that take it in", "[node]") {
  const DiskPair pair;
  const TempFolder stick;
  carry_stick(pair.hamlet, pair.commune, stick);
  carry_stick(pair.commune, pair.hamlet, stick);
  pair.hamlet.submit(0, 250);
  carry_stick(pair.hamlet, pair.commune, stick);
  const Shown shown = shown_by(pair.commune);
  CHECK(shown.dossiers == 250);
  CHECK(shown.made == 0);
  CHECK(shown.found_by == made_of_records(pair.commune));
  CHECK(shown_by(pair.commune).made == 250);
}

TEST_CASE("summary keeper: what came without is made a hundred at a time, and again when it changes", "[node]") {
  const Filled pair(250);
  pair.bring();
  const std::set<std::string> all = made_of_records(pair.commune);
  SummaryKeeper keeper(*pair.commune.engine, SummaryKeeper::From::beginning);
  std::size_t turns = 0;
  for (bool more = true; more; ++turns) {
    const std::size_t before = shown_by(pair.commune).made;
    const auto done = keeper.keep_some();
    REQUIRE(done);
    more = *done;
    CHECK(before - shown_by(pair.commune).made <= 100);
  }
  CHECK(turns >= 3);
  CHECK(shown_by(pair.commune).made == 0);
  CHECK(shown_by(pair.commune).found_by == all);

  const auto nothing = keeper.keep_some();
  CHECK((nothing && !*nothing));
  pair.commune.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto key, sync::DossierPlaces::key_at(batch.txn, 7));
    sync::StateChange next;
    next.state = sync::State::accepted;
    next.code = "HS-7";
    return replica.set_state(batch, key, next);
  });
  CHECK(shown_by(pair.commune).made == 1);
  REQUIRE(keeper.keep_all([] { return false; }));
  CHECK(shown_by(pair.commune).made == 0);
}

TEST_CASE("summary keeper: one that begins now leaves what is there, and stops when it is asked to", "[node]") {
  const Filled pair(5);
  pair.bring();
  (void)made_of_records(pair.commune);
  SummaryKeeper now(*pair.commune.engine, SummaryKeeper::From::now);
  REQUIRE(now.keep_all([] { return false; }));
  CHECK(shown_by(pair.commune).made == 5);
  SummaryKeeper stopped(*pair.commune.engine, SummaryKeeper::From::beginning);
  REQUIRE(stopped.keep_all([] { return true; }));
  CHECK(shown_by(pair.commune).made == 5);
}

TEST_CASE("summary keeper: at a hamlet, which people lock, it keeps nothing", "[node]") {
  const Filled pair(5);
  pair.hamlet.unlock();
  SummaryKeeper keeper(*pair.hamlet.engine, SummaryKeeper::From::beginning);
  REQUIRE(keeper.keep_all([] { return false; }));
  CHECK(shown_by(pair.hamlet).made == 5);
}

TEST_CASE("summary keeper: what an earlier program kept is not read, and made again", "[node][identity]") {
  const Filled pair(5);
  pair.bring();
  REQUIRE(shown_by(pair.commune).made == 0);
  pair.commune.work([](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    for (std::uint32_t number = 1; number <= 5; ++number) {
      KHUOI_TRY(const auto key, sync::DossierPlaces::key_at(batch.txn, number));
      KHUOI_TRY(const auto row, replica.dossiers().row(batch.txn, key));
      KHUOI_TRY(const auto kept, replica.summaries().of(batch.txn, number, row->domain));
      // It had neither the octet of the layout nor people; of those there is one without anybody before the words.
      KHUOI_TRY_VOID(replica.summaries().put(batch, number, row->domain, ByteView(*kept).subspan(1)));
    }
    return {};
  });
  CHECK(shown_by(pair.commune).made == 5);
  SummaryKeeper keeper(*pair.commune.engine, SummaryKeeper::From::beginning);
  REQUIRE(keeper.keep_all([] { return false; }));
  CHECK(shown_by(pair.commune).made == 0);
}
