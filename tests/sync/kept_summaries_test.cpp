// What lists show of dossiers, kept sealed to who may read them.
#include "sync/dossiers/kept_summaries.h"

#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::Domain;

namespace {

constexpr const char* words = "Nong Van Pao, birth";

struct Keeper {
  TestNode box{sync::Role::hamlet, "Khuổi Mèo", 2};

  explicit Keeper(std::uint32_t number = 1, Domain domain = Domain::general) {
    box.unlock();
    keep(number, domain);
  }
  void keep(std::uint32_t number, Domain domain) {
    box.work([&](sync::Batch& batch) { return box.replica->summaries().put(batch, number, domain, view_of(words)); });
  }
  std::optional<std::string> kept(std::uint32_t number, Domain domain = Domain::general) {
    const auto txn = box.replica->read();
    const auto found = box.replica->summaries().of(**txn, number, domain);
    REQUIRE(found);
    return *found ? std::optional(std::string(text_of(**found))) : std::nullopt;
  }
};

}  // namespace

TEST_CASE("kept summaries: whoever may read the domain reads them, after a restart too, and nobody else", "[sync][dossier]") {
  Keeper keeper;
  CHECK(keeper.kept(1) == words);
  CHECK_FALSE(keeper.kept(2));
  keeper.box.start();
  CHECK_FALSE(keeper.kept(1));
  keeper.box.unlock();
  CHECK(keeper.kept(1) == words);
  keeper.box.replica->lock();
  CHECK_FALSE(keeper.kept(1));
}

TEST_CASE("kept summaries: a locked node keeps none", "[sync][dossier]") {
  TestNode box{sync::Role::hamlet, "Khuổi Mèo", 2};
  auto work = box.replica->begin(box.now);
  const auto done = box.replica->summaries().put(work->batch(), 1, Domain::general, view_of(words));
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::locked);
}

TEST_CASE("kept summaries: no word of one stands readable in the store", "[sync][dossier]") {
  Keeper keeper;
  const auto txn = keeper.box.replica->read();
  for (std::size_t table = 0; table < sync::table_count; ++table) {
    REQUIRE((*txn)->scan(static_cast<sync::Table>(table), {}, [&](ByteView, ByteView value) {
      CHECK(text_of(value).find("Nong") == std::string_view::npos);
    }));
  }
}

TEST_CASE("kept summaries: one that stands at another number, or is damaged, is none", "[sync][dossier]") {
  Keeper keeper;
  keeper.box.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto row, batch.txn.get(sync::Table::summary, octets_of_part(std::uint32_t{1})));
    Bytes moved = to_bytes(*row);
    KHUOI_TRY_VOID(batch.txn.put(sync::Table::summary, octets_of_part(std::uint32_t{2}), moved));
    moved.back() ^= 1U;
    KHUOI_TRY_VOID(batch.txn.put(sync::Table::summary, octets_of_part(std::uint32_t{3}), moved));
    return batch.txn.put(sync::Table::summary, octets_of_part(std::uint32_t{4}), Bytes{1});
  });
  CHECK(keeper.kept(1) == words);
  for (const std::uint32_t number : {2U, 3U, 4U}) CHECK_FALSE(keeper.kept(number));
  CHECK_FALSE(keeper.kept(1, Domain::health));
}

TEST_CASE("kept summaries: a key of a commit that failed seals nothing later", "[sync][dossier]") {
  Keeper keeper;
  {
    auto work = keeper.box.replica->begin(keeper.box.now);
    REQUIRE(keeper.box.replica->summaries().put(work->batch(), 9, Domain::health, view_of(words)));
    REQUIRE(keeper.box.replica->summaries().of(work->batch().txn, 9, Domain::health));
  }
  keeper.keep(9, Domain::health);
  keeper.box.start();
  keeper.box.unlock();
  CHECK(keeper.kept(9, Domain::health) == words);
}

TEST_CASE("kept summaries: a commune reads those of before its receiving key was renewed", "[sync][dossier]") {
  ReplicaPair pair;
  TestNode& commune = pair.commune;
  commune.work([&](sync::Batch& batch) { return commune.replica->summaries().put(batch, 1, Domain::health, view_of(words)); });
  commune.work([&](sync::Batch& batch) { return commune.replica->enrolment().rotate_kem(batch); });
  commune.start();
  const auto txn = commune.replica->read();
  const auto found = commune.replica->summaries().of(**txn, 1, Domain::health);
  REQUIRE(found);
  REQUIRE(*found);
  CHECK(text_of(**found) == words);
}

TEST_CASE("kept summaries: one goes when its dossier changes, and with a dossier that is erased", "[sync][dossier]") {
  MetPair pair;
  pair.hamlet.unlock();
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  const auto rows = [&] {
    std::size_t out = 0;
    const auto txn = pair.hamlet.replica->read();
    REQUIRE((*txn)->scan(sync::Table::summary, {}, [&](ByteView, ByteView) { ++out; }));
    return out;
  };
  const auto keep = [&] {
    pair.hamlet.work([&](sync::Batch& batch) { return pair.hamlet.replica->summaries().put(batch, 1, Domain::general, view_of(words)); });
    REQUIRE(rows() == 1);
  };
  keep();
  pair.hamlet.submit(test_submission(uuid(2), "An", "", uuid(1)));
  CHECK(rows() == 0);
  keep();
  const sync::DossierKey key{HamletId(), sync::dossier_id_of("uuid:" + uuid(1))};
  pair.hamlet.work([&](sync::Batch& batch) { return pair.hamlet.replica->erase(batch, key, "asked"); });
  CHECK(rows() == 0);
}
