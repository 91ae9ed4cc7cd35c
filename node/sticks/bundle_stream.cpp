#include "node/sticks/bundle_stream.h"

#include <utility>

namespace khuoi::node {

using sync::BundleReader;
using sync::SegmentPiece;

Result<BundleStream> BundleStream::open(const storage::StickFolder& stick, storage::StickEntry entry,
                                        std::filesystem::path private_dir) {
  BundleStream out(stick, std::move(entry), std::move(private_dir));
  out.open_hasher();
  if (!out.open_view()) {
    KHUOI_TRY_VOID(out.open_copy());
  }
  out.header_ = out.reader_->header();
  return out;
}

/// Reads the file through a view of its own, whatever becomes of the one that its segments are read from.
void BundleStream::open_hasher() {
  if (auto view = stick_->view(entry_)) {
    const auto file = std::make_shared<storage::StickView>(std::move(*view));
    hasher_ = std::make_shared<BundleHasher>(
        [file](std::uint64_t offset, std::size_t octets) { return file->read(offset, octets); });
  }
}

/// Before it is mended. The file has a hash only if what was read of it where it lies is what was copied: else it
/// changed meanwhile, and nobody can say which of the two was taken in.
void BundleStream::hash_copy() {
  const auto hasher = std::exchange(hasher_, {});
  if (!hasher || copy_->octets_unreadable() != 0) return;
  const BundleHasher::Read read = [copy = copy_](std::uint64_t offset, std::size_t octets) {
    return copy->read(offset, octets);
  };
  hasher->read_through(read);
  const auto as_read = hasher->finish(copy_->octets());
  const auto as_copied = BundleHasher(read).finish(copy_->octets());
  if (as_read && as_copied && *as_read == *as_copied) copy_hash_ = *as_copied;
}

Result<void> BundleStream::open_view() {
  KHUOI_TRY(auto view, stick_->view(entry_));
  if (!view.data_octets()) return fail(Errc::damaged, "its parity section is damaged");
  view_ = std::make_shared<storage::StickView>(std::move(view));
  const auto source = [view = view_, hasher = hasher_](std::uint64_t offset, std::size_t count) -> Result<Bytes> {
    KHUOI_TRY(Bytes octets, view->read(offset, count));
    // What cannot be read for the hash has none in the end; that ends nothing here.
    if (hasher) (void)hasher->note(offset, octets);
    return octets;
  };
  KHUOI_TRY(auto reader, BundleReader::open(source, *view_->data_octets()));
  reader_.emplace(std::move(reader));
  return {};
}

Result<void> BundleStream::open_copy() {
  KHUOI_TRY(auto copy, stick_->copy(entry_, private_dir_));
  copy_ = std::make_shared<storage::StickFile>(std::move(copy));
  hash_copy();
  KHUOI_TRY_VOID(copy_->repair());
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
  KHUOI_TRY(auto piece, copy_ ? next_of_copy() : next_of_view());
  if (!piece || !piece->last) return piece;
  if (copy_hash_) piece->file_hash = *copy_hash_;
  if (const auto hasher = std::exchange(hasher_, {})) {
    if (const auto hash = hasher->finish(entry_.octets)) piece->file_hash = *hash;
  }
  return piece;
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
