#include "sync/contact/pieces.h"

#include "sync/files/chunk_tree.h"
#include "sync/wire/block.h"

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
  if (segment_.type == SegmentType::records) {
    auto block = decode_block(segment_.payload, segment_.from.commune);
    decodes_ = block.has_value();
    if (block) records_ = std::move(*block);
  }
}

void HeldSegment::hash_chunks(std::span<HeldSegment> segments) {
  std::vector<ByteView> chunks;
  std::vector<HeldSegment*> held;
  for (HeldSegment& one : segments) {
    if (one.segment_.type != SegmentType::chunk) continue;
    const auto chunk = decode_chunk(one.segment_.payload);
    if (!chunk) continue;
    chunks.push_back(chunk->octets);
    held.push_back(&one);
  }
  const std::vector<ChunkHash> hashes = hashes_of_chunks(chunks);
  for (std::size_t i = 0; i < held.size(); ++i) held[i]->chunk_hash_ = hashes[i];
}

void HeldSegment::open_ahead(RecordOpener& opener, ReplicaReader& reader, const ReadTxn& txn) {
  if (records_.empty() || segment_.from.commune != reader.self().commune) return;
  const auto writer = keys_of_author(reader.membership(), segment_.from.writer);
  if (!writer || !verify_segment(segment_, segment_.from, writer->sign)) return;
  verified_with_ = writer->sign;
  opened_ = opener.open(reader, txn, records_);
}

Result<SegmentPiece> read_piece(BundleReader& reader, const std::function<bool(const Segment&)>& wanted) {
  SegmentPiece out;
  std::size_t records = 0;
  for (std::size_t octets = 0; octets < piece_octets_aim && records < records_a_commit && !out.last;) {
    KHUOI_TRY(const auto segment, reader.next());
    out.last = !segment;
    if (!segment || (wanted && !wanted(*segment))) continue;
    octets += segment->whole.size();
    out.segments.emplace_back(*segment);
    records += out.segments.back().records().size();
  }
  HeldSegment::hash_chunks(out.segments);
  out.octets_skipped = reader.octets_skipped();
  return out;
}

}  // namespace khuoi::sync
