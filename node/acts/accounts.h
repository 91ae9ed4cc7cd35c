#pragma once

#include <string>
#include <vector>

#include "node/acts/capabilities.h"
#include "node/engine/engine.h"

namespace khuoi::node {

// A commune's accounts: people with roles, each with a phrase of their own (Keyring's slots). Whoever has the role
// administrator holds the authority's key, and nobody else does. Before the first account is made, the person of `khuoi
// init` may do everything; that person gets an account with all roles when the first is made.

struct Account {
  std::string name;
  Capabilities may;
  bool closed = false;  ///< it logs in no more; its name stays taken, since what it did stands in the audit log
  bool given = false;   ///< somebody else made its phrase
  bool has_pin = false;
};
/// By name, closed ones too. Of a commune without accounts: the people with a passphrase, each with all roles.
/// Errors: denied at a hamlet.
Result<std::vector<Account>> accounts(Engine& engine);
/// Whether somebody made one: then commands ask who acts.
Result<bool> has_accounts(const sync::ReadTxn& txn);
/// What an open account may do; none for a name without one. Of a commune without accounts: everything.
Result<Capabilities> may_of_account(const sync::ReadTxn& txn, const std::string& name);

/// Who decides about accounts: an administrator, with the keys that their phrase opened.
struct Administrator {
  const std::string& name;
  const std::vector<sync::LockKey>& keys;
};
/// A new commune that a browser made: whoever made it has the first account, with all roles, and the unit's code is as said
/// (empty: none yet). Errors: usage.
Result<void> begin_office(Engine& engine, const std::string& unit);
struct AccountWish {
  const std::string& name;
  Capabilities may;
  const sync::Secret& phrase;  ///< as phrase_from_text() gives it
};
/// Takes a second (Argon2id). Durable when it returns, as all of these. Errors: denied (no authority's key among the
/// keys; at a hamlet), exists (also of a closed one), usage (no role, a name).
Result<void> open_account(Engine& engine, const Administrator& by, const AccountWish& wish);
/// Its roles from now on. Errors: not_found, usage (no role), conflict when it becomes an administrator or ceases to be
/// one: what its phrase opens changes, so new_phrase() with these roles does it; denied for the last administrator.
Result<void> set_roles(Engine& engine, const std::string& name, Capabilities may);
/// A new phrase for somebody who lost theirs, or whose roles need one. Errors: as open_account and set_roles.
Result<void> new_phrase(Engine& engine, const Administrator& by, const AccountWish& wish);
/// It logs in no more. Errors: not_found, denied for the last administrator.
Result<void> close_account(Engine& engine, const std::string& name);

}  // namespace khuoi::node
