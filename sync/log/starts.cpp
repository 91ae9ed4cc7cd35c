#include "sync/log/starts.h"

#include <algorithm>

#include "sync/base/check.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {
constexpr std::string_view starts_count = "starts";
constexpr std::string_view foreign_count = "starts_foreign", copies_count = "starts_copies", healed_count = "starts_healed";
constexpr std::string_view echoes_count = "echoes_unknown", voids_count = "heads_void";
constexpr std::string_view past_name = "starts_past", past_echoed_name = "starts_past_echoed";

/// By its ordinal.
struct StartRow {
  StartId id{};
  std::optional<std::uint64_t>
      last;  ///< the last sequence, once the start is over; earlier versions wrote the id alone
  static auto parts(auto& row) { return parts_of(row.id, row.last); }
};
constexpr Rows<std::uint64_t, StartRow> start_rows{Note::start, "a start of this node"};
constexpr Rows<std::pair<std::uint64_t, StartId>, std::uint64_t> foreign_rows{Note::start_foreign, "a foreign start"};

Result<void> count_one(Batch& batch, std::string_view name) {
  KHUOI_TRY(const std::uint64_t before, meta_number(batch.txn, name));
  return put_meta_number(batch, name, before + 1);
}
}  // namespace

Result<void> Starts::load(const ReadTxn& txn) {
  KHUOI_TRY(sequence_at_load_, meta_number(txn, "holdings_sequence"));
  return {};
}

Result<Starts::Start> Starts::current(Batch& batch) {
  if (current_) return *current_;
  KHUOI_TRY(std::uint64_t starts, meta_number(batch.txn, starts_count));
  KHUOI_TRY_VOID(close_last(batch, starts));
  if (starts >= heal_ordinal) {
    KHUOI_TRY(starts, heal(batch));
    KHUOI_TRY_VOID(close_last(batch, starts));
  }
  KHUOI_CHECK(starts < heal_ordinal);
  const Start next{static_cast<std::uint32_t>(starts) + 1, core_.rng.id<Id<struct StartTag, 8>>().value};
  KHUOI_TRY_VOID(put_meta_number(batch, starts_count, next.ordinal));
  KHUOI_TRY_VOID(start_rows.put(batch, next.ordinal, {next.id, {}}));
  first_here_ = std::min(first_here_, next.ordinal);
  current_ = next;
  new_ = true;
  return next;
}

/// Heads of the start before this one end here, so that a later one is known for another life's.
Result<void> Starts::close_last(Batch& batch, std::uint64_t starts) {
  KHUOI_TRY(auto row, start_rows.get(batch.txn, starts));
  if (!row || row->last) return {};
  // What came in since this object was made was stated by no start before it.
  const bool made_here = starts >= first_here_;
  KHUOI_TRY(const std::uint64_t now, meta_number(batch.txn, "holdings_sequence"));
  row->last = made_here ? now : sequence_at_load_;
  return start_rows.put(batch, starts, *row);
}

Result<bool> Starts::made(const ReadTxn& txn, std::uint32_t ordinal, const StartId& id) const {
  KHUOI_TRY(const auto row, start_rows.get(txn, ordinal));
  return row && row->id == id;
}

Result<bool> Starts::gave(const ReadTxn& txn, const Head& head) const {
  KHUOI_TRY(const auto row, start_rows.get(txn, head.ordinal));
  if (!row || row->id != head.start) return false;
  KHUOI_TRY(const std::uint64_t now, meta_number(txn, "holdings_sequence"));
  const bool made_here = head.ordinal >= first_here_;
  return head.sequence <= row->last.value_or(made_here ? now : sequence_at_load_);
}

Result<bool> Starts::take_past(Batch& batch, std::uint32_t ordinal, const StartId& id) {
  // One that this node would heal from is no help: what bears it is set aside peer by peer.
  if (ordinal >= heal_ordinal) return false;
  KHUOI_TRY_VOID(count_foreign(batch, ordinal, id));
  if (current_ && current_->ordinal > ordinal) return false;
  KHUOI_TRY(const std::uint64_t starts, meta_number(batch.txn, starts_count));
  if (!current_ && starts > ordinal) return false;  // the next one is later anyway
  // Whatever this object made so far is over; its row is closed before the count leaves it behind.
  KHUOI_TRY_VOID(close_last(batch, starts));
  const std::uint64_t raised = std::max<std::uint64_t>(starts, ordinal);
  KHUOI_TRY_VOID(put_meta_number(batch, starts_count, raised));
  KHUOI_TRY_VOID(put_meta_number(batch, past_name, raised));
  current_.reset();
  return true;
}

/// Each once. After a restore the starts of the past that was lost come up, and this node takes later ones. When peers
/// have echoed one of those, and yet a later foreign one comes up, its signer had heard of this life: it is a copy.
Result<void> Starts::count_foreign(Batch& batch, std::uint32_t ordinal, const StartId& id) {
  KHUOI_TRY(const auto known, foreign_rows.get(batch.txn, {ordinal, id}));
  if (known) return {};
  KHUOI_TRY_VOID(foreign_rows.put(batch, {ordinal, id}, 1));
  KHUOI_TRY_VOID(count_one(batch, foreign_count));
  KHUOI_TRY(const std::uint64_t echoed, meta_number(batch.txn, past_echoed_name));
  return echoed != 0 && ordinal > echoed ? count_one(batch, copies_count) : Result<void>();
}

Result<void> Starts::note_echoed(Batch& batch, std::uint32_t ordinal) {
  KHUOI_TRY(const std::uint64_t past, meta_number(batch.txn, past_name));
  if (past == 0 || ordinal <= past) return {};
  KHUOI_TRY(const std::uint64_t before, meta_number(batch.txn, past_echoed_name));
  return ordinal > before ? put_meta_number(batch, past_echoed_name, ordinal) : Result<void>();
}

Result<std::uint64_t> Starts::heal(Batch& batch) {
  std::uint64_t greatest = 0;
  KHUOI_TRY(const auto ordinals, start_rows.keys(batch.txn));
  for (const std::uint64_t ordinal : ordinals) {
    if (ordinal < own_ordinal_max) greatest = std::max(greatest, ordinal);
    if (ordinal >= void_ordinal) KHUOI_TRY_VOID(start_rows.erase(batch, ordinal));
  }
  // Earlier versions took a number for a run before they drew an id for it.
  KHUOI_TRY_VOID(core_.runs.each(batch.txn, [&](const RunKey& key, const RunRow& row) {
    const std::uint64_t ordinal = row.opener.ordinal;
    if (key.author == core_.self.node && ordinal < own_ordinal_max) greatest = std::max(greatest, ordinal);
  }));
  KHUOI_TRY_VOID(set_aside_(batch));
  KHUOI_TRY_VOID(put_meta_number(batch, starts_count, greatest));
  for (const std::string_view name : {past_name, past_echoed_name}) {
    KHUOI_TRY_VOID(put_meta_number(batch, name, 0));
  }
  KHUOI_TRY_VOID(count_one(batch, healed_count));
  return greatest;
}

Result<Starts::Figures> Starts::figures(const ReadTxn& txn) {
  Figures out;
  KHUOI_TRY(out.foreign, meta_number(txn, foreign_count));
  KHUOI_TRY(out.copies, meta_number(txn, copies_count));
  KHUOI_TRY(out.healed, meta_number(txn, healed_count));
  KHUOI_TRY(out.echoes, meta_number(txn, echoes_count));
  KHUOI_TRY(out.voids, meta_number(txn, voids_count));
  return out;
}

Result<void> Starts::count_unknown_echo(Batch& batch) { return count_one(batch, echoes_count); }
Result<void> Starts::count_void_head(Batch& batch) { return count_one(batch, voids_count); }

}  // namespace khuoi::sync
