#include "node/cli/unlocking.h"

#include "node/engine/phrase.h"

namespace khuoi::node {

using sync::Keyring;
using sync::LockKey;
using sync::Replica;
using sync::Secret;
using sync::Slot;

Result<OpenedSlot> open_slot(Engine& engine, const std::string& person, const Secret& phrase) {
  std::vector<Keyring::NamedSlot> slots;
  KHUOI_TRY_VOID(engine.look([&](Replica&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(slots, Keyring::slots(txn));
    return {};
  }));
  bool person_known = person.empty();
  for (const auto& [number, slot] : slots) {
    if (slot.kind != Slot::Kind::passphrase || (!person.empty() && slot.person != person)) continue;
    person_known = true;
    std::vector<LockKey> keys;
    const Result<void> opened = derive_each(slot.params, phrase, [&](const Secret& key) -> Result<void> {
      KHUOI_TRY(keys, sync::open_passphrase_slot(slot, key));
      return {};
    });
    if (opened) return OpenedSlot{slot.person, std::move(keys)};
    if (opened.error().code != Errc::denied) return opened.error();
  }
  if (!person_known)
    return fail(Errc::not_found, "nobody called '" + person + "' has a passphrase here: see 'khuoi slot list'");
  return fail(Errc::denied, "the passphrase is wrong");
}

Result<std::vector<LockKey>> open_slots(Engine& engine, const std::string& person, const Secret& phrase) {
  KHUOI_TRY(OpenedSlot opened, open_slot(engine, person, phrase));
  return std::move(opened.keys);
}

Result<OpenedSlot> slot_of_caller(const Task& task, Ask ask) {
  bool locked = false;
  KHUOI_TRY_VOID(task.engine.look([&](Replica& replica, const sync::ReadTxn&) -> Result<void> {
    locked = replica.locked();
    return {};
  }));
  KHUOI_TRY(const auto phrase, task.caller.phrase(Phrase::present, locked ? ask : Ask::if_given));
  if (!phrase) return OpenedSlot{};
  return open_slot(task.engine, task.request.one("--person"), *phrase);
}

Result<std::vector<LockKey>> keys_of_caller(const Task& task, Ask ask) {
  KHUOI_TRY(OpenedSlot opened, slot_of_caller(task, ask));
  return std::move(opened.keys);
}

Result<std::vector<LockKey>> required_keys(const Task& task) {
  KHUOI_TRY(auto keys, keys_of_caller(task, Ask::person));
  bool locked = false;
  KHUOI_TRY_VOID(task.engine.look([&](Replica& replica, const sync::ReadTxn&) -> Result<void> {
    locked = replica.locked();
    return {};
  }));
  if (keys.empty() && locked) {
    return fail(Errc::locked, "locked: give the passphrase with --passphrase-file or KHUOI_PASSPHRASE");
  }
  return keys;
}

Result<std::vector<LockKey>> reading_keys(const Task& task) {
  bool commune = false;
  KHUOI_TRY_VOID(task.engine.look([&](Replica& replica, const sync::ReadTxn&) -> Result<void> {
    commune = replica.self().is_commune();
    return {};
  }));
  return commune ? keys_of_caller(task, Ask::if_given) : required_keys(task);
}

std::vector<Option> with_phrase_options(std::vector<Option> options) {
  options.push_back({.name = "--passphrase-file",
                     .help = "the passphrase is what this file holds (else KHUOI_PASSPHRASE, else a prompt)"});
  options.push_back({.name = "--person", .help = "whose passphrase it is; saves trying everybody's"});
  return options;
}

}  // namespace khuoi::node
