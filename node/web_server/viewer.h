#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sync/replica/replica.h"

namespace khuoi::http {

/// Lock keys of one person, in locked memory; shared by the person's sessions and whatever request is under way.
using Keys = std::shared_ptr<const std::vector<sync::LockKey>>;

/// Which domains somebody may read.
struct Domains {
  bool general = false;
  bool health = false;
  [[nodiscard]] bool has(sync::Domain domain) const { return domain == sync::Domain::health ? health : general; }
  [[nodiscard]] bool none() const { return !general && !health; }
  bool operator==(const Domains&) const = default;
};

/// Who asks: found once, from the cookie, before a handler runs. Nobody logged in: no person, no domains, no keys.
struct Viewer {
  std::string session;  ///< the cookie's value; empty without one
  std::string token;    ///< what X-Khuoi must say for that session
  std::string person;
  Domains domains;
  Keys keys;
  bool phrase_given = false;  ///< somebody else made this person's phrase: nothing but its change is open (router.h)
  std::string drafts;  ///< the secret in the cookie khuoi_draft, 64 hexadecimal digits; empty without one
  [[nodiscard]] bool logged_in() const { return !person.empty(); }
};

}  // namespace khuoi::http
