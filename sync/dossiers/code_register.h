#pragma once

#include <optional>
#include <string>

#include "sync/dossiers/dossier_row.h"
#include "sync/record/official_code.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

/// In table meta: 1 from a restore until somebody confirmed the last code that was given before.
inline constexpr std::string_view codes_unconfirmed_name = "codes_unconfirmed";

/// The commune's register of official codes. A number of a day is written in the commit that uses it, and never used
/// again, whatever the clock says: it is a dossier's, void with a reason, or one that a backup did not know of. Days are
/// counted by the calendar; none is before the last one that was confirmed after a restore.
class CodeRegister final {
 public:
  enum class Fate : std::uint8_t {
    given = 0,   ///< to a dossier
    voided = 1,  ///< used on paper, or spoilt
    lost = 2,    ///< given after the backup from which this commune was put back
  };
  /// What became of a number of a day: its row's key is both.
  struct Number {
    Fate fate = Fate::given;
    std::uint32_t through = 0;  ///< the last number that this row speaks of; the first is in its key
    DossierKey dossier;         ///< of a given one
    bool doubled = false;       ///< another dossier brought the same code
    std::string unit;
    std::string reason;
    static auto parts(auto& row) {
      return parts_of(row.fate, row.through, row.dossier, row.doubled, Counted(row.unit, unit_octets_max), row.reason);
    }
    bool operator==(const Number&) const = default;
  };
  struct Settings {
    std::uint32_t floor_day = 0;  ///< no code is of an earlier day
    std::string unit;             ///< empty: none is given by itself
    static auto parts(auto& row) { return parts_of(row.floor_day, row.unit); }
  };

  static Result<Settings> settings(const ReadTxn& txn);
  /// Errors: denied after a restore, until confirm_last(): a code that is given now may have been given already.
  static Result<void> check_confirmed(const ReadTxn& txn);
  /// Errors: usage unless is_unit_code() or empty.
  static Result<void> set_unit(Batch& batch, const std::string& unit);
  /// The next number of the day of batch.now, for this dossier. Errors: usage without a unit's code; denied when the
  /// clock is not of this century, and as check_confirmed().
  static Result<OfficialCode> give(Batch& batch, const DossierKey& dossier);
  /// The next number is void. Errors: usage without a reason; as give().
  static Result<OfficialCode> use_up(Batch& batch, const std::string& reason);
  /// What somebody typed may become this dossier's code. Errors: denied, for one of this unit's that the register did not
  /// give; conflict, for one that is another dossier's.
  static Result<void> check_typed(const ReadTxn& txn, const std::string& code, const DossierKey& dossier);
  /// A state change of this dossier carries the code: written here, or come back after a restore.
  static Result<void> note(Batch& batch, const std::string& code, const DossierKey& dossier);
  /// After a restore: this was the last code given; "none" where none was. What lies between it and what is known is lost, with that reason.
  /// Errors: usage for a code of another make or unit, or of a day to come.
  static Result<void> confirm_last(Batch& batch, const std::string& code);

  using Numbers = Visitor<std::uint32_t, std::uint32_t, const Number&>;  ///< day, number
  /// Of one day, or of all (0), in their order. What does not decode is told as a gap by check().
  static Result<void> each(const ReadTxn& txn, std::uint32_t day, const Numbers& visit);
  /// Gaps that nothing explains and numbers given twice, a sentence each; none where all is well.
  static Result<std::vector<std::string>> check(const ReadTxn& txn);
};

}  // namespace khuoi::sync
