#pragma once

#include <optional>
#include <vector>

#include "sync/log/runs.h"
#include "sync/record/state.h"

namespace khuoi::sync {

/// Which dossier: at a commune the hamlet it came from, at a hamlet always zero (all are its own).
struct DossierKey {
  HamletId hamlet;
  DossierId id;
  auto operator<=>(const DossierKey&) const = default;
};

/// Table `dossier`, key hamlet 8 | id 16. What stands here is readable on a locked box: ids, references, one state.
struct DossierRow {
  std::uint32_t number = 0;  ///< the short local number
  DossierId shown;           ///< the id people use
  std::optional<State> state;
  bool conflict = false;
  bool erased = false;
  bool withdrawal_asked = false;
  bool stale = false;        ///< something arrived that could not be folded: a locked box, or a record not readable yet
  bool unreadable = false;   ///< when it was last folded, some record did not open or decode, and no key or form helps
  Domain domain = Domain::general;
  struct Item {
    Ref ref;
    Kind kind = Kind::submission;
  };
  std::vector<Item> items;
  std::vector<Ref> heads;    ///< versions no later one replaces, as far as could be folded
  std::vector<Ref> seen;     ///< what a record written now has seen: DossierView::seen_now
};

Bytes octets_of(const DossierKey& key);
/// Errors: damaged.
Result<DossierKey> decode_dossier_key(ByteView octets);
Bytes encode_row(const DossierRow& row);
/// Errors: damaged.
Result<DossierRow> decode_row(ByteView octets);

}  // namespace khuoi::sync
