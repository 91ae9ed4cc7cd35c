#pragma once

#include <map>
#include <set>
#include <span>

#include "sync/codec/names.h"

namespace khuoi::sync {

/// Fields (a leaf of one form) most of whose values of several words are written as names: there any value of several
/// words is one, also when somebody wrote it in small letters.
std::set<std::uint32_t> name_fields(std::span<const std::string_view> submissions);

/// In how many records, or by how many people, a name must be given to be an official's or a place's.
std::size_t bearers_max(std::size_t submissions);

/// What submissions tell of somebody, and whether another text tells it too. Letter case and diacritics do not matter.
class Secrets final {
 public:
  /// `people`: people_of() the same submissions.
  Secrets(std::span<const std::string_view> submissions, std::span<const std::uint32_t> people);

  /// A whole value or sentence that names somebody, known or not, and therefore may not stay as it is.
  [[nodiscard]] bool named_in(std::uint32_t field, std::string_view text) const;
  /// Where a text that was put together anew happens to say somebody's name, or a date or place that was given: the
  /// offset of the last octet of it.
  [[nodiscard]] std::optional<std::size_t> told_at(std::string_view text) const;

 private:
  static constexpr std::size_t full_name_words = 3;
  static constexpr std::size_t words_max = 8;
  static constexpr std::size_t number_digits_min = 6;

  [[nodiscard]] std::optional<std::size_t> name_at(std::string_view text, std::size_t words_min) const;
  void add_number(std::string_view value, std::uint32_t person);

  std::set<std::uint32_t> name_fields_;
  std::set<std::string> names_;  // folded
  /// Digits of a value that has several runs of them, such as a date, and up to three people who gave it.
  std::map<std::string, std::set<std::uint32_t>> numbers_;
  std::set<std::string> told_in_words_;  // such digits of values that have words too
};

}  // namespace khuoi::sync
