#pragma once

#include <map>
#include <mutex>

#include "node/acts/people.h"
#include "node/people/backoff.h"
#include "node/people/viewer.h"

namespace khuoi::people {

inline constexpr std::string_view session_cookie = "khuoi";
inline constexpr std::string_view draft_cookie = "khuoi_draft";
inline constexpr std::chrono::minutes session_idle_max{30};
inline constexpr std::size_t sessions_max = 256;
/// Wrong phrases in a row for one person, after which addresses that nobody of that name came in from wait together.
inline constexpr std::uint64_t strangers_phrases_free = 20;
/// Wrong PINs of one person from everywhere; then the PIN opens nothing until the phrase was typed.
inline constexpr std::uint64_t pin_tries_max = 50;
inline constexpr std::size_t pin_digits_min = 4, pin_digits_max = 12;

/// One person as /api/people shows them.
struct PersonFacts : node::Person {
  bool ready = false;  ///< the keys are at hand: a PIN is enough
};

/// Cookies for who has none, and the token that goes with a cookie: keyed hashes, so that whoever only looks around
/// costs no memory. Threads: any.
class Cookies final {
 public:
  explicit Cookies(sync::Secret key) : key_(std::move(key)) {}
  /// 64 hexadecimal digits.
  [[nodiscard]] static std::string fresh(Rng& rng);
  [[nodiscard]] static bool is_well_formed(std::string_view value);
  [[nodiscard]] std::string token_for(std::string_view cookie) const;
  /// Who asks as far as cookies tell: session, token and drafts, nobody logged in.
  [[nodiscard]] Viewer anonymous(std::string_view cookie_header) const;
  /// Name, value and attributes of a Set-Cookie header. The drafts' cookie outlives the browser's day.
  [[nodiscard]] static std::string header(std::string_view name, std::string_view value);

 private:
  sync::Secret key_;
};

/// Who is logged in, and whose keys are at hand. A phrase opens a person's slot; the keys then stay in locked memory
/// until the box stops or somebody locks it, and a short PIN opens a session again. A session ends after 30 idle
/// minutes, and every login has a new id.
/// Threads: viewer(), people() and forgetting from any; what logs in or changes from one thread at a time.
class Sessions final {
 public:
  Sessions(node::Engine& engine, Cookies cookies);

  [[nodiscard]] const Cookies& cookies() const { return cookies_; }
  /// Who asks. Counts as a sign of life unless `idle` (a page that merely listens must not keep a session open).
  Viewer viewer(std::string_view cookie_header, bool idle);

  struct Login {
    std::optional<Viewer> viewer;  ///< nothing: it was wrong, or one must wait
    std::uint64_t wait = 0;
  };
  /// Argon2id in a child: takes a second. `from`: the client's address. Errors: not_found for a name without a slot;
  /// what the engine says.
  Result<Login> login_by_phrase(const std::string& person, std::string phrase, const std::string& from);
  /// Errors: locked unless the person is ready and has a PIN that was not guessed at too often.
  Result<Login> login_by_pin(const std::string& person, const std::string& pin, const std::string& from);
  void logout(const Viewer& viewer);
  /// Forgets every key and session, and closes the node for everybody.
  Result<void> lock();

  Result<std::vector<PersonFacts>> people();
  /// Errors: usage unless 4 to 12 digits.
  Result<void> set_pin(const Viewer& viewer, const std::string& pin);
  /// Gives a person a slot that opens these, of those the viewer holds. Errors: denied, exists, usage.
  Result<void> add_person(const Viewer& viewer, const std::string& name, Capabilities wanted, std::string phrase);
  /// Errors: locked; exists when it is the very phrase that somebody else made.
  Result<void> set_phrase(const Viewer& viewer, std::string phrase);
  /// node::begin_health, with whoever is logged in to vouch. Errors: locked; as there.
  Result<void> begin_health(const Viewer& viewer, const std::string& name, std::string phrase);

  /// node::orphaned_without, for who may do all that this person may, or for the person. Errors: locked, not_found,
  /// denied, also when it is the very last person.
  Result<Capabilities> orphaned_without(const Viewer& viewer, const std::string& name, Capabilities left);
  /// Takes the phrase, the PIN and every session of a person away. Errors: as orphaned_without.
  Result<void> remove_person(const Viewer& viewer, const std::string& name);
  /// The person opens these from now on, with a new phrase: what the old one opened is not to be taken apart
  /// without it. Errors: as add_person; not_found.
  Result<void> change_person(const Viewer& viewer, const std::string& name, Capabilities wanted, std::string phrase);

  /// The phrase was made anew or taken away: keys and sessions of this person end, and logins under way open nothing.
  void forget_person(const std::string& name);

  /// Keys of one domain alone, if somebody's are at hand: for what the box does with a domain by itself.
  [[nodiscard]] Keys keys_of(sync::Domain domain);
  [[nodiscard]] Capabilities ready();

 private:
  struct Session {
    std::string person;
    Instant last_seen;
  };
  struct Ready {
    Capabilities may;
    Keys keys;
    std::map<sync::Domain, Keys> of_domain;  ///< those of one domain alone
    sync::Secret pin;  ///< empty: none
    bool given = false;  ///< somebody else made the phrase: viewer() says so of every session
  };
  Viewer open_session(const std::string& person);
  /// `people_changed`: what it was before the phrase was looked at. Errors: busy when somebody's changed since.
  Result<void> make_ready(const std::string& person, std::vector<sync::LockKey> keys, std::uint64_t people_changed);
  Result<void> check_may_decide(const Viewer& viewer, const std::string& name);
  /// Of the viewer's keys those that `wanted` takes, with a phrase for `name`. Errors: denied, usage, as node::put_person.
  Result<void> give(const Viewer& viewer, const std::string& name, Capabilities wanted, std::string phrase);
  void forget_if_locked();  ///< with the mutex held

  node::Engine& engine_;
  Cookies cookies_;
  Backoff backoff_;
  std::mutex mutex_;
  std::uint64_t locks_seen_;
  std::uint64_t people_changed_ = 0;         ///< how often forget_person() was called
  std::map<std::string, Session> sessions_;  ///< by a hash of the cookie: a core file or a log of keys opens nothing
  std::map<std::string, Ready> ready_;       ///< by person
};

}  // namespace khuoi::people
