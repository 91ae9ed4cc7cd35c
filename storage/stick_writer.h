#pragma once

#include <string>
#include <vector>

#include "storage/files.h"

namespace khuoi::storage {

/// A file being written to a stick: under a temporary name until all of it was synced, read back from the stick and
/// found right. Dropped without commit(), nothing of it stays. Memory: 1 MiB, 24 octets for each such piece written,
/// and write_parity()'s.
class StickWriter final {
 public:
  /// Makes the temporary file in an open folder, which outlives the writer. doing: for sentences.
  static Result<StickWriter> create(int folder, std::string temp_name, std::string name, std::string doing);
  StickWriter(StickWriter&&) noexcept = default;
  StickWriter& operator=(StickWriter&&) = delete;
  ~StickWriter();

  /// Appends. Errors: disk_full, too_large (FAT32 ends at 4 GiB), read_only, io; the writer is then of no more use.
  Result<void> write(ByteView octets);
  [[nodiscard]] std::uint64_t octets() const { return written_ + buffer_.size(); }
  /// Appends the parity section of all written so far; nothing may be written after it. Errors: as write().
  Result<void> add_parity();
  /// Errors: damaged when the stick gives back something else than was written; as write().
  Result<void> commit();

 private:
  struct Piece {
    std::uint64_t offset;
    std::uint64_t octets;
    std::uint64_t crc;
  };
  StickWriter(int folder, Fd file, std::string temp_name, std::string name, std::string doing);
  Result<void> flush();
  Result<void> write_piece(std::uint64_t offset, ByteView octets);
  Result<void> read_back() const;

  int folder_;
  Fd file_;  ///< open until committed
  std::string temp_name_;
  std::string name_;
  std::string doing_;
  Bytes buffer_;
  std::uint64_t written_ = 0;
  bool sealed_ = false;
  std::vector<Piece> pieces_;
};

}  // namespace khuoi::storage
