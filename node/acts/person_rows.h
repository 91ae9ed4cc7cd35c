#pragma once

#include <string>

#include "node/acts/capabilities.h"
#include "node/engine/node_rows.h"

namespace khuoi::node {

// Rows about a person with a passphrase, by name. The page and the command line write them beside the slot.

/// The bits of what the passphrase opens, as far as it is known here: nothing before the first login on the page, where
/// `init` made the slot.
inline constexpr NodeRows<std::string, std::uint64_t> person_rows{NodeRow::person, "what a person opens"};
/// Wrapped, bound to pin_name.
inline constexpr NodeRows<std::string, Bytes> pin_rows{NodeRow::pin, "a PIN"};
inline std::string pin_name(const std::string& person) { return "pin/" + person; }
/// 1: somebody else made this person's phrase, and it was not changed since.
inline constexpr NodeRows<std::string, std::uint64_t> given_rows{NodeRow::phrase_given, "whether a phrase was given"};

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
