#pragma once

#include "node/acts/submit.h"
#include "node/web_server/message.h"

namespace khuoi::http {

class Counter;

/// All of one request: a file of 2 GiB, its form, and some further photos.
inline constexpr std::uint64_t submission_octets_max = (std::uint64_t{2} << 30U) + (std::uint64_t{64} << 20U);

/// The part xml_submission_file and the files, as OpenRosa has it. Borrows from the request.
/// Errors: malformed, too_large.
Result<node::HandedIn> handed_of(const Request& request);
/// A plain field's text; empty when absent.
std::string field_of(const Request& request, std::string_view name);
/// Why a submission was not taken, so that whoever filled it in can do something about it: a character that XML has no
/// place for is named with the question it stands in.
Response submission_refusal(const Error& error, ByteView xml);
/// 201, or 200 for a repeat: {id, number, state}.
Response submission_response(const node::TakenIn& taken);
/// The field `draft` names an unfinished form that ends in the same commit, unless what is handed in instead of it is
/// something that no page could open again. Both must outlive `handed`.
void let_draft_go(Counter& counter, const Request& request, node::HandedIn& handed);

}  // namespace khuoi::http
