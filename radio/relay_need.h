#pragma once

#include <optional>

#include "sync/base/time.h"

namespace khuoi::radio {

/// Of a hamlet: whether a neighbour has to pass its frames on, and when it tries the commune itself again.
/// radio/FORMATS.md, "Over a neighbour".
class RelayNeed final {
 public:
  /// `hidden`: somebody who knows said that the commune does not hear it.
  RelayNeed(bool hidden, Instant now) : relayed_(hidden), tried_at_(now) {}

  /// Something was said to the commune; something of the commune's came.
  void said(Instant now) { in_vain_since_ = in_vain_since_.value_or(now); }
  void heard() { in_vain_since_.reset(); }
  /// A frame of the commune came that no neighbour passes on.
  void heard_without_help() { heard_without_help_ = true; }
  /// Whether the association that answers, or the one that is over, was a neighbour's work.
  void was_relayed(bool relayed) { relayed_ = relayed; }

  /// Whether the next JOIN asks for a neighbour.
  [[nodiscard]] bool asks_for_relay(Instant now) const;
  /// Air may have become better, or an antenna higher: long enough ago it was tried.
  [[nodiscard]] bool may_try_itself(Instant now) const;
  /// The next JOIN asks for nobody.
  void try_itself(Instant now);
  /// That brought no answer in time.
  void tried_in_vain() { tries_itself_ = false; }
  /// A neighbour said this hamlet's own JOIN once more: it was appointed before this hamlet started.
  void served_already(Instant now);

 private:
  bool relayed_;
  std::optional<Instant> in_vain_since_;  ///< said something, and heard no answer to anything since
  bool tries_itself_ = false;             ///< with its next JOIN, or the last one
  Instant tried_at_;
  bool heard_without_help_ = false;  ///< since then
};

}  // namespace khuoi::radio
