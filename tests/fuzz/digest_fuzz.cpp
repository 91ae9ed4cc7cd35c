// The Authorization header of phones: whatever is taken can be said again, and means the same.
#include <cstdlib>

#include "node/openrosa/digest.h"

namespace {

using namespace khuoi;
using openrosa::DigestClaim;

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "\"";
}

std::string said_again(const DigestClaim& claim) {
  return "Digest username=" + quoted(claim.username) + ",realm=" + quoted(claim.realm) +
         ",nonce=" + quoted(claim.nonce) + ",uri=" + quoted(claim.uri) + ",cnonce=" + quoted(claim.cnonce) +
         ",nc=" + claim.count_text + ",qop=auth,response=" + to_hex(claim.response);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = text_of(ByteView(data, size));
  const auto claim = openrosa::read_claim(text);
  if (!claim) {
    if (claim.error().code != Errc::malformed) std::abort();
    return 0;
  }
  if (!openrosa::is_digest(text) || size > openrosa::authorization_octets_max) std::abort();
  if (claim->username.empty() || claim->nonce.empty() || claim->count_text.size() != 8) std::abort();
  const std::string again = said_again(*claim);
  if (again.size() > openrosa::authorization_octets_max) return 0;
  const auto same = openrosa::read_claim(again);
  if (!same || same->username != claim->username || same->uri != claim->uri || same->cnonce != claim->cnonce ||
      same->count != claim->count || same->response != claim->response) {
    std::abort();
  }
  const openrosa::Md5Hash ha1 = openrosa::ha1_of(claim->username, claim->realm, "x");
  if (openrosa::response_of(ha1, *claim, "GET") != openrosa::response_of(ha1, *same, "GET")) std::abort();
  return 0;
}
