#pragma once

#include <memory>
#include <string>
#include <vector>

#include "node/acts/capabilities.h"
#include "node/engine/readers.h"

namespace khuoi::people {

using node::Capabilities, node::Capability;

/// Lock keys of one person, in locked memory; shared by the person's sessions and whatever request is under way.
using Keys = std::shared_ptr<const node::HeldKeys>;

/// Who asks: found once, from the cookie, before a handler runs (http::Request::viewer). Nobody logged in: no person, no
/// capabilities, no keys.
struct Viewer {
  std::string session;  ///< the cookie's value; empty without one
  std::string token;    ///< what X-Khuoi must say for that session
  std::string person;
  Capabilities may;
  Keys keys;
  bool phrase_given = false;  ///< somebody else made this person's phrase: nothing but its change is open (http::Route)
  std::string drafts;  ///< the secret in the cookie khuoi_draft, 64 hexadecimal digits; empty without one
  [[nodiscard]] bool logged_in() const { return !person.empty(); }
};

}  // namespace khuoi::people
