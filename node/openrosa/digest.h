#pragma once

#include <string>
#include <string_view>

#include "node/openrosa/md5.h"
#include "sync/base/result.h"

namespace khuoi::openrosa {

/// What a client claims in `Authorization: Digest …` (RFC 7616 section 3.4, MD5 with qop=auth only). Texts are as they
/// stood between the quotes, unescaped; none of it is believed yet.
struct DigestClaim {
  std::string username;
  std::string realm;
  std::string nonce;
  std::string uri;
  std::string cnonce;
  std::string count_text;  ///< eight hexadecimal digits, as they go into the response
  std::uint32_t count = 0;
  Md5Hash response{};
};

inline constexpr std::size_t authorization_octets_max = 4096;

/// Whether the header speaks of Digest at all; anything else (none, Basic) asks for a challenge, not for a judgement.
bool is_digest(std::string_view authorization);

/// Errors: malformed for another scheme, broken quoting, a parameter that is missing, given twice or unknown in its
/// value (another algorithm, auth-int, userhash, username*).
Result<DigestClaim> read_claim(std::string_view authorization);

/// MD5 of name ":" realm ":" password: what a server keeps instead of the password.
Md5Hash ha1_of(std::string_view username, std::string_view realm_name, std::string_view password);

/// What the response must be if whoever sent the claim knows the password behind `ha1`. `method` as it stood in the
/// request; the request's target is the claim's `uri`, which the caller compares.
Md5Hash response_of(const Md5Hash& ha1, const DigestClaim& claim, std::string_view method);

}  // namespace khuoi::openrosa
