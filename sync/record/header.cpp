#include "sync/record/header.h"

#include <algorithm>

namespace khuoi::sync {

std::uint8_t class_octet(Class record_class, Rank rank) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(record_class) | (static_cast<unsigned>(rank) << 2U));
}

std::optional<std::pair<Class, Rank>> read_class_octet(std::uint8_t octet) {
  const unsigned record_class = octet & 3U;
  if (record_class > 2 || (octet & 0xf0U) != 0) return std::nullopt;
  return std::pair{static_cast<Class>(record_class), static_cast<Rank>((octet >> 2U) & 3U)};
}

std::array<std::uint8_t, Header::octets> Header::encoded() const {
  std::array<std::uint8_t, octets> out{};
  out[0] = version;
  out[1] = class_octet(record_class, rank);
  auto at = out.begin() + 2;
  for (const ByteView id : {commune.view(), author.view(), audience.view(), run.view()}) {
    at = std::copy(id.begin(), id.end(), at);
  }
  for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<std::uint8_t>(number >> shift);
  return out;
}

Result<Header> decode_header(ByteView octets) {
  Reader from(octets);
  if (from.u8() != Header::version) return fail(Errc::unsupported, "record header: a version this build does not know");
  const auto read = read_class_octet(from.u8());
  Header out;
  out.commune = CommuneId(from.array<8>());
  out.author = NodeId(from.array<8>());
  out.audience = AudienceId(from.array<8>());
  out.run = RunId(from.array<8>());
  out.number = from.u32();
  if (!from.done() || !read) return fail(Errc::malformed, "record header: 38 octets with a known class were expected");
  std::tie(out.record_class, out.rank) = *read;
  return out;
}

void Opener::write(Writer& to) const {
  const auto seconds = static_cast<std::uint64_t>(wall.value) & ~trusted_bit;
  write_part(to, parts_of(enc, recipient, previous, previous_last, ordinal));
  to.u64(seconds | (wall_trusted ? trusted_bit : 0));
}

void Opener::read(Reader& from) {
  auto first = parts_of(enc, recipient, previous, previous_last, ordinal);
  read_part(from, first);
  const std::uint64_t seconds = from.u64();
  wall.value = static_cast<std::int64_t>(seconds & ~trusted_bit);
  wall_trusted = (seconds & trusted_bit) != 0;
}

Bytes encode_opener(const Opener& opener) { return octets_of_part(opener); }

Result<Opener> decode_opener(ByteView body) {
  if (body.size() != opener_octets && body.size() != opener_octets - 64) {
    return fail(Errc::malformed, "opener: wrong length");
  }
  Reader from(body);
  Opener out;
  out.read(from);
  return out;
}

Bytes run_info(const CommuneId& commune, const NodeId& author, const RunId& run, const AudienceId& audience) {
  Bytes out = to_bytes(view_of("khuoi/1/run"));
  Writer(out).raw(commune.view()).raw(author.view()).raw(run.view()).raw(audience.view());
  return out;
}

}  // namespace khuoi::sync
