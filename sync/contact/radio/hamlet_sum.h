#pragma once

#include "sync/replica/replica.h"

namespace khuoi::sync {

/// What the commune holds of a hamlet's runs, in few octets: see FORMATS.md.
class HamletSum final {
 public:
  void add(const RunId& run, const RangeSet& numbers);
  [[nodiscard]] std::uint32_t value() const { return value_; }

  /// As this hamlet believes: what statements and acknowledgements say.
  static Result<std::uint32_t> believed(const ReadTxn& txn, Replica& hamlet);
  /// As it is, at the commune.
  static Result<std::uint32_t> held(const ReadTxn& txn, Replica& commune, const NodeId& hamlet);

 private:
  std::uint32_t value_ = 0;
};

}  // namespace khuoi::sync
