#pragma once

#include <optional>
#include <string>
#include <vector>

#include "node/engine/engine.h"

namespace khuoi::node {

/// At the commune: a hamlet's request, before anybody granted it.
struct Asked {
  sync::EnrolRequest request;
  std::string fingerprint;  ///< 30 digits
};
/// Errors: malformed.
Result<Asked> read_request(ByteView armoured);
/// Whether these are the digits that the hamlet read aloud. Errors: denied.
Result<void> compare(const Asked& asked, std::string_view digits);

struct Granted {
  std::string armoured;         ///< the file that read_grant takes
  std::string name;             ///< of the hamlet's box
  std::string own_fingerprint;  ///< of the commune's authority: what the hamlet compares
};
/// Lets a box in. `replaces`: the hamlet (name or id) whose broken or stolen box it replaces; nothing for a new hamlet.
/// Errors: locked, denied at a hamlet, not_found, usage (hamlet_named).
Result<Granted> grant_request(Engine& engine, const std::vector<sync::LockKey>& keys, const Asked& asked,
                              const std::optional<std::string>& replaces);

/// What a grant says, before anybody took it.
struct Invitation {
  std::string commune;
  std::string fingerprint;  ///< of the commune's authority, 30 digits
};

/// Where a hamlet stands with its commune.
struct Joining {
  Bytes request;            ///< to join one
  std::string fingerprint;  ///< of the request, 30 digits
  bool granted = false;
  std::optional<Invitation> commune = {};  ///< once a grant was taken
};
/// Errors: denied at a commune.
Result<Joining> joining_of(Engine& engine);
/// The file that read_request takes.
std::string armoured_request(const Joining& joining);

/// A grant as files and sticks carry it. Errors: malformed, denied (not for this box).
Result<Invitation> read_grant(Engine& engine, ByteView armoured);
/// Whether these are the digits that the commune read aloud, whatever stands between them. Errors: denied; the sentence
/// does not tell the right ones, or nobody would listen.
Result<void> compare(const Invitation& invitation, std::string_view digits);

/// Seals these lock keys to the commune, so that a lost phrase is not the end; nothing where that was done before, at a
/// commune, before the grant, or without keys. Head and health worker with a phrase each have a slot each.
Result<void> keep_recovery(sync::Replica& replica, sync::Batch& batch, const std::vector<sync::LockKey>& keys);

/// Takes a grant; what was written before goes to the commune as soon as these keys, or the next unlock, open it. With
/// keys a way back in for a lost phrase is made too. The commune is the one of read_grant, which a person compared or was
/// warned of: all statements of a grant are signed by one authority. Gives the commune's name.
/// Errors: malformed, unauthenticated (it names two communes), denied (not for this box; already in another commune).
Result<std::string> take_grant(Engine& engine, const std::vector<sync::LockKey>& keys, ByteView armoured);

/// A hamlet leaves a commune that was the wrong one. Gives its name, empty when there was none. Errors: as
/// sync::Resealing::leave_commune.
Result<std::string> leave_commune(Engine& engine, const std::vector<sync::LockKey>& keys);

/// A grant that a stick brought into DIR/papers. Whoever has the request can make one, under any name. At a commune a
/// request, with the box's name and digits in the invitation's place.
struct PaperGrant {
  std::string path;
  Invitation invitation;
  Bytes armoured;
};
/// All that are for this box, by name: a person compares the digits and chooses.
Result<std::vector<PaperGrant>> grants_from_sticks(Engine& engine);
/// At a commune the same of requests; those of boxes that were let in meanwhile are left out.
Result<std::vector<PaperGrant>> requests_from_sticks(Engine& engine);

}  // namespace khuoi::node
