#include "node/engine/unlock.h"

#include "node/engine/phrase.h"

namespace khuoi::node {

using sync::Keyring;
using sync::LockKey;
using sync::ReplicaReader;
using sync::Secret;
using sync::Slot;

Result<OpenedSlot> open_slot(Engine& engine, const std::string& person, const Secret& phrase) {
  std::vector<Keyring::NamedSlot> slots;
  KHUOI_TRY_VOID(engine.look([&](ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
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

}  // namespace khuoi::node
