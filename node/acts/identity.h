#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/parts.h"
#include "sync/record/answers.h"
#include "sync/record/form_labels.h"

namespace khuoi::node {

/// As whom a dossier names somebody. Only people of one kind are compared, or of any two when the id number is the same.
enum class PersonKind : std::uint8_t { subject, mother, father, spouse, member, related, head, declarant };

/// What of one person is compared, borrowed.
struct IdentityView {
  PersonKind kind = PersonKind::subject;
  bool year_only = false;
  std::uint32_t born = 0;
  std::string_view id_number;
  std::string_view name;
};

/// Who one person of a dossier is, as far as it says.
struct Identity {
  PersonKind kind = PersonKind::subject;
  bool year_only = false;   ///< of `born` the year alone can be relied on: 1 January is what is written where no day is known
  std::uint32_t born = 0;   ///< yyyymmdd; 0: unknown
  std::string id_number;    ///< as id_digits gives it
  std::string name;         ///< as name_words gives it
  // NOLINTNEXTLINE(google-explicit-constructor): a view of it, as std::string has one
  operator IdentityView() const { return {kind, year_only, born, id_number, name}; }

  static constexpr std::size_t octets_max = 96;
  void write(Writer& to) const;
  void read(Reader& from);
  bool operator==(const Identity&) const = default;
};
inline constexpr std::size_t identities_max = 4;

/// Whom a submission names, whom it is about first; at most identities_max. By the names of its questions (ho_ten, so_cccd,
/// ngay_sinh_me …, joined or not), and where those tell nobody by what the form calls them. Who only declares, and the head
/// of a household whom another's dossier names, is there only when nobody else is: they are no duplicates.
std::vector<Identity> identities_of(const sync::Answers& answers, const sync::FormLabels* labels = nullptr);
/// Whether identities_of could find more with labels: nobody is known, and something looks like an id number or a date.
bool labels_may_tell(const sync::Answers& answers, const std::vector<Identity>& found);

/// Words of a name without marks, as they were written: i for y, without what an input method left (Nguyeenx), digits
/// and dots; "Ng." is nguien, and a lone v or t before the last word van or thi.
std::string name_words(std::string_view text);
/// Digits of an id number, of a citizen's card (12) or an old identity card (9), with zeros that a spreadsheet cut at the
/// beginning; 11 or 13 where one is missing or too many. Empty for anything else and for what stands for "none"
/// (000000000000, 123456789012, 004000000000).
std::string id_digits(std::string_view text);
struct Birth {
  std::uint32_t day = 0;  ///< yyyymmdd
  bool year_only = false;
};
/// 1985-04-03, 3/4/1985, 3.4.85, 03041985, 4/1985, 1985.
Birth birth_of(std::string_view text);

/// Why two are taken for one person.
enum class SuspectWhy : std::uint8_t { none, same_id, near_id, name_and_birth, swapped_birth, alike_name, name_and_year };
/// The word for pages: "same-id", "near-id", …
std::string_view name_of(SuspectWhy why);
struct Likeness {
  int score = 0;  ///< 0..100
  SuspectWhy why = SuspectWhy::none;
};
inline constexpr int suspect_score = 60;
/// How surely two are one person, as IDENTITY.md says rule by rule. `namesakes`: how many others are known that have this
/// name and were born in other years. In either order it gives the same.
Likeness likeness(const IdentityView& a, const IdentityView& b, std::size_t namesakes = 0);

/// The key of a name under which all that differ in order, or in Thị or Văn, are found.
std::uint32_t name_key(std::string_view name);

}  // namespace khuoi::node
