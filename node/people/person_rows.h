#pragma once

#include <string>
#include <vector>

#include "sync/log/core.h"
#include "sync/seal/slot.h"

namespace khuoi::node {

// Rows of table `meta` about a person with a passphrase. The page and the command line write them beside the slot.

inline constexpr unsigned person_general = 1, person_health = 2;  ///< the bits of person_row
/// Which domains the passphrase opens, as far as it is known here: nothing before the first login on the page, where
/// `init` made the slot.
inline std::string person_row(const std::string& person) { return "person/" + person; }
inline std::string pin_row(const std::string& person) { return "pin/" + person; }
/// 1: somebody else made this person's phrase, and it was not changed since.
inline std::string given_row(const std::string& person) { return "phrase_given/" + person; }

/// The bits of what these keys open.
unsigned domains_opened_by(const std::vector<sync::LockKey>& keys);
/// A slot was made or made anew: what it opens, and whether somebody else made its phrase. The PIN stays.
Result<void> put_person_rows(sync::Batch& batch, const std::string& person, const std::vector<sync::LockKey>& keys,
                             bool given);
/// The PIN was sealed under a key that may be gone, or known to others: it is set again.
Result<void> erase_pin(sync::Batch& batch, const std::string& person);
/// All of them: the person is gone.
Result<void> erase_person_rows(sync::Batch& batch, const std::string& person);

}  // namespace khuoi::node
