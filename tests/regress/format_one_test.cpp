// A node whose store is of format 1, as every box has it that was set up before format 2.
#include "node/acts/person_rows.h"
#include "storage/backup.h"
#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace khuoi::tests;

namespace {

using sync::Table;

/// Three dossiers, and a person.
void fill(DiskNode& node) {
  node.work([](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(person_rows.put(batch, "head", 1));
    KHUOI_TRY_VOID(given_rows.put(batch, "head", 1));
    return replica.library().put_built_in(batch, view_of(test_form), sync::Domain::general);
  });
  node.submit(1, 3);
}

/// Closes it, and puts its rows back to where format 1 had them.
void make_former(DiskNode& node) {
  node.engine.reset();
  const auto store = std::move(*storage::LmdbStore::open(node.folder / "store"));
  const auto txn = std::move(*store->begin_write());
  std::vector<std::tuple<Table, Bytes, std::string, Bytes>> moves;
  std::vector<Bytes> counts;  // that no program of then kept: sync/replica/recount.h
  for (const Table table : {Table::note, Table::node}) {
    REQUIRE(txn->scan(table, {}, [&](ByteView key, ByteView value) {
      const bool counted = table == Table::note && (key[0] == 0x0a || key[0] == 0x0b || key[0] >= 0x94);
      if (counted) counts.push_back(to_bytes(key));
      if (counted) return;
      const ByteView rest = key.subspan(1);
      Reader number(rest);
      const std::string former = table == Table::node
                                     ? (key[0] == 1 ? "person/" : "phrase_given/") + std::string(text_of(rest))
                                 : key[0] == 1 ? "start/" + std::to_string(number.u64())
                                 : key[0] == 4 ? "uncovered/" + to_hex(rest)
                                               : "lane/local";
      moves.emplace_back(table, to_bytes(key), former, to_bytes(value));
    }));
  }
  REQUIRE(moves.size() >= 4);
  for (const Bytes& key : counts) REQUIRE(txn->erase(Table::note, key));
  for (const auto& [table, key, former, value] : moves) {
    REQUIRE(txn->erase(table, key));
    REQUIRE(txn->put(Table::meta, view_of(former), value));
  }
  sync::Batch batch{*txn, {}};
  REQUIRE(sync::put_meta_number(batch, "format", 1));
  REQUIRE(txn->commit());
}

void says_the_same(Engine& engine) {
  REQUIRE(engine.look([](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const auto all, reader.views().list(txn));
    CHECK(all.size() == 3);
    KHUOI_TRY(const std::uint64_t opens, person_rows.get_or_new(txn, "head"));
    KHUOI_TRY(const std::uint64_t given, given_rows.get_or_new(txn, "head"));
    CHECK(opens == 1);
    CHECK(given == 1);
    return {};
  }));
}

std::uint64_t format_in(const std::filesystem::path& store) {
  const auto opened = std::move(*storage::LmdbStore::open(store, {.read_only = true}));
  return *sync::meta_number(**opened->begin_read(), "format");
}

}  // namespace

TEST_CASE("format 1: a node on a disk that cannot be written is read, and stays as it is", "[regress][disk]") {
  DiskNode node(sync::Role::hamlet, "Khuổi Mèo");
  fill(node);
  make_former(node);
  const Bytes before = read_file(node.folder / "store" / "data.mdb");
  {
    const auto engine = Engine::open_to_read(node.folder.path());
    INFO((engine ? std::string() : engine.error().what));
    REQUIRE(engine);
    says_the_same(**engine);
    const auto refused = (*engine)->work([](sync::Replica&, sync::Batch&) { return Result<void>(); });
    CHECK(refused.error().code == Errc::read_only);
    REQUIRE((*engine)->close());
  }
  CHECK(read_file(node.folder / "store" / "data.mdb") == before);
  node.open();
  says_the_same(*node.engine);
  node.submit(4, 1);
  node.engine.reset();
  CHECK(format_in(node.folder / "store") == sync::format_now);
}

TEST_CASE("format 1: a backup of then is restored, and brought up to date", "[regress][disk]") {
  DiskNode node(sync::Role::hamlet, "Khuổi Mèo");
  fill(node);
  make_former(node);
  const TempFolder away;
  {
    const auto store = std::move(*storage::LmdbStore::open(node.folder / "store"));
    REQUIRE(storage::backup_to(*store, away / "then.kbk", node.folder.path()));
  }
  DiskNode restored(sync::Role::hamlet, "Nà Lay");
  restored.engine.reset();
  std::filesystem::remove_all(restored.folder / "store");
  REQUIRE(storage::restore_from(away / "then.kbk", restored.folder / "store"));
  CHECK(format_in(restored.folder / "store") == 1);
  restored.open();
  says_the_same(*restored.engine);
  restored.engine.reset();
  CHECK(format_in(restored.folder / "store") == sync::format_now);
}
