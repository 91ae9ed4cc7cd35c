#pragma once

#include "node/web_server/message.h"

namespace khuoi::http {

/// What zlib takes as windowBits: the largest window, and a gzip header.
inline constexpr int gzip_window = 15 + 16;

/// Gzips the answer's body in memory for a client that takes it: a form's XML shrinks to a quarter, and a phone pays for it
/// at every opening. Says `Vary` in any case. Left as it is when it does not become smaller.
void gzip_for(const Request& request, Response& answer);

}  // namespace khuoi::http
