#include "sync/log/lane.h"

#include "sync/store/meta.h"

namespace khuoi::sync {

Lane lane_of(const Membership& members, const NodeId& author, const AudienceId& audience, bool is_public) {
  if (is_public) return {author, audience_everyone()};
  const CommuneFacts* commune = members.roster.commune();
  const bool by_commune = commune != nullptr && author == commune->node;
  return by_commune ? Lane{author, audience} : Lane{author, AudienceId()};
}

namespace {
Bytes successor_name(const Lane& lane, const RunId& previous) {
  Bytes out = to_bytes(view_of("next/"));
  Writer(out).raw(lane.author.view()).raw(lane.audience.view()).raw(previous.view());
  return out;
}
}  // namespace

Result<std::optional<RunId>> successor_of(const ReadTxn& txn, const Lane& lane, const RunId& run) {
  KHUOI_TRY(const auto value, txn.get(Table::meta, successor_name(lane, run)));
  return value ? RunId::from(*value) : std::nullopt;
}

Result<std::optional<RunId>> note_successor(Batch& batch, const Lane& lane, const RunId& previous, const RunId& run) {
  KHUOI_TRY(const auto present, successor_of(batch.txn, lane, previous));
  if (present) return *present != run ? present : std::nullopt;
  KHUOI_TRY_VOID(batch.txn.put(Table::meta, successor_name(lane, previous), run.view()));
  return std::optional<RunId>();
}

}  // namespace khuoi::sync
