#pragma once

#include "sync/replica/replica.h"

namespace khuoi::node {

/// A hamlet's own records of one dossier that the commune is not known to have; photos apart, which never go by radio.
struct OwnWaiting {
  std::vector<sync::Ref> refs;
  bool too_large = false;  ///< one of them is larger than radio takes, or was refused by radio: it goes by other paths
  bool urgent = false;     ///< all of them are: they wait for nothing
  bool hastened = false;   ///< somebody asked for all of them to be sent by radio now
};
Result<OwnWaiting> own_waiting(sync::ReplicaReader& reader, const sync::ReadTxn& txn, const sync::DossierRow& row);

/// What of the dossier waits goes by radio now, though a fiber is near. Kept until the commune has it. Errors: denied
/// (at a commune, or before the grant), unsupported (`has_radio` is false), too_large, not_found (there is no such
/// dossier, or the commune has all of it).
Result<void> send_now(sync::Replica& replica, sync::Batch& batch, const sync::DossierKey& key, bool has_radio);

}  // namespace khuoi::node
