#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "sync/wire/bundle.h"

/// The framing that BundleWriter and BundleReader share; see FORMATS.md.
namespace khuoi::sync {

inline constexpr std::string_view segment_magic = "KSEG";
/// Payload and signature of the largest segment of any type, now and in later versions.
inline constexpr std::size_t segment_body_max = single_record_payload_max + signature_octets;

/// What stands in a segment's head, and the checksum of the body that follows it.
struct SegmentHead {
  std::uint8_t type = 0;
  BundleHeader from;
  std::uint32_t body_octets = 0;  ///< payload and signature
  std::uint32_t body_checksum = 0;
};
/// Takes segment_head_octets. Nothing unless magic, checksum and length are right: a damaged length is never believed.
std::optional<SegmentHead> decode_segment_head(ByteView octets);

/// Head and body; `payload` is given in parts that are written one after the other.
Bytes frame_segment(SegmentType type, const BundleHeader& from, std::initializer_list<ByteView> payload);
/// The same, and the writer's signature behind the payload.
Bytes frame_signed_segment(SegmentType type, const BundleHeader& from, ByteView payload, const Secret& sign_secret);
bool verify_payload(SegmentType type, const BundleHeader& from, ByteView payload, const SignPublic& key,
                    ByteView signature);
/// Octets of signature at the end of the body; nothing for a type this build does not know.
std::optional<std::size_t> signature_octets_of(std::uint8_t type);
std::size_t payload_octets_max(SegmentType type);
/// A segment's parts, once its checksum holds; nothing for a body that does not fit its type.
std::optional<Segment> take_apart(const SegmentHead& head, ByteView whole, std::size_t signed_octets);
/// One segment that stands alone and fills `whole`, which it points into. Nothing for any other octets.
std::optional<Segment> decode_segment(ByteView whole);

/// The 24 octets that open a bundle and that each segment's signature covers: magic, version, commune, writer.
std::array<std::uint8_t, 24> bundle_header_signed_octets(const BundleHeader& header);
Bytes encode_bundle_header(const BundleHeader& header);
/// Nothing when it is damaged or none. Errors: unsupported.
Result<std::optional<BundleHeader>> decode_bundle_header(ByteView octets);

}  // namespace khuoi::sync
