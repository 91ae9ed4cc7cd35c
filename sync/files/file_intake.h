#pragma once

#include "sync/base/rng.h"
#include "sync/files/files.h"

namespace khuoi::sync {

/// Takes in a file piece by piece: seals 64 KiB leaves under a fresh key, then builds the index. Staged until
/// finish(); Files::discard_staged removes what a crash left. A caller with a large file begins a new batch whenever
/// it has added some 16 MB, giving the new one to the next call. A caller that gives up erases `file()`.
class FileIntake final {
 public:
  explicit FileIntake(Rng& rng);
  ~FileIntake();
  FileIntake(const FileIntake&) = delete;
  FileIntake& operator=(const FileIntake&) = delete;

  /// Leaves that are sealed but not stored yet.
  struct Leaves {
    std::uint32_t first = 0;  ///< index of the first
    Bytes octets;             ///< one behind the other; all but a file's last are full
    std::vector<ChunkHash> hashes;  ///< of all, once hash() was called
    /// Once for many leaves: they are hashed beside each other.
    void hash();
  };
  /// Adds the leaves that this plaintext completes to `leaves`, which holds those right before them or none; the rest
  /// is kept for the next call. May run on another thread than add(), but not at the same time as finish(). Errors:
  /// too_large past 2 GiB.
  Result<void> seal(ByteView plaintext, Leaves& leaves);
  /// What seal() gave, hashed, in that order. Errors: closed when an earlier batch was dropped or a call failed: begin
  /// again.
  Result<void> add(Batch& batch, const Leaves& leaves);
  /// Both in one. Errors: of both.
  Result<void> add(Batch& batch, ByteView plaintext);
  /// Whoever writes the record of this file notes it in the same batch; until then nobody is sent any of it.
  /// Errors: as add.
  Result<FileFacts> finish(Batch& batch, std::string name, std::string type);
  [[nodiscard]] const FileId& file() const { return file_; }

 private:
  Result<void> check_staged(const Batch& batch) const;
  Result<void> save_staged(Batch& batch) const;
  Result<ChunkHash> build_index(Batch& batch);
  void seal_next(ByteView plaintext, Leaves& leaves);
  Result<void> put_leaves(Batch& batch, const Leaves& leaves);
  Result<void> put_index(Batch& batch, std::size_t level);
  Result<void> put_chunk(Batch& batch, std::size_t level, ByteView octets, const ChunkHash& hash);

  std::array<std::uint8_t, 32> key_{};
  FileId file_;
  // What seal() works on.
  std::uint64_t octets_ = 0;
  std::uint32_t leaves_sealed_ = 0;
  Bytes partial_;  // plaintext of the leaf that is not full yet
  // What add() works on.
  std::array<std::uint32_t, file_levels_max> counts_{};  // chunks written, per level
  // By level: hashes of the level below that are not yet in a chunk.
  std::array<std::vector<ChunkHash>, file_levels_max + 1> hashes_;
  bool usable_ = true;
};

}  // namespace khuoi::sync
