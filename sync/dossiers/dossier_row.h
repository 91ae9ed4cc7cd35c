#pragma once

#include <optional>
#include <vector>

#include "sync/log/runs.h"
#include "sync/record/state.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

/// Which dossier: at a commune the hamlet it came from, at a hamlet always zero (all are its own).
struct DossierKey {
  HamletId hamlet;
  DossierId id;
  auto operator<=>(const DossierKey&) const = default;
  static auto parts(auto& key) { return parts_of(key.hamlet, key.id); }
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
    static auto parts(auto& item) { return parts_of(item.ref, item.kind); }
  };
  std::vector<Item> items;
  std::vector<Ref> heads;    ///< versions no later one replaces, as far as could be folded
  std::vector<Ref> seen;     ///< what a record written now has seen: DossierView::seen_now
  void write(Writer& to) const;
  void read(Reader& from);
};

inline constexpr Rows<DossierKey, DossierRow> dossier_rows{Table::dossier, "a dossier"};
/// Other ids that find a dossier, the one that is shown among them.
inline constexpr Rows<DossierId, DossierKey> alias_rows{Table::alias, "what an id leads to"};
inline constexpr Rows<std::uint32_t, DossierKey> number_rows{Table::number, "what a short number leads to"};

}  // namespace khuoi::sync
