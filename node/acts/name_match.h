#pragma once

#include <string_view>

namespace khuoi::node {

/// How much two names, as name_words gives them, are alike; the more the later.
enum class NameMatch {
  unknown,    ///< one is missing
  different,
  related,    ///< a word is common besides Thị and Văn
  loose,      ///< the same first and last word, or two of three with the last: another middle, another given name of one letter
  alike,      ///< one letter is another, too many, missing or in another place, or a sound that is often confused
  part,       ///< a word in the middle is missing
  shorter,    ///< Thị, Văn or a title is missing
  same,       ///< the same words in any order
};
NameMatch match_names(std::string_view a, std::string_view b);

/// Edits by one letter: another, too many, too few, two neighbours exchanged.
bool one_edit_apart(std::string_view a, std::string_view b);

}  // namespace khuoi::node
