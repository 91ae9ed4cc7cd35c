#pragma once

#include <optional>

#include "sync/log/core.h"

namespace khuoi::sync {

/// What lists show of dossiers, as whoever runs the core makes it from their records, kept sealed to who may read them:
/// table `summary`, by the dossier's number. Each row is sealed with a key of its domain, which itself is sealed to the
/// node's reader of that domain. A row goes when its dossier changes; that one is missing says nothing but that it is to be
/// made again.
class KeptSummaries final {
 public:
  explicit KeptSummaries(Core& core) : core_(core) {}

  /// Nothing when none is kept, or none that the reader which is open now can open. Errors: the store's.
  Result<std::optional<Bytes>> of(const ReadTxn& txn, std::uint32_t number, Domain domain);
  /// Whether one is kept, of whatever age.
  static Result<bool> has(const ReadTxn& txn, std::uint32_t number);
  /// With that domain open. Errors: locked; unauthenticated where the reader key is of small order; the store's.
  Result<void> put(Batch& batch, std::uint32_t number, Domain domain, ByteView plain);
  static Result<void> erase(Batch& batch, std::uint32_t number);

 private:
  /// The domain's key, opened once for whoever reads now; nothing while there is none that opens.
  Result<const Secret*> key_of(const ReadTxn& txn, Domain domain);
  [[nodiscard]] std::optional<Secret> opened(ByteView sealed, Domain domain) const;

  Core& core_;
};

}  // namespace khuoi::sync
