#pragma once

#include "sync/record/record.h"

namespace khuoi::sync {

/// One packed Cap'n Proto message (record.capnp) of a body; of an edit only the facts, of a submission nothing, since
/// their payloads stand outside.
Bytes pack_body(const Body& body);

/// The body of that kind, with an edit's payload still empty. The limits are not yet checked.
/// Errors: malformed, too_large.
Result<Body> unpack_body(Kind kind, ByteView packed, std::size_t unpacked_octets_max = record_octets_max);

}  // namespace khuoi::sync
