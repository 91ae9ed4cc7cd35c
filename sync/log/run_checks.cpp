#include "sync/log/run_checks.h"

#include "sync/log/lane.h"
#include "sync/log/quarantine.h"
#include "sync/log/run_writer.h"
#include "sync/seal/secret.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {
/// By run and the last number it covers: what was signed.
constexpr Rows<Ref, std::tuple<RunId, std::uint32_t, std::array<std::uint8_t, 32>, bool>> checkpoints{
    Note::checkpoint, "a checkpoint that waits for its records"};
}  // namespace

Result<void> RunChecks::note_checkpoint(Batch& batch, const Ref& ref, const Checkpoint& checkpoint) {
  const auto author = keys_of_author(core_, ref.author);
  const Bytes octets = checkpoint_octets(checkpoint);
  if (!author || !verify(author->sign, Purpose::checkpoint, core_.self.commune, {octets}, checkpoint.signature)) {
    return quarantine(batch, {"a checkpoint whose signature is wrong: records may be forged", ref, batch.now.wall, {}});
  }
  touched_.insert({ref.author, checkpoint.run});
  return checkpoints.put(batch, {ref.author, checkpoint.run, checkpoint.up_to},
                         {checkpoint.run, checkpoint.up_to, checkpoint.chain, checkpoint.final});
}

Result<std::vector<RunChecks::Due>> RunChecks::due_checkpoints(Batch& batch, const RunKey& key, const RunRow& row) {
  std::vector<Due> out;
  KHUOI_TRY_VOID(checkpoints.each(batch.txn, key, [&](const Ref& at, const auto& checkpoint) {
    const bool complete = at.number >= 2 && row.held.contains(RangeSet(2, at.number));
    if (complete) out.push_back({at.number, std::get<2>(checkpoint)});
  }));
  for (const Due& due : out) KHUOI_TRY_VOID(checkpoints.erase(batch, {key.author, key.run, due.up_to}));
  return out;
}

Result<void> RunChecks::check_chain(Batch& batch, const RunKey& key) {
  KHUOI_TRY(const RunRow* row, core_.runs.find(batch.txn, key));
  if (row == nullptr) return {};
  KHUOI_TRY(const std::vector<Due> due, due_checkpoints(batch, key, *row));  // by number: their names sort so
  if (due.empty()) return {};
  // All in one walk, since a burst may bring hundreds; from where the last one ended.
  const bool goes_on = row->chained_up_to >= 2 && row->chained_up_to < due.front().up_to;
  auto next = due.begin();
  std::optional<std::array<std::uint8_t, 32>> chain;
  if (goes_on) chain = row->chain;
  std::optional<Due> checked;
  std::optional<std::uint32_t> wrong;
  const std::uint32_t first = goes_on ? row->chained_up_to + 1 : 2;
  KHUOI_TRY_VOID(core_.runs.each_record(batch.txn, key, first, [&](const RecordView& record) {
    if (record.erased) return Walk::stop;  // what is gone by right cannot be checked any more
    const auto header = core_.runs.header(record.ref, *row, record.record_class, record.rank).encoded();
    auto context = run_keys_.context(batch.txn, key, *row, record.ref, header, record.body);
    auto plain = context ? (*context)->open(record.ref.number, header, record.body) : Result<Bytes>(context.error());
    if (!plain) {
      const bool closed = plain.error().code == Errc::locked || plain.error().code == Errc::not_found;
      if (!closed) wrong = record.ref.number;
      return Walk::stop;
    }
    if (!chain) chain = chain_start(**context);
    chain = chain_step(*chain, record.ref.number, *plain);
    wipe(*plain);
    if (record.ref.number == next->up_to) {
      if (*chain != next->chain) wrong = next->up_to;
      else checked = *next;
      ++next;
    }
    return next != due.end() && !wrong ? Walk::on : Walk::stop;
  }));
  if (checked && checked->up_to > row->chained_up_to) {
    KHUOI_TRY(RunRow* edited, core_.runs.edit(batch, key));
    edited->chained_up_to = checked->up_to;
    edited->chain = checked->chain;
  }
  if (!wrong) return {};
  return quarantine(batch, {"a checkpoint does not match its records: some may be forged",
                            Ref{key.author, key.run, *wrong}, batch.now.wall, {}});
}

Result<void> RunChecks::check_rollback(Batch& batch, const RunKey& key) {
  KHUOI_TRY(const RunRow* touched, core_.runs.find(batch.txn, key));
  if (touched == nullptr || touched->local) return {};
  const Lane lane = lane_of(core_, key.author, touched->audience, touched->is_public);
  KHUOI_TRY(const auto next, successor_of(batch.txn, lane, key.run));
  std::vector<std::pair<RunId, RunId>> neighbours{{touched->opener.previous, key.run}};
  if (next) neighbours.emplace_back(key.run, *next);
  for (const auto& [before, after] : neighbours) {
    KHUOI_TRY(const RunRow* first, core_.runs.find(batch.txn, {key.author, before}));
    KHUOI_TRY(const RunRow* second, core_.runs.find(batch.txn, {key.author, after}));
    if (first == nullptr || second == nullptr || first->held.empty() || second->forked) continue;
    // Runs of one start grow side by side: the head's and the health worker's. A node that healed goes on with lower
    // ordinals, so only whether they differ counts.
    const bool of_another_start = second->opener.ordinal != first->opener.ordinal;
    if (!of_another_start || first->held.last() <= second->opener.previous_last) continue;
    KHUOI_TRY(RunRow* flagged, core_.runs.edit(batch, {key.author, after}));
    flagged->forked = true;
    KHUOI_TRY_VOID(quarantine(batch, {"a run went on after the next one began: the box was restored from a backup or its disk was cloned",
                                      Ref{key.author, after, 0}, batch.now.wall, {}}));
  }
  return {};
}

Result<void> RunChecks::settle(Batch& batch) {
  for (const RunKey& key : touched_) {
    KHUOI_TRY_VOID(check_chain(batch, key));
    KHUOI_TRY_VOID(check_rollback(batch, key));
  }
  touched_.clear();
  return {};
}

}  // namespace khuoi::sync
