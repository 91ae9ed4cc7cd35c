#include "sync/store/upgrade_dossiers.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "sync/seal/hash.h"
#include "sync/store/meta.h"
#include "sync/store/note.h"

namespace khuoi::sync {

namespace {

constexpr std::size_t key_octets = 24;  // hamlet 8 | id 16
constexpr std::size_t id_octets = 16;
constexpr std::size_t ref_octets = 20;
constexpr std::size_t item_octets = 21;  // ref, kind
constexpr std::size_t items_in_chunk = 64;
constexpr std::size_t rows_a_round = 4096;  // in memory beside what is written
constexpr unsigned conflict_or_stale = 1U | 8U;
constexpr unsigned open_ends = 64U;

using Key = std::array<std::uint8_t, key_octets>;

std::optional<Key> key_in(ByteView octets) {
  Key out{};
  if (octets.size() != out.size()) return std::nullopt;
  std::ranges::copy(octets, out.begin());
  return out;
}

Bytes octets_of(std::uint32_t number) {
  Bytes out;
  Writer(out).u32(number);
  return out;
}

/// A value of format 2.
struct FormerRow {
  std::uint32_t number = 0;
  ByteView shown;
  std::uint8_t state = 0;
  std::uint8_t flags = 0;
  std::uint64_t item_count = 0;
  ByteView items, heads, seen;
  std::uint64_t head_count = 0, seen_count = 0;

  static std::optional<FormerRow> read(ByteView value) {
    FormerRow out;
    Reader from(value);
    out.number = from.u32();
    out.shown = from.raw(id_octets);
    out.state = from.u8();
    out.flags = from.u8();
    const auto list = [&](std::uint64_t& count, std::size_t octets) {
      count = from.varint();
      if (count > value.size()) from.refuse();
      return from.ok() ? from.raw(static_cast<std::size_t>(count) * octets) : ByteView();
    };
    out.items = list(out.item_count, item_octets);
    out.heads = list(out.head_count, ref_octets);
    out.seen = list(out.seen_count, ref_octets);
    return from.done() ? std::optional(out) : std::nullopt;
  }
};

class Renumbering final {
 public:
  explicit Renumbering(Batch& batch) : batch_(batch), txn_(batch.txn) {}

  Result<void> run() {
    KHUOI_TRY_VOID(read_numbers());
    KHUOI_TRY_VOID(number_rows());
    KHUOI_TRY_VOID(change_numbers());
    KHUOI_TRY_VOID(change_ids());
    for (const auto& [key, number] : rows_) KHUOI_TRY_VOID(change_row(key, number));
    // Of dossiers nothing is counted yet: the first commit does.
    return txn_.erase(Table::note, Bytes{static_cast<std::uint8_t>(Note::dossier_counts)});
  }

 private:
  /// Every row of a table, some of them in memory at a time.
  template <typename Change>
  Result<void> each(Table table, const Change& change) {
    Bytes first;
    for (bool more = true; more;) {
      std::vector<ReadTxn::Entry> some;
      KHUOI_TRY_VOID(txn_.scan(table, first, [&](ByteView key, ByteView value) {
        some.emplace_back(to_bytes(key), to_bytes(value));
        return some.size() < rows_a_round ? Walk::on : Walk::stop;
      }));
      more = some.size() == rows_a_round;
      for (const auto& [key, value] : some) KHUOI_TRY_VOID(change(key, value));
      if (more) first = some.back().first;
      if (more) first.push_back(0);
    }
    return {};
  }
  Result<void> read_numbers() {
    return txn_.scan(Table::number, {}, [&](ByteView number, ByteView leads_to) {
      Reader from(number);
      const std::uint32_t at = from.u32();
      const auto key = key_in(leads_to);
      if (from.done() && key) numbers_.emplace_back(at, *key);
    });
  }
  /// What does not decode is known by the number that leads there. A number of its own has every row at the end.
  Result<void> number_rows() {
    std::map<Key, std::uint32_t> without;
    std::set<std::uint32_t> taken;
    KHUOI_TRY_VOID(txn_.scan(Table::dossier, {}, [&](ByteView at, ByteView value) {
      const auto key = key_in(at);
      if (!key) return;
      const auto row = FormerRow::read(value);
      const bool is_new = row && row->number != 0 && taken.insert(row->number).second;
      rows_.emplace_back(*key, is_new ? row->number : 0);
      if (!is_new) without.emplace(*key, 0);
    }));
    for (const auto& [number, key] : numbers_) {
      const auto row = without.find(key);
      if (row != without.end() && row->second == 0 && taken.insert(number).second) row->second = number;
    }
    KHUOI_TRY(const std::uint64_t counted, meta_number(txn_, "dossier_number"));
    std::uint64_t last = counted;
    if (!taken.empty()) last = std::max<std::uint64_t>(last, *taken.rbegin());
    for (auto& [key, number] : rows_) {
      if (number == 0) number = without.at(key) != 0 ? without.at(key) : static_cast<std::uint32_t>(++last);
    }
    return last == counted ? Result<void>() : put_meta_number(batch_, "dossier_number", last);
  }
  [[nodiscard]] std::optional<std::uint32_t> number_of(const Key& key) const {
    const auto row = std::ranges::lower_bound(rows_, key, {}, &std::pair<Key, std::uint32_t>::first);
    return row != rows_.end() && row->first == key ? std::optional(row->second) : std::nullopt;
  }
  /// Those of dossiers that became parts of others stay.
  Result<void> change_numbers() {
    return each(Table::number, [&](const Bytes& number, const Bytes& leads_to) -> Result<void> {
      const auto key = key_in(leads_to);
      const auto at = key ? number_of(*key) : std::nullopt;
      if (!at || equal(octets_of(*at), number)) return txn_.erase(Table::number, number);
      return txn_.put(Table::number, number, octets_of(*at));
    });
  }
  Result<void> change_ids() {
    return each(Table::alias, [&](const Bytes& id, const Bytes& leads_to) -> Result<void> {
      const auto key = key_in(leads_to);
      const auto at = key ? number_of(*key) : std::nullopt;
      return at ? txn_.put(Table::alias, id, octets_of(*at)) : txn_.erase(Table::alias, id);
    });
  }
  Result<void> change_row(const Key& key, std::uint32_t number) {
    const Bytes at = octets_of(number);
    KHUOI_TRY(const auto present, txn_.get(Table::dossier, key));
    const Bytes before = present ? to_bytes(*present) : Bytes();
    KHUOI_TRY_VOID(txn_.erase(Table::dossier, key));
    Bytes now = to_bytes(key);
    if (const auto row = FormerRow::read(before)) {
      KHUOI_TRY_VOID(put_value(now, *row, at));
    } else {
      append(now, before);  // it does not decode now either
    }
    KHUOI_TRY_VOID(txn_.put(Table::dossier, at, now));
    const ByteView id = ByteView(key).last(id_octets);
    KHUOI_TRY(const auto leads_to, txn_.get(Table::alias, id));
    if (!leads_to) return txn_.put(Table::alias, id, at);
    if (equal(*leads_to, at)) return {};
    return txn_.put(Table::alias, hash_id<Id<struct ProvisionalTag, id_octets>>(key).view(), at);
  }
  Result<void> put_value(Bytes& to, const FormerRow& row, const Bytes& at) {
    ByteView items = row.items;
    std::uint32_t before = 0;
    for (; items.size() > items_in_chunk * item_octets; before += items_in_chunk) {
      Bytes place{static_cast<std::uint8_t>(Note::dossier_items)};
      append(place, at);
      Writer(place).u32(before);
      KHUOI_TRY_VOID(txn_.put(Table::note, place, items.first(items_in_chunk * item_octets)));
      items = items.subspan(items_in_chunk * item_octets);
    }
    // Nobody noted whether it names records that are not here.
    const unsigned flags = row.flags | (row.item_count > 1 ? open_ends : 0U);
    Writer out(to);
    out.raw(row.shown).u8(row.state).u8(static_cast<std::uint8_t>(flags)).u32(before);
    out.varint(row.item_count - before).raw(items);
    out.varint(row.head_count).raw(row.heads).varint(row.seen_count).raw(row.seen).varint(0);
    if ((row.flags & conflict_or_stale) == 0) return {};
    Bytes unsettled{static_cast<std::uint8_t>(Note::dossier_mark)};
    append(unsettled, at);
    return txn_.put(Table::note, unsettled, {});
  }

  Batch& batch_;
  WriteTxn& txn_;
  std::vector<std::pair<std::uint32_t, Key>> numbers_;
  std::vector<std::pair<Key, std::uint32_t>> rows_;  ///< in the order of their keys
};

}  // namespace

Result<void> renumber_dossiers(Batch& batch) { return Renumbering(batch).run(); }

}  // namespace khuoi::sync
