#pragma once

#include <string>

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// Well-formed UTF-8 (RFC 3629): no overlong forms, surrogates or values past U+10FFFF. NUL counts as a character.
bool is_utf8(ByteView octets);

/// Normal form C, in which names of attachments are compared: a phone may write "ệ" as one character, as two or three.
/// What is not UTF-8 comes back as it is.
std::string to_nfc(std::string_view text);

}  // namespace khuoi::sync
