#include "sync/log/totals.h"

#include "sync/log/runs.h"

namespace khuoi::sync {

Result<std::optional<Totals>> Runs::totals(const ReadTxn& txn) const {
  KHUOI_TRY(auto out, totals_rows.get(txn, {}));
  if (!out) return out;
  if (!counting_) {
    KHUOI_TRY(const std::uint64_t record_rows, txn.entries(Table::record));
    if (record_rows != out->record_rows) return std::optional<Totals>();
  }
  out->records += more_.records;
  out->forks += more_.forks;
  out->local_runs += more_.local_runs;
  return out;
}

Result<void> Runs::flush_totals(Batch& batch) {
  if (!counting_) return {};
  KHUOI_TRY(const auto now, totals(batch.txn));
  return now ? put_totals(batch, *now) : Result<void>();
}

Result<void> Runs::put_totals(Batch& batch, Totals totals) {
  KHUOI_TRY(totals.record_rows, batch.txn.entries(Table::record));
  more_ = {};
  counting_ = false;
  return totals_rows.put(batch, {}, totals);
}

Result<Totals> Runs::count_totals(const ReadTxn& txn) {
  Totals out;
  KHUOI_TRY(out.record_rows, txn.entries(Table::record));
  KHUOI_TRY_VOID(each(txn, [&](const RunKey& key, const RunRow& row) {
    out.forks += row.forked ? 1U : 0U;
    out.local_runs += row.local && !row.held.empty() ? 1U : 0U;
    return each_record(txn, key, 0, [&](const RecordView& record) { out.records += record.peoples ? 1U : 0U; });
  }));
  return out;
}

Result<Runs::Age> Runs::age(const ReadTxn& txn, const RunKey& key) {
  struct Step {
    RunKey key;
    std::uint32_t ordinal;
  };
  std::vector<Step> chain;
  std::set<RunKey> seen;
  Age age;
  bool whole = false;  // it is here to its beginning
  bool begun = false;
  RunKey at = key;
  while (true) {
    if (const auto known = ages_.find(at); known != ages_.end()) {
      age = known->second;
      whole = begun = true;
      break;
    }
    KHUOI_TRY(const RunRow* row, find(txn, at));
    if (row == nullptr || !seen.insert(at).second) break;  // a loop, of a faulty author, ends here
    chain.push_back({at, row->opener.ordinal});
    whole = row->opener.previous.is_zero();
    if (whole) break;
    at = {at.author, row->opener.previous};
  }
  for (auto step = chain.rbegin(); step != chain.rend(); ++step) {
    age = begun ? Age{std::max(age.start, step->ordinal), age.place + 1} : Age{step->ordinal, 0};
    begun = true;
    if (whole) ages_.emplace(step->key, age);
  }
  return age;
}

}  // namespace khuoi::sync
