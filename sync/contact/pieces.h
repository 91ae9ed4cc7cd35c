#pragma once

#include <span>

#include "sync/replica/record_opener.h"
#include "sync/wire/bundle.h"

namespace khuoi::sync {

/// A segment with octets of its own, and what can be told of it without a store: it may be read and hashed ahead, on
/// another thread than the one that takes it in. A reader of the store may open its records there, too (open_ahead).
class HeldSegment final {
 public:
  /// Copies what `segment` points into.
  explicit HeldSegment(const Segment& segment);
  HeldSegment(HeldSegment&&) = default;
  HeldSegment& operator=(HeldSegment&&) = default;
  [[nodiscard]] const Segment& segment() const { return segment_; }
  /// Of a chunk, after hash_chunks(): the hash of its octets, or nothing if it does not decode.
  [[nodiscard]] const std::optional<ChunkHash>& chunk_hash() const { return chunk_hash_; }
  /// Of records, which nobody proved yet: those of its block, as of the commune that it names. Empty if it does not decode.
  [[nodiscard]] std::span<const Sealed> records() const { return records_; }
  [[nodiscard]] bool decodes() const { return decodes_; }
  /// For each record what was made of it beforehand; empty where nothing was.
  [[nodiscard]] std::span<const std::optional<OpenedRecord>> opened() const { return opened_; }
  /// Whether it is known that this key signed it.
  [[nodiscard]] bool is_verified_with(const SignPublic& key) const { return verified_with_ == key; }
  /// Its records, where one of ours signed it.
  void open_ahead(RecordOpener& opener, ReplicaReader& reader, const ReadTxn& txn);
  /// All at once, since they are hashed beside each other.
  static void hash_chunks(std::span<HeldSegment> segments);

 private:
  Bytes octets_;  ///< moving it leaves its octets where they are, so views into them stay right
  Segment segment_;
  std::optional<ChunkHash> chunk_hash_;
  std::vector<Sealed> records_;
  bool decodes_ = false;
  std::vector<std::optional<OpenedRecord>> opened_;
  std::optional<SignPublic> verified_with_;
};

/// BLAKE2b-256 of a whole file on a stick, parity and all: what tells one bundle from another.
using BundleHash = Id<struct BundleHashTag, 32>;

/// Neighbouring segments.
struct SegmentPiece {
  std::vector<HeldSegment> segments;
  std::uint64_t octets_skipped = 0;  ///< of the bundle up to here, that belong to no segment
  bool last = false;                 ///< nothing comes after it; it may have no segments
  std::optional<BundleHash> file_hash;  ///< with the last: of the file that all of them came from, if it could be read
};
/// Small enough for the memory of a small box, large enough for few commits.
inline constexpr std::size_t piece_octets_aim = 4U << 20U;
/// So few that nobody who waits for the commit waits long.
inline constexpr std::size_t records_a_commit = 1000;

/// The next segments that `wanted` says yes to, all of them if it is empty: some 4 MiB, or as many records as a commit
/// takes, or one segment where that is larger. Errors: the reader's.
Result<SegmentPiece> read_piece(BundleReader& reader, const std::function<bool(const Segment&)>& wanted = {});

}  // namespace khuoi::sync
