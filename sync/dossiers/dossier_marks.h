#pragma once

#include <map>
#include <optional>

#include "sync/dossiers/dossier_row.h"

namespace khuoi::sync {

/// What is amiss with a dossier, so that nobody reads all rows to find those: table `note`, kind dossier_mark, by its
/// number. No row: nothing is. Kept by Dossiers::put() in the commit that writes the dossier's row.
struct DossierMark {
  bool stale = false;
  bool conflict = false;
  bool unreadable = false;  ///< some of its records
  bool damaged = false;     ///< its row, or a part of it, did not decode when somebody read it
  bool fold_again = false;  ///< a conflict of before this program: it may fold to something else now
  [[nodiscard]] bool none() const { return !(stale || conflict || unreadable || damaged || fold_again); }
  bool operator==(const DossierMark&) const = default;
  void write(Writer& to) const;
  void read(Reader& from);  ///< rows of earlier programs are empty, and say nothing until they are made anew
};

/// How many dossiers are marked so: table `note`, kind dossier_counts. What is damaged is not counted as unreadable
/// too.
struct DossierCounts {
  std::uint64_t stale = 0;
  std::uint64_t unreadable = 0;
  std::uint64_t damaged = 0;
  std::uint64_t fold_again = 0;
  /// Entries of table `record` when this was written, as in Totals: where there are others, these counts do not hold.
  std::uint64_t record_rows = 0;
  static auto parts(auto& counts) {
    return parts_of(counts.stale, counts.unreadable, counts.damaged, counts.fold_again, counts.record_rows);
  }
  bool operator==(const DossierCounts&) const = default;
  void add(const DossierMark& mark);
  void take_away(const DossierMark& mark);
};

inline constexpr Rows<std::uint32_t, DossierMark> dossier_mark_rows{Note::dossier_mark, "what is amiss with a dossier"};
inline constexpr Rows<std::tuple<>, DossierCounts> dossier_counts_rows{Note::dossier_counts,
                                                                       "what is counted of dossiers"};

class DossierMarks final {
 public:
  static DossierMark of(const DossierRow& row) { return {row.stale, row.conflict, row.unreadable, false, false}; }
  /// Nothing where they have to be counted anew: none were kept, or a program wrote since that does not count.
  static Result<std::optional<DossierCounts>> counts(const ReadTxn& txn);
  /// Erases an empty mark.
  static Result<void> put(Batch& batch, std::uint32_t number, const DossierMark& mark);
  /// At the end of a commit.
  static Result<void> flush(Batch& batch);
  /// Puts these instead of all there are.
  static Result<void> put_all(Batch& batch, const std::map<std::uint32_t, DossierMark>& marks);
};

}  // namespace khuoi::sync
