#pragma once

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>

#include "storage/files.h"
#include "sync/base/rng.h"

namespace khuoi::http {

/// Where bodies wait until they are whole: DIR/tmp, how much of it is taken, and how much may be.
class Spool final {
 public:
  /// Makes the folder, and empties it of what a service before left. Errors: io, read_only.
  static Result<std::shared_ptr<Spool>> open(const std::filesystem::path& folder, std::uint64_t octets_max);
  /// False when that would be more than the quota, or the disk is nearly full.
  bool take(std::uint64_t octets);
  void give_back(std::uint64_t octets) { taken_ -= octets; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::uint64_t taken() const { return taken_; }

 private:
  Spool(std::filesystem::path folder, std::uint64_t octets_max) : folder_(std::move(folder)), octets_max_(octets_max) {}
  std::filesystem::path folder_;
  std::uint64_t octets_max_;
  std::atomic<std::uint64_t> taken_ = 0;
};

/// A file without a name, sealed piece by piece under a key that only this object has: what a villager hands in never
/// lies readable on the disk, not even for the time of an upload. Written once, in order, then read in any order.
class SealedFile final {
 public:
  /// Errors: what opening says.
  static Result<SealedFile> create(std::shared_ptr<Spool> spool, Rng& rng);
  ~SealedFile();
  SealedFile(SealedFile&& other) noexcept;
  SealedFile& operator=(SealedFile&&) = delete;
  SealedFile(const SealedFile&) = delete;
  SealedFile& operator=(const SealedFile&) = delete;

  /// Errors: disk_full (quota too), io.
  Result<void> append(ByteView octets);
  /// What is left of the last piece goes out. Nothing can be appended after it.
  Result<void> finish();
  [[nodiscard]] std::uint64_t octets() const { return octets_; }
  /// Plaintext in order, in pieces of at most 64 KiB. Errors: damaged, io, what the sink returns.
  Result<void> read(const std::function<Result<void>(ByteView)>& sink) const;
  /// Piece `index`, up to 64 KiB; empty past the end. Errors: damaged, io.
  [[nodiscard]] Result<Bytes> piece(std::uint32_t index) const;

 private:
  SealedFile(std::shared_ptr<Spool> spool, storage::Fd file, Rng& rng);
  Result<void> flush();
  std::shared_ptr<Spool> spool_;  ///< shared with every other file: it counts what they take
  storage::Fd file_;
  std::array<std::uint8_t, 32> key_{};
  Bytes piece_;
  Bytes sealed_;
  std::uint32_t pieces_ = 0;
  std::uint64_t octets_ = 0;
  std::uint64_t charged_ = 0;
};

}  // namespace khuoi::http
