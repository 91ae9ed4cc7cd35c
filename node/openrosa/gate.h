#pragma once

#include "node/openrosa/accounts.h"
#include "node/openrosa/nonces.h"
#include "node/people/backoff.h"
#include "node/web_server/message.h"

namespace khuoi::openrosa {

/// Who may come in as a phone: Digest (RFC 7616, MD5, qop=auth) with the accounts of accounts.h, and nothing else.
/// Cookies count for nothing here, and an account opens nothing anywhere else. A wrong password is counted, synced,
/// before it is answered; then the address it came from waits as at a person's. Threads: any.
class Gate final {
 public:
  explicit Gate(node::Engine& engine) : engine_(engine), nonces_(engine.rng()), backoff_(engine) {}
  /// Nothing, and Request::account is set, or what to answer instead of going on. Runs before the body is read.
  std::optional<http::Response> admit(http::Request& request);

 private:
  enum class Verdict : std::uint8_t { right, wrong, stale };
  Result<std::optional<Account>> find(const std::string& name);
  http::Response challenge(bool stale);
  node::Engine& engine_;
  Nonces nonces_;
  std::mutex mutex_;  ///< one try at a time
  people::Backoff backoff_;
};

/// As it stood in the request line.
std::string_view name_of(http::Method method);

}  // namespace khuoi::openrosa
