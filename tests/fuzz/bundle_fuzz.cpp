#include "sync/wire/bundle.h"

#include <algorithm>

#include "sync/base/check.h"
#include "sync/wire/block.h"
#include "sync/wire/segment.h"

using namespace khuoi;

namespace {
/// Whatever a segment holds must decode or fail, never crash; no key of ours signed it.
void look_into(const sync::Segment& segment, const sync::BundleHeader& header) {
  KHUOI_CHECK(!sync::verify_segment(segment, header, sync::SignPublic{}));
  switch (segment.type) {
    case sync::SegmentType::records:
      (void)sync::decode_block(segment.payload, header.commune);
      break;
    case sync::SegmentType::statements:
    case sync::SegmentType::later_statements:
      (void)sync::decode_statements(segment.payload);
      break;
    case sync::SegmentType::chunk:
      (void)sync::decode_chunk(segment.payload);
      break;
    case sync::SegmentType::request:
      break;
  }
}

void read_all(ByteView octets) {
  const auto source = [octets](std::uint64_t offset, std::size_t asked) -> Result<Bytes> {
    const auto from = static_cast<std::size_t>(std::min<std::uint64_t>(offset, octets.size()));
    return to_bytes(octets.subspan(from, std::min(asked, octets.size() - from)));
  };
  auto reader = sync::BundleReader::open(source, octets.size());
  if (!reader) return;
  std::uint64_t end = 0;
  std::uint64_t used = 0;
  for (;;) {
    const auto segment = reader->next();
    KHUOI_CHECK(static_cast<bool>(segment));
    if (!*segment) break;
    KHUOI_CHECK((*segment)->offset >= end);
    end = (*segment)->offset + (*segment)->whole.size();
    used += (*segment)->whole.size();
    look_into(**segment, reader->header());
  }
  KHUOI_CHECK(end <= octets.size());
  KHUOI_CHECK(used + reader->octets_skipped() <= octets.size());
}
}  // namespace

/// The octets as a bundle, and as the payload of whole segments, since no mutation finds a checksum by itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView octets(data, size);
  read_all(octets);
  (void)sync::decode_statements(octets);
  (void)sync::decode_chunk(octets);
  (void)sync::decode_segment(octets);
  if (size == 0 || size > 4096) return 0;
  const sync::Secret no_key;
  sync::BundleWriter writer({CommuneId::filled(1), NodeId::filled(2)}, no_key);
  Bytes bundle = writer.header();
  append(bundle, writer.chunk({}, octets));
  append(bundle, writer.request(octets));
  bundle[octets[0] % bundle.size()] = octets[size / 2];
  append(bundle, octets);
  read_all(bundle);
  return 0;
}
