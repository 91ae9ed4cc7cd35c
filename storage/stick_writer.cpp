#include "storage/stick_writer.h"

#include <fcntl.h>
#include <isa-l/crc64.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "storage/parity.h"
#include "sync/base/check.h"

namespace khuoi::storage {
namespace {

constexpr std::size_t write_octets = std::size_t{1} << 20;

/// Reading back finds what a failing or fake stick does to octets; against people each segment has its signature. So a
/// fast checksum will do: 64 bits of CRC over 1 MiB, ten times as fast as BLAKE2b.
std::uint64_t checksum(ByteView octets) { return crc64_ecma_refl(0, octets.data(), octets.size()); }

}  // namespace

StickWriter::StickWriter(int folder, Fd file, std::string temp_name, std::string name, std::string doing)
    : folder_(folder),
      file_(std::move(file)),
      temp_name_(std::move(temp_name)),
      name_(std::move(name)),
      doing_(std::move(doing)) {}

Result<StickWriter> StickWriter::create(int folder, std::string temp_name, std::string name, std::string doing) {
  Fd file(::openat(folder, temp_name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file.open()) return write_error(errno, doing, folder);
  return StickWriter(folder, std::move(file), std::move(temp_name), std::move(name), std::move(doing));
}

StickWriter::~StickWriter() {
  if (!file_.open()) return;
  file_.reset();
  ::unlinkat(folder_, temp_name_.c_str(), 0);
}

Result<void> StickWriter::write_piece(std::uint64_t offset, ByteView octets) {
  pieces_.push_back({offset, octets.size(), checksum(octets)});
  const auto at = static_cast<off_t>(offset);
  const auto length = static_cast<off_t>(octets.size());
  const bool full = octets.size() == write_octets;
  while (!octets.empty()) {
    const ssize_t written = ::pwrite(file_.get(), octets.data(), octets.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return write_error(errno, doing_, file_.get());
    offset += static_cast<std::uint64_t>(written);
    octets = octets.subspan(static_cast<std::size_t>(written));
  }
  // The stick begins to write while the next piece is made. Where it does not, commit() waits for all of it. Parity
  // blocks are too small for that: the stick would write the page that they share once for each of them.
  if (full) (void)::sync_file_range(file_.get(), at, length, SYNC_FILE_RANGE_WRITE);
  return {};
}

Result<void> StickWriter::flush() {
  if (buffer_.empty()) return {};
  KHUOI_TRY_VOID(write_piece(written_, buffer_));
  written_ += buffer_.size();
  buffer_.clear();
  return {};
}

Result<void> StickWriter::write(ByteView octets) {
  KHUOI_CHECK(file_.open() && !sealed_);
  while (!octets.empty()) {
    const auto part = octets.first(std::min(octets.size(), write_octets - buffer_.size()));
    append(buffer_, part);
    octets = octets.subspan(part.size());
    if (buffer_.size() == write_octets) KHUOI_TRY_VOID(flush());
  }
  return {};
}

Result<void> StickWriter::add_parity() {
  KHUOI_CHECK(file_.open() && !sealed_);
  sealed_ = true;
  KHUOI_TRY_VOID(flush());
  const std::uint64_t data_octets = written_;
  written_ = ParityShape::for_data(data_octets).file_octets();
  return write_parity(
      data_octets,
      [this](std::uint64_t offset, std::span<std::uint8_t> out) {
        return read_some_at(file_.get(), offset, out, doing_);
      },
      [this](std::uint64_t offset, ByteView octets) { return write_piece(offset, octets); });
}

Result<void> StickWriter::read_back() const {
  Bytes buffer;
  for (const Piece& piece : pieces_) {
    buffer.resize(static_cast<std::size_t>(piece.octets));
    KHUOI_TRY(const std::size_t have, read_some_at(file_.get(), piece.offset, buffer, doing_));
    if (have != buffer.size() || checksum(buffer) != piece.crc) {
      return fail(Errc::damaged,
                  doing_ + ": it gives back something else than was written. Nothing was lost; use another stick.");
    }
  }
  return {};
}

Result<void> StickWriter::commit() {
  KHUOI_CHECK(file_.open());
  KHUOI_TRY_VOID(flush());
  KHUOI_TRY_VOID(sync_fd(file_.get(), doing_));
  ::posix_fadvise(file_.get(), 0, 0, POSIX_FADV_DONTNEED);  // so that the stick is read, not our memory
  KHUOI_TRY_VOID(read_back());
  if (::renameat(folder_, temp_name_.c_str(), folder_, name_.c_str()) != 0) return write_error(errno, doing_, folder_);
  file_.reset();
  return sync_folder_fd(folder_, doing_);
}

}  // namespace khuoi::storage
