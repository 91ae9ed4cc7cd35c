#include "node/people/sessions.h"

#include <algorithm>

#include "node/acts/accounts.h"
#include "node/acts/audit_log.h"
#include "node/acts/joining.h"
#include "node/acts/person_rows.h"
#include "node/engine/phrase.h"
#include "node/engine/unlock.h"
#include "node/web_server/guard.h"
#include "node/web_server/target.h"
#include "sync/seal/hash.h"

namespace khuoi::people {

using sync::Domain;
using sync::LockKey;
using sync::Secret;

namespace {

std::string pin_counter(const std::string& person) { return "pin/" + person; }

std::string hashed(std::string_view cookie) { return to_hex(sync::Blake2b(16, {}).add(view_of(cookie)).finish()); }

bool is_pin(const std::string& pin) {
  return pin.size() >= pin_digits_min && pin.size() <= pin_digits_max &&
         std::ranges::all_of(pin, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string Cookies::fresh(Rng& rng) {
  std::array<std::uint8_t, 32> octets{};
  rng.fill(octets);
  return to_hex(octets);
}

bool Cookies::is_well_formed(std::string_view value) {
  return value.size() == 64 &&
         std::ranges::all_of(value, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string Cookies::token_for(std::string_view cookie) const {
  return to_hex(sync::Blake2b(16, key_.view()).add(view_of("token")).add(view_of(cookie)).finish());
}

Viewer Cookies::anonymous(std::string_view cookie_header) const {
  Viewer out;
  const std::string_view session = http::cookie_in(cookie_header, session_cookie);
  if (is_well_formed(session)) {
    out.session = session;
    out.token = token_for(session);
  }
  const std::string_view drafts = http::cookie_in(cookie_header, draft_cookie);
  if (is_well_formed(drafts)) out.drafts = drafts;
  return out;
}

std::string Cookies::header(std::string_view name, std::string_view value) {
  std::string out = std::string(name) + "=" + std::string(value) + "; Path=/; HttpOnly; SameSite=Strict";
  if (name == draft_cookie) out += "; Max-Age=31536000";
  return out;
}

Sessions::Sessions(node::Engine& engine, Cookies cookies)
    : engine_(engine), cookies_(std::move(cookies)), backoff_(engine), locks_seen_(engine.locks()) {}

void Sessions::forget_if_locked() {
  if (engine_.locks() == locks_seen_) return;
  locks_seen_ = engine_.locks();
  sessions_.clear();
  ready_.clear();
}

Viewer Sessions::viewer(std::string_view cookie_header, bool idle) {
  Viewer out = cookies_.anonymous(cookie_header);
  if (out.session.empty()) return out;
  const std::lock_guard held(mutex_);
  forget_if_locked();
  const auto session = sessions_.find(hashed(out.session));
  if (session == sessions_.end()) return out;
  const Instant now = engine_.now().monotonic;
  const auto ready = ready_.find(session->second.person);
  if (now - session->second.last_seen > session_idle_max || ready == ready_.end()) {
    sessions_.erase(session);
    return out;
  }
  if (!idle) session->second.last_seen = now;
  out.person = session->second.person;
  out.may = ready->second.may;
  out.keys = ready->second.keys;
  out.phrase_given = ready->second.given;
  return out;
}

Viewer Sessions::open_session(const std::string& person) {
  Viewer out;
  out.session = Cookies::fresh(engine_.rng());
  out.token = cookies_.token_for(out.session);
  out.person = person;
  const std::lock_guard held(mutex_);
  const Instant now = engine_.now().monotonic;
  std::erase_if(sessions_, [&](const auto& one) { return now - one.second.last_seen > session_idle_max; });
  if (sessions_.size() >= sessions_max) {
    sessions_.erase(std::ranges::min_element(sessions_, {}, [](const auto& one) { return one.second.last_seen; }));
  }
  sessions_[hashed(out.session)] = {person, now};
  const auto ready = ready_.find(person);
  if (ready != ready_.end()) {
    out.may = ready->second.may;
    out.keys = ready->second.keys;
    out.phrase_given = ready->second.given;
  }
  return out;
}

/// Notes what this person opens, takes the PIN out of the store, and lets the box read for itself from now on.
Result<void> Sessions::make_ready(const std::string& person, std::vector<LockKey> keys, std::uint64_t people_changed) {
  Ready ready;
  ready.may = Capabilities::opened_by(keys);
  KHUOI_TRY_VOID(engine_.unlock(node::copy_of(keys)));
  KHUOI_TRY_VOID(engine_.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(node::keep_recovery(replica, batch, keys));
    KHUOI_TRY(const Bytes sealed, node::pin_rows.get_or_new(batch.txn, person));
    if (!sealed.empty() && !keys.empty()) {
      auto pin = sync::unwrap_secret(keys.front().key, node::pin_name(person), sealed);
      // Sealed under other keys: the slot was made anew by other means. The PIN is set again then.
      if (pin) ready.pin = std::move(*pin);
    }
    KHUOI_TRY(const std::uint64_t given, node::given_rows.get_or_new(batch.txn, person));
    ready.given = given != 0;
    if (!replica.self().is_commune()) return node::put_opened(batch, person, ready.may);
    KHUOI_TRY(ready.may, node::may_of_account(batch.txn, person));
    return node::AuditLog::note(replica, batch, {.person = person, .by = node::Act::By::page, .what = "login", .target = {}, .detail = {}});
  }));
  for (const Domain domain : {Domain::general, Domain::health}) {
    if (ready.may.reads(domain)) {
      ready.of_domain.emplace(
          domain, std::make_shared<const node::HeldKeys>(node::keys_for(keys, Capabilities::reading(domain))));
    }
  }
  ready.keys = std::make_shared<const node::HeldKeys>(std::move(keys));
  const std::lock_guard held(mutex_);
  forget_if_locked();
  if (people_changed_ != people_changed) return fail(Errc::busy, "somebody's passphrase was changed meanwhile");
  ready_[person] = std::move(ready);
  return {};
}

Result<Sessions::Login> Sessions::login_by_phrase(const std::string& person, std::string phrase,
                                                  const std::string& from) {
  const Backoff::Try attempt{"phrase/" + person, from, strangers_phrases_free};
  KHUOI_TRY(const Secret typed, node::phrase_from_text(phrase));
  bool known = false;
  KHUOI_TRY(const auto all, people());
  for (const PersonFacts& one : all) known = known || one.name == person;
  if (!known) return fail(Errc::not_found, "nobody called '" + person + "' has a passphrase here");
  Login out;
  KHUOI_TRY(out.wait, backoff_.wait(attempt));
  if (out.wait > 0) return out;
  KHUOI_TRY_VOID(backoff_.count(attempt));
  const std::uint64_t people_changed = [&] {
    const std::lock_guard held(mutex_);
    return people_changed_;
  }();
  auto keys = node::open_slots(engine_, person, typed);
  if (!keys && keys.error().code == Errc::denied) {
    backoff_.failed(attempt);
    return out;
  }
  if (!keys) return keys.error();
  KHUOI_TRY_VOID(backoff_.succeeded(attempt));
  KHUOI_TRY_VOID(backoff_.forgive(pin_counter(person)));
  KHUOI_TRY_VOID(make_ready(person, std::move(*keys), people_changed));
  out.viewer = open_session(person);
  return out;
}

Result<Sessions::Login> Sessions::login_by_pin(const std::string& person, const std::string& pin,
                                               const std::string& from) {
  Secret real;
  {
    const std::lock_guard held(mutex_);
    forget_if_locked();
    const auto ready = ready_.find(person);
    if (ready == ready_.end() || ready->second.pin.empty())
      return fail(Errc::locked, "the PIN of '" + person + "' opens nothing now: the passphrase is needed");
    real = ready->second.pin.duplicate();
  }
  const Backoff::Try attempt{pin_counter(person), from};
  Login out;
  KHUOI_TRY(const std::uint64_t wrong, backoff_.failures(attempt.name));
  if (wrong >= pin_tries_max)
    return fail(Errc::locked, "the PIN of '" + person + "' was guessed at too often: the passphrase is needed");
  KHUOI_TRY(out.wait, backoff_.wait(attempt));
  if (out.wait > 0) return out;
  KHUOI_TRY_VOID(backoff_.count(attempt));
  if (!http::same_secret(pin, text_of(real.view()))) {
    backoff_.failed(attempt);
    return out;
  }
  KHUOI_TRY_VOID(backoff_.succeeded(attempt));
  out.viewer = open_session(person);
  return out;
}

void Sessions::logout(const Viewer& viewer) {
  const std::lock_guard held(mutex_);
  sessions_.erase(hashed(viewer.session));
}

Result<void> Sessions::lock() {
  KHUOI_TRY_VOID(engine_.lock());
  const std::lock_guard held(mutex_);
  forget_if_locked();
  return {};
}

Result<std::vector<PersonFacts>> Sessions::people() {
  KHUOI_TRY(auto all, node::people(engine_));
  std::vector<PersonFacts> out;
  const std::lock_guard held(mutex_);
  forget_if_locked();
  for (node::Person& one : all) {
    const bool ready = ready_.contains(one.name);
    out.push_back({std::move(one), ready});
  }
  return out;
}

Result<void> Sessions::set_pin(const Viewer& viewer, const std::string& pin) {
  if (!is_pin(pin)) return fail(Errc::usage, "a PIN has 4 to 12 digits");
  if (!viewer.keys || viewer.keys->locks().empty()) return fail(Errc::locked, "only who is logged in sets a PIN");
  Secret secret = Secret::copy_of(view_of(pin));
  const Bytes sealed =
      sync::wrap_secret(viewer.keys->locks().front().key, node::pin_name(viewer.person), secret, engine_.rng());
  KHUOI_TRY_VOID(engine_.work(
      [&](sync::Replica&, sync::Batch& batch) { return node::pin_rows.put(batch, viewer.person, sealed); }));
  const std::lock_guard held(mutex_);
  const auto ready = ready_.find(viewer.person);
  if (ready != ready_.end()) ready->second.pin = std::move(secret);
  return {};
}

Keys Sessions::keys_of(Domain domain) {
  const std::lock_guard held(mutex_);
  forget_if_locked();
  for (const auto& [person, ready] : ready_) {
    if (const auto keys = ready.of_domain.find(domain); keys != ready.of_domain.end()) return keys->second;
  }
  return nullptr;
}

Capabilities Sessions::ready() {
  Capabilities out;
  const std::lock_guard held(mutex_);
  forget_if_locked();
  for (const auto& [person, ready] : ready_) out = out | ready.may;
  return out;
}

}  // namespace khuoi::people
