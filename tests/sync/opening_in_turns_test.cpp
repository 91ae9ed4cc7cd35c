#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

TEST_CASE("opening: what came while a box was locked is opened in several commits, and all of it", "[sync][replica]") {
  MetPair pair;
  constexpr int dossiers = 30;
  for (int n = 0; n < dossiers; ++n) pair.hamlet.submit(test_submission(uuid(n), "An"));
  talk(pair.hamlet, pair.commune);
  pair.hamlet.start();  // locked
  for (const sync::DossierEntry& entry : pair.commune.list()) {
    pair.commune.work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(const auto key, sync::DossierViews::resolve(batch.txn, entry.id.hex()));
      sync::StateChange next;
      next.state = sync::State::accepted;
      return pair.commune.replica->set_state(batch, key, next);
    });
  }
  talk(pair.hamlet, pair.commune);
  TestNode& box = pair.hamlet;
  const auto unopened = [&] {
    const auto txn = box.replica->read();
    const auto status = box.replica->reader().status(**txn);
    REQUIRE(status);
    return status->unopened;
  };
  REQUIRE(unopened() >= dossiers);
  {
    const auto txn = box.replica->read();
    auto keys = box.replica->reader().open_slots(**txn, "", [](const sync::PassphraseParams&) {
      return Result<sync::Secret>(sync::Secret::copy_of(Bytes(32, 7)));
    });
    REQUIRE(keys);
    REQUIRE(box.replica->open(**txn, *keys));
  }
  constexpr std::size_t at_once = 7;
  sync::OpeningPlace place;
  bool more = true;
  std::size_t turns = 0;
  while (more) {
    const std::uint64_t before = unopened();
    box.work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(more, box.replica->open_some_of_what_waits(batch, place, at_once));
      return {};
    });
    CHECK(before - unopened() <= at_once);
    REQUIRE(++turns <= dossiers);
  }
  CHECK(turns > dossiers / at_once);
  CHECK(unopened() == 0);
  for (const sync::DossierEntry& entry : box.list()) CHECK(entry.state == "accepted");
}
