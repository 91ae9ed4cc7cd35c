#include "sync/merge/fold_on.h"

#include <algorithm>

namespace khuoi::sync {

namespace {

bool saw_the_same(const FoldedRow& row, const std::vector<Ref>& seen) {
  std::vector<Ref> mine;
  for (const FoldedRow::Seen& one : row.seen) mine.push_back(one.ref);
  std::vector<Ref> theirs = seen;
  std::ranges::sort(mine);
  std::ranges::sort(theirs);
  theirs.erase(std::unique(theirs.begin(), theirs.end()), theirs.end());
  return mine == theirs;
}

bool is_of_state(const FoldedRow::Seen& one) { return one.kind == Kind::state || one.kind == Kind::withdrawal; }

}  // namespace

bool fold_on(FoldedRow& row, const Newcomer& newcomer) {
  const bool is_edit = newcomer.kind == Kind::edit && newcomer.is_new_instance && newcomer.edits_what_is_here;
  const bool is_state = newcomer.kind == Kind::state && newcomer.is_last_of_its_run;
  const bool is_withdrawal = newcomer.kind == Kind::withdrawal;
  // With seen_max of them some were left out.
  const bool is_told_whole = row.seen.size() + 1 < seen_max;
  if ((!is_edit && !is_state && !is_withdrawal) || !is_told_whole || !saw_the_same(row, newcomer.seen)) return false;
  if (is_edit) {
    std::erase_if(row.seen, [](const FoldedRow::Seen& one) { return !is_of_state(one); });
    row.heads = {newcomer.ref};
  } else if (is_state) {
    std::erase_if(row.seen, is_of_state);
    row.state = newcomer.state;
  }
  row.withdrawal_asked = is_withdrawal || (row.withdrawal_asked && !is_state);
  row.seen.push_back({newcomer.ref, newcomer.kind});
  std::ranges::sort(row.seen, {}, &FoldedRow::Seen::ref);
  return true;
}

}  // namespace khuoi::sync
