#pragma once

#include <array>
#include <filesystem>

#include "sync/store/store.h"

namespace khuoi::storage {

struct VerifyReport {
  struct TableReport {
    std::uint64_t entries = 0;
    std::uint64_t octets = 0;  ///< keys and values
  };
  std::array<TableReport, sync::table_count> tables{};  ///< by sync::Table
  std::uint64_t pages = 0;                              ///< in the file, of `page_octets` each
  std::uint64_t pages_free = 0;
  std::uint32_t page_octets = 0;
};

/// Walks every page and entry of the store in `dir`, in a forked child: reading a damaged LMDB file can raise SIGBUS or
/// SIGSEGV, which then ends the child only. Checks what LMDB keeps (key order, counts, page accounts, the free list);
/// whether values are authentic is the replica's matter. Works while the store is open here or elsewhere, and on a
/// read-only disk. Holds one read transaction for as long as it takes.
/// Errors: damaged, with what was found; not_found; io.
Result<VerifyReport> verify_structure(const std::filesystem::path& dir);

}  // namespace khuoi::storage
