#pragma once

#include <array>
#include <map>

#include "sync/store/store.h"

namespace khuoi::sim {

/// A store in memory with the manners of the one on LMDB: snapshots, all-or-nothing writes, one writer, a size limit.
/// Threads: none; one owner. Copying with clone() is cheap: tables are shared until one side writes to them.
class MemoryStore final : public sync::Store {
 public:
  explicit MemoryStore(std::uint64_t octets_max = std::uint64_t{64} << 30) : octets_max_(octets_max) {}
  ~MemoryStore() override;
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  Result<std::unique_ptr<sync::ReadTxn>> begin_read() const override;
  /// Errors: busy while another write transaction is open.
  Result<std::unique_ptr<sync::WriteTxn>> begin_write() override;
  /// Octets of keys and values.
  sync::StoreUsage usage() const override { return {octets_used_, octets_max_}; }

  /// What a copied disk or a backup holds: everything committed so far.
  [[nodiscard]] std::unique_ptr<MemoryStore> clone() const;
  /// From the next write on.
  void set_octets_max(std::uint64_t octets_max) { octets_max_ = octets_max; }
  /// The n-th commit from now (0: the next) fails with this and changes nothing.
  void fail_commit(std::size_t after_commits, Error error);

  /// Orders views and owned octets alike, so that a look-up copies nothing.
  struct OctetLess {
    using is_transparent = void;
    bool operator()(ByteView a, ByteView b) const { return compare(a, b) < 0; }
  };
  using TableMap = std::map<Bytes, Bytes, OctetLess>;
  using Tables = std::array<std::shared_ptr<TableMap>, sync::table_count>;  // shared with snapshots and clones

 private:
  friend class MemoryWriteTxn;
  Tables tables_{};
  std::uint64_t octets_used_ = 0;
  std::uint64_t octets_max_;
  bool writer_open_ = false;
  std::optional<std::pair<std::size_t, Error>> planned_failure_;
};

}  // namespace khuoi::sim
