#pragma once

#include "sync/log/core.h"

namespace khuoi::sync {

/// Opens sealed records: finds the context of a run from its opener and my keys, or from my own author copy, and keeps
/// the last few hundred in locked memory, with whoever's keys they were found.
class RunKeys final {
 public:
  explicit RunKeys(Core& core) : core_(core) {}

  /// Errors: locked (my key for it is closed), unauthenticated (does not open), not_found (no opener yet).
  Result<Plain> open(const ReadTxn& txn, const Ref& ref, const RunRow& row, ByteView header, ByteView body);
  /// Reads and opens a held record, sealed or public.
  Result<Plain> read(const ReadTxn& txn, const Ref& ref);
  /// An author copy of this node itself. Errors: locked, unauthenticated.
  Result<HpkeContext> open_own_copy(ByteView header, ByteView body) const;
  /// Drops every context, as when what they were found by was not committed.
  void clear() { core_.opened->contexts.clear(); }
  void forget(const RunKey& key) { core_.opened->contexts.erase(key); }
  /// Of how many runs the context is at hand.
  [[nodiscard]] std::size_t known() const { return core_.opened->contexts.size(); }
  /// The context itself, for the checkpoint chain.
  Result<const HpkeContext*> context(const ReadTxn& txn, const RunKey& key, const RunRow& row, const Ref& probe,
                                     ByteView header, ByteView body);
  /// The same from the opener alone, neither looked up nor kept: the one that opens this record. Of the row it needs the
  /// audience and the opener. Errors: locked, unauthenticated.
  [[nodiscard]] Result<HpkeContext> make_context(const RunKey& key, const RunRow& row, std::uint32_t number, ByteView header,
                                                 ByteView body) const;

 private:
  Result<const HpkeContext*> find(const ReadTxn& txn, const RunKey& key, const RunRow& row);
  Result<HpkeContext> from_author_copy(const ReadTxn& txn, const RunKey& key, const RunRow& row);

  const HpkeContext* keep(const RunKey& key, HpkeContext context);

  Core& core_;
};

/// One record, with its time complete. Errors: unauthenticated; those of decode_plain.
Result<Plain> open_with(const HpkeContext& context, std::uint32_t number, const RunRow& row, ByteView header, ByteView body);

/// Fills in the wall time of a record whose clock did not step: the opener's, plus the seconds since.
void complete_time(Plain& plain, const RunRow& row);

/// The author copy's octets: the run's state sealed to the author's own key. Domain and run are bound.
Result<Bytes> make_author_copy(const KemPublic& own, const Header& header, const Secret& state, Rng& rng);
Result<HpkeContext> open_author_copy(const Secret& own, ByteView header, ByteView body);

}  // namespace khuoi::sync
