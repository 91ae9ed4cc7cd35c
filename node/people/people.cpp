// People leave, or read less from now on. The rest of Sessions is in sessions.cpp.
#include <algorithm>

#include "node/people/person_rows.h"
#include "node/people/sessions.h"

namespace khuoi::http {

using sync::Lock;
using sync::LockKey;

namespace {

/// Whoever holds all that a person may read; nobody knows what that is before the person's first login, so then both.
bool may_decide(const Viewer& viewer, const PersonFacts& person) {
  const Domains of = person.domains.none() ? Domains{true, true} : person.domains;
  return viewer.person == person.name ||
         ((!of.general || viewer.domains.general) && (!of.health || viewer.domains.health));
}

}  // namespace

Result<PersonFacts> Sessions::person_for(const Viewer& viewer, const std::string& name) {
  if (!viewer.keys) return fail(Errc::locked, "only who is logged in decides who may use this box");
  KHUOI_TRY(const auto all, people());
  const auto found = std::ranges::find(all, name, &PersonFacts::name);
  if (found == all.end()) return fail(Errc::not_found, "nobody called '" + name + "' has a passphrase here");
  if (!may_decide(viewer, *found))
    return fail(Errc::denied, "only who may read all that '" + name + "' reads takes it from them");
  return *found;
}

Result<Domains> Sessions::orphaned_without(const Viewer& viewer, const std::string& name, const Domains& left) {
  KHUOI_TRY(const PersonFacts person, person_for(viewer, name));
  KHUOI_TRY(const auto all, people());
  Domains others = left;
  bool anybody = !left.none();
  for (const PersonFacts& one : all) {
    if (one.name == name) continue;
    anybody = true;
    others.general = others.general || one.domains.general;
    others.health = others.health || one.domains.health;
  }
  if (!anybody) return fail(Errc::denied, "that is the last passphrase: nobody could open this node again");
  return Domains{person.domains.general && !others.general, person.domains.health && !others.health};
}

void Sessions::forget_person(const std::string& name) {
  const std::lock_guard held(mutex_);
  ++people_changed_;
  ready_.erase(name);
  std::erase_if(sessions_, [&](const auto& one) { return one.second.person == name; });
}

Result<void> Sessions::remove_person(const Viewer& viewer, const std::string& name) {
  KHUOI_TRY_VOID(orphaned_without(viewer, name, {}));  // never the very last
  bool removed = false;
  KHUOI_TRY_VOID(engine_.work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(removed, sync::Keyring::erase_slot(batch, name));
    return node::erase_person_rows(batch, name);
  }));
  if (!removed) return fail(Errc::not_found, "nobody called '" + name + "' has a passphrase here");
  forget_person(name);
  return {};
}

Result<void> Sessions::change_person(const Viewer& viewer, const std::string& name, const Domains& domains,
                                     std::string phrase) {
  if (domains.none()) return fail(Errc::usage, "say what the person may read: general, health or both");
  KHUOI_TRY(const PersonFacts person, person_for(viewer, name));
  const bool has_all = (!domains.general || viewer.domains.general) && (!domains.health || viewer.domains.health);
  if (!has_all) return fail(Errc::denied, "nobody gives away what their own passphrase does not open");
  std::vector<LockKey> keys;
  for (const LockKey& key : *viewer.keys) {
    const bool wanted = key.lock == Lock::general ? domains.general : key.lock == Lock::health && domains.health;
    if (wanted) keys.push_back({key.lock, key.key.duplicate()});
  }
  KHUOI_TRY_VOID(put_slot(name, keys, std::move(phrase), viewer.person != name));
  // Whoever is logged in reads with the old keys.
  KHUOI_TRY_VOID(engine_.work([&](sync::Replica&, sync::Batch& batch) { return node::erase_pin(batch, name); }));
  forget_person(name);
  return {};
}

}  // namespace khuoi::http
