#include <algorithm>
#include <vector>

#include "node/acts/identity.h"
#include "node/acts/name_match.h"

namespace khuoi::node {

namespace {

enum class IdMatch : std::uint8_t { unknown, different, two_digits, near, same };
enum class BirthMatch : std::uint8_t { unknown, different, close, year, swapped, same };

/// Of common names many were born in one year; with more namesakes a year alone says too little.
constexpr std::size_t namesakes_max = 8;

IdMatch match_ids(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return IdMatch::unknown;
  if (a == b) return IdMatch::same;
  if (a.size() != b.size()) {
    const bool comparable = std::min(a.size(), b.size()) > 9;  // an old card's number says nothing of a citizen's
    if (!comparable) return IdMatch::unknown;
    return one_edit_apart(a, b) ? IdMatch::near : IdMatch::different;
  }
  std::array<std::size_t, 2> at{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    if (count == at.size()) return IdMatch::different;
    at.at(count++) = i;
  }
  if (count == 1 || (a[at[0]] == b[at[1]] && a[at[1]] == b[at[0]])) return IdMatch::near;
  return IdMatch::two_digits;
}

BirthMatch match_births(const IdentityView& a, const IdentityView& b) {
  if (a.born == 0 || b.born == 0) return BirthMatch::unknown;
  const bool same_year = a.born / 10000 == b.born / 10000;
  if (a.year_only || b.year_only) return same_year ? BirthMatch::year : BirthMatch::different;
  if (a.born == b.born) return BirthMatch::same;
  if (same_year && a.born % 100 == b.born / 100 % 100 && b.born % 100 == a.born / 100 % 100) return BirthMatch::swapped;
  return one_edit_apart(std::to_string(a.born), std::to_string(b.born)) ? BirthMatch::close : BirthMatch::different;
}

/// Of whatever kind: one number, and nothing that says that these are two people.
Likeness by_same_id(NameMatch name, BirthMatch birth) {
  if (name >= NameMatch::alike) return {birth == BirthMatch::different ? 80 : 100, SuspectWhy::same_id};
  const bool fits = birth != BirthMatch::different;
  if (name == NameMatch::loose || name == NameMatch::unknown) return {fits ? 80 : 0, SuspectWhy::same_id};
  const bool one_day = birth == BirthMatch::same || birth == BirthMatch::swapped;
  return {name == NameMatch::related && one_day ? 70 : 0, SuspectWhy::same_id};
}

Likeness by_near_id(NameMatch name, BirthMatch birth) {
  if (name < NameMatch::alike || birth == BirthMatch::different) return {};
  if (birth == BirthMatch::same || birth == BirthMatch::swapped) return {95, SuspectWhy::near_id};
  const bool sure_name = name >= NameMatch::shorter;
  return {sure_name ? 85 : birth == BirthMatch::year ? 70 : 50, SuspectWhy::near_id};
}

Likeness by_name(NameMatch name, BirthMatch birth, PersonKind kind, std::size_t namesakes) {
  if (name < NameMatch::alike) return {};
  const bool sure_name = name >= NameMatch::shorter;
  if (birth == BirthMatch::same) return sure_name ? Likeness{90, SuspectWhy::name_and_birth} : Likeness{75, SuspectWhy::alike_name};
  if (birth == BirthMatch::swapped) return {sure_name ? 80 : 65, SuspectWhy::swapped_birth};
  if (birth != BirthMatch::year || !sure_name || kind != PersonKind::subject) return {};
  return {namesakes <= namesakes_max ? 65 : 40, SuspectWhy::name_and_year};
}

}  // namespace

std::string_view name_of(SuspectWhy why) {
  constexpr std::array<std::string_view, 7> words = {"",           "same-id",   "near-id",      "name-birth",
                                                     "swapped-birth", "alike-name", "name-year"};
  return words.at(static_cast<std::size_t>(why));
}

Likeness likeness(const IdentityView& a, const IdentityView& b, std::size_t namesakes) {
  const IdMatch id = match_ids(a.id_number, b.id_number);
  if (id == IdMatch::different || (a.kind != b.kind && id != IdMatch::same)) return {};
  const BirthMatch birth = match_births(a, b);
  if (id != IdMatch::same && birth == BirthMatch::different) return {};
  if (id == IdMatch::unknown && birth < BirthMatch::year) return {};
  const NameMatch name = match_names(a.name, b.name);
  if (id == IdMatch::same) return by_same_id(name, birth);
  if (id == IdMatch::near) return by_near_id(name, birth);
  if (id == IdMatch::unknown) return by_name(name, birth, a.kind, namesakes);
  const bool sure = name >= NameMatch::shorter && (birth == BirthMatch::same || birth == BirthMatch::swapped);
  return sure ? Likeness{70, SuspectWhy::name_and_birth} : Likeness();
}

std::uint32_t name_key(std::string_view name) {
  std::vector<std::string_view> words;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find(' '), name.size());
    words.push_back(name.substr(0, end));
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  const auto thi = std::ranges::find(words, "thi");
  const auto middle = thi != words.end() ? thi : std::ranges::find(words, "van");
  if (words.size() > 2 && middle != words.end()) words.erase(middle);
  std::ranges::sort(words);
  std::uint32_t out = 2166136261U;  // FNV-1a
  for (const std::string_view word : words) {
    for (const char c : word) out = (out ^ static_cast<unsigned char>(c)) * 16777619U;
    out = (out ^ 0x20U) * 16777619U;
  }
  return out;
}

}  // namespace khuoi::node
