#include "tests/sync/photo_fixture.h"
#include "tests/sync/radio_world.h"

namespace khuoi::tests {

using namespace std::chrono_literals;

TEST_CASE("radio: a submission reaches the commune and is known to be there", "[sync][radio]") {
  RadioWorld world(1, 1);
  world.submit(1, test_submission(uuid_of(1), "Lò Thị Mây"));
  REQUIRE(world.waiting(1) == 1);
  REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 0; }));
  CHECK(world.commune().list().size() == 1);
  CHECK(world.hamlet(1).list()[0].state == "received");
  {
    const auto txn = world.hamlet(1).replica->read();
    const auto row = world.hamlet(1).replica->peers().row(**txn, world.commune().replica->self().node);
    REQUIRE(row);
    CHECK(row->heard_by == "radio");  // by the acknowledgement alone
  }
  world.air.run(5min);
  CHECK(world.air.frames() == 2);
}

TEST_CASE("radio: what came by radio is not written to the next stick, and comes once by both", "[sync][radio]") {
  RadioWorld world(1, 2);
  for (int i = 0; i < 10; ++i) world.submit(1, test_submission(uuid_of(static_cast<std::uint64_t>(i)), "Nông Văn A"));
  REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 0; }));
  Stick stick;
  const sync::Counts out = sync_stick(world.hamlet(1), stick);
  CHECK(out.records_out == 0);
  sync_stick(world.commune(), stick);
  sync_stick(world.hamlet(1), stick);
  CHECK(world.commune().list().size() == 10);
  CHECK(world.waiting(1) == 0);
}

TEST_CASE("radio: of what came by radio the commune says how many photos are still to come, and by which path",
          "[sync][radio]") {
  RadioWorld world(1, 6);
  const auto to_come = [&](int n) { return world.commune().list()[static_cast<std::size_t>(n)].to_come; };
  const auto by_radio = [&](int n) {
    submit_photo(world.hamlet(1), n);
    world.air.hamlet(1).station->on_local_change();
    REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 0; }));
  };
  const auto files_to_go = [&] {
    world.hamlet(1).unlock();
    const auto txn = world.hamlet(1).replica->read();
    auto& views = world.hamlet(1).replica->views();
    const auto key = views.resolve(**txn, world.hamlet(1).list()[0].id.hex());
    REQUIRE(key);
    return views.detail(**txn, *key)->files_to_go;
  };
  by_radio(1);
  REQUIRE(to_come(0));
  CHECK(to_come(0)->files == 1);
  CHECK_FALSE(to_come(0)->by);
  CHECK(files_to_go() == 1);
  Stick stick;
  sync_stick(world.hamlet(1), stick);
  sync_stick(world.commune(), stick);
  sync_stick(world.hamlet(1), stick);
  CHECK(to_come(0)->files == 0);
  CHECK(files_to_go() == 0);
  by_radio(2);
  CHECK(to_come(1)->files == 1);
  CHECK(to_come(1)->by == sync::Path::stick);
  world.meet(1);
  by_radio(3);
  CHECK(to_come(1)->files == 0);
  CHECK(to_come(2)->by == sync::Path::fiber);
}

TEST_CASE("radio: the commune's answer reaches its hamlet", "[sync][radio]") {
  RadioWorld world(2, 3);
  world.submit(1, test_submission(uuid_of(1), "Lò Thị Mây"));
  REQUIRE(world.air.run(5min, [&] { return world.waiting() == 0; }));
  const auto dossier = world.commune().list()[0];
  world.commune().work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto key, sync::DossierViews::resolve(batch.txn, dossier.id.hex()));
    sync::StateChange change;
    change.state = sync::State::accepted;
    return world.commune().replica->set_state(batch, key, change);
  });
  world.air.commune().station->on_local_change();
  world.hamlet(1).unlock();
  CHECK(world.air.run(10min, [&] { return world.hamlet(1).list()[0].state == "accepted"; }));
}

TEST_CASE("radio: a statement that was made before an acknowledgement takes nothing back", "[sync][radio]") {
  RadioWorld world(1, 4);
  Stick early;
  world.hamlet(1).submit(test_submission(uuid_of(1), "Một"));
  sync_stick(world.hamlet(1), early);
  sync_stick(world.commune(), early);  // the commune's statement of now is on this stick
  world.submit(1, test_submission(uuid_of(2), "Hai"));
  REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 0; }));
  sync_stick(world.hamlet(1), early);
  CHECK(world.waiting(1) == 0);
  const unsigned frames = world.air.frames();
  world.air.run(30min);
  CHECK(world.air.frames() == frames);
}

TEST_CASE("radio: a commune that was put back from a backup is sent everything again", "[sync][radio]") {
  RadioWorld world(1, 5);
  const auto backup = world.commune().disk->clone();
  for (int i = 0; i < 8; ++i) world.submit(1, test_submission(uuid_of(static_cast<std::uint64_t>(i)), "Bế Thị Tâm"));
  REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 0; }));
  REQUIRE(world.commune().list().size() == 8);
  world.commune().restore(*backup);
  world.commune().unlock();
  world.commune().work([&](sync::Batch& batch) { return world.commune().replica->note_restored(batch); });
  world.start(0);
  world.submit(1, test_submission(uuid_of(100), "Sau"));
  CHECK(world.air.run(2h, [&] { return world.commune().list().size() == 9; }));
}

TEST_CASE("radio: either side may restart at any time; nothing is lost, and the air comes to rest", "[sync][radio]") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    RadioWorld world(2, seed);
    world.air.loss_percent = 20;
    std::uint64_t id = 0;
    for (int round = 0; round < 6; ++round) {
      for (int i = 0; i < 4; ++i)
        world.submit(1 + static_cast<std::size_t>(i % 2), test_submission(uuid_of(++id), "Lý Seo Dế"));
      world.air.run(Micros(static_cast<std::int64_t>(world.air.rng.below(60'000'000))));
      world.start(world.air.rng.below(3));
    }
    REQUIRE(world.air.run(3h, [&] { return world.waiting() == 0; }));
    CHECK(world.commune().list().size() == id);
    world.air.run(4h);  // a commune that started anew calls now and then until each hamlet has joined
    const unsigned frames = world.air.frames();
    world.air.run(1h);
    CHECK(world.air.frames() == frames);
  }
}

TEST_CASE("radio: a record that is refused is not sent for ever", "[sync][radio]") {
  RadioWorld world(1, 6);
  world.commune().replica->set_author_quota(1);
  for (int i = 0; i < 5; ++i) world.submit(1, test_submission(uuid_of(static_cast<std::uint64_t>(i)), "Hoàng A Páo"));
  world.air.run(1h);
  const unsigned frames = world.air.frames();
  world.air.run(2h);
  CHECK(world.air.frames() == frames);
  CHECK(world.commune().list().empty());
  CHECK(world.waiting(1) == 5);
  world.commune().replica->set_author_quota(1U << 30U);
  Stick stick;
  sync_stick(world.hamlet(1), stick);
  sync_stick(world.commune(), stick);
  CHECK(world.commune().list().size() == 5);
}

TEST_CASE("radio: a run that follows one which the commune lost is opened with its whole name", "[sync][radio]") {
  RadioWorld world(1, 7);
  world.submit(1, test_submission(uuid_of(1), "Một"));
  REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 0; }));
  const auto backup = world.commune().disk->clone();
  world.start(1);
  world.submit(1, test_submission(uuid_of(2), "Hai"));
  REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 0; }));
  world.start(1);  // the next run follows the one that is lost now
  world.commune().restore(*backup);
  world.start(0);
  world.submit(1, test_submission(uuid_of(3), "Ba"));
  CHECK(world.air.run(1h, [&] { return world.commune().list().size() == 3; }));
}

TEST_CASE("radio: what its author cannot read back is not given back again and again", "[sync][radio]") {
  RadioWorld world(1, 8);
  const auto backup = world.hamlet(1).disk->clone();
  world.start(1);
  world.submit(1, test_submission(uuid_of(1), "Một"));
  REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 0; }));
  world.hamlet(1).restore(*backup);
  world.hamlet(1).work([&](sync::Batch& batch) { return world.hamlet(1).replica->note_restored(batch); });
  world.meet(1);
  world.meet(1);
  const Talk last = talk(world.hamlet(1), world.commune());
  CHECK(last.dialler.records_in + last.dialler.control_in == 0);
  CHECK(last.listener.records_out + last.listener.control_out == 0);
}

namespace {

void accept_all(RadioWorld& world) {
  for (const sync::DossierEntry& dossier : world.commune().list()) {
    if (dossier.state == "accepted") continue;
    world.commune().work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(const auto key, sync::DossierViews::resolve(batch.txn, dossier.id.hex()));
      sync::StateChange change;
      change.state = sync::State::accepted;
      return world.commune().replica->set_state(batch, key, change);
    });
  }
  world.air.commune().station->on_local_change();
}

std::size_t accepted_at(TestNode& hamlet) {
  const auto list = hamlet.list();
  return static_cast<std::size_t>(
      std::ranges::count_if(list, [](const auto& dossier) { return dossier.state == "accepted"; }));
}

/// A hamlet with two dossiers of which it learnt by radio that the first is accepted; then its disk is set back to before
/// that, and the second one is accepted.
struct SetBack {
  RadioWorld world{1, 9};
  explicit SetBack(int starts) {
    world.hamlet(1).unlock();
    world.submit(1, test_submission(uuid_of(1), "Một"));
    REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 0; }));
    const auto backup = world.hamlet(1).disk->clone();
    for (; starts > 0; --starts) world.start(1);
    world.hamlet(1).unlock();
    accept_all(world);
    REQUIRE(world.air.run(30min, [&] { return accepted_at(world.hamlet(1)) == 1; }));
    world.hamlet(1).restore(*backup);
    world.start(1);
    world.hamlet(1).unlock();
    REQUIRE(accepted_at(world.hamlet(1)) == 0);
    world.submit(1, test_submission(uuid_of(2), "Hai"));
    REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 0; }));
  }
};

}  // namespace

TEST_CASE("radio: a hamlet that was put back by some starts is told again what it had by radio", "[sync][radio]") {
  SetBack it(3);
  // Its next greeting proves that it lives under a start before the one that was marked.
  CHECK(it.world.air.run(13h, [&] { return accepted_at(it.world.hamlet(1)) == 1; }));
}

TEST_CASE("radio: what a hamlet lost between two starts comes once its statement does", "[sync][radio]") {
  SetBack it(0);
  accept_all(it.world);
  it.world.air.run(30min);
  it.world.meet(1);
  CHECK(accepted_at(it.world.hamlet(1)) == 2);
}

TEST_CASE("radio: a locked box hears of the commune's new key before what is sealed with it", "[sync][radio]") {
  RadioWorld world(1, 10);
  world.submit(1, test_submission(uuid_of(1), "Một"));
  REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 0; }));
  world.commune().work([&](sync::Batch& batch) { return world.commune().replica->enrolment().rotate_kem(batch); });
  accept_all(world);
  world.air.run(30min);
  CHECK(world.hamlet(1).replica->roster().digest() == world.commune().replica->roster().digest());
  world.hamlet(1).unlock();
  CHECK(accepted_at(world.hamlet(1)) == 1);
}

TEST_CASE("radio: what a locked box acknowledged before it knew the key that it is sealed with opens once it does",
          "[sync][radio]") {
  RadioWorld world(1, 10);
  world.submit(1, test_submission(uuid_of(1), "Một"));
  REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 0; }));
  TestNode& commune = world.commune();
  commune.work([&](sync::Batch& batch) { return commune.replica->enrolment().rotate_kem(batch); });
  accept_all(world);
  // As by radio, but from a commune that does not say its new key first.
  std::vector<sync::Sealed> sealed;
  {
    const auto txn = commune.replica->read();
    const NodeId self = commune.replica->self().node;
    REQUIRE(commune.replica->runs().each(**txn, [&](const sync::RunKey& key, const sync::RunRow& row) -> Result<void> {
      if (key.author != self || row.is_public) return {};
      for (std::uint32_t number = 0; number <= row.held.last(); ++number) {
        if (!row.held.contains(number) || number == 1) continue;
        KHUOI_TRY(sealed.emplace_back(), commune.replica->sealed(**txn, {self, key.run, number}));
      }
      return {};
    }));
  }
  world.hamlet(1).work([&](sync::Batch& batch) -> Result<void> {
    for (const sync::Sealed& record : sealed) KHUOI_TRY_VOID(world.hamlet(1).replica->accept(batch, record, false));
    return {};
  });
  world.hamlet(1).unlock();
  CHECK(accepted_at(world.hamlet(1)) == 0);
  world.hamlet(1).unlock();  // another try
  world.meet(1);             // it learns the key
  CHECK(accepted_at(world.hamlet(1)) == 1);
}

}  // namespace khuoi::tests
