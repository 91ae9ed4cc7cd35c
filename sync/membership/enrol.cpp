#include <sodium.h>

#include <algorithm>

#include "sync/base/check.h"
#include "sync/base/nfc.h"
#include "sync/membership/roster_codec.h"

namespace khuoi::sync {

namespace {

constexpr std::size_t name_octets_max = 128;
constexpr std::string_view grant_file_kind = "KGF";
constexpr std::uint8_t grant_file_version = '1';
constexpr int armour_variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::string_view white_space = " \t\r\n";
/// Base64 of the largest grant file, and as much again for line ends and blanks.
constexpr std::size_t armour_octets_max = grant_file_octets_max / 3 * 8;

/// Controls of C0, DEL and C1; line and paragraph separator; marks, embeddings and isolates of direction.
bool is_unwanted(ByteView at) {
  const auto starts = [&at](std::initializer_list<std::uint8_t> with) { return starts_with(at, ByteView(with)); };
  if (at[0] < 0x20 || at[0] == 0x7f) return true;
  if (at[0] == 0xc2) return at[1] < 0xa0;
  if (starts({0xd8, 0x9c})) return true;  // U+061C
  if (starts({0xe2, 0x80})) return at[2] == 0x8e || at[2] == 0x8f || (at[2] >= 0xa8 && at[2] <= 0xae);
  if (starts({0xe2, 0x81})) return at[2] >= 0xa6 && at[2] <= 0xa9;  // U+2066..2069
  return false;
}

Bytes sign_statement(const StatementFacts& facts, const CommuneId& commune, const Secret& authority) {
  Bytes out = pack_statement(facts);
  append(out, sign(authority, Purpose::roster, commune, {out}));
  return out;
}

std::string armour_prefix(std::string_view what) { return "khuoi-" + std::string(what) + "-"; }

}  // namespace

Result<void> check_name(std::string_view name) {
  if (name.empty()) return fail(Errc::malformed, "a name is empty");
  if (name.size() > name_octets_max) return fail(Errc::too_large, "a name is longer than 128 octets; shorten it");
  if (!is_utf8(view_of(name))) return fail(Errc::malformed, "a name is not UTF-8 text");
  for (ByteView left = view_of(name); !left.empty(); left = left.subspan(1)) {
    if (is_unwanted(left)) return fail(Errc::malformed, "a name holds a control character or a mark of direction");
  }
  return {};
}

Bytes encode_request(const EnrolRequest& request, const Secret& sign_secret) {
  KHUOI_CHECK(request.sign == sign_public_of(sign_secret));
  Bytes out = pack_request(request);
  append(out, sign(sign_secret, Purpose::request, CommuneId{}, {out}));
  return out;
}

Result<EnrolRequest> decode_request(ByteView octets) {
  if (octets.size() > request_octets_max) return fail(Errc::too_large, "an enrolment request is over 1 KiB");
  const auto parts = split_signed(octets);
  if (!parts) return fail(Errc::malformed, "an enrolment request is cut short");
  KHUOI_TRY(auto request, unpack_request(parts->octets));
  if (!verify(request.sign, Purpose::request, CommuneId{}, {parts->octets}, parts->signature)) {
    return fail(Errc::unauthenticated, "an enrolment request's signature does not verify; make the request again");
  }
  return request;
}

std::string armour(std::string_view what, ByteView octets) {
  std::string text(sodium_base64_encoded_len(octets.size(), armour_variant), '\0');
  sodium_bin2base64(text.data(), text.size(), octets.data(), octets.size(), armour_variant);
  text.pop_back();  // its NUL
  return armour_prefix(what) + "1:" + text;
}

Result<Bytes> unarmour(std::string_view what, std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // Windows editors put it in front
  if (text.size() > armour_octets_max) return fail(Errc::too_large, "the text is too long for an enrolment");
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
  const std::string prefix = armour_prefix(what);
  if (!text.starts_with(prefix)) {
    return fail(Errc::malformed, "this is no enrolment " + std::string(what) + ": it does not start with " + prefix);
  }
  text.remove_prefix(prefix.size());
  if (!text.starts_with("1:")) {
    return fail(Errc::unsupported,
                "the enrolment " + std::string(what) + " is of another version; update this program");
  }
  text.remove_prefix(2);
  // libsodium's decoder passes over NUL and takes some octets past ASCII for digits.
  const bool is_ascii = std::ranges::all_of(text, [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet != 0 && octet < 0x80;
  });
  Bytes out(text.size() / 4 * 3 + 3);
  std::size_t size = 0;
  const char* end = nullptr;
  const int failed = sodium_base642bin(out.data(), out.size(), text.data(), text.size(), white_space.data(), &size,
                                       &end, armour_variant);
  if (!is_ascii || failed != 0 || end != text.data() + text.size()) {
    return fail(Errc::malformed, "the enrolment " + std::string(what) + " is cut short or mistyped; copy it again");
  }
  out.resize(size);
  return out;
}

Bytes make_grant(const NodeFacts& facts, const CommuneId& commune, const Secret& authority) {
  return sign_statement(facts, commune, authority);
}

Bytes make_revocation(const NodeId& node, const std::map<RunId, std::uint32_t>& counted_up_to, UnixSeconds at,
                      const CommuneId& commune, const Secret& authority) {
  KHUOI_CHECK(counted_up_to.size() <= revocation_runs_max);
  return sign_statement(RevocationFacts{node, at, counted_up_to}, commune, authority);
}

std::vector<Bytes> make_revocations(const NodeId& node, const std::map<RunId, std::uint32_t>& counted_up_to,
                                    UnixSeconds at, const CommuneId& commune, const Secret& authority) {
  std::vector<Bytes> out;
  std::map<RunId, std::uint32_t> part;
  for (const auto& one : counted_up_to) {
    if (part.size() == revocation_runs_max) {
      out.push_back(make_revocation(node, part, at, commune, authority));
      part.clear();
    }
    part.insert(one);
  }
  out.push_back(make_revocation(node, part, at, commune, authority));
  return out;
}

Bytes make_commune_statement(const CommuneFacts& facts, const Secret& authority) {
  KHUOI_CHECK(facts.authority == sign_public_of(authority));
  return sign_statement(facts, commune_id_of(facts.authority), authority);
}

Bytes make_officer_statement(const OfficerFacts& facts, const CommuneId& commune, const Secret& authority) {
  return sign_statement(facts, commune, authority);
}

Bytes encode_grant_file(std::span<const Bytes> statements) {
  Bytes out;
  Writer writer(out);
  writer.raw(view_of(grant_file_kind)).u8(grant_file_version).varint(statements.size());
  for (const Bytes& statement : statements) writer.counted(statement);
  return out;
}

Result<std::vector<Bytes>> decode_grant_file(ByteView octets) {
  if (octets.size() > grant_file_octets_max) return fail(Errc::too_large, "a grant file is over 8 MiB");
  Reader reader(octets);
  if (text_of(reader.raw(grant_file_kind.size())) != grant_file_kind) {
    return fail(Errc::malformed, "this is no grant file of khuoi");
  }
  if (reader.u8() != grant_file_version) {
    return fail(Errc::unsupported, "the grant file is of another version; update this program");
  }
  const std::uint64_t count = reader.varint();
  if (count == 0 || count > reader.rest().size()) return fail(Errc::malformed, "the grant file is empty or cut short");
  std::vector<Bytes> out;
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    out.push_back(to_bytes(reader.counted(statement_octets_max)));
  }
  if (!reader.done()) return fail(Errc::malformed, "the grant file is cut short or damaged; copy it again");
  return out;
}

}  // namespace khuoi::sync
