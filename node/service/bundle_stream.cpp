#include "node/service/bundle_stream.h"

namespace khuoi::node {

using sync::BundleReader;
using sync::SegmentPiece;

Result<BundleStream> BundleStream::open(const storage::StickFolder& stick, storage::StickEntry entry,
                                        std::filesystem::path private_dir) {
  BundleStream out(stick, std::move(entry), std::move(private_dir));
  if (!out.open_view()) {
    KHUOI_TRY_VOID(out.open_copy());
  }
  out.header_ = out.reader_->header();
  return out;
}

Result<void> BundleStream::open_view() {
  KHUOI_TRY(auto view, stick_->view(entry_));
  if (!view.data_octets()) return fail(Errc::damaged, "its parity section is damaged");
  view_ = std::make_shared<storage::StickView>(std::move(view));
  const auto source = [view = view_](std::uint64_t offset, std::size_t octets) { return view->read(offset, octets); };
  KHUOI_TRY(auto reader, BundleReader::open(source, *view_->data_octets()));
  reader_.emplace(std::move(reader));
  return {};
}

Result<void> BundleStream::open_copy() {
  KHUOI_TRY(auto copy, stick_->copy(entry_, private_dir_));
  KHUOI_TRY_VOID(copy.repair());
  copy_ = std::make_shared<storage::StickFile>(std::move(copy));
  const auto source = [copy = copy_](std::uint64_t offset, std::size_t octets) { return copy->read(offset, octets); };
  KHUOI_TRY(auto reader, BundleReader::open(source, copy_->octets()));
  reader_.emplace(std::move(reader));
  view_.reset();
  return {};
}

Result<std::optional<SegmentPiece>> BundleStream::next() {
  if (ended_) return std::optional<SegmentPiece>();
  if (damaged_ && !copy_) {
    const auto copied = open_copy();
    if (!copied && copied.error().code == Errc::disk_full) return copied.error();
    if (!copied) return give_up(copied.error());
  }
  return copy_ ? next_of_copy() : next_of_view();
}

Result<std::optional<SegmentPiece>> BundleStream::next_of_view() {
  auto piece = sync::read_piece(*reader_);
  if (!piece || piece->octets_skipped != 0) {
    // Damaged here, or a bad sector. From here on the mended copy is read, so that the order stays.
    damaged_ = true;
    return next();
  }
  // The bundle's length bounds how many these are.
  for (const sync::HeldSegment& held : piece->segments) given_.insert(held.segment().offset);
  ended_ = piece->last;
  return std::optional(std::move(*piece));
}

Result<std::optional<SegmentPiece>> BundleStream::next_of_copy() {
  KHUOI_TRY(auto piece, sync::read_piece(*reader_, [&](const sync::Segment& segment) {
              return !given_.contains(segment.offset);
            }));
  ended_ = piece.last;
  return std::optional(std::move(piece));
}

std::optional<SegmentPiece> BundleStream::give_up(const Error& why) {
  fault_ = why.what;
  ended_ = true;
  SegmentPiece out;
  out.octets_skipped = entry_.octets;  // how much of it is lost nobody can tell
  out.last = true;
  return out;
}

}  // namespace khuoi::node
