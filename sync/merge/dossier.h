#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sync/record/record.h"

namespace khuoi::sync {

/// What one record says of a dossier: the fold's input. Only the fields of its kind are set. One ref names one event:
/// two authentic records under one number are quarantined before they come here.
struct DossierEvent {
  Ref ref;
  Kind kind = Kind::submission;            ///< submission, edit, withdrawal, manifest, pick, state or erase
  std::vector<Ref> seen;                   ///< what its author had seen of this dossier: its seen_now then
  UnixSeconds wall;                        ///< for people to read, decides nothing
  std::array<std::uint8_t, 16> content{};  ///< submission, edit: BLAKE2b-128 of the XML
  std::string instance_id;                 ///< submission, edit
  std::string deprecated_id;               ///< edit: the instanceID of the version it edits
  Ref chosen;                              ///< pick
  StateChange state;                       ///< state
  std::string reason;                      ///< withdrawal, erase
  FileFacts file;                          ///< manifest
};

/// A dossier as every node sees it once it holds the same records. FOLD.md says how each field comes about.
struct DossierView {
  /// Versions of the XML that no later one replaces, in Ref order; more than one is a conflict a person settles.
  /// A version handed in several times (same instanceID and XML) stands under its smallest Ref.
  std::vector<Ref> heads;
  /// The version shown: the greatest head by (picked by a person, depth in the chain of edits, content, ref).
  std::optional<Ref> current;
  bool conflict = false;        ///< several heads, or a state conflict
  bool state_conflict = false;  ///< state changes that did not see each other set different states
  /// The state in force and who said so; none before the commune set one.
  std::optional<StateChange> state;
  Ref state_ref;
  /// All state changes, oldest first as far as what-was-seen tells, ties by ref.
  std::vector<Ref> history;
  bool withdrawal_asked = false;  ///< a withdrawal that no state change has seen
  bool erased = false;            ///< then there are no heads, no current version and no files
  std::vector<FileFacts> files;   ///< of all manifests, by name, without repeats
  /// What the next edit, pick, state change or withdrawal of this dossier must carry as `seen`; at most seen_max.
  std::vector<Ref> seen_now;
  /// Some record names one that is not here: what it saw, chose or edits.
  bool open_ends = false;
  bool operator==(const DossierView&) const = default;
};

/// Pure: any order, any repetition, any subset in any order gives the same result. Refs that are not there are records
/// still on their way. n events that saw m in all cost O((n + m) log n).
DossierView fold(std::span<const DossierEvent> events);

}  // namespace khuoi::sync
