#include "node/engine/readers.h"

#include <atomic>
#include <future>
#include <thread>

#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace khuoi::tests;
using sync::Domain;
using sync::ReadTxn;
using sync::ReplicaReader;

namespace {

/// Lock keys of one domain, as somebody with a session holds them.
std::shared_ptr<const HeldKeys> held_keys(const DiskNode& box, sync::Lock lock) {
  std::vector<sync::LockKey> out;
  REQUIRE(box.engine->look([&](ReplicaReader& reader, const ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(auto all, reader.open_slots(txn, "", [](const sync::PassphraseParams&) {
                return Result<sync::Secret>(test_phrase_key());
              }));
    for (sync::LockKey& key : all) {
      if (key.lock == lock) out.push_back(std::move(key));
    }
    return {};
  }));
  return std::make_shared<const HeldKeys>(std::move(out));
}

/// A hamlet of a commune, with submissions of its own.
struct Hamlet : DiskPair {
  Hamlet() {
    {
      Serving serving(*commune.engine);
      contact(hamlet, serving.place());
    }
    hamlet.submit(1, 5);
  }
};

/// How many dossiers can be read, and of how many runs the reader knows the context afterwards.
struct Read {
  std::size_t dossiers = 0;
  std::size_t contexts_before = 0, contexts = 0;
};
Result<Read> read_all(Engine& engine, const HeldKeys& keys) {
  Read out;
  KHUOI_TRY_VOID(engine.look_as(keys, [&](ReplicaReader& reader, const ReadTxn& txn) -> Result<void> {
    out.contexts_before = reader.run_keys().known();
    KHUOI_TRY(const auto all, reader.views().list(txn));
    out.dossiers = static_cast<std::size_t>(std::ranges::count_if(all, [](const auto& one) { return one.form.has_value(); }));
    out.contexts = reader.run_keys().known();
    return {};
  }));
  return out;
}

Result<void> put_two(sync::Batch& batch, std::uint64_t value) {
  KHUOI_TRY_VOID(sync::put_meta_number(batch, "test/one", value));
  return sync::put_meta_number(batch, "test/two", value);
}

}  // namespace

TEST_CASE("readers: two people read at once, each in one picture, while a third thread commits", "[node][readers]") {
  const Hamlet pair;
  Engine& engine = *pair.hamlet.engine;
  const auto general = held_keys(pair.hamlet, sync::Lock::general);
  const auto health = held_keys(pair.hamlet, sync::Lock::health);
  std::atomic<int> wrong = 0;
  std::atomic<bool> writing = true;
  const auto reads = [&](const HeldKeys& keys, Domain own, Domain other, bool sees) {
    int looks = 0;
    do {
      const auto looked = engine.look_as(keys, [&](ReplicaReader& reader, const ReadTxn& txn) -> Result<void> {
        KHUOI_TRY(const std::uint64_t one, sync::meta_number(txn, "test/one"));
        KHUOI_TRY(const auto all, reader.views().list(txn));
        KHUOI_TRY(const std::uint64_t two, sync::meta_number(txn, "test/two"));
        const bool right = one == two && all.empty() != sees && reader.keys().open(own) && !reader.keys().open(other);
        if (!right) ++wrong;
        return {};
      });
      if (!looked) ++wrong;
    } while (writing || ++looks < 3);
  };
  std::thread first([&] { reads(*general, Domain::general, Domain::health, true); });
  std::thread second([&] { reads(*health, Domain::health, Domain::general, false); });
  for (std::uint64_t n = 1; n <= 50; ++n) {
    if (!engine.work([&](sync::Replica&, sync::Batch& batch) { return put_two(batch, n); })) ++wrong;
    pair.hamlet.submit(100 + n);
  }
  writing = false;
  first.join();
  second.join();
  CHECK(wrong == 0);
  const auto after = read_all(engine, *general);
  REQUIRE(after);
  CHECK(after->dossiers == 55);
}

TEST_CASE("readers: a look waits neither for who holds the engine nor for a batch that is open", "[node][readers]") {
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  const auto general = held_keys(box, sync::Lock::general);
  const auto seen = [&] {
    std::uint64_t out = 0;
    const auto looked = box.engine->look_as(*general, [&](ReplicaReader&, const ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(out, sync::meta_number(txn, "test/one"));
      return {};
    });
    return looked ? std::optional(out) : std::nullopt;
  };
  REQUIRE(box.engine->hold([&](sync::Replica&, const Engine::Begin& begin) -> Result<void> {
    KHUOI_TRY(auto work, begin());
    KHUOI_TRY_VOID(put_two(work.batch(), 7));
    CHECK(std::async(std::launch::async, seen).get() == std::optional<std::uint64_t>(0));  // what is not committed is not there yet
    return work.commit();
  }));
  CHECK(seen() == std::optional<std::uint64_t>(7));
}

TEST_CASE("readers: what one person's reader found stays warm while another person writes", "[node][readers]") {
  const Hamlet pair;
  Engine& engine = *pair.hamlet.engine;
  const auto general = held_keys(pair.hamlet, sync::Lock::general);
  const auto health = held_keys(pair.hamlet, sync::Lock::health);
  const auto cold = read_all(engine, *general);
  REQUIRE(cold);
  CHECK(cold->contexts_before == 0);
  CHECK(cold->dossiers == 5);
  CHECK(cold->contexts > 0);
  bool general_open = true;
  REQUIRE(engine.work_as(*health, [&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    general_open = replica.keys().open(Domain::general);
    CHECK(replica.keys().open(Domain::health));
    CHECK(replica.run_keys().known() == 0);  // nothing of what others found
    return put_two(batch, 1);
  }));
  CHECK_FALSE(general_open);
  const auto warm = read_all(engine, *general);
  REQUIRE(warm);
  CHECK(warm->contexts_before == cold->contexts);
  // What a work of theirs finds, their looks have too.
  const auto again = std::make_shared<const HeldKeys>(copy_of(general->locks()));
  REQUIRE(engine.work_as(*again, [&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(replica.views().list(batch.txn));
    return {};
  }));
  CHECK(read_all(engine, *again)->contexts_before > 0);
  // Keys that were brought for one question leave nothing.
  REQUIRE(engine.look_as(general->locks(), [](ReplicaReader& reader, const ReadTxn&) -> Result<void> {
    CHECK(reader.run_keys().known() == 0);
    return {};
  }));
}

TEST_CASE("readers: locking waits for looks under way, and shuts what was open for everybody", "[node][readers]") {
  const Hamlet pair;
  Engine& engine = *pair.hamlet.engine;
  pair.hamlet.unlock();
  CHECK(pair.hamlet.list().front().form);
  std::promise<void> inside;
  std::promise<void> release;
  std::atomic<bool> ended = false;
  std::thread looker([&] {
    (void)engine.look([&](ReplicaReader&, const ReadTxn&) -> Result<void> {
      inside.set_value();
      release.get_future().wait();
      ended = true;
      return {};
    });
  });
  inside.get_future().wait();
  auto locked = std::async(std::launch::async, [&] { return engine.lock() && ended; });
  release.set_value();
  CHECK(locked.get());
  looker.join();
  REQUIRE(engine.look([](ReplicaReader& reader, const ReadTxn&) -> Result<void> {
    CHECK(reader.locked());
    CHECK(reader.run_keys().known() == 0);
    return {};
  }));
  CHECK_FALSE(pair.hamlet.list().front().form);
}

TEST_CASE("readers: keys that do not open this node are denied, and so is nothing else after them", "[node][readers]") {
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  std::vector<sync::LockKey> wrong;
  wrong.push_back({sync::Lock::general, sync::Secret(32)});
  const auto look = [](ReplicaReader&, const ReadTxn&) { return Result<void>(); };
  CHECK_FALSE(box.engine->look_as(wrong, look));
  CHECK_FALSE(box.engine->work_as(wrong, [](sync::Replica&, sync::Batch&) { return Result<void>(); }));
  CHECK_FALSE(box.engine->unlock(std::move(wrong)));
  REQUIRE(box.engine->look([](ReplicaReader& reader, const ReadTxn&) -> Result<void> {
    CHECK(reader.locked());
    return {};
  }));
}
