#include "sim/memory_store.h"

#include "sync/base/check.h"

namespace khuoi::sim {
namespace {

using sync::Table;
using sync::Walk;
constexpr std::size_t key_octets_max = 511;  // LMDB's

std::size_t index_of(Table table) { return static_cast<std::size_t>(table); }

using Tables = MemoryStore::Tables;

std::optional<ByteView> get_in(const Tables& tables, Table table, ByteView key) {
  const auto& map = tables.at(index_of(table));
  if (!map) return std::nullopt;
  const auto found = map->find(key);
  if (found == map->end()) return std::nullopt;
  return found->second;
}

Result<void> scan_in(const Tables& tables, Table table, ByteView first, const sync::ReadTxn::EntryVisitor& visit) {
  const auto& map = tables.at(index_of(table));
  if (!map) return {};
  for (auto it = map->lower_bound(first); it != map->end(); ++it) {
    KHUOI_TRY(const Walk walk, visit(it->first, it->second));
    if (walk == Walk::stop) return {};
  }
  return {};
}

/// A committed picture; the shared maps stay as they are while anyone shares them.
class MemoryReadTxn final : public sync::ReadTxn {
 public:
  explicit MemoryReadTxn(Tables tables) : tables_(std::move(tables)) {}

  Result<std::optional<ByteView>> get(Table table, ByteView key) const override { return get_in(tables_, table, key); }

  Result<void> scan(Table table, ByteView first, const EntryVisitor& visit) const override {
    return scan_in(tables_, table, first, visit);
  }

  Result<std::optional<Entry>> last_up_to(Table table, ByteView key) const override {
    const auto& map = tables_.at(index_of(table));
    if (!map) return std::optional<Entry>();
    const auto it = map->upper_bound(key);
    if (it == map->begin()) return std::optional<Entry>();
    return std::optional<Entry>(*std::prev(it));
  }

  Result<std::uint64_t> entries(Table table) const override {
    const auto& map = tables_.at(index_of(table));
    return map ? map->size() : std::uint64_t{0};
  }

 private:
  Tables tables_;
};

}  // namespace

/// Changes go to maps of its own until the commit: a touched table is copied only if someone else holds it.
class MemoryWriteTxn final : public sync::WriteTxn {
 public:
  explicit MemoryWriteTxn(MemoryStore& store) : store_(store), octets_used_(store.octets_used_) {}
  ~MemoryWriteTxn() override { end(); }
  MemoryWriteTxn(const MemoryWriteTxn&) = delete;
  MemoryWriteTxn& operator=(const MemoryWriteTxn&) = delete;

  Result<std::optional<ByteView>> get(Table table, ByteView key) const override {
    if (over_) return over();
    const Changes& changes = changes_.at(index_of(table));
    const auto changed = changes.find(key);
    if (changed != changes.end()) {
      if (!changed->second) return std::optional<ByteView>();
      return std::optional<ByteView>(*changed->second);
    }
    return get_in(store_.tables_, table, key);
  }

  Result<void> scan(Table table, ByteView first, const EntryVisitor& visit) const override {
    if (over_) return over();
    const Changes& changes = changes_.at(index_of(table));
    auto changed = changes.lower_bound(first);
    Walk walk = Walk::on;
    const auto visit_changed = [&]() -> Result<void> {
      if (changed->second) {
        KHUOI_TRY(walk, visit(changed->first, *changed->second));
      }
      ++changed;
      return {};
    };
    KHUOI_TRY_VOID(scan_in(store_.tables_, table, first, [&](ByteView key, ByteView value) -> Result<Walk> {
      while (walk == Walk::on && changed != changes.end() && compare(changed->first, key) < 0)
        KHUOI_TRY_VOID(visit_changed());
      if (walk == Walk::stop) return walk;
      if (changed != changes.end() && equal(changed->first, key)) {
        KHUOI_TRY_VOID(visit_changed());
      } else {
        KHUOI_TRY(walk, visit(key, value));
      }
      return walk;
    }));
    while (walk == Walk::on && changed != changes.end()) KHUOI_TRY_VOID(visit_changed());
    return {};
  }

  Result<std::optional<Entry>> last_up_to(Table table, ByteView key) const override {
    if (over_) return over();
    const Changes& changes = changes_.at(index_of(table));
    const auto& map = store_.tables_.at(index_of(table));
    static const MemoryStore::TableMap none;
    const MemoryStore::TableMap& base = map ? *map : none;
    auto kept = base.upper_bound(key);
    auto changed = changes.upper_bound(key);
    for (;;) {  // from the key downwards, the greater of the two each time; a change hides what it replaces
      const bool has_kept = kept != base.begin();
      const bool has_changed = changed != changes.begin();
      if (!has_kept && !has_changed) return std::optional<Entry>();
      const auto order = has_kept && has_changed ? compare(std::prev(changed)->first, std::prev(kept)->first)
                         : has_changed           ? std::strong_ordering::greater
                                                 : std::strong_ordering::less;
      if (order < 0) return std::optional<Entry>(*std::prev(kept));
      if (order == 0) --kept;
      --changed;
      if (changed->second) return std::optional<Entry>(std::in_place, changed->first, *changed->second);
    }
  }

  Result<std::uint64_t> entries(Table table) const override {
    if (over_) return over();
    const auto& map = store_.tables_.at(index_of(table));
    std::uint64_t out = map ? map->size() : 0;
    for (const auto& [key, value] : changes_.at(index_of(table))) {
      const bool before = map && map->contains(key);
      if (value && !before) ++out;
      if (!value && before) --out;
    }
    return out;
  }

  Result<void> put(Table table, ByteView key, ByteView value) override {
    if (over_) return over();
    if (key.empty()) return fail(Errc::malformed, "the table " + std::string(name_of(table)) + " takes no empty key");
    if (key.size() > key_octets_max) {
      return fail(Errc::too_large, "a key of the table " + std::string(name_of(table)) + " has " +
                                       std::to_string(key.size()) + " octets, 511 fit");
    }
    KHUOI_TRY(const std::uint64_t before, octets_of(table, key));
    const std::uint64_t after = octets_used_ - before + key.size() + value.size();
    if (after > store_.octets_max_ && after > octets_used_) {
      const Error full = fail(Errc::store_full, "the store in memory has reached its size limit");
      if (!spoiled_) spoiled_ = full;
      return full;
    }
    octets_used_ = after;
    changes_.at(index_of(table)).insert_or_assign(to_bytes(key), to_bytes(value));
    return {};
  }

  Result<void> erase(Table table, ByteView key) override {
    if (over_) return over();
    KHUOI_TRY(const std::uint64_t before, octets_of(table, key));
    if (before == 0) return {};
    octets_used_ -= before;
    changes_.at(index_of(table)).insert_or_assign(to_bytes(key), std::nullopt);
    return {};
  }

  Result<void> commit() override {
    if (over_) return over();
    end();
    if (spoiled_) return *spoiled_;
    if (auto& planned = store_.planned_failure_) {
      if (planned->first == 0) {
        const Error error = planned->second;
        planned.reset();
        return error;
      }
      --planned->first;
    }
    for (std::size_t i = 0; i < changes_.size(); ++i) apply(store_.tables_[i], changes_[i]);
    store_.octets_used_ = octets_used_;
    return {};
  }

 private:
  using Changes = std::map<Bytes, std::optional<Bytes>, MemoryStore::OctetLess>;

  static Error over() { return fail(Errc::closed, "this transaction has ended"); }

  void end() {
    if (!over_) store_.writer_open_ = false;
    over_ = true;
  }

  Result<std::uint64_t> octets_of(Table table, ByteView key) const {
    KHUOI_TRY(const auto value, get(table, key));
    return value ? key.size() + value->size() : std::uint64_t{0};
  }

  static void apply(std::shared_ptr<MemoryStore::TableMap>& table, Changes& changes) {
    if (changes.empty()) return;
    if (!table) {
      table = std::make_shared<MemoryStore::TableMap>();
    } else if (table.use_count() > 1) {
      table = std::make_shared<MemoryStore::TableMap>(*table);
    }
    for (auto& [key, value] : changes) {
      if (value) {
        table->insert_or_assign(key, std::move(*value));
      } else {
        table->erase(key);
      }
    }
  }

  MemoryStore& store_;
  std::array<Changes, sync::table_count> changes_;
  std::uint64_t octets_used_;
  std::optional<Error> spoiled_;
  bool over_ = false;
};

MemoryStore::~MemoryStore() { KHUOI_CHECK(!writer_open_); }

Result<std::unique_ptr<sync::ReadTxn>> MemoryStore::begin_read() const {
  return std::unique_ptr<sync::ReadTxn>(std::make_unique<MemoryReadTxn>(tables_));
}

Result<std::unique_ptr<sync::WriteTxn>> MemoryStore::begin_write() {
  if (writer_open_) return fail(Errc::busy, "a write to this store in memory has begun and has not ended");
  writer_open_ = true;
  return std::unique_ptr<sync::WriteTxn>(std::make_unique<MemoryWriteTxn>(*this));
}

std::unique_ptr<MemoryStore> MemoryStore::clone() const {
  auto out = std::make_unique<MemoryStore>(octets_max_);
  out->tables_ = tables_;
  out->octets_used_ = octets_used_;
  return out;
}

void MemoryStore::fail_commit(std::size_t after_commits, Error error) {
  planned_failure_.emplace(after_commits, std::move(error));
}

}  // namespace khuoi::sim
