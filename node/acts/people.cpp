#include "node/acts/people.h"

#include <algorithm>

#include "node/acts/joining.h"
#include "node/acts/person_rows.h"
#include "node/engine/phrase.h"
#include "node/engine/unlock.h"

namespace khuoi::node {

using sync::Keyring;
using sync::LockKey;
using sync::Replica;
using sync::ReplicaReader;
using sync::Slot;

namespace {

Result<std::vector<Person>> people_in(const sync::ReadTxn& txn) {
  std::vector<Person> out;
  KHUOI_TRY(const auto slots, Keyring::slots(txn));
  for (const auto& [number, slot] : slots) {
    if (slot.kind != Slot::Kind::passphrase) continue;
    Person one{.name = slot.person};
    KHUOI_TRY(one.may, opened_by(txn, one.name));
    KHUOI_TRY(const auto pin, pin_rows.get(txn, one.name));
    one.has_pin = pin.has_value();
    KHUOI_TRY(const std::uint64_t given, given_rows.get_or_new(txn, one.name));
    one.given = given != 0;
    out.push_back(std::move(one));
  }
  return out;
}

Result<void> check_person_name(const std::string& name) {
  if (!name.empty() && name.size() <= sync::person_octets_max) return {};
  return fail(Errc::usage, "a person's name has 1 to 64 octets");
}

Result<Capabilities> orphaned_in(const ReplicaReader& reader, const sync::ReadTxn& txn, const std::string& person,
                                 Capabilities left) {
  KHUOI_TRY(const auto all, people_in(txn));
  const auto known = std::ranges::find(all, person, &Person::name);
  if (known == all.end()) return fail(Errc::not_found, "nobody called '" + person + "' has a passphrase here");
  Capabilities others = left;
  bool anybody = !left.none();
  for (const Person& one : all) {
    if (one.name == person) continue;
    anybody = true;
    others = others | one.may;
  }
  if (!anybody) return fail(Errc::denied, "that is the last passphrase: nobody could open this node again");
  if (reader.self().is_commune()) return Capabilities();
  return (known->may.none() ? Capabilities::all_domains() : known->may) - others;
}

/// A phrase that somebody else made is known to two, however often it is typed again.
Result<void> refuse_given_again(Engine& engine, const NewPhrase& made) {
  KHUOI_TRY(const auto all, people(engine));
  const auto known = std::ranges::find(all, made.person, &Person::name);
  if (known == all.end() || !known->given || !open_slot(engine, made.person, made.phrase)) return {};
  return fail(Errc::exists, "that is the passphrase which somebody else made: choose another one");
}

struct PhraseKey {
  sync::PassphraseParams params;
  sync::Secret key;
};
Result<PhraseKey> phrase_key_of(Engine& engine, const sync::Secret& phrase) {
  PhraseKey out{sync::make_passphrase_params(engine.rng()), {}};
  KHUOI_TRY(out.key, derive_new_key(out.params, phrase));
  return out;
}

Result<void> put_slot_of(Engine& engine, sync::Batch& batch, const std::string& person, const PhraseKey& with,
                         const std::vector<LockKey>& keys, bool given) {
  KHUOI_TRY_VOID(
      Keyring::put_slot(batch, sync::make_passphrase_slot(person, with.params, with.key, keys, engine.rng())));
  return put_person_rows(batch, person, Capabilities::opened_by(keys), given);
}

}  // namespace

Result<std::vector<Person>> people(Engine& engine) {
  std::vector<Person> out;
  KHUOI_TRY_VOID(engine.look([&](ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(out, people_in(txn));
    return {};
  }));
  return out;
}

Result<void> check_new_person(Engine& engine, const std::string& name) {
  KHUOI_TRY_VOID(check_person_name(name));
  KHUOI_TRY(const auto all, people(engine));
  if (std::ranges::find(all, name, &Person::name) == all.end()) return {};
  return fail(Errc::exists, "somebody called '" + name + "' has a passphrase here already");
}

Result<bool> put_person(Engine& engine, const NewPhrase& made, const std::vector<LockKey>& keys) {
  KHUOI_TRY_VOID(check_person_name(made.person));
  if (!made.given) KHUOI_TRY_VOID(refuse_given_again(engine, made));
  KHUOI_TRY(const PhraseKey key, phrase_key_of(engine, made.phrase));
  bool given = false;
  KHUOI_TRY_VOID(engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    given = made.given && !replica.self().is_commune();
    if (!made.keeps_pin) KHUOI_TRY_VOID(erase_pin(batch, made.person));
    return put_slot_of(engine, batch, made.person, key, keys, given);
  }));
  return given;
}

Result<void> begin_health(Engine& engine, const std::string& person, const sync::Secret& phrase, const Voucher& by) {
  KHUOI_TRY_VOID(check_new_person(engine, person));
  if (open_slots(engine, by.person, phrase))
    return fail(Errc::usage, "head and health worker need a phrase each, which the other does not know");
  KHUOI_TRY(const PhraseKey key, phrase_key_of(engine, phrase));
  return engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    std::vector<LockKey> own;
    KHUOI_TRY(LockKey health, replica.enrolment().open_health(batch, by.keys));
    own.push_back(std::move(health));
    KHUOI_TRY_VOID(keep_recovery(replica, batch, own));
    return put_slot_of(engine, batch, person, key, own, false);
  });
}

Result<Capabilities> orphaned_without(Engine& engine, const std::string& person, Capabilities left) {
  Capabilities out;
  KHUOI_TRY_VOID(engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(out, orphaned_in(reader, txn, person, left));
    return {};
  }));
  return out;
}

Result<void> remove_person(Engine& engine, const std::string& person) {
  return engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(orphaned_in(replica.reader(), batch.txn, person, {}));  // never the very last
    KHUOI_TRY_VOID(Keyring::erase_slot(batch, person));
    return erase_person_rows(batch, person);
  });
}

}  // namespace khuoi::node
