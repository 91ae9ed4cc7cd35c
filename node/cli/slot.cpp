#include <algorithm>

#include "node/cli/text.h"
#include "node/cli/unlocking.h"
#include "node/engine/phrase.h"
#include "node/people/person_rows.h"
#include "sync/membership/recovery.h"

namespace khuoi::node {

namespace json = boost::json;
using sync::Keyring;
using sync::Lock;
using sync::LockKey;
using sync::PassphraseParams;
using sync::Replica;
using sync::Secret;
using sync::Slot;

namespace {

/// The locks a slot shall open, of those this phrase opens.
Result<std::vector<LockKey>> chosen_keys(const Request& request, std::vector<LockKey> keys) {
  const std::string& domain = request.one("--domain");
  if (domain.empty() || domain == "both") return keys;
  const Lock wanted = domain == "health" ? Lock::health : Lock::general;
  std::erase_if(keys, [&](const LockKey& key) { return key.lock != wanted; });
  if (keys.empty()) return fail(Errc::denied, "the passphrase given does not open '" + domain + "' itself");
  return keys;
}

/// The page's sessions of a person go with the phrase that opened them.
void end_sessions(Task& task, const std::string& person) {
  if (task.service != nullptr && task.service->person_changed) task.service->person_changed(person);
}

/// A phrase that somebody else made is known to two, however often it is typed again.
Result<void> refuse_given_again(Task& task, const std::string& person, const Secret& phrase) {
  bool was_given = false;
  KHUOI_TRY_VOID(task.engine.look([&](Replica&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const std::uint64_t given, sync::meta_number(txn, given_row(person)));
    was_given = given != 0;
    return {};
  }));
  if (!was_given || !open_slot(task.engine, person, phrase)) return {};
  return fail(Errc::exists, "that is the passphrase which somebody else made: choose another one");
}

/// Asks for the new person's phrase and writes their slot. `given`: by somebody else than that person, which a hamlet
/// notes for its page. True when it did.
Result<bool> put_person(Task& task, const std::string& person, const std::vector<LockKey>& keys, bool given) {
  if (person.empty() || person.size() > sync::person_octets_max)
    return fail(Errc::usage, "a person's name has 1 to 64 octets");
  KHUOI_TRY(const auto phrase, task.caller.phrase(Phrase::fresh, Ask::person));
  if (!phrase) return fail(Errc::usage, "give the new passphrase with --new-passphrase-file or KHUOI_NEW_PASSPHRASE");
  if (!given) KHUOI_TRY_VOID(refuse_given_again(task, person, *phrase));
  const PassphraseParams params = sync::make_passphrase_params(task.engine.rng());
  KHUOI_TRY(const Secret phrase_key, derive_new_key(params, *phrase));
  const Slot slot = sync::make_passphrase_slot(person, params, phrase_key, keys, task.engine.rng());
  KHUOI_TRY_VOID(task.engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    given = given && !replica.self().is_commune();
    KHUOI_TRY_VOID(Keyring::put_slot(batch, slot));
    KHUOI_TRY_VOID(erase_pin(batch, person));
    return put_person_rows(batch, person, keys, given);
  }));
  end_sessions(task, person);
  return given;
}

Result<ExitCode> run_add_slot(Task& task) {
  KHUOI_TRY(OpenedSlot by, slot_of_caller(task, Ask::person));
  if (by.keys.empty()) return fail(Errc::locked, "locked: give a passphrase that opens what the new one shall open");
  KHUOI_TRY(const auto keys, chosen_keys(task.request, std::move(by.keys)));
  const std::string& person = task.request.one("PERSON");
  KHUOI_TRY(const bool given, put_person(task, person, keys, by.person != person));
  task.caller.say("'" + person + "' has a passphrase now\n");
  if (given) task.caller.warn("on the page '" + person + "' has to choose a passphrase of their own first");
  return exit_success;
}

Result<std::vector<Keyring::NamedSlot>> slots_of(Engine& engine) {
  std::vector<Keyring::NamedSlot> slots;
  KHUOI_TRY_VOID(engine.look([&](Replica&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(slots, Keyring::slots(txn));
    return {};
  }));
  return slots;
}

Result<ExitCode> run_list_slots(Task& task) {
  KHUOI_TRY(const auto slots, slots_of(task.engine));
  json::array rows;
  std::string text;
  for (const auto& [number, slot] : slots) {
    const bool recovery = slot.kind == Slot::Kind::recovery;
    rows.push_back(json::object{{"person", slot.person}, {"kind", recovery ? "recovery" : "passphrase"}});
    text += recovery ? "the commune, for recovery\n" : slot.person + "\n";
  }
  task.caller.say(task.request.has("--json") ? json_text(rows) : text);
  return exit_success;
}

/// Which domains nobody else is known to open. A person who never logged in on the page may open both.
Result<std::string> only_opened_by(Task& task, const std::string& person,
                                   const std::vector<Keyring::NamedSlot>& slots) {
  std::uint64_t own = 0;
  std::uint64_t others = 0;
  KHUOI_TRY_VOID(task.engine.look([&](Replica& replica, const sync::ReadTxn& txn) -> Result<void> {
    if (replica.self().is_commune()) return {};  // has no domains
    for (const auto& [number, slot] : slots) {
      if (slot.kind != Slot::Kind::passphrase) continue;
      KHUOI_TRY(const std::uint64_t opens, sync::meta_number(txn, person_row(slot.person)));
      if (slot.person == person) own = opens != 0 ? opens : person_general | person_health;
      if (slot.person != person) others |= opens;
    }
    return {};
  }));
  const std::uint64_t orphaned = own & ~others;
  const bool both = orphaned == (person_general | person_health);
  if (both) return std::string("'general' and 'health'");
  return std::string(orphaned == person_general ? "'general'" : orphaned == person_health ? "'health'" : "");
}

/// Only people know whether it is meant: said first, and asked where there is a terminal.
Result<void> say_what_follows(Task& task, const std::string& only_theirs) {
  if (only_theirs.empty()) return {};
  const std::string what = "nobody else is known to open " + only_theirs +
                           " here: what is written there can then be read by nobody at this node, unless the commune "
                           "helps to recover it";
  KHUOI_TRY(const auto yes, task.caller.confirm(what + ". Remove all the same?"));
  if (!yes) task.caller.warn(what);
  if (yes && !*yes) return fail(Errc::denied, "nothing was removed");
  return {};
}

Result<ExitCode> run_remove_slot(Task& task) {
  const std::string& person = task.request.one("PERSON");
  KHUOI_TRY(const auto slots, slots_of(task.engine));
  const auto is_theirs = [&](const Keyring::NamedSlot& one) {
    return one.slot.kind == Slot::Kind::passphrase && one.slot.person == person;
  };
  const auto passphrases =
      std::ranges::count(slots, Slot::Kind::passphrase, [](const auto& one) { return one.slot.kind; });
  const auto theirs = std::ranges::count_if(slots, is_theirs);
  if (passphrases == theirs)
    return fail(Errc::denied, "that is the last passphrase: nobody could open this node again");
  if (theirs == 0) return fail(Errc::not_found, "nobody called '" + person + "' has a passphrase here");
  KHUOI_TRY(const std::string only_theirs, only_opened_by(task, person, slots));
  KHUOI_TRY_VOID(say_what_follows(task, only_theirs));
  bool removed = false;
  KHUOI_TRY_VOID(task.engine.work([&](Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(removed, Keyring::erase_slot(batch, person));
    return erase_person_rows(batch, person);
  }));
  end_sessions(task, person);
  if (!removed) return fail(Errc::not_found, "nobody called '" + person + "' has a passphrase here");
  task.caller.say("removed\n");
  return exit_success;
}

Result<Bytes> read_recovery(Task& task, const std::string& option, std::string_view what) {
  const std::string& path = task.request.one(option);
  KHUOI_TRY(const Bytes text, task.caller.read_file(path, sync::recovery_text_octets_max));
  auto octets = sync::recovery_octets(what, text_of(text));
  if (!octets) return fail(octets.error().code, path + ": " + octets.error().what);
  return octets;
}

Result<void> write_recovery(Task& task, std::string_view what, ByteView octets) {
  const std::string text = sync::recovery_text(what, octets);
  return task.caller.write_file(task.request.one("--out"), Caller::Durable::yes,
                                [&](const Caller::Sink& sink) { return sink(view_of(text)); });
}

Result<ExitCode> run_request_recovery(Task& task) {
  Bytes request;
  KHUOI_TRY_VOID(task.engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(request,
              sync::make_recovery_request(replica.membership(), batch, task.engine.rng(), task.request.one("--domain")));
    return {};
  }));
  KHUOI_TRY_VOID(write_recovery(task, "request", request));
  task.caller.say("fingerprint: " + sync::fingerprint_digits(request) + "\n");
  return exit_success;
}

Result<ExitCode> run_answer_recovery(Task& task) {
  KHUOI_TRY(const Bytes request, read_recovery(task, "--in", "request"));
  // The authority's phrase, so that nobody who merely sits at the commune's machine opens a hamlet's box.
  KHUOI_TRY(const auto keys, required_keys(task));
  sync::RecoveryAnswer answer;
  KHUOI_TRY_VOID(task.engine.work_as(keys, [&](Replica& replica, sync::Batch&) -> Result<void> {
    KHUOI_TRY(answer, sync::answer_recovery(replica.membership(), request, task.engine.rng()));
    return {};
  }));
  KHUOI_TRY_VOID(write_recovery(task, "answer", answer.octets));
  task.caller.say("answered '" + answer.box + "', whose request has the fingerprint " +
                  sync::fingerprint_digits(request) + "\n");
  return exit_success;
}

Result<ExitCode> run_recover(Task& task) {
  KHUOI_TRY(const Bytes answer, read_recovery(task, "--in", "answer"));
  std::vector<LockKey> keys;
  std::string person = task.request.one("--person");
  KHUOI_TRY_VOID(task.engine.look([&](Replica& replica, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(keys, sync::open_recovery_answer(replica.membership(), txn, answer));
    if (person.empty()) person = replica.self().name.substr(0, sync::person_octets_max);
    return {};
  }));
  // Keys that open nothing here must not replace anybody's slot.
  KHUOI_TRY_VOID(task.engine.work_as(keys, [](Replica&, sync::Batch&) { return Result<void>(); }));
  KHUOI_TRY_VOID(put_person(task, person, keys, false));
  KHUOI_TRY_VOID(task.engine.work([](Replica&, sync::Batch& batch) { return sync::forget_recovery_request(batch); }));
  const std::string domain = sync::recovery_name(keys);
  task.caller.say("'" + person + "' has a new passphrase; it opens " + (domain.empty() ? "everything" : domain) +
                  " here\n");
  return exit_success;
}

Result<ExitCode> run_unlock(Task& task) {
  if (task.service == nullptr)
    return fail(Errc::not_found, "no service runs here; a single command is given the passphrase itself");
  KHUOI_TRY(const auto phrase, task.caller.phrase(Phrase::present, Ask::person));
  if (!phrase) return fail(Errc::locked, "locked: give the passphrase with --passphrase-file or KHUOI_PASSPHRASE");
  KHUOI_TRY(auto keys, open_slots(task.engine, task.request.one("--person"), *phrase));
  KHUOI_TRY_VOID(task.engine.unlock(std::move(keys)));
  task.caller.say("open until 'khuoi lock', or until the service stops\n");
  return exit_success;
}

Result<ExitCode> run_lock(Task& task) {
  KHUOI_TRY_VOID(task.engine.lock());
  return exit_success;
}

}  // namespace

std::vector<Command> slot_commands() {
  const Option fresh{.name = "--new-passphrase-file",
                     .help = "the new passphrase (else KHUOI_NEW_PASSPHRASE, else a prompt)"};
  const Option out{.name = "--out", .help = "the file to write", .required = true};
  const Option in{.name = "--in", .help = "the file to read", .required = true};
  return {
      {.name = "slot add",
       .summary = "Give one more person a passphrase of their own, or change theirs",
       .more = "Asks for a passphrase that opens the node, then for the new one. The head opens 'general', the health "
               "worker\n"
               "'health'; nobody can give away what their own passphrase does not open. Whoever gets a passphrase from "
               "somebody\n"
               "else changes it before a hamlet's page lets them do anything else.\n\n"
               "  khuoi slot add 'y tế thôn' --domain health\n",
       .options = with_phrase_options(
           {{.name = "PERSON", .help = "whose passphrase it will be", .required = true},
            {.name = "--domain", .help = "what it opens (default: both)", .choices = "general|health|both"},
            fresh}),
       .run = run_add_slot},
      {.name = "slot list",
       .summary = "Who has a passphrase here",
       .more = "",
       .options = {{.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag}},
       .run = run_list_slots},
      {.name = "slot remove",
       .summary = "Take a person's passphrase away",
       .more = "Their PIN and their sessions on the page end with it. Says when nobody else is known to open a domain, "
               "and asks\nat a terminal.\n",
       .options = {{.name = "PERSON", .help = "whose", .required = true}},
       .run = run_remove_slot},
      {.name = "slot request-recovery",
       .summary = "At a hamlet whose passphrase is lost: ask the commune",
       .more = "1. at the hamlet   khuoi slot request-recovery --out meo.lost\n"
               "2. at the commune  khuoi slot answer-recovery --in meo.lost --out meo.found   after the fingerprint "
               "was compared\n"
               "3. at the hamlet   khuoi slot recover --in meo.found\n",
       .options = {out,
                   {.name = "--domain",
                    .help = "whose phrase is lost, where the head and the health worker have one each",
                    .choices = "general|health"}},
       .run = run_request_recovery},
      {.name = "slot answer-recovery",
       .summary = "At the commune: help a hamlet whose passphrase is lost",
       .more =
           "Needs the commune's passphrase. Compare the fingerprint over the telephone: the answer opens that box.\n",
       .options = with_phrase_options({in, out}),
       .run = run_answer_recovery},
      {.name = "slot recover",
       .summary = "At the hamlet: set a new passphrase with the commune's answer",
       .more = "",
       .options = {in, {.name = "--person", .help = "whose passphrase it will be (default: the node's name)"}, fresh},
       .run = run_recover},
      {.name = "unlock",
       .summary = "Open a running service's node for reading",
       .more = "",
       .options = with_phrase_options({}),
       .run = run_unlock},
      {.name = "lock", .summary = "Lock a running service's node again", .more = "", .options = {}, .run = run_lock}};
}

}  // namespace khuoi::node
