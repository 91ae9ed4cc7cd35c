#include "sync/contact/pieces.h"

#include "sync/files/chunk_tree.h"

namespace khuoi::sync {

namespace {
ByteView moved(ByteView part, ByteView from, ByteView to) {
  return part.empty() ? ByteView() : to.subspan(static_cast<std::size_t>(part.data() - from.data()), part.size());
}
}  // namespace

HeldSegment::HeldSegment(const Segment& segment) : octets_(to_bytes(segment.whole)), segment_(segment) {
  segment_.payload = moved(segment.payload, segment.whole, octets_);
  segment_.signature = moved(segment.signature, segment.whole, octets_);
  segment_.whole = octets_;
  if (segment_.type != SegmentType::chunk) return;
  if (const auto chunk = decode_chunk(segment_.payload)) chunk_hash_ = hash_of_chunk(chunk->octets);
}

Result<SegmentPiece> read_piece(BundleReader& reader, const std::function<bool(const Segment&)>& wanted) {
  SegmentPiece out;
  for (std::size_t octets = 0; octets < piece_octets_aim && !out.last;) {
    KHUOI_TRY(const auto segment, reader.next());
    out.last = !segment;
    if (!segment || (wanted && !wanted(*segment))) continue;
    octets += segment->whole.size();
    out.segments.emplace_back(*segment);
  }
  out.octets_skipped = reader.octets_skipped();
  return out;
}

}  // namespace khuoi::sync
