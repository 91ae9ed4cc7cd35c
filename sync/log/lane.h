#pragma once

#include "sync/membership/membership.h"
#include "sync/record/header.h"

namespace khuoi::sync {

/// One author's runs for one reader follow each other.
struct Lane {
  NodeId author;
  AudienceId audience;  ///< everyone, one box's key, or zero for a hamlet's lane towards its commune
};
Lane lane_of(const Membership& members, const NodeId& author, const AudienceId& audience, bool is_public);
Result<std::optional<RunId>> successor_of(const ReadTxn& txn, const Lane& lane, const RunId& run);
/// Records that `run` follows `previous`. Gives the other run that does so already: a fork, which the caller marks in both
/// rows' flags.
Result<std::optional<RunId>> note_successor(Batch& batch, const Lane& lane, const RunId& previous, const RunId& run);

}  // namespace khuoi::sync
