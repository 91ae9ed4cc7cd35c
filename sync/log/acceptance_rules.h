#pragma once

#include <string>

#include "sync/membership/membership.h"
#include "sync/record/header.h"

namespace khuoi::sync {

/// Why a record is refused before its content is looked at; empty if it is not.
std::string refusal_of(const Membership& members, const Sealed& record);
/// Of an author of ours. Errors: malformed (it does not decode), unauthenticated (a wrong signature).
Result<Opener> verified_opener(const Membership& members, const Sealed& record);
/// A hamlet owns its submissions and what becomes of them there; the commune owns states, forms and announcements.
bool may_write(const Membership& members, const Plain& plain, const NodeId& author);

}  // namespace khuoi::sync
