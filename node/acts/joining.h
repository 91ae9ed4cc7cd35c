#pragma once

#include <optional>
#include <string>
#include <vector>

#include "node/engine/engine.h"

namespace khuoi::node {

/// What a grant says, before anybody took it.
struct Invitation {
  std::string commune;
  std::string fingerprint;  ///< of the commune's authority, 30 digits
};

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
