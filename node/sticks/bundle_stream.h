#pragma once

#include <optional>
#include <unordered_set>

#include "node/sticks/bundle_hash.h"
#include "storage/stick_folder.h"

namespace khuoi::node {

/// The segments of one bundle of a stick, each that is whole exactly once, in their order. They are read where they lie;
/// from the first damage on, they are read from a private copy that parity has mended.
/// Threads: one owner, not necessarily the one that made it; the folder must outlive it.
class BundleStream final {
 public:
  /// Errors: malformed, unsupported (no bundle that this version reads), those of StickFolder::copy.
  static Result<BundleStream> open(const storage::StickFolder& stick, storage::StickEntry entry,
                                   std::filesystem::path private_dir);
  [[nodiscard]] const sync::BundleHeader& header() const { return header_; }
  /// Nothing after the piece that is the last; that one has the hash of the file as it lies there, if all of it could be
  /// read. Errors: disk_full, of the private file.
  Result<std::optional<sync::SegmentPiece>> next();
  /// After the end: why what was damaged could not even be copied, as a sentence; empty if all went well.
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  BundleStream(const storage::StickFolder& stick, storage::StickEntry entry, std::filesystem::path private_dir)
      : stick_(&stick), entry_(std::move(entry)), private_dir_(std::move(private_dir)) {}
  void open_hasher();
  void hash_copy();
  Result<void> open_view();
  Result<void> open_copy();
  Result<std::optional<sync::SegmentPiece>> next_of_view();
  Result<std::optional<sync::SegmentPiece>> next_of_copy();
  std::optional<sync::SegmentPiece> give_up(const Error& why);

  const storage::StickFolder* stick_;
  storage::StickEntry entry_;
  std::filesystem::path private_dir_;
  std::shared_ptr<storage::StickView> view_;  ///< shared with the reader's source, as the copy is
  std::shared_ptr<BundleHasher> hasher_;      ///< likewise
  std::optional<sync::BundleHash> copy_hash_; ///< of the file, once a copy of it is read
  std::shared_ptr<storage::StickFile> copy_;
  std::optional<sync::BundleReader> reader_;
  sync::BundleHeader header_;
  std::unordered_set<std::uint64_t> given_;  ///< offsets of segments, as long as a copy may still be read
  std::string fault_;
  bool damaged_ = false;  ///< what lies on the stick is not whole
  bool ended_ = false;
};

}  // namespace khuoi::node
