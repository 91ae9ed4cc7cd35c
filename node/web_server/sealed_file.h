#pragma once

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>

#include "storage/files.h"
#include "sync/base/rng.h"
#include "sync/seal/hash.h"

namespace khuoi::node {
struct FileSource;
}

namespace khuoi::http {

/// Where bodies wait until they are whole: DIR/tmp, how much of it is taken, and how much may be. Strangers may take
/// three quarters of it: who is logged in, or has a phone's password, still hands in while others fill it.
class Spool final {
 public:
  /// Makes the folder, and empties it of what a service before left. Errors: io, read_only.
  static Result<std::shared_ptr<Spool>> open(const std::filesystem::path& folder, std::uint64_t octets_max);
  /// False when that would be more than the quota, or the disk is nearly full.
  bool take(std::uint64_t octets, bool for_stranger);
  void give_back(std::uint64_t octets) { taken_ -= octets; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::uint64_t taken() const { return taken_; }

 private:
  Spool(std::filesystem::path folder, std::uint64_t octets_max) : folder_(std::move(folder)), octets_max_(octets_max) {}
  std::filesystem::path folder_;
  std::uint64_t octets_max_;
  std::atomic<std::uint64_t> taken_ = 0;
};

/// What lies on the disk of one request's body, sealed by those who write here: all its parts one behind the other, in
/// one file without a name. So a request holds one descriptor at most, however many parts it has, and none while it is
/// small. Threads: one at a time.
class UploadFile final {
 public:
  UploadFile(std::shared_ptr<Spool> spool, bool of_stranger) : spool_(std::move(spool)), of_stranger_(of_stranger) {}
  ~UploadFile();
  UploadFile(const UploadFile&) = delete;
  UploadFile& operator=(const UploadFile&) = delete;

  /// Where it was put. Errors: disk_full (quota too), busy (no descriptor to spare), io.
  Result<std::uint64_t> append(ByteView sealed);
  /// Up to to.size() octets; fewer at the end. Errors: io.
  [[nodiscard]] Result<std::size_t> read(std::uint64_t at, std::span<std::uint8_t> to) const;
  [[nodiscard]] const std::filesystem::path& folder() const { return spool_->folder(); }

 private:
  Result<void> open();
  Result<void> write(ByteView octets, std::uint64_t at);
  std::shared_ptr<Spool> spool_;  ///< shared with every other upload: it counts what they take
  bool of_stranger_;
  storage::Fd file_;
  Bytes small_;  ///< everything, until it is more than memory should hold
  std::uint64_t octets_ = 0;
};

/// A part of a body, sealed piece by piece under a key that only this object has: what a villager hands in never lies
/// readable on the disk, not even for the time of an upload. Written once, in order, then read in any order.
class SealedFile final {
 public:
  /// `in` is shared with the other parts of one body; they are written one after the other.
  SealedFile(std::shared_ptr<UploadFile> in, Rng& rng);
  ~SealedFile();
  SealedFile(SealedFile&& other) noexcept;
  SealedFile& operator=(SealedFile&&) = delete;
  SealedFile(const SealedFile&) = delete;
  SealedFile& operator=(const SealedFile&) = delete;

  /// Errors: as UploadFile::append.
  Result<void> append(ByteView octets);
  /// What is left of the last piece goes out. Nothing can be appended after it.
  Result<void> finish();
  [[nodiscard]] std::uint64_t octets() const { return octets_; }
  /// BLAKE2b of the plaintext, by which two files of one name are told apart (Intake::has_file). After finish().
  [[nodiscard]] const Bytes& content() const { return content_; }
  /// Plaintext in order, in pieces of at most 64 KiB. Errors: damaged, io, what the sink returns.
  Result<void> read(const std::function<Result<void>(ByteView)>& sink) const;
  /// Piece `index`, up to 64 KiB; empty past the end. Errors: damaged, io.
  [[nodiscard]] Result<Bytes> piece(std::uint32_t index) const;
  /// For an act that takes a file in; without a name. Borrows this object. What a stranger says of its type counts little.
  [[nodiscard]] node::FileSource source() const;

 private:
  Result<void> flush();
  std::shared_ptr<UploadFile> in_;
  std::array<std::uint8_t, 32> key_{};
  Bytes piece_;
  Bytes sealed_;
  std::uint64_t begins_ = 0;
  std::uint64_t ends_ = 0;  ///< in the file
  std::uint32_t pieces_ = 0;
  std::uint64_t octets_ = 0;
  sync::Blake2b hash_;
  Bytes content_;
};

}  // namespace khuoi::http
