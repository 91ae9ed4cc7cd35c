#include "sync/wire/bundle.h"

#include "sync/base/check.h"
#include "sync/wire/block.h"
#include "sync/wire/segment.h"

namespace khuoi::sync {

namespace {
constexpr std::size_t place_octets = FileId::octets + 1 + 4;

Bytes encode_statements(std::span<const Bytes> statements) {
  Bytes out;
  Writer to(out);
  for (const Bytes& statement : statements) to.counted(statement);
  return out;
}

/// Gives as many items from the front as fit into one segment, at least one, to `write`; goes on with the rest.
/// `cost(items, i)` is what items[i] adds behind items[i - 1], or alone where i is 0.
template <typename Item, typename Cost, typename Write>
void cut(std::span<const Item> items, std::size_t items_max, Cost cost, Write write) {
  while (!items.empty()) {
    std::size_t octets = cost(items, 0);
    std::size_t taken = 1;
    for (; taken < items.size() && taken < items_max; ++taken) {
      octets += cost(items, taken);
      if (octets > segment_payload_aim) break;
    }
    write(items.first(taken));
    items = items.subspan(taken);
  }
}
}  // namespace

BundleWriter::BundleWriter(const BundleHeader& header, const Secret& sign_secret)
    : header_(header), sign_secret_(sign_secret) {}

Bytes BundleWriter::header() const { return encode_bundle_header(header_); }

Bytes BundleWriter::records(std::span<const Sealed> records) {
  Bytes out;
  const auto cost = [](std::span<const Sealed> items, std::size_t i) {
    return i == 0 ? block_cost(items[0]) : block_cost(items[i], items[i - 1]);
  };
  cut(records, block_records_max, cost, [&](std::span<const Sealed> part) {
    KHUOI_CHECK(part.front().header.commune == header_.commune);
    append(out, frame_signed_segment(SegmentType::records, header_, encode_block(part), sign_secret_));
  });
  return out;
}

Bytes BundleWriter::statements(std::span<const Bytes> statements) {
  return cut_statements(SegmentType::statements, statements);
}

Bytes BundleWriter::later_statements(std::span<const Bytes> statements) {
  return cut_statements(SegmentType::later_statements, statements);
}

Bytes BundleWriter::cut_statements(SegmentType type, std::span<const Bytes> statements) {
  Bytes out;
  const auto cost = [](std::span<const Bytes> items, std::size_t i) {
    KHUOI_CHECK(!items[i].empty());
    KHUOI_CHECK(items[i].size() <= body_octets_max);
    return items[i].size() + 3;  // a varint up to 2^21
  };
  cut(statements, statements_max, cost, [&](std::span<const Bytes> part) {
    append(out, frame_signed_segment(type, header_, encode_statements(part), sign_secret_));
  });
  return out;
}

Bytes BundleWriter::chunk(const ChunkPlace& place, ByteView octets) {
  KHUOI_CHECK(!octets.empty());
  KHUOI_CHECK(place_octets + octets.size() <= segment_payload_max);
  Bytes at;
  Writer(at).raw(place.file.view()).u8(place.level).u32(place.index);
  return frame_segment(SegmentType::chunk, header_, {at, octets});
}

Bytes BundleWriter::request(ByteView request) {
  KHUOI_CHECK(request.size() <= segment_payload_max);
  return frame_segment(SegmentType::request, header_, {request});
}

bool verify_segment(const Segment& segment, const BundleHeader& header, const SignPublic& writer_key) {
  return segment.from == header && verify_payload(segment.type, header, segment.payload, writer_key, segment.signature);
}

Result<std::vector<Bytes>> decode_statements(ByteView payload) {
  std::vector<Bytes> out;
  Reader from(payload);
  while (!from.rest().empty()) {
    if (out.size() == statements_max) return fail(Errc::too_large, "statements: more than 65,536 in one segment");
    const std::uint64_t octets = from.varint();
    if (octets > body_octets_max) return fail(Errc::too_large, "statements: one of more than 1 MiB");
    const ByteView statement = from.raw(static_cast<std::size_t>(octets));
    if (!from.ok()) return fail(Errc::malformed, "statements: the segment ends within one");
    if (statement.empty()) return fail(Errc::malformed, "statements: an empty one");
    out.push_back(to_bytes(statement));
  }
  return out;
}

Result<ChunkSegment> decode_chunk(ByteView payload) {
  Reader from(payload);
  ChunkSegment out;
  out.place.file = FileId(from.array<FileId::octets>());
  out.place.level = from.u8();
  out.place.index = from.u32();
  out.octets = from.rest();
  if (!from.ok() || out.octets.empty()) return fail(Errc::malformed, "chunk segment: it ends before its chunk");
  return out;
}

}  // namespace khuoi::sync
