// People come, leave, or change what they open. The rest of Sessions is in sessions.cpp.
#include "node/engine/phrase.h"
#include "node/people/sessions.h"

namespace khuoi::people {

using sync::LockKey;
using sync::Secret;

/// By the person, or by who holds all that the person may do; nobody knows what that is before the person's first login,
/// so then everything.
Result<void> Sessions::check_may_decide(const Viewer& viewer, const std::string& name) {
  if (!viewer.keys) return fail(Errc::locked, "only who is logged in decides who may use this box");
  KHUOI_TRY(const auto all, node::people(engine_));
  const auto found = std::ranges::find(all, name, &node::Person::name);
  if (found == all.end()) return fail(Errc::not_found, "nobody called '" + name + "' has a passphrase here");
  const bool may = viewer.person == name || viewer.may.has(found->may.none() ? Capabilities::all_domains() : found->may);
  if (may) return {};
  return fail(Errc::denied, "only who may read all that '" + name + "' reads takes it from them");
}

Result<void> Sessions::give(const Viewer& viewer, const std::string& name, Capabilities wanted, std::string phrase) {
  if (wanted.none()) return fail(Errc::usage, "say what the person may read: general, health or both");
  if (!viewer.may.has(wanted)) return fail(Errc::denied, "nobody gives away what their own passphrase does not open");
  KHUOI_TRY(const Secret typed, node::phrase_from_text(phrase));
  const node::NewPhrase made{.person = name, .phrase = typed, .given = viewer.person != name};
  KHUOI_TRY_VOID(node::put_person(engine_, made, node::keys_for(viewer.keys->locks(), wanted)));
  return {};
}

Result<void> Sessions::add_person(const Viewer& viewer, const std::string& name, Capabilities wanted,
                                  std::string phrase) {
  if (!viewer.keys) return fail(Errc::locked, "only who is logged in gives others a passphrase");
  KHUOI_TRY_VOID(node::check_new_person(engine_, name));
  return give(viewer, name, wanted, std::move(phrase));
}

Result<void> Sessions::set_phrase(const Viewer& viewer, std::string phrase) {
  if (!viewer.keys) return fail(Errc::locked, "only who is logged in changes a passphrase");
  KHUOI_TRY_VOID(check_may_decide(viewer, viewer.person));  // who was taken away meanwhile does not come back by it
  KHUOI_TRY(const Secret typed, node::phrase_from_text(phrase));
  const node::NewPhrase made{.person = viewer.person, .phrase = typed, .keeps_pin = true};
  KHUOI_TRY_VOID(node::put_person(engine_, made, viewer.keys->locks()));
  const std::lock_guard held(mutex_);
  const auto ready = ready_.find(viewer.person);
  if (ready != ready_.end()) ready->second.given = false;
  return {};
}

Result<void> Sessions::begin_health(const Viewer& viewer, const std::string& name, std::string phrase) {
  if (!viewer.keys) return fail(Errc::locked, "somebody of this box must be logged in and vouch for the health worker");
  KHUOI_TRY(const Secret typed, node::phrase_from_text(phrase));
  return node::begin_health(engine_, name, typed, {viewer.person, viewer.keys->locks()});
}

Result<Capabilities> Sessions::orphaned_without(const Viewer& viewer, const std::string& name, Capabilities left) {
  KHUOI_TRY_VOID(check_may_decide(viewer, name));
  return node::orphaned_without(engine_, name, left);
}

void Sessions::forget_person(const std::string& name) {
  const std::lock_guard held(mutex_);
  ++people_changed_;
  ready_.erase(name);
  std::erase_if(sessions_, [&](const auto& one) { return one.second.person == name; });
}

Result<void> Sessions::remove_person(const Viewer& viewer, const std::string& name) {
  KHUOI_TRY_VOID(check_may_decide(viewer, name));
  KHUOI_TRY_VOID(node::remove_person(engine_, name));
  forget_person(name);
  return {};
}

Result<void> Sessions::change_person(const Viewer& viewer, const std::string& name, Capabilities wanted,
                                     std::string phrase) {
  KHUOI_TRY_VOID(check_may_decide(viewer, name));
  KHUOI_TRY_VOID(give(viewer, name, wanted, std::move(phrase)));
  forget_person(name);  // whoever is logged in reads with the old keys
  return {};
}

}  // namespace khuoi::people
