#include "sync/wire/segment.h"

#include <algorithm>

#include "sync/base/check.h"
#include "sync/wire/crc32c.h"

namespace khuoi::sync {

namespace {
constexpr std::string_view bundle_magic = "KHUOIBN";
constexpr std::uint8_t bundle_version = 1;
constexpr std::size_t checksum_octets = 4;
constexpr std::size_t bundle_signed_octets = bundle_header_octets - checksum_octets;

Bytes frame(std::uint8_t type, const BundleHeader& from, std::initializer_list<ByteView> body) {
  std::size_t octets = 0;
  std::uint32_t checksum = 0;
  for (const ByteView part : body) {
    octets += part.size();
    checksum = crc32c(part, checksum);
  }
  KHUOI_CHECK(octets <= segment_body_max);
  Bytes out;
  out.reserve(segment_head_octets + octets);
  Writer to(out);
  to.raw(view_of(segment_magic)).u8(type).raw(from.commune.view()).raw(from.writer.view());
  to.u32(static_cast<std::uint32_t>(octets)).u32(checksum);
  to.u32(crc32c(out));
  for (const ByteView part : body) to.raw(part);
  return out;
}
}  // namespace

std::optional<SegmentHead> decode_segment_head(ByteView octets) {
  if (octets.size() != segment_head_octets || !starts_with(octets, view_of(segment_magic))) return std::nullopt;
  Reader from(octets.subspan(segment_magic.size()));
  SegmentHead out;
  out.type = from.u8();
  out.from.commune = CommuneId(from.array<8>());
  out.from.writer = NodeId(from.array<8>());
  out.body_octets = from.u32();
  out.body_checksum = from.u32();
  if (from.u32() != crc32c(octets.first(segment_head_octets - checksum_octets))) return std::nullopt;
  if (out.body_octets > segment_body_max) return std::nullopt;
  return out;
}

Bytes frame_segment(SegmentType type, const BundleHeader& from, std::initializer_list<ByteView> payload) {
  return frame(static_cast<std::uint8_t>(type), from, payload);
}

Bytes frame_signed_segment(SegmentType type, const BundleHeader& from, ByteView payload, const Secret& sign_secret) {
  const auto type_octet = static_cast<std::uint8_t>(type);
  const Signature signature = sign(sign_secret, Purpose::segment, from.commune,
                                   {bundle_header_signed_octets(from), ByteView(&type_octet, 1), payload});
  return frame(type_octet, from, {payload, signature});
}

bool verify_payload(SegmentType type, const BundleHeader& from, ByteView payload, const SignPublic& key,
                    ByteView signature) {
  const auto type_octet = static_cast<std::uint8_t>(type);
  return signature.size() == signature_octets &&
         verify(key, Purpose::segment, from.commune,
                {bundle_header_signed_octets(from), ByteView(&type_octet, 1), payload}, signature);
}

std::optional<std::size_t> signature_octets_of(std::uint8_t type) {
  switch (static_cast<SegmentType>(type)) {
    case SegmentType::records:
    case SegmentType::statements:
    case SegmentType::later_statements:
      return signature_octets;
    case SegmentType::chunk:
    case SegmentType::request:
      return 0;
  }
  return std::nullopt;
}

std::optional<Segment> take_apart(const SegmentHead& head, ByteView whole, std::size_t signed_octets) {
  const ByteView body = whole.subspan(segment_head_octets);
  if (body.size() < signed_octets) return std::nullopt;
  Segment out;
  out.type = static_cast<SegmentType>(head.type);
  out.from = head.from;
  out.payload = body.first(body.size() - signed_octets);
  out.whole = whole;
  out.signature = body.last(signed_octets);
  if (out.payload.size() > payload_octets_max(out.type)) return std::nullopt;
  return out;
}

std::optional<Segment> decode_segment(ByteView whole) {
  if (whole.size() < segment_head_octets) return std::nullopt;
  const auto head = decode_segment_head(whole.first(segment_head_octets));
  if (!head || whole.size() != segment_head_octets + head->body_octets) return std::nullopt;
  if (crc32c(whole.subspan(segment_head_octets)) != head->body_checksum) return std::nullopt;
  const auto signed_octets = signature_octets_of(head->type);
  return signed_octets ? take_apart(*head, whole, *signed_octets) : std::nullopt;
}

std::size_t payload_octets_max(SegmentType type) {
  return signature_octets_of(static_cast<std::uint8_t>(type)).value_or(0) != 0 ? single_record_payload_max : segment_payload_max;
}

std::array<std::uint8_t, 24> bundle_header_signed_octets(const BundleHeader& header) {
  static_assert(bundle_signed_octets == 24);
  std::array<std::uint8_t, bundle_signed_octets> out{};
  auto at = std::copy(bundle_magic.begin(), bundle_magic.end(), out.begin());
  *at++ = bundle_version;
  at = std::copy(header.commune.value.begin(), header.commune.value.end(), at);
  std::copy(header.writer.value.begin(), header.writer.value.end(), at);
  return out;
}

Bytes encode_bundle_header(const BundleHeader& header) {
  Bytes out = to_bytes(bundle_header_signed_octets(header));
  Writer(out).u32(crc32c(out));
  return out;
}

Result<std::optional<BundleHeader>> decode_bundle_header(ByteView octets) {
  std::optional<BundleHeader> none;
  if (octets.size() != bundle_header_octets || !starts_with(octets, view_of(bundle_magic))) return none;
  Reader from(octets.subspan(bundle_magic.size()));
  const std::uint8_t version = from.u8();
  BundleHeader out;
  out.commune = CommuneId(from.array<8>());
  out.writer = NodeId(from.array<8>());
  if (from.u32() != crc32c(octets.first(bundle_signed_octets))) return none;
  if (version != bundle_version) {
    return fail(Errc::unsupported, "bundle: written by a later version of khuoi; upgrade this node to read it");
  }
  return std::optional(out);
}

}  // namespace khuoi::sync
