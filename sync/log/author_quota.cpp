#include "sync/log/author_quota.h"

#include "sync/log/quarantine.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {
constexpr Rows<NodeId, AuthorQuota::Today> quotas{Note::quota, "what an author had stored in a day"};
}  // namespace

Result<AuthorQuota::Today*> AuthorQuota::today(Batch& batch, const NodeId& author) {
  const auto day = static_cast<std::uint64_t>(batch.now.wall.value / 86'400);
  if (!today_.contains(author)) {
    KHUOI_TRY(today_[author], quotas.get_or_new(batch.txn, author));
  }
  Today& out = today_[author];
  if (out.day != day) out = {day, 0};
  return &out;
}

Result<bool> AuthorQuota::is_over(Batch& batch, const Sealed& record, bool vouched) {
  const NodeId& author = record.header.author;
  if (!core_.self.is_commune() || author == core_.self.node) return false;
  KHUOI_TRY(Today* const so_far, today(batch, author));
  if (so_far->octets > octets_max_) return true;
  if (so_far->octets + record.body.size() <= octets_max_) return false;
  // What somebody else says in its name may not close its day.
  if (vouched) {
    so_far->octets = octets_max_ + 1;
    KHUOI_TRY_VOID(quarantine(batch, {"its author wrote more than a day's quota: the rest is refused until tomorrow",
                                      record.header.ref(), batch.now.wall, {}}));
  }
  return true;
}

Result<void> AuthorQuota::charge(Batch& batch, const Sealed& record) {
  if (!core_.self.is_commune() || record.header.author == core_.self.node) return {};
  KHUOI_TRY(Today* const so_far, today(batch, record.header.author));
  so_far->octets += record.body.size();
  return {};
}

Result<void> AuthorQuota::save(Batch& batch) {
  for (const auto& [author, so_far] : today_) KHUOI_TRY_VOID(quotas.put(batch, author, so_far));
  return {};
}

}  // namespace khuoi::sync
