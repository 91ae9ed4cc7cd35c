#pragma once

#include <map>
#include <set>
#include <vector>

#include "sim/watched_store.h"
#include "sync/log/runs.h"

namespace khuoi::sim {

/// The record of all records, kept apart from the code under test: who sealed what under which number, and what reached
/// the commune. A key is author 8 | run 8 | number u32, as in table `record`.
class Ledger final {
 public:
  /// An author put a record of its own. Violation: the number has other octets already.
  void sealed(ByteView key, ByteView value);
  void sealed_committed(ByteView key);
  /// Somebody else put one. Violation: it is not what its author committed.
  void taken(ByteView key, ByteView value, const std::string& who);
  void commune_committed(ByteView key) { at_commune_.insert(to_bytes(key)); }
  /// The commune was set back: what it had and has no more may be missed, until it is sent again.
  void commune_restored(const sync::ReadTxn& now);
  [[nodiscard]] bool reached_commune(ByteView key) const { return at_commune_.contains(key); }
  [[nodiscard]] bool commune_was_restored() const { return restored_; }
  [[nodiscard]] bool lost_by_commune(ByteView key) const { return lost_.contains(key); }

 private:
  struct Sealing {
    Bytes digest;
    bool committed = false;
  };
  std::map<Bytes, Sealing, MemoryStore::OctetLess> sealings_;
  std::set<Bytes, MemoryStore::OctetLess> at_commune_;
  std::set<Bytes, MemoryStore::OctetLess> lost_;
  bool restored_ = false;
};

/// One node's eyes on its store.
class NodeWatch final : public StoreWatcher {
 public:
  NodeWatch(Ledger& ledger, std::string name, bool is_commune)
      : ledger_(ledger), name_(std::move(name)), is_commune_(is_commune) {}
  void set_self(const NodeId& self) { self_ = self; }
  /// Own records put since the last call; also before their commit.
  std::vector<Bytes> take_written() { return std::exchange(written_, {}); }
  [[nodiscard]] std::uint64_t commits() const { return commits_; }
  void record_put(ByteView key, ByteView value) override;
  void records_committed(const std::vector<Bytes>& keys) override;

 private:
  [[nodiscard]] bool is_own(ByteView key) const { return starts_with(key, self_.view()); }
  Ledger& ledger_;
  std::string name_;
  bool is_commune_;
  NodeId self_;
  std::vector<Bytes> written_;
  std::uint64_t commits_ = 0;
};

/// For messages: author/run/number.
std::string name_of_key(ByteView key);

}  // namespace khuoi::sim
