#include "node/openrosa/digest.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace khuoi::openrosa {

namespace {

constexpr std::size_t parameters_max = 24;
constexpr std::string_view scheme = "digest";
constexpr std::size_t count_digits = 8;

Error broken(const std::string& what) { return fail(Errc::malformed, "the Authorization header " + what); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// RFC 9110 section 5.6.2.
bool is_token_char(char c) {
  const bool word = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
  return word || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

void skip_blanks(std::string_view& rest) {
  while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
}

std::string_view take_token(std::string_view& rest) {
  std::size_t octets = 0;
  while (octets < rest.size() && is_token_char(rest[octets])) ++octets;
  const std::string_view out = rest.substr(0, octets);
  rest.remove_prefix(octets);
  return out;
}

/// Behind the opening quote; nullopt when it does not end, or holds what no quoted string may.
std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string out;
  while (!rest.empty()) {
    char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"') return out;
    if (c == '\\') {
      if (rest.empty()) return std::nullopt;
      c = rest.front();
      rest.remove_prefix(1);
    }
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return std::nullopt;
    out.push_back(c);
  }
  return std::nullopt;
}

using Parameters = std::map<std::string, std::string>;

Result<void> take_parameter(std::string_view& rest, Parameters& to) {
  std::string name(take_token(rest));
  std::ranges::transform(name, name.begin(), lower);
  skip_blanks(rest);
  if (name.empty() || rest.empty() || rest.front() != '=') return broken("has a parameter without a value");
  rest.remove_prefix(1);
  skip_blanks(rest);
  std::string value;
  if (!rest.empty() && rest.front() == '"') {
    rest.remove_prefix(1);
    auto quoted = take_quoted(rest);
    if (!quoted) return broken("has a quoted string that does not end");
    value = std::move(*quoted);
  } else {
    value = take_token(rest);
    if (value.empty()) return broken("has an empty value of '" + name + "'");
  }
  skip_blanks(rest);
  if (!rest.empty() && rest.front() != ',') return broken("has something behind the value of '" + name + "'");
  if (to.size() == parameters_max) return broken("has more than 24 parameters");
  if (!to.emplace(std::move(name), std::move(value)).second) return broken("says one thing twice");
  return {};
}

Result<Parameters> read_parameters(std::string_view rest) {
  Parameters out;
  while (true) {
    while (!rest.empty() && (is_blank(rest.front()) || rest.front() == ',')) rest.remove_prefix(1);
    if (rest.empty()) return out;
    KHUOI_TRY_VOID(take_parameter(rest, out));
  }
}

std::optional<Md5Hash> hash_from(std::string_view text) {
  const auto octets = from_hex(text);
  Md5Hash out{};
  if (!octets || octets->size() != out.size()) return std::nullopt;
  std::ranges::copy(*octets, out.begin());
  return out;
}

/// What is said must be what is offered: MD5, qop=auth, a name in the clear.
Result<void> check_offered(const Parameters& said) {
  const auto algorithm = said.find("algorithm");
  if (algorithm != said.end() && !same_word(algorithm->second, "MD5")) return broken("names no MD5");
  const auto qop = said.find("qop");
  if (qop == said.end() || qop->second != "auth") return broken("does not say qop=auth");
  const auto userhash = said.find("userhash");
  if (userhash != said.end() && !same_word(userhash->second, "false")) return broken("hides the name");
  return {};
}

}  // namespace

bool is_digest(std::string_view authorization) {
  return authorization.size() > scheme.size() && same_word(authorization.substr(0, scheme.size()), scheme) &&
         is_blank(authorization[scheme.size()]);
}

Result<DigestClaim> read_claim(std::string_view authorization) {
  if (authorization.size() > authorization_octets_max) return broken("is longer than 4,096 octets");
  if (!is_digest(authorization)) return broken("is no Digest");
  KHUOI_TRY(Parameters said, read_parameters(authorization.substr(scheme.size())));
  KHUOI_TRY_VOID(check_offered(said));
  DigestClaim out;
  const std::array<std::pair<std::string_view, std::string*>, 6> wanted = {{{"username", &out.username},
                                                                            {"realm", &out.realm},
                                                                            {"nonce", &out.nonce},
                                                                            {"uri", &out.uri},
                                                                            {"cnonce", &out.cnonce},
                                                                            {"nc", &out.count_text}}};
  for (const auto& [name, to] : wanted) {
    const auto found = said.find(std::string(name));
    if (found == said.end() || found->second.empty()) return broken("lacks '" + std::string(name) + "'");
    *to = found->second;
  }
  const auto count = out.count_text.size() == count_digits ? from_hex(out.count_text) : std::nullopt;
  if (!count) return broken("counts its uses with something else than eight hexadecimal digits");
  out.count = Reader(*count).u32();
  const auto response = hash_from(said["response"]);
  if (!response) return broken("has no response of 32 hexadecimal digits");
  out.response = *response;
  return out;
}

Md5Hash ha1_of(std::string_view username, std::string_view realm_name, std::string_view password) {
  return Md5().add(username).add(":").add(realm_name).add(":").add(password).finish();
}

Md5Hash response_of(const Md5Hash& ha1, const DigestClaim& claim, std::string_view method) {
  const std::string ha2 = to_hex(Md5().add(method).add(":").add(claim.uri).finish());
  return Md5()
      .add(to_hex(ha1) + ":")
      .add(claim.nonce + ":")
      .add(claim.count_text + ":")
      .add(claim.cnonce + ":auth:")
      .add(ha2)
      .finish();
}

}  // namespace khuoi::openrosa
