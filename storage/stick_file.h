#pragma once

#include <filesystem>

#include "storage/files.h"
#include "storage/parity.h"

namespace khuoi::storage {

/// A private copy of one bundle: nobody else can change it, so what was checked stays what it was.
class StickFile final {
 public:
  /// Copies the first `octets` of an open file in bounded pieces: into memory, or when they are more than
  /// memory_octets_max into a file without a name in private_dir. A file that has become shorter gives a shorter copy.
  /// Errors: disk_full (of private_dir); io when more of it cannot be read than parity could mend.
  static Result<StickFile> copy_of(int from, std::uint64_t octets, std::uint64_t memory_octets_max,
                                   const std::filesystem::path& private_dir, const std::string& doing);

  [[nodiscard]] std::uint64_t octets() const { return octets_; }
  /// Where the stick itself failed to read, there are zeros now; parity or the segments' own checks find them.
  [[nodiscard]] std::uint64_t octets_unreadable() const { return octets_unreadable_; }
  /// At most `octets` from `offset`, fewer at the end.
  [[nodiscard]] Result<Bytes> read(std::uint64_t offset, std::size_t octets) const;
  /// Checks the copy against its parity section and mends it. Call it once, before reading; from then on octets() is
  /// the data without the section. The stick itself is not changed.
  Result<RepairReport> repair();

 private:
  StickFile() = default;
  Result<std::size_t> read_into(std::uint64_t offset, std::span<std::uint8_t> out) const;
  Result<void> write_at(std::uint64_t offset, ByteView octets);
  Result<std::size_t> read_piece(int from, std::uint64_t offset, std::span<std::uint8_t> out, const std::string& doing);

  Bytes memory_;
  Fd file_;  ///< used when the copy is too large for memory
  std::uint64_t octets_ = 0;
  std::uint64_t octets_unreadable_ = 0;
};

}  // namespace khuoi::storage
