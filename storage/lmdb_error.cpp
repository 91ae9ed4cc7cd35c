#include "storage/lmdb_error.h"

#include <lmdb.h>

#include <cerrno>
#include <filesystem>

#include "storage/files.h"

namespace khuoi::storage {

Error lmdb_error(int rc, const std::string& doing, const std::string& dir) {
  const std::string what = doing + " in the store " + dir;
  const std::string reason = what + ": " + mdb_strerror(rc) + ".";
  switch (rc) {
    case MDB_MAP_FULL:
      return fail(Errc::store_full, what +
                                        ": the store has reached its size limit. Nothing was lost; remove what is no "
                                        "longer needed, or raise the limit.");
    case MDB_TXN_FULL:
      return fail(Errc::too_large, what + ": too many changes at once. Commit them in smaller batches.");
    case MDB_BAD_VALSIZE:
      return fail(Errc::too_large, what + ": a key or value has a length the store cannot keep.");
    case MDB_NOTFOUND:
    case MDB_PAGE_NOTFOUND:
    case MDB_CORRUPTED:
    case MDB_CURSOR_FULL:
    case MDB_INVALID:
    case MDB_INCOMPATIBLE:
      return fail(Errc::damaged, reason + " The file is broken; restore a backup into a new folder.");
    case MDB_VERSION_MISMATCH:
      return fail(Errc::unsupported, reason + " Another version of LMDB wrote it.");
    case MDB_READERS_FULL:
      return fail(Errc::busy, what + ": too many readers at once. Try again.");
    case MDB_MAP_RESIZED:
      return fail(Errc::busy, what + ": another process opened it with a larger limit. Open it again.");
    case MDB_PANIC:
      return fail(Errc::io, what + ": an earlier write failed. Close the store and open it again.");
    default:
      break;
  }
  if (rc > 0) {
    Error error = write_error(rc, what, std::filesystem::path(dir));
    if (rc == EIO && error.code == Errc::io) {
      error.what = reason + " The disk of this machine may be failing: make a backup onto another one while it can be read.";
    }
    return error;
  }
  return fail(Errc::io, reason);
}

}  // namespace khuoi::storage
