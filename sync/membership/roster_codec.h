#pragma once

#include <variant>

#include "sync/membership/roster.h"

namespace khuoi::sync {

/// What a statement says, before it is folded into a roster. Private to roster.cpp and enrol.cpp.
struct RevocationFacts {
  NodeId node;
  UnixSeconds at;
  std::map<RunId, std::uint32_t> counted_up_to;
};
/// A kind of a later version.
struct UnknownFacts {};
using StatementFacts = std::variant<NodeFacts, RevocationFacts, CommuneFacts, OfficerFacts, UnknownFacts>;

/// Cap'n Proto, packed, without the signature.
Bytes pack_statement(const StatementFacts& facts);
/// Identities are filled in from the keys. Errors: malformed, too_large.
Result<StatementFacts> unpack_statement(ByteView packed);

Bytes pack_request(const EnrolRequest& request);
Result<EnrolRequest> unpack_request(ByteView packed);

/// Octets in front of a signature, and the signature; nothing if there are not enough.
struct Signed {
  ByteView octets;
  ByteView signature;
};
std::optional<Signed> split_signed(ByteView whole);

}  // namespace khuoi::sync
