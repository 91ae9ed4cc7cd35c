#include "node/openrosa/accounts.h"

#include "node/people/backoff.h"
#include "sync/record/answers.h"

namespace khuoi::openrosa {

namespace {

constexpr node::NodeRows<std::string, Account> account_rows{node::NodeRow::phone, "the account of a phone"};
constexpr std::string_view password_letters = "23456789bcghkmnpqrtvx";
constexpr std::size_t password_length = 15, password_group = 3;

}  // namespace

void Account::write(Writer& to) const { write_part(to, std::tuple(may.bits(), made, last, ha1)); }

void Account::read(Reader& from) {
  may = node::Capabilities::from_bits(from.u8());
  auto others = std::tie(made, last, ha1);
  read_part(from, others);
}

Result<std::vector<Account>> accounts(const sync::ReadTxn& txn) {
  std::vector<Account> out;
  KHUOI_TRY_VOID(account_rows.each(txn, [&](const std::string& name, Account& one) {
    one.name = name;
    out.push_back(std::move(one));
  }));
  return out;
}

Result<std::optional<Account>> account_named(const sync::ReadTxn& txn, std::string_view name) {
  // A row's key is at most 511 octets, and no account has a longer name anyway.
  if (name.empty() || name.size() > account_name_octets_max) return std::nullopt;
  KHUOI_TRY(auto account, account_rows.get(txn, std::string(name)));
  if (account) account->name = name;
  return account;
}

Result<void> put_account(sync::Batch& batch, const Account& account) {
  return account_rows.put(batch, account.name, account);
}

std::string tries_of(std::string_view name) { return "phone/" + std::string(name); }

Result<void> erase_account(sync::Batch& batch, std::string_view name) {
  KHUOI_TRY_VOID(people::tries_rows.erase(batch, tries_of(name)));
  return account_rows.erase(batch, std::string(name));
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
