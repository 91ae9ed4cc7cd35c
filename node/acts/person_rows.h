#pragma once

#include <string>

#include "node/acts/capabilities.h"
#include "sync/log/core.h"

namespace khuoi::node {

// Rows of table `meta` about a person with a passphrase. The page and the command line write them beside the slot.

/// The bits of what the passphrase opens, as far as it is known here: nothing before the first login on the page, where
/// `init` made the slot.
inline std::string person_row(const std::string& person) { return "person/" + person; }
inline std::string pin_row(const std::string& person) { return "pin/" + person; }
/// 1: somebody else made this person's phrase, and it was not changed since.
inline std::string given_row(const std::string& person) { return "phrase_given/" + person; }

/// What the passphrase of this person opens: none when nothing is known of it.
Result<Capabilities> opened_by(const sync::ReadTxn& txn, const std::string& person);
Result<void> put_opened(sync::Batch& batch, const std::string& person, Capabilities opens);
/// A slot was made or made anew: what it opens, and whether somebody else made its phrase. The PIN stays.
Result<void> put_person_rows(sync::Batch& batch, const std::string& person, Capabilities opens, bool given);
/// The PIN was sealed under a key that may be gone, or known to others: it is set again.
Result<void> erase_pin(sync::Batch& batch, const std::string& person);
/// All of them: the person is gone.
Result<void> erase_person_rows(sync::Batch& batch, const std::string& person);

}  // namespace khuoi::node
