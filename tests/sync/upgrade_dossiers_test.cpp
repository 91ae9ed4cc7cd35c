#include <catch2/catch.hpp>

#include "sync/store/upgrade.h"
#include "tests/sync/hostile_support.h"

namespace khuoi::tests {
namespace {

using sync::Table;

std::string edit_of(int n, int older) { return test_submission(uuid(n), "Sửa " + std::to_string(n), "", uuid(older)); }

/// What a hamlet and its commune hold: a dossier with edits in several chunks, one that came backwards and joined, one
/// erased, one with a conflict.
struct Filled {
  MetPair pair;
  Filled() {
    TestNode& hamlet = pair.hamlet;
    for (const int n : {1, 2, 3, 4}) hamlet.submit(test_submission(uuid(n), "An " + std::to_string(n)));
    for (int n = 0; n < 150; ++n) hamlet.submit(edit_of(100 + n, n == 0 ? 1 : 99 + n));
    hamlet.submit(edit_of(31, 30));  // of what comes later
    hamlet.submit(edit_of(30, 2));
    hamlet.unlock();
    hamlet.submit(edit_of(40, 4));
    hamlet.submit(edit_of(41, 4));
    hamlet.work([&](sync::Batch& batch) {
      return hamlet.replica->erase(batch, {HamletId(), sync::dossier_id_of("uuid:" + uuid(3))}, "xin xoá");
    });
    REQUIRE(talk(hamlet, pair.commune).finished);
  }
};

struct AsSeen {
  std::uint32_t number = 0;
  sync::DossierRow row;
  std::vector<std::string> versions;
  bool operator==(const AsSeen& other) const {
    return number == other.number && row.shown == other.row.shown && row.state == other.row.state &&
           row.conflict == other.row.conflict && row.erased == other.row.erased && row.items == other.row.items &&
           row.heads == other.row.heads && row.seen == other.row.seen && versions == other.versions;
  }
};
using Seen = std::map<sync::DossierKey, AsSeen>;

Seen seen_at(sync::Replica& replica) {
  Seen out;
  auto txn = replica.read();
  REQUIRE(replica.dossiers().each_key(**txn, [&](const sync::DossierKey& key, const sync::DossierRow& row) {
    AsSeen& one = out[key];
    one.number = row.number;
    one.row = row;
    const auto detail = replica.views().detail(**txn, key);
    if (!detail) return;  // locked
    for (const auto& version : detail->versions) one.versions.push_back(version.facts.instance_id);
  }));
  return out;
}

/// Where each id leads.
std::map<DossierId, sync::DossierKey> leads_at(const sync::Store& store) {
  std::map<DossierId, sync::DossierKey> out;
  const auto txn = std::move(*store.begin_read());
  for (const DossierId& id : *sync::alias_rows.keys(*txn)) {
    const auto key = sync::DossierViews::resolve(*txn, id.hex());
    REQUIRE(key);
    out.emplace(id, *key);
  }
  return out;
}

/// Puts the rows of dossiers back as format 2 had them.
void put_back(sync::Store& store) {
  const auto txn = std::move(*store.begin_write());
  sync::Batch batch{*txn, {}};
  std::vector<std::pair<std::uint32_t, sync::StoredDossier>> rows;
  REQUIRE(sync::dossier_rows.each(*txn, [&](std::uint32_t number, const sync::StoredDossier& stored) {
    rows.emplace_back(number, stored);
  }));
  std::map<std::uint32_t, sync::DossierKey> keys;
  for (auto& [number, stored] : rows) {
    keys.emplace(number, stored.key);
    std::vector<sync::DossierRow::Item> items;
    REQUIRE(sync::item_chunks.each(*txn, number, [&](const auto&, const auto& chunk) {
      items.insert(items.end(), chunk.begin(), chunk.end());
    }));
    items.insert(items.end(), stored.row.items.begin(), stored.row.items.end());
    const sync::DossierRow& row = stored.row;
    Bytes value;
    Writer to(value);
    to.u32(number).raw(row.shown.view()).u8(row.state ? static_cast<std::uint8_t>(*row.state) : 0);
    unsigned flags = 0;
    unsigned bit = 1;
    for (const bool flag : {row.conflict, row.erased, row.withdrawal_asked, row.stale, row.domain == sync::Domain::health,
                            row.unreadable}) {
      flags |= flag ? bit : 0U;
      bit <<= 1U;
    }
    to.u8(static_cast<std::uint8_t>(flags));
    write_part(to, List(items));
    write_part(to, List(stored.row.heads));
    write_part(to, List(stored.row.seen));
    REQUIRE(txn->erase(Table::dossier, octets_of_part(number)));
    REQUIRE(txn->put(Table::dossier, octets_of_part(stored.key), value));
    REQUIRE(txn->put(Table::number, octets_of_part(number), octets_of_part(stored.key)));
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> joined;
  for (const std::uint32_t number : *sync::number_rows.keys(*txn)) {
    if (!keys.contains(number)) joined.emplace_back(number, *sync::DossierPlaces::resolved(*txn, number));
  }
  std::vector<std::pair<DossierId, std::uint32_t>> leads;
  for (const DossierId& id : *sync::alias_rows.keys(*txn)) leads.emplace_back(id, **sync::DossierPlaces::led_to(*txn, id));
  for (const auto& [number, home] : joined) {
    REQUIRE(txn->put(Table::number, octets_of_part(number), octets_of_part(keys.at(home))));
  }
  for (const auto& [id, number] : leads) REQUIRE(txn->put(Table::alias, id.view(), octets_of_part(keys.at(number))));
  for (const auto kind : {sync::Note::dossier_mark, sync::Note::dossier_items}) {
    std::vector<Bytes> gone;
    REQUIRE(sync::scan_prefix(*txn, Table::note, Bytes{static_cast<std::uint8_t>(kind)},
                              [&](ByteView key, ByteView) { gone.push_back(to_bytes(key)); }));
    for (const Bytes& key : gone) REQUIRE(txn->erase(Table::note, key));
  }
  REQUIRE(sync::put_meta_number(batch, "format", 2));
  REQUIRE(txn->commit());
}

/// A node as it was, and its disk as format 2 had it.
struct Former {
  Seen seen;
  std::map<DossierId, sync::DossierKey> leads;
  std::unique_ptr<sim::MemoryStore> disk;
  explicit Former(TestNode& node) : seen(seen_at(*node.replica)), leads(leads_at(*node.disk)), disk(node.disk->clone()) {
    put_back(*disk);
  }
};

std::unique_ptr<sync::Replica> opened_at(sync::Store& store) {
  static SeededRng rng(5);
  auto out = sync::Replica::open(store, rng);
  INFO((out ? std::string() : out.error().what));
  REQUIRE(out);
  return std::move(*out);
}

}  // namespace

TEST_CASE("upgrade: dossiers of format 2 keep their numbers, ids, records and states, parts and erased ones too",
          "[sync][upgrade]") {
  Filled filled;
  for (TestNode* node : {&filled.pair.hamlet, &filled.pair.commune}) {
    Former former(*node);
    REQUIRE(former.seen.size() == 4);
    TestNode again(std::move(former.disk), 9);
    if (!again.replica->self().is_commune()) again.unlock();
    CHECK(seen_at(*again.replica) == former.seen);
    CHECK(leads_at(*again.disk) == former.leads);
    auto txn = again.replica->read();
    CHECK(*sync::meta_number(**txn, "format") == sync::format_now);
    CHECK(again.replica->reader().verify(**txn));
    for (const auto& [key, seen] : former.seen) {
      const bool is_settled = !seen.row.stale && !seen.row.conflict;
      CHECK(sync::dossier_mark_rows.get(**txn, seen.number)->has_value() != is_settled);
    }
  }
}

TEST_CASE("upgrade: a commit of dossiers that fails leaves format 2, which can be read, and the next one brings it over",
          "[sync][upgrade]") {
  Filled filled;
  Former former(filled.pair.commune);
  for (const Errc code : {Errc::disk_full, Errc::store_full, Errc::io}) {
    former.disk->fail_commit(0, fail(code, "the disk failed"));
    SeededRng rng(1);
    const auto refused = sync::Replica::open(*former.disk, rng);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == code);
    CHECK((refused.error().what.find("no room") != std::string::npos) == (code != Errc::io));
    const auto above = std::move(*sync::UpgradedStore::over(*former.disk, refused.error()));
    CHECK(seen_at(*opened_at(*above)) == former.seen);
    CHECK(leads_at(*above) == former.leads);
  }
  CHECK(seen_at(*opened_at(*former.disk)) == former.seen);
}

TEST_CASE("upgrade: rows of format 2 that are damaged stay damaged ones, and take nobody's number", "[sync][upgrade]") {
  Filled filled;
  Former former(filled.pair.commune);
  const auto damaged = former.seen.begin()->first;
  const auto twin = std::next(former.seen.begin())->first;
  {
    const auto txn = std::move(*former.disk->begin_write());
    REQUIRE(txn->put(Table::dossier, octets_of_part(damaged), view_of("junk")));
    const auto row = txn->get(Table::dossier, octets_of_part(twin));
    Bytes value = to_bytes(**row);
    const std::uint32_t number = std::next(former.seen.begin(), 2)->second.number;
    std::ranges::copy(octets_of_part(number), value.begin());  // another dossier's number
    REQUIRE(txn->put(Table::dossier, octets_of_part(twin), value));
    REQUIRE(txn->put(Table::alias, former.leads.begin()->first.view(), view_of("junk")));
    REQUIRE(txn->commit());
  }
  const auto replica = opened_at(*former.disk);
  const auto txn = replica->read();
  CHECK(replica->dossiers().row(**txn, damaged).error().code == Errc::damaged);
  CHECK(*replica->views().number_of(**txn, damaged) == former.seen.at(damaged).number);
  std::set<std::uint32_t> numbers;
  for (const auto& [key, seen] : former.seen) {
    numbers.insert(*replica->views().number_of(**txn, key));
    if (key == damaged) continue;
    const auto row = replica->dossiers().row(**txn, key);
    REQUIRE(row);
    REQUIRE(*row);
    CHECK((*row)->items == seen.row.items);
  }
  CHECK(numbers.size() == former.seen.size());
  CHECK(!numbers.contains(0));
}

}  // namespace khuoi::tests
