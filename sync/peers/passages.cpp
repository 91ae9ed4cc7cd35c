#include "sync/peers/passages.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace khuoi::sync {

namespace {

constexpr std::string_view prefix = "passage/";
constexpr std::size_t number_digits = 16;
constexpr std::uint8_t flag_trusted = 1, flag_at_latest = 2;
constexpr std::array kinds{Passages::Kind::sent, Passages::Kind::received};
constexpr std::array paths{Path::stick, Path::fiber, Path::radio};

struct Row {
  Passages::Moment moment;
  bool at_latest = false;
  Passages::Numbers numbers;
};

std::string_view name_of_kind(Passages::Kind kind) { return kind == Passages::Kind::sent ? "sent" : "received"; }

std::string series_of(Passages::Kind kind, Path path) {
  return std::string(prefix) + std::string(name_of_kind(kind)) + "/" + std::string(name_of(path)) + "/";
}

std::string row_name(const std::string& series, std::uint64_t number) {
  Bytes octets;
  Writer(octets).u64(number);
  return series + to_hex(octets);
}

std::optional<std::uint64_t> number_in(const std::string& series, ByteView key) {
  if (key.size() != series.size() + number_digits || text_of(key.first(series.size())) != series) return std::nullopt;
  std::uint64_t out = 0;
  for (const char digit : text_of(key.subspan(series.size()))) {
    out = out << 4U | static_cast<std::uint64_t>(digit >= 'a' ? digit - 'a' + 10 : digit - '0');
  }
  return out;
}

Bytes encode(const Row& row) {
  Bytes out;
  Writer to(out);
  to.u64(static_cast<std::uint64_t>(row.moment.at.value));
  to.u8(static_cast<std::uint8_t>((row.moment.trusted ? flag_trusted : 0) | (row.at_latest ? flag_at_latest : 0)));
  to.varint(row.numbers.size());
  for (const auto& [run, numbers] : row.numbers) {
    to.raw(run.view());
    numbers.encode(to);
  }
  return out;
}

Result<Row> decode(ByteView octets) {
  Reader from(octets);
  Row row;
  row.moment.at.value = static_cast<std::int64_t>(from.u64());
  const std::uint8_t flags = from.u8();
  row.moment.trusted = (flags & flag_trusted) != 0;
  row.at_latest = (flags & flag_at_latest) != 0;
  const std::uint64_t runs = from.varint();
  for (std::uint64_t i = 0; i < runs && from.ok(); ++i) {
    const RunId run(from.array<8>());
    KHUOI_TRY(row.numbers[run], RangeSet::decode(from));
  }
  if (!from.done())
    return fail(Errc::damaged, "store: a row of what left and arrived does not decode; restore a backup");
  return row;
}

Result<Row> row_named(const ReadTxn& txn, const std::string& name) {
  KHUOI_TRY(const Bytes value, meta_octets(txn, name));
  return decode(value);
}

/// False when the two are too ragged for one row.
bool join(Row& into, const Row& older) {
  for (const auto& [run, numbers] : older.numbers) {
    RangeSet& all = into.numbers[run];
    all.add(numbers);
    if (all.ranges().size() > RangeSet::ranges_max) return false;
  }
  into.at_latest = true;
  return into.numbers.size() <= Passages::runs_max;
}

/// The oldest two become one. Numbers have no gaps, so the first and the last tell how many there are.
Result<void> keep_few(Batch& batch, const std::string& series, std::uint64_t last) {
  std::optional<std::uint64_t> first;
  KHUOI_TRY_VOID(scan_prefix(batch.txn, Table::meta, view_of(series), [&](ByteView key, ByteView) {
    first = number_in(series, key);
    return false;
  }));
  if (!first || last - *first < Passages::rows_max) return {};
  KHUOI_TRY(const Row older, row_named(batch.txn, row_name(series, *first)));
  KHUOI_TRY(Row joined, row_named(batch.txn, row_name(series, *first + 1)));
  if (join(joined, older)) KHUOI_TRY_VOID(put_meta_octets(batch, row_name(series, *first + 1), encode(joined)));
  return batch.txn.erase(Table::meta, view_of(row_name(series, *first)));
}

/// The last of the records that the row speaks of.
std::optional<std::size_t> last_of(const Row& row, const std::vector<Ref>& refs) {
  for (std::size_t i = refs.size(); i > 0; --i) {
    const auto run = row.numbers.find(refs[i - 1].run);
    if (run != row.numbers.end() && run->second.contains(refs[i - 1].number)) return i - 1;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Path path) {
  switch (path) {
    case Path::stick:
      return "stick";
    case Path::fiber:
      return "fiber";
    case Path::radio:
      return "radio";
  }
  return "";
}

Result<void> Passages::note(Batch& batch, Kind kind, Path path, const Moment& moment, const Numbers& numbers) {
  Row row{moment, false, {}};
  for (const auto& [run, some] : numbers) {
    if (!some.empty()) row.numbers.emplace(run, some);
  }
  if (row.numbers.empty()) return {};
  const std::string series = series_of(kind, path);
  KHUOI_TRY(const auto newest, batch.txn.last_up_to(Table::meta, view_of(series + std::string(number_digits, 'f'))));
  const auto last = newest ? number_in(series, newest->first) : std::nullopt;
  const std::uint64_t next = last.value_or(0) + 1;
  KHUOI_TRY_VOID(put_meta_octets(batch, row_name(series, next), encode(row)));
  return keep_few(batch, series, next);
}

Result<std::vector<Passages::Passage>> Passages::of(const ReadTxn& txn, const std::vector<Ref>& refs) {
  std::vector<Passage> out;
  Result<void> outcome;
  for (const Kind kind : kinds) {
    for (const Path path : paths) {
      KHUOI_TRY_VOID(scan_prefix(txn, Table::meta, view_of(series_of(kind, path)), [&](ByteView, ByteView value) {
        const auto row = decode(value);
        if (!row) {
          outcome = row.error();
          return false;
        }
        if (const auto last = last_of(*row, refs)) out.push_back({kind, path, row->moment, row->at_latest, *last});
        return true;
      }));
      if (!outcome) return outcome.error();
    }
  }
  std::ranges::stable_sort(out, {}, [](const Passage& one) { return std::tuple(one.last, one.kind, one.moment.at); });
  return out;
}

}  // namespace khuoi::sync
