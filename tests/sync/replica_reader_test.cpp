#include "sync/replica/replica_reader.h"

#include "tests/support/replica_pair.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

std::unique_ptr<sync::ReplicaReader> reader_of(TestNode& node, bool with_keys) {
  const auto txn = node.replica->read();
  REQUIRE(txn);
  std::vector<sync::LockKey> keys;
  if (with_keys) {
    auto opened = node.replica->reader().open_slots(**txn, "", [](const sync::PassphraseParams&) {
      return Result<sync::Secret>(sync::Secret::copy_of(Bytes(32, 7)));
    });
    REQUIRE(opened);
    keys = std::move(*opened);
  }
  auto out = sync::ReplicaReader::open(**txn, node.replica->published(), keys, node.rng);
  REQUIRE(out);
  return std::move(*out);
}

std::size_t readable(TestNode& node, sync::ReplicaReader& reader, const sync::Published& known) {
  const auto txn = node.replica->read();
  REQUIRE(txn);
  REQUIRE(reader.renew(**txn, known));
  const auto all = reader.views().list(**txn);
  REQUIRE(all);
  return static_cast<std::size_t>(std::ranges::count_if(*all, [](const auto& one) { return one.form.has_value(); }));
}

}  // namespace

TEST_CASE("reader: it knows the roster of its own picture, told by the replica or read by itself", "[sync][reader]") {
  TestNode commune(sync::Role::commune, "Sảng Mộc", 1);
  TestNode box(sync::Role::hamlet, "Khuổi Mèo", 2);
  commune.unlock();
  const auto reader = reader_of(commune, false);
  const sync::Published before = commune.replica->published();
  {
    const auto txn = commune.replica->read();
    REQUIRE(reader->renew(**txn, before));
    CHECK(reader->roster().nodes().empty());
    join(commune, box);
    const sync::Published after = commune.replica->published();
    CHECK(after.members->version != before.members->version);
    REQUIRE(reader->renew(**txn, after));  // an older picture: nobody had joined yet
    CHECK(reader->roster().nodes().empty());
  }
  const auto txn = commune.replica->read();
  REQUIRE(reader->renew(**txn, before));
  CHECK(reader->roster().digest() == commune.replica->roster().digest());
  const auto other = reader_of(commune, false);
  REQUIRE(other->renew(**txn, commune.replica->published()));
  CHECK(other->roster().digest() == commune.replica->roster().digest());
  CHECK(other->self().commune == commune.replica->self().commune);
}

TEST_CASE("reader: work as somebody opens what their reader opens, and the replica is as locked as before", "[sync][reader]") {
  ReplicaPair pair;
  TestNode& box = pair.hamlet;
  talk(pair.hamlet, pair.commune);
  box.submit(test_submission("00000000-0000-4000-8000-000000000001", "Lý"));
  box.start();
  const auto person = reader_of(box, true);
  const auto nobody = reader_of(box, false);
  CHECK(readable(box, *person, box.replica->published()) == 1);
  CHECK(readable(box, *nobody, box.replica->published()) == 0);
  {
    auto work = box.replica->begin(box.now, *person);
    REQUIRE(work);
    CHECK_FALSE(box.replica->reader().locked());
    CHECK(box.replica->views().list(work->batch().txn)->front().form);
  }
  CHECK(box.replica->reader().locked());
  {
    auto work = box.replica->begin(box.now, *nobody);
    REQUIRE(work);
    CHECK(box.replica->reader().locked());
    REQUIRE(work->commit());
  }
  box.unlock();
  {
    auto work = box.replica->begin(box.now, *nobody);
    REQUIRE(work);
    CHECK(box.replica->reader().locked());
  }
  CHECK_FALSE(box.replica->reader().locked());
  box.replica->lock();
  CHECK(box.replica->reader().locked());
  CHECK(readable(box, *person, box.replica->published()) == 1);
}
