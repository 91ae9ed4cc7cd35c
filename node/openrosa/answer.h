#pragma once

#include "node/web_server/message.h"

namespace khuoi::openrosa {

/// Text between tags or in an attribute: escaped, and what XML 1.0 has no place for replaced by U+FFFD.
std::string xml_text(std::string_view text);

/// <OpenRosaResponse> with one message, which a phone shows to its user.
http::Response message_response(unsigned status, std::string_view message);

/// An answer as OpenRosa clients want it: X-OpenRosa-Version on every one, and instead of a problem's JSON an
/// <OpenRosaResponse> that tells, in Vietnamese, what whoever holds the phone can do.
http::Response dressed(http::Response response);

}  // namespace khuoi::openrosa
