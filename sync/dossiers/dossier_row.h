#pragma once

#include <array>
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

/// What of a dossier stands in table `dossier`. It is readable on a locked box: ids, references, one state.
struct DossierRow {
  std::uint32_t number = 0;  ///< the short local number; the row's key
  bool is_new = false;       ///< of Dossiers::row_or_new: it was never put
  DossierId shown;           ///< the id people use
  std::optional<State> state;
  bool conflict = false;
  bool erased = false;
  bool withdrawal_asked = false;
  bool stale = false;        ///< something arrived that could not be folded: a locked box, or a record not readable yet
  bool unreadable = false;   ///< when all records were last folded, some did not open or decode, and no key or form helps
  bool open_ends = false;    ///< when all were last folded, some named one that was not here: DossierView::open_ends
  Domain domain = Domain::general;
  struct Item {
    Ref ref;
    Kind kind = Kind::submission;
    static auto parts(auto& item) { return parts_of(item.ref, item.kind); }
    bool operator==(const Item&) const = default;
  };
  std::uint32_t items_before = 0;  ///< of Dossiers::brief: so many items come before these, which were not read
  std::vector<Item> items;
  std::vector<Ref> heads;    ///< versions no later one replaces, as far as could be folded
  std::vector<Ref> seen;     ///< what a record written now has seen: DossierView::seen_now
  /// A first submission that was handed in here, by which it is known when it comes again.
  struct First {
    DossierId id;                        ///< of its instanceID
    Ref ref;
    std::array<std::uint8_t, 16> mark{};  ///< SubmissionCheck::repeat_hash of it with its XML
    static auto parts(auto& first) { return parts_of(first.id, first.ref, first.mark); }
  };
  std::vector<First> firsts;
};

/// A row of table `dossier`, whose key is the number, as it stands there: the items of full chunks stand in others.
struct StoredDossier {
  DossierKey key;
  DossierRow row;
  void write(Writer& to) const;
  void read(Reader& from);
};

inline constexpr Rows<std::uint32_t, StoredDossier> dossier_rows{Table::dossier, "a dossier"};
/// By a dossier's number and the place of the first: so many items, the oldest first.
inline constexpr std::size_t items_a_chunk = 64;
inline constexpr Rows<std::pair<std::uint32_t, std::uint32_t>, std::vector<DossierRow::Item>> item_chunks{
    Note::dossier_items, "a part of a dossier's records"};
/// Ids that find a dossier, the one that is shown among them.
inline constexpr Rows<DossierId, std::uint32_t> alias_rows{Table::alias, "what an id leads to"};
/// Of a dossier that became part of another: that one's number.
inline constexpr Rows<std::uint32_t, std::uint32_t> number_rows{Table::number, "what a short number leads to"};

}  // namespace khuoi::sync
