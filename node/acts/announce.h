#pragma once

#include <boost/json/fwd.hpp>
#include <optional>

#include "node/acts/staged_files.h"

namespace khuoi::node {

struct Announced {
  DossierId id;
  bool waits = false;  ///< an emergency: it leaves once two officers approved it
};
/// What the commune says to hamlets: to those that `to` names (hamlets_named). A clip is played instead of the text.
/// Durable when it returns. Errors: denied at a hamlet, usage (its content), not_found (`to`), the clip's, the store's.
Result<Announced> announce(Engine& engine, sync::AnnouncementContent content, const std::string& to,
                           const std::optional<FileSource>& clip);

/// An announcement as lists give it; who lists says more of it.
boost::json::object json_of_announcement(const DossierId& id, const sync::AnnouncementContent& content,
                                         std::string_view state);

/// An emergency that waits for its officers.
struct Emergency {
  sync::Items::Pending pending;
  sync::AnnouncementContent content;
};
/// In the order of their ids; one that does not decode is left out. Errors: the store's.
Result<std::vector<Emergency>> emergencies(sync::ReplicaReader& reader, const sync::ReadTxn& txn);

/// An emergency that an officer is asked to approve.
struct Approvable {
  Emergency emergency;
  std::string officer;
  sync::OfficerKeys keys;  ///< the officer's
};
/// The one whose id begins with these hexadecimal digits, six at least. Errors: not_found (no officer has this name, no
/// emergency this id), usage (several fit).
Result<Approvable> approvable(Engine& engine, const std::string& officer, const std::string& digits);

/// The officer signs with their own phrase, having seen what it says. True when it left, since two officers signed.
/// Errors: denied (a wrong phrase), not_found (no longer there), the store's.
Result<bool> approve(Engine& engine, const Approvable& what, const sync::Secret& phrase);
/// The same with the key that the phrase derives.
Result<bool> approve_with_key(Engine& engine, const Approvable& what, const sync::Secret& phrase_key);

}  // namespace khuoi::node
