#include "sync/store/upgrade.h"

#include <charconv>

#include "sync/store/meta.h"
#include "sync/store/upgrade_dossiers.h"

namespace khuoi::sync {

namespace {

/// Where format 1 had a row: all stood in table meta, under names in ASCII.
struct Former {
  std::string_view name;  ///< or its beginning
  /// What followed, up to a `/` each: x hexadecimal, d a decimal number, n a text; t all that is left. Now these are
  /// octets, a u64, counted text, and the same.
  std::string_view shape;
  Table table;
  std::uint8_t kind;             ///< 0: such a row means nothing any more
  std::string_view before = {};  ///< octets of the new key between its kind and what followed
};

constexpr std::string_view zero_id("\0\0\0\0\0\0\0\0", 8);
constexpr std::array formers{
    Former{"start/", "d", Table::note, 0x01},
    Former{"start_foreign/", "dx", Table::note, 0x02},
    Former{"judged/", "t", Table::note, 0x03},
    Former{"uncovered/", "x", Table::note, 0x04},
    Former{"moved/", "t", Table::note, 0x05},
    Former{"health/", "x", Table::note, 0x06},
    Former{"lane/public", "", Table::note, 0x80, "\xff\xff\xff\xff\xff\xff\xff\xff"},
    Former{"lane/commune", "", Table::note, 0x80, zero_id},
    Former{"lane/local", "", Table::note, 0x07, zero_id},
    Former{"lane/", "x", Table::note, 0x80},
    Former{"next/", "t", Table::note, 0x81},
    Former{"checkpoint/", "t", Table::note, 0x82},
    Former{"waiting/", "x", Table::note, 0x83},
    Former{"quota/", "x", Table::note, 0x84},
    Former{"wants/", "x", Table::note, 0x85},
    Former{"proof/", "x", Table::note, 0x86},
    Former{"heard/", "xdx", Table::note, 0x87},
    Former{"passage/sent/stick/", "x", Table::note, 0x88, "\1\1"},
    Former{"passage/sent/fiber/", "x", Table::note, 0x88, "\1\2"},
    Former{"passage/sent/radio/", "x", Table::note, 0x88, "\1\3"},
    Former{"passage/received/stick/", "x", Table::note, 0x88, "\2\1"},
    Former{"passage/received/fiber/", "x", Table::note, 0x88, "\2\2"},
    Former{"passage/received/radio/", "x", Table::note, 0x88, "\2\3"},
    Former{"file_told/", "x", Table::note, 0x89},
    Former{"bundle/", "ndx", Table::note, 0x8a},
    Former{"bundle/", "nd", Table::note, 0},
    Former{"emergency/", "x", Table::note, 0x8b},
    Former{"carried/octets", "", Table::note, 0x8c},
    Former{"carried/order", "", Table::note, 0x8d},
    Former{"person/", "t", Table::node, 0x01},
    Former{"pin/", "t", Table::node, 0x02},
    Former{"phrase_given/", "t", Table::node, 0x03},
    Former{"form_problem/", "x", Table::node, 0x04},
    Former{"health_read/", "x", Table::node, 0x05},
    Former{"health_read_last", "", Table::node, 0},
    Former{"phone/", "t", Table::node, 0x06},
    Former{"tries/", "t", Table::node, 0x07},
    Former{"slip/", "x", Table::node, 0x08},
    Former{"health_told_at", "", Table::node, 0x09},
    Former{"seen/", "x", Table::node, 0x80},
};

/// The key now, or nothing if it has another shape.
std::optional<Bytes> key_now(const Former& former, std::string_view name) {
  if (!name.starts_with(former.name)) return std::nullopt;
  std::string_view left = name.substr(former.name.size());
  Bytes key{former.kind};
  append(key, view_of(former.before));
  for (const char shape : former.shape) {
    const std::size_t end = shape == 't' ? left.size() : std::min(left.find('/'), left.size());
    const std::string_view part = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    if (part.empty()) return std::nullopt;
    std::uint64_t number = 0;
    const auto octets = shape == 'x' ? from_hex(part) : std::optional(to_bytes(view_of(part)));
    const auto [rest, wrong] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (!octets || (shape == 'd' && (wrong != std::errc() || rest != part.data() + part.size()))) return std::nullopt;
    if (shape == 'd')
      Writer(key).u64(number);
    else if (shape == 'n')
      Writer(key).counted(*octets);
    else
      append(key, *octets);
  }
  return left.empty() ? std::optional(std::move(key)) : std::nullopt;
}

/// A name of no known shape stays where it is.
Result<void> move_rows(WriteTxn& txn) {
  std::vector<ReadTxn::Entry> all;
  KHUOI_TRY_VOID(txn.scan(Table::meta, {},
                          [&](ByteView name, ByteView value) { all.emplace_back(to_bytes(name), to_bytes(value)); }));
  for (const auto& [name, value] : all) {
    for (const Former& former : formers) {
      const auto key = key_now(former, text_of(name));
      if (!key) continue;
      if (former.kind != 0) KHUOI_TRY_VOID(txn.put(former.table, *key, value));
      KHUOI_TRY_VOID(txn.erase(Table::meta, name));
      break;
    }
  }
  return {};
}

Result<void> bring_up_to_date(WriteTxn& txn, std::uint64_t from) {
  if (from == 1) KHUOI_TRY_VOID(move_rows(txn));
  Batch batch{txn, {}};
  KHUOI_TRY_VOID(renumber_dossiers(batch));
  return put_meta_number(batch, "format", format_now);
}

Error with_advice(const Error& why) {
  const bool is_full = why.code == Errc::disk_full || why.code == Errc::store_full;
  if (!is_full) return why;
  return fail(why.code, "the store is of an earlier version, and there is no room to bring it up to date: make some (as "
                        "much as data.mdb is large is enough), and start again; until then it can only be read: " + why.what);
}

/// Tables that rows move to or from come from memory, the others from the disk.
class UpgradedTxn final : public WriteTxn {
 public:
  UpgradedTxn(std::unique_ptr<ReadTxn> disk, const UpgradedStore::Moved& from, UpgradedStore::Moved* to)
      : disk_(std::move(disk)), from_(from), to_(to) {}

  Result<std::optional<ByteView>> get(Table table, ByteView key) const override {
    const auto rows = from_.find(table);
    if (rows == from_.end()) return disk_->get(table, key);
    const auto row = rows->second.find(to_bytes(key));
    return row == rows->second.end() ? std::optional<ByteView>() : std::optional<ByteView>(row->second);
  }
  Result<void> scan(Table table, ByteView first, const EntryVisitor& visit) const override {
    const auto rows = from_.find(table);
    if (rows == from_.end()) return disk_->scan(table, first, visit);
    for (auto row = rows->second.lower_bound(to_bytes(first)); row != rows->second.end(); ++row) {
      KHUOI_TRY(const Walk walk, visit(row->first, row->second));
      if (walk == Walk::stop) break;
    }
    return {};
  }
  Result<std::optional<Entry>> last_up_to(Table table, ByteView key) const override {
    const auto rows = from_.find(table);
    if (rows == from_.end()) return disk_->last_up_to(table, key);
    const auto row = rows->second.upper_bound(to_bytes(key));
    return row == rows->second.begin() ? std::optional<Entry>() : std::optional<Entry>(*std::prev(row));
  }
  Result<std::uint64_t> entries(Table table) const override {
    const auto rows = from_.find(table);
    return rows == from_.end() ? disk_->entries(table) : Result<std::uint64_t>(rows->second.size());
  }
  Result<void> put(Table table, ByteView key, ByteView value) override {
    to_->at(table)[to_bytes(key)] = to_bytes(value);
    return {};
  }
  Result<void> erase(Table table, ByteView key) override {
    to_->at(table).erase(to_bytes(key));
    return {};
  }
  Result<void> commit() override { return {}; }

 private:
  std::unique_ptr<ReadTxn> disk_;
  const UpgradedStore::Moved& from_;
  UpgradedStore::Moved* to_;
};

}  // namespace

Result<void> upgrade(Store& store) {
  std::uint64_t from = 0;
  {
    KHUOI_TRY(const auto txn, store.begin_read());
    KHUOI_TRY(from, meta_number(*txn, "format"));
    if (from == 0 || from >= format_now) return {};
  }
  KHUOI_TRY(const auto txn, store.begin_write());
  auto done = bring_up_to_date(*txn, from);
  if (done) done = txn->commit();
  return done ? done : with_advice(done.error());
}

Result<std::unique_ptr<UpgradedStore>> UpgradedStore::over(const Store& store, Error why_not) {
  std::unique_ptr<UpgradedStore> out(new UpgradedStore(store, std::move(why_not)));
  KHUOI_TRY(auto disk, store.begin_read());
  Moved moved;
  for (const Table table : {Table::meta, Table::note, Table::node, Table::dossier, Table::alias, Table::number}) {
    auto& rows = moved[table];
    KHUOI_TRY_VOID(disk->scan(table, {}, [&](ByteView key, ByteView value) { rows[to_bytes(key)] = to_bytes(value); }));
  }
  KHUOI_TRY(const std::uint64_t from, meta_number(*disk, "format"));
  UpgradedTxn txn(std::move(disk), moved, &moved);
  KHUOI_TRY_VOID(bring_up_to_date(txn, from));
  out->moved_ = std::move(moved);
  return out;
}

Result<std::unique_ptr<ReadTxn>> UpgradedStore::begin_read() const {
  KHUOI_TRY(auto disk, store_.begin_read());
  return std::unique_ptr<ReadTxn>(std::make_unique<UpgradedTxn>(std::move(disk), moved_, nullptr));
}

}  // namespace khuoi::sync
