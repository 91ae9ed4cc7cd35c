#pragma once

#include <boost/json.hpp>

#include "node/links/link.h"
#include "sync/replica/replica.h"

namespace khuoi::node {

/// What becomes of a hamlet's own records of one dossier that the commune is not known to have, where a link has an
/// outlook.
struct DossierOutlook {
  LinkOutlook way;
  bool hastened = false;    ///< somebody asked that they go by radio now
  bool may_hasten = false;  ///< they wait for the fiber: somebody may ask
};
/// Nothing: the commune has them all, this is a commune, or no such link was asked for. Errors: the store's.
Result<std::optional<DossierOutlook>> outlook_of(sync::ReplicaReader& reader, const sync::ReadTxn& txn,
                                                 const sync::DossierRow& row, LinkList links);

/// Whether a dossier can leave here by radio.
bool has_radio(LinkList links);

/// {why, until, fiber_at, heard_minutes_ago, octets_waiting, octets_held, minutes}: what is not known is null.
boost::json::object json_of(const LinkOutlook& outlook);
/// The same with hastened and may_hasten.
boost::json::object json_of(const DossierOutlook& outlook);

}  // namespace khuoi::node
