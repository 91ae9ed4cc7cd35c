#include "node/acts/accounts.h"

#include <algorithm>

#include "node/acts/people.h"
#include "node/acts/person_rows.h"
#include "node/engine/phrase.h"
#include "sync/dossiers/code_register.h"

namespace khuoi::node {

using sync::Keyring;
using sync::LockKey;
using sync::Replica;
using sync::ReplicaReader;

namespace {

struct AccountRow {
  std::uint8_t may = 0;
  std::uint8_t closed = 0;
  static auto parts(auto& row) { return parts_of(row.may, row.closed); }
};
/// By name.
constexpr NodeRows<std::string, AccountRow> account_rows{NodeRow::account, "an account"};

Capabilities roles_in(const AccountRow& row) { return Capabilities::from_bits(row.may); }

Result<void> put_account(sync::Batch& batch, const std::string& name, Capabilities may, bool closed = false) {
  return account_rows.put(batch, name, {may.bits(), static_cast<std::uint8_t>(closed ? 1 : 0)});
}

Result<void> only_a_commune(const sync::Self& self) {
  return self.is_commune() ? Result<void>() : Result<void>(fail(Errc::denied, "accounts with roles are a commune's: a "
                                                                              "hamlet has 'khuoi slot add'"));
}

bool holds_authority(const std::vector<LockKey>& keys) {
  return Capabilities::opened_by(keys).has(Capability::administer);
}

Result<void> check_administrator(const Administrator& by) {
  return holds_authority(by.keys)
             ? Result<void>()
             : Result<void>(fail(Errc::denied, "only an administrator decides about accounts: their phrase is needed"));
}

/// What this account's phrase opens: a key that is its own, and the authority's for an administrator.
std::vector<LockKey> keys_for_account(const Administrator& by, Capabilities may, Rng& rng) {
  std::vector<LockKey> out;
  if (may.has(Capability::administer)) out = keys_for(by.keys, Capability::administer);
  std::array<std::uint8_t, sync::lock_key_octets> own{};
  rng.fill(own);
  out.push_back({sync::Lock::account, sync::Secret::copy_of(own)});
  return out;
}

/// None: no such account.
Result<std::optional<AccountRow>> open_row(const sync::ReadTxn& txn, const std::string& name) {
  KHUOI_TRY(auto row, account_rows.get(txn, name));
  if (row && row->closed != 0) row.reset();
  return row;
}

Error no_account(const std::string& name) { return fail(Errc::not_found, "there is no account '" + name + "'"); }

/// Errors: denied when no administrator is left without this one.
Result<void> check_not_last(const sync::ReadTxn& txn, const std::string& name) {
  bool others = false;
  KHUOI_TRY_VOID(account_rows.each(txn, [&](const std::string& other, AccountRow& row) {
    others = others || (other != name && row.closed == 0 && roles_in(row).has(Capability::administer));
  }));
  return others ? Result<void>() : Result<void>(fail(Errc::denied, "'" + name + "' is the last administrator"));
}

/// Who was everything until now has an account from now on, too.
Result<void> begin_accounts(sync::Batch& batch) {
  KHUOI_TRY(const bool there, has_accounts(batch.txn));
  if (there) return {};
  KHUOI_TRY(const auto slots, Keyring::slots(batch.txn));
  for (const auto& [number, slot] : slots) {
    if (slot.kind == sync::Slot::Kind::passphrase) KHUOI_TRY_VOID(put_account(batch, slot.person, Capabilities::all()));
  }
  return {};
}

Result<void> put_slot_and_row(Engine& engine, const Administrator& by, const AccountWish& wish,
                              const std::function<Result<void>(sync::Batch&)>& check) {
  const sync::PassphraseParams params = sync::make_passphrase_params(engine.rng());
  KHUOI_TRY(const sync::Secret key, derive_new_key(params, wish.phrase));
  const bool given = by.name != wish.name;
  return engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(only_a_commune(replica.self()));
    KHUOI_TRY_VOID(begin_accounts(batch));
    KHUOI_TRY_VOID(check(batch));
    const auto keys = keys_for_account(by, wish.may, engine.rng());
    KHUOI_TRY_VOID(Keyring::put_slot(batch, sync::make_passphrase_slot(wish.name, params, key, keys, engine.rng())));
    KHUOI_TRY_VOID(erase_pin(batch, wish.name));
    KHUOI_TRY_VOID(given_rows.put(batch, wish.name, given ? 1 : 0));
    return put_account(batch, wish.name, wish.may);
  });
}

}  // namespace

Result<bool> has_accounts(const sync::ReadTxn& txn) {
  KHUOI_TRY(const auto last, account_rows.last(txn));
  return last.has_value();
}

Result<std::vector<Account>> accounts(Engine& engine) {
  std::vector<Account> out;
  KHUOI_TRY_VOID(engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY_VOID(only_a_commune(reader.self()));
    KHUOI_TRY_VOID(account_rows.each(txn, [&](const std::string& name, AccountRow& row) {
      out.push_back({.name = name, .may = roles_in(row), .closed = row.closed != 0});
    }));
    KHUOI_TRY(const auto slots, Keyring::slots(txn));
    const bool none = out.empty();
    for (const auto& [number, slot] : slots) {
      if (none && slot.kind == sync::Slot::Kind::passphrase) out.push_back({.name = slot.person, .may = Capabilities::all()});
    }
    for (Account& one : out) {
      KHUOI_TRY(const auto pin, pin_rows.get(txn, one.name));
      KHUOI_TRY(const std::uint64_t given, given_rows.get_or_new(txn, one.name));
      one.has_pin = pin.has_value();
      one.given = given != 0;
    }
    return {};
  }));
  return out;
}

Result<Capabilities> may_of_account(const sync::ReadTxn& txn, const std::string& name) {
  KHUOI_TRY(const bool there, has_accounts(txn));
  if (!there) return Capabilities::all();
  KHUOI_TRY(const auto row, open_row(txn, name));
  return row ? roles_in(*row) : Capabilities();
}

Result<void> begin_office(Engine& engine, const std::string& unit) {
  return engine.work([&](Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(begin_accounts(batch));
    return unit.empty() ? Result<void>() : sync::CodeRegister::set_unit(batch, unit);
  });
}

Result<void> open_account(Engine& engine, const Administrator& by, const AccountWish& wish) {
  KHUOI_TRY_VOID(check_administrator(by));
  if (wish.may.none()) return fail(Errc::usage, "say what the account may do: clerk, health, broadcaster, administrator");
  KHUOI_TRY_VOID(check_new_person(engine, wish.name));
  return put_slot_and_row(engine, by, wish, [&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto row, account_rows.get(batch.txn, wish.name));
    if (!row) return {};
    return fail(Errc::exists, "there is or was an account '" + wish.name + "': what it did stands under that name, so choose another");
  });
}

Result<void> set_roles(Engine& engine, const std::string& name, Capabilities may) {
  if (may.none()) return fail(Errc::usage, "an account that may do nothing is closed instead");
  return engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(only_a_commune(replica.self()));
    KHUOI_TRY_VOID(begin_accounts(batch));
    KHUOI_TRY(const auto row, open_row(batch.txn, name));
    if (!row) return no_account(name);
    const bool is_administrator = roles_in(*row).has(Capability::administer);
    if (is_administrator != may.has(Capability::administer))
      return fail(Errc::conflict, "'" + name + "' needs a new passphrase to become an administrator, or to cease to be one");
    return put_account(batch, name, may);
  });
}

Result<void> new_phrase(Engine& engine, const Administrator& by, const AccountWish& wish) {
  KHUOI_TRY_VOID(check_administrator(by));
  if (wish.may.none()) return fail(Errc::usage, "an account that may do nothing is closed instead");
  return put_slot_and_row(engine, by, wish, [&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto row, open_row(batch.txn, wish.name));
    if (!row) return no_account(wish.name);
    const bool ceases = roles_in(*row).has(Capability::administer) && !wish.may.has(Capability::administer);
    return ceases ? check_not_last(batch.txn, wish.name) : Result<void>();
  });
}

Result<void> close_account(Engine& engine, const std::string& name) {
  return engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(only_a_commune(replica.self()));
    KHUOI_TRY(const auto row, open_row(batch.txn, name));
    if (!row) return no_account(name);
    if (roles_in(*row).has(Capability::administer)) KHUOI_TRY_VOID(check_not_last(batch.txn, name));
    KHUOI_TRY_VOID(Keyring::erase_slot(batch, name));
    KHUOI_TRY_VOID(erase_pin(batch, name));
    return put_account(batch, name, roles_in(*row), true);
  });
}

}  // namespace khuoi::node
