#pragma once

#include <functional>
#include <span>
#include <vector>

#include "sync/files/files.h"
#include "sync/record/header.h"
#include "sync/seal/signature.h"

namespace khuoi::sync {

/// A bundle is a header and segments that verify alone (see FORMATS.md); parity follows, added by storage/parity.
struct BundleHeader {
  CommuneId commune;  ///< zero while the writer has none (it then carries an enrolment request only)
  NodeId writer;
  bool operator==(const BundleHeader&) const = default;
};
inline constexpr std::size_t bundle_header_octets = 28;

/// Numbers of the format. A reader steps over a type it does not know.
enum class SegmentType : std::uint8_t {
  records = 1,     ///< a block, signed by the writer
  statements = 2,  ///< counted statements (each signed by its own author), signed by the writer
  chunk = 3,       ///< file 16 | level u8 | index u32 | octets: checks against its index, not signed
  request = 4,     ///< an enrolment request, which signs itself
  later_statements = 5,  ///< as 2, of kinds that readers of the first four types do not know
};
/// What stands before a segment's payload.
inline constexpr std::size_t segment_head_octets = 33;
/// Of chunks and requests.
inline constexpr std::size_t segment_payload_max = 65536 + 4096;
/// Records and statements are cut into segments of at most this many payload octets, so that third parties may carry
/// them whole and damage costs little. A single larger record gets a segment of its own, up to record_octets_max + 64
/// KiB.
inline constexpr std::size_t segment_payload_aim = 60 * 1024;
inline constexpr std::size_t single_record_payload_max = record_octets_max + 65536;
inline constexpr std::size_t statements_max = 65536;

/// Gives the octets of a bundle in pieces, to be written one after the other: the header first, then segments in any
/// order. It keeps nothing of what it gave.
class BundleWriter final {
 public:
  /// Borrows the signing secret for its life.
  BundleWriter(const BundleHeader& header, const Secret& sign_secret);
  [[nodiscard]] Bytes header() const;
  /// As many segments as the records need, in the order given; none for no records. All of the header's commune.
  [[nodiscard]] Bytes records(std::span<const Sealed> records);
  /// Likewise. A statement has 1 .. body_octets_max octets.
  [[nodiscard]] Bytes statements(std::span<const Bytes> statements);
  [[nodiscard]] Bytes later_statements(std::span<const Bytes> statements);
  /// One segment; the octets as the store holds them.
  [[nodiscard]] Bytes chunk(const ChunkPlace& place, ByteView octets);
  [[nodiscard]] Bytes request(ByteView request);

 private:
  [[nodiscard]] Bytes cut_statements(SegmentType type, std::span<const Bytes> statements);

  BundleHeader header_;
  const Secret& sign_secret_;
};

struct Segment {
  SegmentType type = SegmentType::records;
  BundleHeader from;   ///< who wrote it: the bundle's header, unless the segment is carried for another
  ByteView payload;    ///< into the reader's buffer, until the next call
  ByteView whole;      ///< the segment as it stands, for carrying on
  ByteView signature;  ///< empty for chunks and requests
  std::uint64_t offset = 0;
};

/// Reads a bundle through a function, so that it need not be in memory. Damage is skipped: reading goes on at the next
/// place that looks like a segment, and what was skipped is counted. Memory: 512 KiB, or one segment where that is
/// larger. Whatever the octets are, it reads no more than a few times the bundle's length.
class BundleReader final {
 public:
  /// Gives up to `octets` octets at `offset`, fewer at the end. Its errors end the reading; to salvage what lies behind
  /// a place that a medium cannot read, give zeros there.
  using Source = std::function<Result<Bytes>(std::uint64_t offset, std::size_t octets)>;
  /// `octets` is the length without parity. A damaged header is taken from the first whole segment instead.
  /// Errors: malformed (no bundle of ours), unsupported (a later version), the source's.
  static Result<BundleReader> open(Source source, std::uint64_t octets);
  [[nodiscard]] const BundleHeader& header() const { return header_; }
  /// The next segment whose framing and checksum hold; nothing at the end. Errors: the source's.
  Result<std::optional<Segment>> next();
  /// Octets that belong to no segment: damage, or a cut. Zero for a whole bundle read to its end.
  [[nodiscard]] std::uint64_t octets_skipped() const { return skipped_; }

 private:
  BundleReader(Source source, std::uint64_t octets);
  /// The octets from `offset` on, fewer only at the end of the bundle.
  Result<ByteView> view(std::uint64_t offset, std::size_t octets);
  Result<void> skip_to_magic();
  void skip_to(std::uint64_t offset);

  Source source_;
  std::uint64_t octets_;
  BundleHeader header_;
  Bytes buffer_;
  std::uint64_t buffer_at_ = 0;
  std::uint64_t at_ = 0;
  std::uint64_t skipped_ = 0;
  std::uint64_t second_looks_left_;  ///< octets of failed segments that may be searched once more
};

/// Whether the writer's key signed this segment of records or statements. `header` says whose key it is: the reader's
/// header(), or `segment.from` of a carried segment; a segment of another writer does not verify.
bool verify_segment(const Segment& segment, const BundleHeader& header, const SignPublic& writer_key);
/// Errors: malformed, too_large (a statement past body_octets_max, more than statements_max).
Result<std::vector<Bytes>> decode_statements(ByteView payload);
struct ChunkSegment {
  ChunkPlace place;
  ByteView octets;  ///< into the payload
};
/// Errors: malformed (too short, no octets).
Result<ChunkSegment> decode_chunk(ByteView payload);

}  // namespace khuoi::sync
