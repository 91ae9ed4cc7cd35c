#pragma once

#include <string>
#include <vector>

#include "node/acts/capabilities.h"
#include "node/engine/engine.h"

namespace khuoi::node {

/// A person with a passphrase here.
struct Person {
  std::string name;
  Capabilities may = {};  ///< what the phrase opens; none: not known here before the person's first login on the page
  bool has_pin = false;
  bool given = false;  ///< somebody else made the phrase, and it was not changed since
};
/// In the order of their slots. Errors: the store's.
Result<std::vector<Person>> people(Engine& engine);
/// Errors: usage unless of 1 to 64 octets; exists.
Result<void> check_new_person(Engine& engine, const std::string& name);

/// A phrase that is made, or made anew.
struct NewPhrase {
  const std::string& person;
  const sync::Secret& phrase;  ///< as phrase_from_text() gives it
  bool given = false;          ///< by somebody else than that person
  bool keeps_pin = false;      ///< the phrase opens what it opened before; else the PIN goes with the old one
};
/// From now on the phrase opens these keys for that person; takes a second (Argon2id). True when a hamlet noted it as
/// given: on the page that person chooses an own one first. Durable when it returns. Errors: usage (the name), exists
/// (of a phrase that the person chose: it is the very one that somebody else made), the store's.
Result<bool> put_person(Engine& engine, const NewPhrase& made, const std::vector<sync::LockKey>& keys);

/// A health worker begins on a box where nobody reads health yet, beside somebody who reads the hamlet's records and
/// gets nothing by it. Errors: as check_new_person; usage when it is the phrase of who vouches; denied.
struct Voucher {
  const std::string& person;
  const std::vector<sync::LockKey>& keys;
};
Result<void> begin_health(Engine& engine, const std::string& person, const sync::Secret& phrase, const Voucher& by);

/// What nobody here would be known to open any more, were this person left with `left` (none: removed). Of a person of
/// whom nothing is known it is taken that they open all; a commune has no domains. Errors: not_found; denied for the
/// very last person.
Result<Capabilities> orphaned_without(Engine& engine, const std::string& person, Capabilities left = {});
/// The phrase goes, with all that is noted of the person. Durable when it returns. Errors: as orphaned_without.
Result<void> remove_person(Engine& engine, const std::string& person);

}  // namespace khuoi::node
