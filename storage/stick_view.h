#pragma once

#include <optional>

#include "storage/files.h"

namespace khuoi::storage {

/// A bundle read where it lies, without a copy of the whole: what a piece of it is used for is decided by that piece's
/// own octets, read once into memory of ours, since the file may change under our hands.
class StickView final {
 public:
  /// Errors: io.
  static Result<StickView> of(Fd file, std::uint64_t octets, std::string doing);
  /// Without the parity section; nothing where its foot is not as it should be.
  [[nodiscard]] std::optional<std::uint64_t> data_octets() const { return data_octets_; }
  /// At most `octets` from `offset`, fewer at the end. Errors: io, also of a bad sector.
  [[nodiscard]] Result<Bytes> read(std::uint64_t offset, std::size_t octets) const;

 private:
  StickView(Fd file, std::string doing) : file_(std::move(file)), doing_(std::move(doing)) {}

  Fd file_;
  std::string doing_;
  std::optional<std::uint64_t> data_octets_;
};

}  // namespace khuoi::storage
