#include "sync/peers/passages.h"

#include <algorithm>
#include <tuple>

#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {

struct Passed {
  Passages::Moment moment;
  bool at_latest = false;
  Passages::Numbers numbers;
  static auto parts(auto& row) {
    return parts_of(row.moment.at, Flags(row.moment.trusted, row.at_latest), List(row.numbers));
  }
};

using Series = std::pair<Passages::Kind, Path>;
/// Numbers of a series have no gaps.
constexpr Rows<std::pair<Series, std::uint64_t>, Passed> passed_rows{Note::passage, "what left and arrived"};

/// False when the two are too ragged for one row.
bool join(Passed& into, const Passed& older) {
  for (const auto& [run, numbers] : older.numbers) {
    RangeSet& all = into.numbers[run];
    all.add(numbers);
    if (all.ranges().size() > RangeSet::ranges_max) return false;
  }
  into.at_latest = true;
  return into.numbers.size() <= Passages::runs_max;
}

/// The oldest two become one. Numbers have no gaps, so the first and the last tell how many there are.
Result<void> keep_few(Batch& batch, const Series& series, std::uint64_t last) {
  std::uint64_t first = last;
  KHUOI_TRY_VOID(passed_rows.each(batch.txn, series, [&](const auto& key, const Passed&) {
    first = key.second;
    return Walk::stop;
  }));
  if (last - first < Passages::rows_max) return {};
  KHUOI_TRY(const Passed older, passed_rows.get_or_new(batch.txn, {series, first}));
  KHUOI_TRY(Passed joined, passed_rows.get_or_new(batch.txn, {series, first + 1}));
  if (join(joined, older)) {
    KHUOI_TRY_VOID(passed_rows.put(batch, {series, first + 1}, joined));
  }
  return passed_rows.erase(batch, {series, first});
}

/// The last of the records that the row speaks of.
std::optional<std::size_t> last_of(const Passed& row, const std::vector<Ref>& refs) {
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
  Passed row{moment, false, {}};
  for (const auto& [run, some] : numbers) {
    if (!some.empty()) row.numbers.emplace(run, some);
  }
  if (row.numbers.empty()) return {};
  const Series series{kind, path};
  KHUOI_TRY(const auto last, passed_rows.last(batch.txn, series));
  const std::uint64_t next = last ? last->second + 1 : 1;
  KHUOI_TRY_VOID(passed_rows.put(batch, {series, next}, row));
  return keep_few(batch, series, next);
}

Result<std::vector<Passages::Passage>> Passages::of(const ReadTxn& txn, const std::vector<Ref>& refs) {
  std::vector<Passage> out;
  KHUOI_TRY_VOID(passed_rows.each(txn, [&](const auto& key, const Passed& row) {
    const auto& [kind, path] = key.first;
    if (const auto last = last_of(row, refs)) out.push_back({kind, path, row.moment, row.at_latest, *last});
  }));
  std::ranges::stable_sort(out, {}, [](const Passage& one) { return std::tuple(one.last, one.kind, one.moment.at); });
  return out;
}

}  // namespace khuoi::sync
