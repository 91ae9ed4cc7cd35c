#pragma once

#include <optional>
#include <string>
#include <vector>

#include "node/acts/capabilities.h"
#include "node/openrosa/md5.h"
#include "sync/log/core.h"

namespace khuoi::openrosa {

inline constexpr std::string_view realm = "khuoi";
inline constexpr std::size_t account_name_octets_max = 32;
inline constexpr std::size_t accounts_max = 200;

/// One phone that may list forms and hand in, and do nothing else.
struct Account {
  std::string name;
  node::Capabilities may;  ///< of whoever made it: whose forms it is shown
  UnixSeconds made;
  UnixSeconds last;  ///< when it last handed in; 0: never
  Md5Hash ha1{};
  void write(Writer& to) const;
  void read(Reader& from);
};

Result<std::vector<Account>> accounts(const sync::ReadTxn& txn);
Result<std::optional<Account>> account_named(const sync::ReadTxn& txn, std::string_view name);
Result<void> put_account(sync::Batch& batch, const Account& account);
/// The name that counts tries at an account's password (node/people/backoff.h).
std::string tries_of(std::string_view name);
/// And its counted tries.
Result<void> erase_account(sync::Batch& batch, std::string_view name);

/// What somebody types on a phone for the name that was wished: "Máy chị Mỷ" becomes "may-chi-my", since a phone's
/// Digest knows no letters beyond Latin ones. Empty when nothing of it is left.
std::string account_name_of(std::string_view wished);

/// Fifteen letters and digits in groups of three, about 65 bits: no vowels (a Vietnamese keyboard would put marks on
/// them), nothing that looks like something else.
std::string make_password(Rng& rng);

}  // namespace khuoi::openrosa
