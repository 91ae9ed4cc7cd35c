#pragma once

#include <boost/json.hpp>

#include "node/acts/summary.h"

namespace khuoi::http {

/// A text that may be empty: null then.
boost::json::value nullable(const std::string& text);

/// A row of a list.
boost::json::object json_of_row(const node::Summary& summary, sync::Domain domain);

/// One dossier whole, as API.md says; its domain is open. Errors: not_found, what reading says.
Result<boost::json::object> json_of_dossier(sync::ReplicaReader& reader, const sync::ReadTxn& txn,
                                            const sync::DossierKey& key, const sync::DossierRow& row);

}  // namespace khuoi::http
