#pragma once

#include <filesystem>

#include "storage/files.h"

namespace khuoi::storage {

/// The right to write to a data folder: one process at a time, until this is dropped or the process ends, however it
/// ends. DIR/lock stays and holds the number of the process that took it last; flock(2) decides, not the file.
class WriterLock final {
 public:
  /// `dir` exists. Never waits. Errors: busy, with the holder's number in the sentence; read_only; io.
  static Result<WriterLock> acquire(const std::filesystem::path& dir);
  /// Instead, for who only reads on a disk that cannot be written: nobody writes while it lives, others may read. Changes
  /// nothing on the disk. Errors: busy, as above; io.
  static Result<WriterLock> acquire_to_read(const std::filesystem::path& dir);

 private:
  explicit WriterLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace khuoi::storage
