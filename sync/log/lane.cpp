#include "sync/log/lane.h"

#include "sync/store/rows.h"

namespace khuoi::sync {

Lane lane_of(const Membership& members, const NodeId& author, const AudienceId& audience, bool is_public) {
  if (is_public) return {author, audience_everyone()};
  const CommuneFacts* commune = members.roster.commune();
  const bool by_commune = commune != nullptr && author == commune->node;
  return by_commune ? Lane{author, audience} : Lane{author, AudienceId()};
}

namespace {
/// By author, audience and the run before.
constexpr Rows<std::tuple<NodeId, AudienceId, RunId>, RunId> successors{Note::successor, "the run after another"};
}  // namespace

Result<std::optional<RunId>> successor_of(const ReadTxn& txn, const Lane& lane, const RunId& run) {
  return successors.get(txn, {lane.author, lane.audience, run});
}

Result<std::optional<RunId>> note_successor(Batch& batch, const Lane& lane, const RunId& previous, const RunId& run) {
  KHUOI_TRY(const auto present, successor_of(batch.txn, lane, previous));
  if (present) return *present != run ? present : std::nullopt;
  KHUOI_TRY_VOID(successors.put(batch, {lane.author, lane.audience, previous}, run));
  return std::optional<RunId>();
}

}  // namespace khuoi::sync
