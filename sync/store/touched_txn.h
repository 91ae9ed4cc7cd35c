#pragma once

#include <bitset>
#include <set>
#include <utility>

#include "sync/base/ids.h"
#include "sync/base/parts.h"
#include "sync/store/note.h"
#include "sync/store/store.h"

namespace khuoi::sync {

/// What a commit wrote.
struct Changes {
  std::bitset<table_count> tables;
  std::set<std::uint32_t> dossiers;  ///< numbers of rows of table `dossier`
  using Run = std::pair<NodeId, RunId>;  ///< author, run
  std::set<Run> said;                ///< of which a peer said, by statement or by radio, what it holds
  bool many = false;                 ///< of either there were more than numbers_max
  static constexpr std::size_t numbers_max = 4096;

  void add(const Changes& other) {
    tables |= other.tables;
    many = many || other.many;
    for (const std::uint32_t number : other.dossiers) add(number);
    for (const Run& run : other.said) add(run);
  }
  void add(std::uint32_t number) { add(dossiers, number); }
  void add(const Run& run) { add(said, run); }

 private:
  template <typename One>
  void add(std::set<One>& to, const One& one) {
    if (to.size() < numbers_max) to.insert(one);
    else many = many || !to.contains(one);
  }
};

/// A transaction that remembers what was written through it, also by a write that failed: whoever drops it knows what may
/// have been read back from it, and by that what to forget.
class TouchedTxn final : public WriteTxn {
 public:
  using Tables = std::bitset<table_count>;

  explicit TouchedTxn(std::unique_ptr<WriteTxn> inner) : inner_(std::move(inner)) {}
  [[nodiscard]] const Tables& touched() const { return changes_.tables; }
  [[nodiscard]] const Changes& changes() const { return changes_; }

  [[nodiscard]] Result<std::optional<ByteView>> get(Table table, ByteView key) const override {
    return inner_->get(table, key);
  }
  [[nodiscard]] Result<void> scan(Table table, ByteView first, const EntryVisitor& visit) const override {
    return inner_->scan(table, first, visit);
  }
  [[nodiscard]] Result<std::optional<Entry>> last_up_to(Table table, ByteView key) const override {
    return inner_->last_up_to(table, key);
  }
  [[nodiscard]] Result<std::uint64_t> entries(Table table) const override { return inner_->entries(table); }
  [[nodiscard]] Result<void> put(Table table, ByteView key, ByteView value) override {
    note(table, key);
    return inner_->put(table, key, value);
  }
  [[nodiscard]] Result<void> erase(Table table, ByteView key) override {
    note(table, key);
    return inner_->erase(table, key);
  }
  [[nodiscard]] Result<void> commit() override { return inner_->commit(); }

 private:
  void note(Table table, ByteView key) {
    changes_.tables.set(static_cast<std::size_t>(table));
    if (table == Table::dossier) changes_.add(part_of<std::uint32_t>(key).value_or(0));
    const bool by_radio = table == Table::note && !key.empty() && key[0] == static_cast<std::uint8_t>(Note::by_radio);
    if (table != Table::peer_run && !by_radio) return;
    const auto said = part_of<std::pair<NodeId, Changes::Run>>(key.subspan(by_radio ? 1 : 0));  // peer, author, run
    if (said) changes_.add(said->second);
  }

  std::unique_ptr<WriteTxn> inner_;
  Changes changes_;
};

}  // namespace khuoi::sync
