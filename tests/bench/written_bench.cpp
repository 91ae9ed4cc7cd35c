// How many octets a store writes for a record, once it holds many. Napkin: a record of 0.2 kB with its row fits ten times
// into a page; each look-up by a hash dirties a page of its own until a commit holds more records than the table has
// pages: 4 kB a look-up in commits of 256 at 100,000, 2.6 kB in commits of 1,000.
// Counted are the octets that this process passes to write(2) and its like: LMDB writes each dirty page once a commit.
// KHUOI_BENCH_DOSSIERS ends with so many; KHUOI_BENCH_TABLES=1 also tells which tables they come from, each by a store of
// its own that is given the same rows.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <set>

#include "storage/lmdb_store.h"
#include "tests/bench/bench_node.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/replica_pair.h"

using namespace khuoi;
using namespace khuoi::bench;

namespace {

/// Of this process so far.
std::uint64_t octets_written() {
  std::ifstream from("/proc/self/io");
  std::string name;
  std::uint64_t count = 0;
  while (from >> name >> count) {
    if (name == "wchar:") return count;
  }
  return 0;
}

/// The rows of each table once more in a store of that table alone.
class Mirrors final {
 public:
  explicit Mirrors(std::filesystem::path place) : place_(std::move(place)) {}
  using Changes = std::vector<std::pair<Bytes, std::optional<Bytes>>>;
  void apply(sync::Table table, const Changes& changes) {
    if (changes.empty()) return;
    const auto at = static_cast<std::size_t>(table);
    if (!stores_.at(at)) {
      auto opened = storage::LmdbStore::open(place_ / std::string(name_of(table)), {.create = true});
      REQUIRE(opened);
      stores_.at(at) = std::move(*opened);
    }
    auto txn = std::move(*stores_.at(at)->begin_write());
    for (const auto& [key, value] : changes) REQUIRE((value ? txn->put(table, key, *value) : txn->erase(table, key)));
    const std::uint64_t before = octets_written();
    REQUIRE(txn->commit());
    const std::uint64_t octets = octets_written() - before;
    octets_.at(at) += octets;
    rows_.at(at) += changes.size();
    all_ += octets;
  }
  /// Of all commits so far, not counted by who counts the store's own.
  [[nodiscard]] std::uint64_t all() const { return all_; }
  void begin() {
    octets_.fill(0);
    rows_.fill(0);
  }
  void tell(std::size_t records) const {
    for (std::size_t i = 0; i < sync::table_count; ++i) {
      if (rows_.at(i) == 0) continue;
      std::printf("  table %-10s kB/record=%.3f rows/record=%.3f\n", std::string(name_of(static_cast<sync::Table>(i))).c_str(),
                  static_cast<double>(octets_.at(i)) / 1000 / static_cast<double>(records),
                  static_cast<double>(rows_.at(i)) / static_cast<double>(records));
    }
  }

 private:
  std::filesystem::path place_;
  std::array<std::unique_ptr<storage::LmdbStore>, sync::table_count> stores_;
  std::array<std::uint64_t, sync::table_count> octets_{}, rows_{};
  std::uint64_t all_ = 0;
};

/// A write that tells the mirrors what it put.
class MirroredTxn final : public sync::WriteTxn {
 public:
  MirroredTxn(std::unique_ptr<sync::WriteTxn> inner, Mirrors& mirrors) : inner_(std::move(inner)), mirrors_(mirrors) {}
  Result<std::optional<ByteView>> get(sync::Table table, ByteView key) const override { return inner_->get(table, key); }
  Result<void> scan(sync::Table table, ByteView first, const EntryVisitor& visit) const override {
    return inner_->scan(table, first, visit);
  }
  Result<std::optional<Entry>> last_up_to(sync::Table table, ByteView key) const override {
    return inner_->last_up_to(table, key);
  }
  Result<std::uint64_t> entries(sync::Table table) const override { return inner_->entries(table); }
  Result<void> put(sync::Table table, ByteView key, ByteView value) override {
    changes_.at(static_cast<std::size_t>(table)).emplace_back(to_bytes(key), to_bytes(value));
    return inner_->put(table, key, value);
  }
  Result<void> erase(sync::Table table, ByteView key) override {
    changes_.at(static_cast<std::size_t>(table)).emplace_back(to_bytes(key), std::nullopt);
    return inner_->erase(table, key);
  }
  Result<void> commit() override {
    KHUOI_TRY_VOID(inner_->commit());
    for (std::size_t i = 0; i < sync::table_count; ++i) mirrors_.apply(static_cast<sync::Table>(i), changes_.at(i));
    return {};
  }

 private:
  std::unique_ptr<sync::WriteTxn> inner_;
  Mirrors& mirrors_;
  std::array<Mirrors::Changes, sync::table_count> changes_;
};

/// A store on disk, with mirrors when they are asked for.
class Disk final : public sync::Store {
 public:
  explicit Disk(const std::filesystem::path& place) : mirrors_(place / "mirrors") {
    std::filesystem::create_directories(place / "mirrors");
    auto opened = storage::LmdbStore::open(place / "store", {.create = true});
    REQUIRE(opened);
    inner_ = std::move(*opened);
  }
  Result<std::unique_ptr<sync::ReadTxn>> begin_read() const override { return inner_->begin_read(); }
  Result<std::unique_ptr<sync::WriteTxn>> begin_write() override {
    KHUOI_TRY(auto txn, inner_->begin_write());
    if (!mirrored_) return txn;
    return std::unique_ptr<sync::WriteTxn>(std::make_unique<MirroredTxn>(std::move(txn), mirrors_));
  }
  sync::StoreUsage usage() const override { return inner_->usage(); }

  void begin() {
    mirrors_.begin();
    began_ = octets_written() - mirrors_.all();
  }
  /// Gives kB a record.
  double tell(const char* who, std::size_t dossiers, std::size_t records, std::size_t a_commit) const {
    const double octets = static_cast<double>(octets_written() - mirrors_.all() - began_);
    const double out = octets / 1000 / static_cast<double>(records);
    std::printf("%s: dossiers=%zu records=%zu a_commit=%zu kB/record=%.2f store_MB=%.1f\n", who, dossiers, records, a_commit,
                out, static_cast<double>(inner_->usage().octets_used) / 1e6);
    if (mirrored_) mirrors_.tell(records);
    return out;
  }

 private:
  std::unique_ptr<storage::LmdbStore> inner_;
  Mirrors mirrors_;
  bool mirrored_ = std::getenv("KHUOI_BENCH_TABLES") != nullptr;
  std::uint64_t began_ = 0;
};

struct Scale {
  const tests::TempFolder folder;
  Disk hamlet_disk{folder / "hamlet"};
  Disk commune_disk{folder / "commune"};
  Node hamlet{hamlet_disk, sync::Role::hamlet, "meo", 2};
  Node commune{commune_disk, sync::Role::commune, "xa", 1};
  SeededRng rng{20261130};
  std::size_t dossiers = 0;
  std::set<sync::Ref> sent;

  Scale() {
    commune.unlock();
    join(commune, hamlet);
    sync::FormRecord form;
    form.xml = to_bytes(view_of(tests::test_form));
    commune.work([&](Batch& batch) { return commune.replica->add_form(batch, form); });
    take_in(hamlet, outgoing(commune, hamlet.replica->self().node));
    hamlet.unlock();
  }
  std::string uuid() {
    std::string hex = rng.id<DossierId>().hex();
    hex[12] = '4';
    hex[16] = 'a';
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" + hex.substr(20);
  }
  Result<void> hand_in(Batch& batch, const std::string& xml) {
    KHUOI_TRY(const auto prepared, hamlet.replica->reader().submissions().prepare(batch.txn, view_of(xml)));
    KHUOI_TRY_VOID(hamlet.replica->intake().submit(batch, prepared, {}));
    return {};
  }
  void submit(std::size_t count, std::size_t a_commit) {
    for (std::size_t done = 0; done < count; done += a_commit) {
      hamlet.work([&](Batch& batch) -> Result<void> {
        for (std::size_t n = done; n < std::min(count, done + a_commit); ++n) {
          KHUOI_TRY_VOID(hand_in(batch, tests::test_submission(uuid(), "An " + rng.id<DossierId>().hex())));
        }
        return {};
      });
    }
    dossiers += count;
  }
  std::vector<sync::Sealed> fresh() {
    std::vector<sync::Sealed> out;
    for (sync::Sealed& one : outgoing(hamlet, commune.replica->self().node)) {
      if (sent.insert(one.header.ref()).second) out.push_back(std::move(one));
    }
    return out;
  }
  void bring(std::size_t a_commit) {
    const auto records = fresh();
    for (std::size_t at = 0; at < records.size(); at += a_commit) {
      const auto end = std::min(records.size(), at + a_commit);
      take_in(commune, std::vector(records.begin() + static_cast<std::ptrdiff_t>(at), records.begin() + static_cast<std::ptrdiff_t>(end)));
    }
  }
  /// The last records before so many dossiers stand: of them the octets are counted.
  void grow_to(std::size_t wanted) {
    constexpr std::size_t counted = 5120;
    constexpr std::size_t singles = 50;
    constexpr double kb_max = 8;  // of records that share a commit
    submit(wanted - counted - singles - dossiers, 256);
    bring(1000);
    for (const bool shared : {true, false}) {
      const std::size_t records = shared ? counted : singles;
      hamlet_disk.begin();
      submit(records, shared ? 256 : 1);
      const double at_hamlet = hamlet_disk.tell("written at a hamlet", wanted, records, shared ? 256 : 1);
      commune_disk.begin();
      bring(shared ? 1000 : 1);
      const double at_commune = commune_disk.tell("written at a commune", wanted, records, shared ? 1000 : 1);
      if (shared) CHECK(std::max(at_hamlet, at_commune) <= kb_max);
    }
  }
};

}  // namespace

TEST_CASE("bench: what a store writes for a record", "[.][bench][written]") {
  Scale scale;
  const char* asked = std::getenv("KHUOI_BENCH_DOSSIERS");
  const std::size_t last = asked != nullptr ? std::strtoul(asked, nullptr, 10) : 100'000;
  for (const std::size_t wanted : {10'000, 40'000, 100'000}) {
    if (wanted <= last) scale.grow_to(wanted);
  }
}

TEST_CASE("bench: edits of one dossier", "[.][bench][edits]") {
  Scale scale;
  scale.submit(5120, 256);  // so that no tree of rows gets deeper meanwhile
  std::string before = scale.uuid();
  scale.hamlet.work([&](Batch& batch) { return scale.hand_in(batch, tests::test_submission(before, "An")); });
  scale.bring(1000);
  constexpr std::size_t counted = 64;
  const auto edit = [&](std::size_t count) {
    for (std::size_t n = 0; n < count; ++n) {
      const std::string next = scale.uuid();
      scale.hamlet.work([&](Batch& batch) { return scale.hand_in(batch, tests::test_submission(next, "An", "", before)); });
      before = next;
    }
  };
  constexpr double growth_max = 1.15;  // of octets; processor time is told only, since machines are noisy
  std::map<std::string, double> at_first;
  std::size_t edits = 0;
  for (const std::size_t wanted : {100, 1000}) {
    edit(wanted - counted - edits);
    scale.bring(1000);
    edits = wanted;
    const auto timed = [&](const char* who, Disk& disk, const auto& act) {
      disk.begin();
      const std::clock_t began = std::clock();
      act();
      std::printf("%s: edits=%zu cpu_ms/edit=%.3f\n", who, wanted,
                  1000.0 * static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC / counted);
      const double kb = disk.tell(who, 1, counted, 1);
      CHECK(kb <= growth_max * at_first.try_emplace(who, kb).first->second);
    };
    timed("edits at a hamlet", scale.hamlet_disk, [&] { edit(counted); });
    const auto records = scale.fresh();
    timed("edits at a commune", scale.commune_disk, [&] {
      for (const sync::Sealed& one : records) take_in(scale.commune, {one});
    });
  }
}
