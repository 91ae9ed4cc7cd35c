#include "node/openrosa/accounts.h"

#include "node/people/backoff.h"
#include "sync/record/answers.h"

namespace khuoi::openrosa {

namespace {

constexpr std::string_view row_prefix = "phone/";
constexpr std::string_view password_letters = "23456789bcghkmnpqrtvx";
constexpr std::size_t password_length = 15, password_group = 3;

std::string row_of(std::string_view name) { return std::string(row_prefix) + std::string(name); }

Result<Account> decode(std::string_view name, ByteView value) {
  Account out;
  out.name = name;
  Reader from(value);
  out.may = node::Capabilities::from_bits(from.u8());
  out.made.value = static_cast<std::int64_t>(from.u64());
  out.last.value = static_cast<std::int64_t>(from.u64());
  out.ha1 = from.array<16>();
  if (!from.done()) {
    return fail(Errc::damaged, "store: the account of the phone '" + out.name + "' does not decode; restore a backup");
  }
  return out;
}

}  // namespace

Result<std::vector<Account>> accounts(const sync::ReadTxn& txn) {
  std::vector<Account> out;
  Result<void> outcome;
  KHUOI_TRY_VOID(sync::scan_prefix(txn, sync::Table::meta, view_of(row_prefix), [&](ByteView key, ByteView value) {
    auto one = decode(text_of(key.subspan(row_prefix.size())), value);
    if (!one) {
      outcome = one.error();
      return false;
    }
    out.push_back(std::move(*one));
    return true;
  }));
  if (!outcome) return outcome.error();
  return out;
}

Result<std::optional<Account>> account_named(const sync::ReadTxn& txn, std::string_view name) {
  // A row's key is at most 511 octets, and no account has a longer name anyway.
  if (name.empty() || name.size() > account_name_octets_max) return std::nullopt;
  KHUOI_TRY(const Bytes value, sync::meta_octets(txn, row_of(name)));
  if (value.empty()) return std::nullopt;
  KHUOI_TRY(Account account, decode(name, value));
  return std::optional(std::move(account));
}

Result<void> put_account(sync::Batch& batch, const Account& account) {
  Bytes value;
  Writer(value)
      .u8(account.may.bits())
      .u64(static_cast<std::uint64_t>(account.made.value))
      .u64(static_cast<std::uint64_t>(account.last.value))
      .raw(account.ha1);
  return sync::put_meta_octets(batch, row_of(account.name), value);
}

std::string tries_of(std::string_view name) { return std::string(row_prefix) + std::string(name); }

Result<void> erase_account(sync::Batch& batch, std::string_view name) {
  KHUOI_TRY_VOID(batch.txn.erase(sync::Table::meta, view_of(people::tries_row(tries_of(name)))));
  return batch.txn.erase(sync::Table::meta, view_of(row_of(name)));
}

std::string account_name_of(std::string_view wished) {
  std::string out;
  for (const char c : sync::search_text(wished)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) out.push_back(c);
    if (!plain && !out.empty() && out.back() != '-') out.push_back('-');
    if (out.size() == account_name_octets_max) break;
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

std::string make_password(Rng& rng) {
  std::string out;
  for (std::size_t i = 0; i < password_length; ++i) {
    if (i > 0 && i % password_group == 0) out.push_back('-');
    out.push_back(password_letters[static_cast<std::size_t>(rng.below(password_letters.size()))]);
  }
  return out;
}

}  // namespace khuoi::openrosa
