#include "node/engine/engine.h"

#include <atomic>
#include <future>

#include "node/sticks/stick_sync.h"
#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace khuoi::tests;

namespace {

std::uint64_t counter_of(Engine& engine) {
  std::uint64_t value = 0;
  REQUIRE(engine.look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(value, sync::meta_number(txn, "test"));
    return {};
  }));
  return value;
}

Result<void> count_up(sync::Batch& batch) {
  KHUOI_TRY(const std::uint64_t value, sync::meta_number(batch.txn, "test"));
  return sync::put_meta_number(batch, "test", value + 1);
}

}  // namespace

TEST_CASE("engine: a folder without a node is told apart from one that somebody writes to", "[node][engine]") {
  TempFolder empty;
  CHECK(Engine::open(empty.path()).error().code == Errc::not_found);
  const TempFolder begun;  // an init that was cut short
  REQUIRE(storage::LmdbStore::open(begun / "store", {.create = true}));
  CHECK(Engine::open(begun.path()).error().code == Errc::not_found);
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  CHECK(Engine::open(box.folder.path()).error().code == Errc::busy);
}

TEST_CASE("engine: the program's own forms are there from the start, and put in once", "[node][engine]") {
  DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  const auto forms = [&] {
    std::vector<sync::FormEntry> out;
    REQUIRE(box.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(out, reader.library().forms(txn));
      return {};
    }));
    return out;
  };
  const auto first = forms();
  REQUIRE_FALSE(first.empty());
  CHECK(first.front().built_in);
  box.open();
  CHECK(forms().size() == first.size());
}

TEST_CASE("engine: work that fails leaves nothing", "[node][engine]") {
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  const auto failed = box.engine->work([](sync::Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(count_up(batch));
    return fail(Errc::denied, "no");
  });
  CHECK(failed.error().code == Errc::denied);
  CHECK(counter_of(*box.engine) == 0);
}

TEST_CASE("engine: many threads take turns, and nothing of what they write is lost", "[node][engine]") {
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        if (!box.engine->work([](sync::Replica&, sync::Batch& batch) { return count_up(batch); })) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(counter_of(*box.engine) == 160);
}

TEST_CASE("engine: one job that fails does not take the others of its commit with it", "[node][engine]") {
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  constexpr int jobs = 50;
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  std::promise<void> all;
  for (int i = 0; i < jobs; ++i) {
    box.engine->post({.run = [i](sync::Replica&, sync::Batch& batch) -> Result<void> {
                        KHUOI_TRY_VOID(count_up(batch));
                        return i == 20 ? Result<void>(fail(Errc::denied, "no")) : Result<void>();
                      },
                      .done =
                          [&](const Result<void>& done) {
                            ++(done ? good : bad);
                            if (good + bad == jobs) all.set_value();
                          },
                      .repeatable = true});
  }
  all.get_future().wait();
  CHECK(good == jobs - 1);
  CHECK(bad == 1);
  CHECK(counter_of(*box.engine) == jobs - 1);
}

TEST_CASE("engine: a long turn lets those who wait go first", "[node][engine]") {
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  std::promise<void> inside;
  std::atomic<bool> written = false;
  std::thread other([&] {
    inside.get_future().wait();
    CHECK(box.engine->work([](sync::Replica&, sync::Batch& batch) { return count_up(batch); }));
    written = true;
  });
  REQUIRE(box.engine->hold([&](sync::Replica&, const Engine::Begin& begin) -> Result<void> {
    inside.set_value();
    while (!written) {
      KHUOI_TRY(auto work, begin());
      KHUOI_TRY_VOID(work.commit());
    }
    return {};
  }));
  other.join();
  CHECK(counter_of(*box.engine) == 1);
  REQUIRE(box.engine->hold([&](sync::Replica&, const Engine::Begin&) -> Result<void> {
    box.engine->pass_turn();  // nobody waits: the turn stays
    return {};
  }));
}

TEST_CASE("engine: after a clean end everything fails as closed, jobs that waited too", "[node][engine]") {
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  REQUIRE(box.engine->close());
  CHECK(box.engine->close());
  CHECK(box.engine->work([](sync::Replica&, sync::Batch&) { return Result<void>(); }).error().code == Errc::closed);
  CHECK(box.engine->look([](sync::ReplicaReader&, const sync::ReadTxn&) { return Result<void>(); }).error().code ==
        Errc::closed);
  std::optional<Errc> told;
  box.engine->post(
      {.run = [](sync::Replica&, sync::Batch&) { return Result<void>(); },
       .done = [&](const Result<void>& done) { told = done ? std::optional<Errc>() : done.error().code; }});
  CHECK(told == Errc::closed);
}

TEST_CASE("engine: keys of one caller open the node for that caller only", "[node][engine]") {
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  std::vector<sync::LockKey> keys;
  const auto locked = [&] {
    bool out = false;
    REQUIRE(box.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
      out = reader.locked();
      return {};
    }));
    return out;
  };
  REQUIRE(box.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(keys, reader.open_slots(txn, "", [](const sync::PassphraseParams&) {
      return Result<sync::Secret>(test_phrase_key());
    }));
    return {};
  }));
  bool open_inside = false;
  const auto look_inside = [&](sync::Replica& replica, sync::Batch&) -> Result<void> {
    open_inside = !replica.reader().locked();
    return {};
  };
  REQUIRE(box.engine->work_as(keys, look_inside));
  CHECK(open_inside);
  CHECK(locked());
  // Also when what it did failed.
  CHECK_FALSE(
      box.engine->work_as(keys, [](sync::Replica&, sync::Batch&) { return Result<void>(fail(Errc::denied, "no")); }));
  CHECK(locked());
  // One domain's keys show that domain only, though the node stands open.
  box.unlock();
  CHECK_FALSE(locked());
  std::vector<sync::LockKey> health;
  for (sync::LockKey& key : keys) {
    if (key.lock == sync::Lock::health) health.push_back(std::move(key));
  }
  bool general_open = true;
  REQUIRE(box.engine->work_as(health, [&](sync::Replica& replica, sync::Batch&) -> Result<void> {
    general_open = replica.keys().open(sync::Domain::general);
    return {};
  }));
  CHECK_FALSE(general_open);
  CHECK_FALSE(locked());
  REQUIRE(box.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    general_open = reader.keys().open(sync::Domain::general);
    return {};
  }));
  CHECK(general_open);
  REQUIRE(box.engine->lock());
  CHECK(locked());
}

TEST_CASE("engine: who brings keys has what waited opened in several turns, and works in the last", "[node][engine]") {
  DiskPair pair;
  const TempFolder stick;
  const auto visit_of = [&](const DiskNode& node) { REQUIRE(sync_stick(*node.engine, stick.path(), {})); };
  visit_of(pair.commune);
  visit_of(pair.hamlet);
  pair.hamlet.submit(0, 250);
  visit_of(pair.hamlet);
  visit_of(pair.commune);
  for (std::uint32_t number = 1; number <= 250; ++number) {
    pair.commune.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(const auto key, sync::DossierPlaces::key_at(batch.txn, number));
      sync::StateChange next;
      next.state = sync::State::accepted;
      return replica.set_state(batch, key, next);
    });
  }
  visit_of(pair.commune);
  pair.hamlet.open();  // locked
  visit_of(pair.hamlet);
  const auto unopened = [&] {
    std::uint64_t out = 0;
    REQUIRE(pair.hamlet.engine->look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(out, txn.entries(sync::Table::unopened));
      return {};
    }));
    return out;
  };
  REQUIRE(unopened() >= 250);
  std::vector<sync::LockKey> keys;
  REQUIRE(pair.hamlet.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(keys, reader.open_slots(txn, "", [](const auto&) { return Result<sync::Secret>(test_phrase_key()); }));
    return {};
  }));
  std::atomic<int> commits = 0;
  const auto listener = pair.hamlet.engine->on_commit([&] { ++commits; }, Engine::Hears::all);
  std::uint64_t left_to_the_last = 1000;
  const std::uint64_t before = pair.hamlet.engine->changes().since(0).now;
  REQUIRE(pair.hamlet.engine->work_as(keys, [&](sync::Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(left_to_the_last, batch.txn.entries(sync::Table::unopened));
    return count_up(batch);
  }));
  pair.hamlet.engine->forget(listener);
  CHECK(commits == 1);  // whoever listens hears of all of it at once
  CHECK(pair.hamlet.engine->changes().since(0).now >= before + 3);
  CHECK(left_to_the_last == 0);
  CHECK(unopened() == 0);
  CHECK(counter_of(*pair.hamlet.engine) == 1);
  CHECK(pair.hamlet.count_in_state("accepted") == 250);
}

TEST_CASE("engine: what was not stopped cleanly is walked before it is opened", "[node][engine]") {
  DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  box.work([](sync::Replica&, sync::Batch& batch) -> Result<void> {
    for (int i = 0; i < 1000; ++i) {
      KHUOI_TRY_VOID(sync::put_meta_number(batch, "test/" + std::to_string(i), 1));
    }
    return {};
  });
  REQUIRE(box.engine->close());
  box.engine.reset();
  const auto data = box.folder / "store" / "data.mdb";
  Bytes octets = read_file(data);
  for (std::size_t page = 4096 * 2; page + 16 < octets.size(); page += 4096) {
    for (std::size_t i = 0; i < 16; ++i) octets[page + i] = 0xff;
  }
  write_file(data, octets);
  std::filesystem::remove(box.folder / "clean");
  const auto opened = Engine::open(box.folder.path());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Errc::damaged);
}

TEST_CASE("engine: who looks with keys of their own opens nothing for others, and nothing of theirs is open to them",
          "[node][engine]") {
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  std::vector<sync::LockKey> all;
  REQUIRE(box.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(all, reader.open_slots(txn, "", [](const sync::PassphraseParams&) {
                return Result<sync::Secret>(test_phrase_key());
              }));
    return {};
  }));
  REQUIRE(all.size() == 2);
  std::vector<sync::LockKey> health;
  std::vector<sync::LockKey> general;
  for (const sync::LockKey& key : all) {
    (key.lock == sync::Lock::health ? health : general).push_back({key.lock, key.key.duplicate()});
  }
  const auto open_now = [&](const std::vector<sync::LockKey>& keys) {
    std::pair<bool, bool> out;
    REQUIRE(box.engine->look_as(keys, [&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
      out = {reader.keys().open(sync::Domain::general), reader.keys().open(sync::Domain::health)};
      return {};
    }));
    return out;
  };
  CHECK(open_now(health) == std::pair(false, true));
  CHECK(open_now({}) == std::pair(false, false));
  REQUIRE(box.engine->unlock(std::move(general)));
  CHECK(open_now({}) == std::pair(false, false));
  CHECK(open_now(health) == std::pair(false, true));
  REQUIRE(box.engine->look([](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    CHECK(reader.keys().open(sync::Domain::general));
    CHECK_FALSE(reader.keys().open(sync::Domain::health));
    return {};
  }));
}
