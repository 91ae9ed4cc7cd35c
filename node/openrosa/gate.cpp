#include "node/openrosa/gate.h"

#include "node/engine/log.h"
#include "node/openrosa/digest.h"
#include "node/web_server/guard.h"
#include "node/web_server/problem.h"

namespace khuoi::openrosa {

using http::Response;

namespace {

/// Names that no account has share one counter: else anybody could fill the store with counters.
constexpr std::string_view nobody = "";

}  // namespace

std::string_view name_of(http::Method method) {
  switch (method) {
    case http::Method::get:
      return "GET";
    case http::Method::head:
      return "HEAD";
    case http::Method::post:
      return "POST";
    case http::Method::put:
      return "PUT";
    case http::Method::del:
      return "DELETE";
  }
  return "";
}

Response Gate::challenge(bool stale) {
  Response out = http::problem(401, "denied", "");
  std::string text = "Digest realm=\"" + std::string(realm) + "\", qop=\"auth\", algorithm=MD5, nonce=\"" +
                     nonces_.issue(engine_.now().monotonic) + "\"";
  if (stale) text += ", stale=true";
  return std::move(out.with("WWW-Authenticate", std::move(text)));
}

Result<std::optional<Account>> Gate::find(const std::string& name) {
  std::optional<Account> out;
  KHUOI_TRY_VOID(engine_.look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(out, account_named(txn, name));
    return {};
  }));
  return out;
}

std::optional<Response> Gate::admit(http::Request& request) {
  // A browser may keep a phone's password and send it along for whatever page asks it to.
  const std::string_view origin = request.header("origin");
  if (!origin.empty() && !http::is_our_origin(origin, request.host))
    return http::problem_of(fail(Errc::denied, "the request comes from another site"));
  const std::string_view authorization = request.header("authorization");
  if (!is_digest(authorization)) return challenge(false);
  const auto claim = read_claim(authorization);
  // Not counted: whoever asks for something else than what was signed has guessed at no password.
  if (!claim || claim->realm != realm || claim->uri != request.target.text) return challenge(false);
  const auto account = find(claim->username);
  if (!account) return http::problem_of(account.error());
  // Somebody who is not here costs as long as somebody who is.
  const Md5Hash ha1 = *account ? (*account)->ha1 : ha1_of(claim->username, realm, claim->nonce);
  const Md5Hash wanted = response_of(ha1, *claim, name_of(request.method));
  const bool right = http::same_secret(text_of(claim->response), text_of(wanted)) && account->has_value();
  const people::Backoff::Try attempt{tries_of(*account ? std::string_view((*account)->name) : nobody), request.from};
  const std::lock_guard held(mutex_);
  const auto wait = backoff_.wait(attempt);
  if (!wait) return http::problem_of(wait.error());
  if (*wait > 0) return http::problem_wait(*wait);
  if (!right) {
    // Counted once it is known to be wrong, but before anybody hears so: a cut of power in between tells nothing.
    if (const auto counted = backoff_.count(attempt); !counted) return http::problem_of(counted.error());
    backoff_.failed(attempt);
    node::log_warning("phone_refused", {{"known", *account ? "yes" : "no"}});
    return challenge(false);
  }
  if (!nonces_.use(claim->nonce, claim->count, engine_.now().monotonic)) return challenge(true);
  if (const auto done = backoff_.succeeded(attempt); !done) return http::problem_of(done.error());
  request.account = (*account)->name;
  return std::nullopt;
}

}  // namespace khuoi::openrosa
