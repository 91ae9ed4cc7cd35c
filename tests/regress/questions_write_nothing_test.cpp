#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace khuoi::tests;

namespace {

std::vector<sync::LockKey> keys_of(Engine& engine) {
  std::vector<sync::LockKey> out;
  REQUIRE(engine.look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(out, reader.open_slots(txn, "", [](const sync::PassphraseParams&) {
      return Result<sync::Secret>(test_phrase_key());
    }));
    return {};
  }));
  return out;
}
std::vector<std::string> states_asked(Engine& engine, const std::vector<sync::LockKey>& keys) {
  std::vector<std::string> out;
  const auto asked = engine.ask(keys, [&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const auto all, reader.views().list(txn));
    for (const auto& one : all) out.push_back(one.form ? one.state : "locked");
    return {};
  });
  INFO((asked ? std::string() : asked.error().what));
  REQUIRE(asked);
  return out;
}
Bytes store_of(const DiskNode& node) { return read_file(node.folder / "store" / "data.mdb"); }
using States = std::vector<std::string>;

}  // namespace

TEST_CASE("regress: a question commits nothing, and what came while its keys were shut is opened once", "[regress][disk]") {
  DiskPair pair;
  {
    Serving serving(*pair.commune.engine);
    contact(pair.hamlet, serving.place());
    pair.hamlet.submit(1, 2);
    contact(pair.hamlet, serving.place());
    pair.commune.work([](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(const auto key, replica.views().resolve(batch.txn, replica.views().list(batch.txn)->front().id.hex()));
      sync::StateChange change;
      change.state = sync::State::accepted;
      return replica.set_state(batch, key, change);
    });
    contact(pair.hamlet, serving.place());
  }
  pair.hamlet.open();  // locked, and the commune's answer is sealed to its reader
  const auto keys = keys_of(*pair.hamlet.engine);
  CHECK(states_asked(*pair.hamlet.engine, {}).size() == 2);
  States states = states_asked(*pair.hamlet.engine, keys);
  std::ranges::sort(states);
  CHECK(states == States{"accepted", "received"});
  int commits = 0;
  const auto listener = pair.hamlet.engine->on_commit([&] { ++commits; }, Engine::Hears::all);
  const Bytes before = store_of(pair.hamlet);
  states_asked(*pair.hamlet.engine, keys);
  states_asked(*pair.hamlet.engine, {});
  CHECK(commits == 0);
  CHECK(store_of(pair.hamlet) == before);
  pair.hamlet.engine->forget(listener);
}

TEST_CASE("regress: a node opened to read answers, refuses to write, and changes nothing", "[regress][disk]") {
  DiskPair pair;
  {
    Serving serving(*pair.commune.engine);
    contact(pair.hamlet, serving.place());
  }
  DiskNode& node = pair.hamlet;
  node.submit(1, 3);
  node.engine.reset();
  const Bytes before = store_of(node);
  {
    const auto one = Engine::open_to_read(node.folder.path());
    REQUIRE(one);
    CHECK(Engine::open(node.folder.path()).error().code == Errc::busy);
    CHECK(states_asked(**one, {}) == States(3, "locked"));
    CHECK(states_asked(**one, keys_of(**one)) == States(3, "saved"));
    const auto refused = (*one)->work([](sync::Replica&, sync::Batch&) { return Result<void>(); });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::read_only);
    CHECK(refused.error().what.find("khuoi backup") != std::string::npos);
    // What people type at the page opens it for everybody, though nothing can be indexed.
    REQUIRE((*one)->unlock(keys_of(**one)));
    CHECK(states_asked(**one, {}) == States(3, "saved"));
    REQUIRE((*one)->close());
  }
  CHECK(store_of(node) == before);
  CHECK(Engine::open(node.folder.path()));
}
