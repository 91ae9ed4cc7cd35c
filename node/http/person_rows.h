#pragma once

#include <string>

namespace khuoi::http {

// Rows of table `meta` about a person with a passphrase.

inline std::string person_row(const std::string& person) { return "person/" + person; }  ///< which domains, bits
inline std::string pin_row(const std::string& person) { return "pin/" + person; }
/// 1: somebody else made this person's phrase, and it was not changed since.
inline std::string given_row(const std::string& person) { return "phrase_given/" + person; }

}  // namespace khuoi::http
