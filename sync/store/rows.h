#pragma once

#include "sync/base/parts.h"
#include "sync/store/batch.h"
#include "sync/store/note.h"

namespace khuoi::sync {

/// One kind of row: where it stands, what its key and its value are made of (sync/base/parts.h). Declared once, beside
/// whoever uses it; drawn in sync/store/TABLES.md. Errors: damaged (a row that does not decode), what the store says.
template <typename Key, typename Row>
class Rows {
 public:
  /// `what` names one in errors: "a draft".
  constexpr Rows(Table table, std::string_view what) : table_(table), what_(what) {}
  /// In a table of several kinds: that octet begins the keys of this one.
  template <typename Family>
  constexpr Rows(Table table, Family family, std::string_view what)
      : table_(table), family_(static_cast<std::uint8_t>(family)), what_(what) {}
  constexpr Rows(Note family, std::string_view what) : Rows(Table::note, family, what) {}

  [[nodiscard]] Result<std::optional<Row>> get(const ReadTxn& txn, const Key& key) const {
    const Bytes at = octets(key);
    KHUOI_TRY(const auto value, txn.get(table_, at));
    if (!value) return std::optional<Row>();
    KHUOI_TRY(auto row, decode<Row>(*value, at));
    return std::optional<Row>(std::move(row));
  }
  /// An empty one where there is none.
  [[nodiscard]] Result<Row> get_or_new(const ReadTxn& txn, const Key& key) const {
    KHUOI_TRY(auto row, get(txn, key));
    return row ? std::move(*row) : Row{};
  }
  Result<void> put(Batch& batch, const Key& key, const Row& row) const {
    return batch.txn.put(table_, octets(key), octets_of_part(row));
  }
  Result<void> erase(Batch& batch, const Key& key) const { return batch.txn.erase(table_, octets(key)); }

  /// Those whose keys begin with `prefix`, in the order of their keys. One that does not decode ends the walk, or goes to
  /// `damaged`.
  using RowVisitor = Visitor<const Key&, Row&>;
  using DamagedVisitor = Visitor<ByteView, const Error&>;
  static Result<void> fail_if_damaged(ByteView, const Error& why) { return why; }
  static void pass_over_damaged(ByteView, const Error&) {}
  template <typename Prefix>
  Result<void> each(const ReadTxn& txn, const Prefix& prefix, const RowVisitor& visit,
                    const DamagedVisitor& damaged = fail_if_damaged) const {
    return each_from(txn, prefix, prefix, visit, damaged);
  }
  Result<void> each(const ReadTxn& txn, const RowVisitor& visit) const { return each(txn, std::tuple<>(), visit); }
  /// The same from the key `first` on.
  template <typename First, typename Prefix>
  Result<void> each_from(const ReadTxn& txn, const First& first, const Prefix& prefix, const RowVisitor& visit,
                         const DamagedVisitor& damaged = fail_if_damaged) const {
    const Bytes begin = octets(prefix);
    return txn.scan(table_, octets(first), [&](ByteView at, ByteView value) -> Result<Walk> {
      if (!starts_with(at, begin)) return Walk::stop;
      const auto key = decode_key(at);
      auto row = key ? decode<Row>(value, at) : Result<Row>(key.error());
      return row ? visit(*key, *row) : damaged(at, row.error());
    });
  }
  /// The keys of each(), of rows whose value is damaged too.
  template <typename Prefix = std::tuple<>>
  [[nodiscard]] Result<std::vector<Key>> keys(const ReadTxn& txn, const Prefix& prefix = {}) const {
    std::vector<Key> out;
    KHUOI_TRY_VOID(scan_prefix(txn, table_, octets(prefix), [&](ByteView at, ByteView) -> Result<void> {
      KHUOI_TRY(out.emplace_back(), decode_key(at));
      return {};
    }));
    return out;
  }
  /// The greatest key that begins with `prefix`.
  template <typename Prefix = std::tuple<>>
  [[nodiscard]] Result<std::optional<Key>> last(const ReadTxn& txn, const Prefix& prefix = {}) const {
    const Bytes begin = octets(prefix);
    Bytes end = begin;
    end.resize(begin.size() + 64, 0xff);
    KHUOI_TRY(const auto found, txn.last_up_to(table_, end));
    if (!found || !starts_with(found->first, begin)) return std::optional<Key>();
    KHUOI_TRY(auto key, decode_key(found->first));
    return std::optional<Key>(std::move(key));
  }

 private:
  template <typename Part>
  [[nodiscard]] Bytes octets(const Part& part) const {
    Bytes out;
    out.reserve(octets_usual);
    Writer to(out);
    if (family_ != 0) to.u8(family_);
    write_part(to, part);
    return out;
  }
  [[nodiscard]] Result<Key> decode_key(ByteView at) const { return decode<Key>(at.subspan(family_ != 0 ? 1 : 0), at); }
  template <typename Part>
  [[nodiscard]] Result<Part> decode(ByteView octets, ByteView at) const {
    auto out = part_of<Part>(octets);
    if (out) return std::move(*out);
    return fail(Errc::damaged, "store: in table " + std::string(name_of(table_)) + ", " + std::string(what_) +
                                   " does not decode (key " + to_hex(at) + "); restore a backup");
  }

  Table table_;
  std::uint8_t family_ = 0;
  std::string_view what_;
};

}  // namespace khuoi::sync
