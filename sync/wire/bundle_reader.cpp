#include <algorithm>

#include "sync/wire/bundle.h"
#include "sync/wire/crc32c.h"
#include "sync/wire/segment.h"

namespace khuoi::sync {

namespace {
constexpr std::size_t read_ahead_octets = 512 * 1024;
constexpr std::size_t search_octets = 64 * 1024;
/// How far from the start a bundle with a damaged header is searched for a segment that tells whose it is, so that a
/// large foreign file is not read to its end: some segments, the largest included, fit in here.
constexpr std::uint64_t header_search_octets = 4U << 20U;
}  // namespace

BundleReader::BundleReader(Source source, std::uint64_t octets)
    : source_(std::move(source)), octets_(octets), second_looks_left_(octets) {}

Result<BundleReader> BundleReader::open(Source source, std::uint64_t octets) {
  BundleReader reader(std::move(source), octets);
  KHUOI_TRY(const ByteView start, reader.view(0, bundle_header_octets));
  KHUOI_TRY(const std::optional<BundleHeader> header, decode_bundle_header(start));
  if (header) {
    reader.header_ = *header;
    reader.at_ = bundle_header_octets;
    return reader;
  }
  BundleReader probe(reader.source_, std::min(octets, header_search_octets));
  KHUOI_TRY(const std::optional<Segment> segment, probe.next());
  if (!segment) return fail(Errc::malformed, "bundle: no bundle of khuoi, or damaged beyond reading");
  reader.header_ = segment->from;
  return reader;
}

Result<std::optional<Segment>> BundleReader::next() {
  while (at_ < octets_) {
    const std::uint64_t offset = at_;
    KHUOI_TRY(const ByteView head_octets, view(offset, segment_head_octets));
    const auto head = decode_segment_head(head_octets);
    if (!head || head->body_octets > octets_ - offset - segment_head_octets) {
      KHUOI_TRY_VOID(skip_to_magic());
      continue;
    }
    const std::size_t whole_octets = segment_head_octets + head->body_octets;
    KHUOI_TRY(const ByteView whole, view(offset, whole_octets));
    if (whole.size() < whole_octets) continue;  // the source is shorter than it was said to be, which view() noted
    if (crc32c(whole.subspan(segment_head_octets)) != head->body_checksum) {
      // Other segments may lie inside when octets went missing. Looking there is paid from an allowance, or else a
      // bundle made of nothing but heads would be read a million times over.
      const bool look_inside = second_looks_left_ >= whole_octets;
      if (look_inside) {
        second_looks_left_ -= whole_octets;
        KHUOI_TRY_VOID(skip_to_magic());
      } else {
        skip_to(offset + whole_octets);
      }
      continue;
    }
    const auto signed_octets = signature_octets_of(head->type);
    std::optional<Segment> segment;
    if (signed_octets) segment = take_apart(*head, whole, *signed_octets);
    if (signed_octets && !segment) {
      skip_to(offset + whole_octets);
      continue;
    }
    at_ = offset + whole_octets;
    if (!segment) continue;  // a type of a later version
    segment->offset = offset;
    return segment;
  }
  return std::optional<Segment>();
}

Result<ByteView> BundleReader::view(std::uint64_t offset, std::size_t octets) {
  const std::uint64_t buffer_end = buffer_at_ + buffer_.size();
  const std::uint64_t wanted = std::min<std::uint64_t>(octets, octets_ - std::min(offset, octets_));
  if (offset < buffer_at_ || offset + wanted > buffer_end) {
    const std::uint64_t ahead = std::max<std::uint64_t>(wanted, read_ahead_octets);
    const auto asked = static_cast<std::size_t>(std::min(ahead, octets_ - offset));
    KHUOI_TRY(buffer_, source_(offset, asked));
    buffer_at_ = offset;
    if (buffer_.size() > asked) buffer_.resize(asked);
    if (buffer_.size() < asked) octets_ = offset + buffer_.size();
  }
  const ByteView held = ByteView(buffer_).subspan(static_cast<std::size_t>(offset - buffer_at_));
  return held.first(static_cast<std::size_t>(std::min<std::uint64_t>(wanted, held.size())));
}

Result<void> BundleReader::skip_to_magic() {
  std::uint64_t from = at_ + 1;
  while (from < octets_) {
    KHUOI_TRY(const ByteView window, view(from, search_octets));
    const std::size_t found = text_of(window).find(segment_magic);
    if (found != std::string_view::npos) {
      skip_to(from + found);
      return {};
    }
    if (from + window.size() >= octets_) break;
    from += window.size() - (segment_magic.size() - 1);  // a magic may lie across two windows
  }
  skip_to(octets_);
  return {};
}

void BundleReader::skip_to(std::uint64_t offset) {
  skipped_ += offset - at_;
  at_ = offset;
}

}  // namespace khuoi::sync
