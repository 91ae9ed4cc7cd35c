#include "node/acts/people.h"
#include "node/acts/recovery.h"
#include "node/cli/text.h"
#include "node/cli/unlocking.h"

namespace khuoi::node {

namespace json = boost::json;
using sync::Keyring;
using sync::LockKey;
using sync::Secret;
using sync::Slot;

namespace {

/// The locks a slot shall open, of those this phrase opens.
Result<std::vector<LockKey>> chosen_keys(const Request& request, std::vector<LockKey> keys) {
  const std::string& domain = request.one("--domain");
  if (domain.empty() || domain == "both") return keys;
  keys = keys_for(keys, capability_named(domain));
  if (keys.empty()) return fail(Errc::denied, "the passphrase given does not open '" + domain + "' itself");
  return keys;
}

/// The page's sessions of a person go with the phrase that opened them.
void end_sessions(Task& task, const std::string& person) {
  if (task.service != nullptr && task.service->person_changed) task.service->person_changed(person);
}

Result<Secret> fresh_phrase(Task& task) {
  KHUOI_TRY(auto phrase, task.caller.phrase(Phrase::fresh, Ask::person));
  if (!phrase) return fail(Errc::usage, "give the new passphrase with --new-passphrase-file or KHUOI_NEW_PASSPHRASE");
  return std::move(*phrase);
}

Result<ExitCode> run_add_slot(Task& task) {
  KHUOI_TRY(OpenedSlot by, slot_of_caller(task, Ask::person));
  if (by.keys.empty()) return fail(Errc::locked, "locked: give a passphrase that opens what the new one shall open");
  KHUOI_TRY(const auto keys, chosen_keys(task.request, std::move(by.keys)));
  const std::string& person = task.request.one("PERSON");
  KHUOI_TRY(const Secret phrase, fresh_phrase(task));
  const NewPhrase made{.person = person, .phrase = phrase, .given = by.person != person};
  KHUOI_TRY(const bool given, put_person(task.engine, made, keys));
  end_sessions(task, person);
  task.caller.say("'" + person + "' has a passphrase now\n");
  if (given) task.caller.warn("on the page '" + person + "' has to choose a passphrase of their own first");
  return exit_success;
}

Result<ExitCode> run_list_slots(Task& task) {
  std::vector<Keyring::NamedSlot> slots;
  KHUOI_TRY_VOID(task.engine.look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(slots, Keyring::slots(txn));
    return {};
  }));
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

/// Only people know whether it is meant: said first, and asked where there is a terminal.
Result<void> say_what_follows(Task& task, Capabilities only_theirs) {
  if (only_theirs.none()) return {};
  std::string domains;
  for (const std::string_view name : only_theirs.names())
    domains += (domains.empty() ? "'" : " and '") + std::string(name) + "'";
  const std::string what = "nobody else is known to open " + domains +
                           " here: what is written there can then be read by nobody at this node, unless the commune "
                           "helps to recover it";
  KHUOI_TRY(const auto yes, task.caller.confirm(what + ". Remove all the same?"));
  if (!yes) task.caller.warn(what);
  if (yes && !*yes) return fail(Errc::denied, "nothing was removed");
  return {};
}

Result<ExitCode> run_remove_slot(Task& task) {
  const std::string& person = task.request.one("PERSON");
  KHUOI_TRY(const Capabilities only_theirs, orphaned_without(task.engine, person));
  KHUOI_TRY_VOID(say_what_follows(task, only_theirs));
  KHUOI_TRY_VOID(remove_person(task.engine, person));
  end_sessions(task, person);
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
  return write_text(task, task.request.one("--out"), sync::recovery_text(what, octets));
}

Result<ExitCode> run_request_recovery(Task& task) {
  KHUOI_TRY(const Bytes request, request_recovery(task.engine, task.request.one("--domain")));
  KHUOI_TRY_VOID(write_recovery(task, "request", request));
  task.caller.say("fingerprint: " + sync::fingerprint_digits(request) + "\n");
  return exit_success;
}

Result<ExitCode> run_answer_recovery(Task& task) {
  KHUOI_TRY(const Bytes request, read_recovery(task, "--in", "request"));
  KHUOI_TRY(const auto keys, required_keys(task));
  KHUOI_TRY(const sync::RecoveryAnswer answer, answer_recovery(task.engine, keys, request));
  KHUOI_TRY_VOID(write_recovery(task, "answer", answer.octets));
  task.caller.say("answered '" + answer.box + "', whose request has the fingerprint " +
                  sync::fingerprint_digits(request) + "\n");
  return exit_success;
}

Result<ExitCode> run_recover(Task& task) {
  KHUOI_TRY(const Bytes answer, read_recovery(task, "--in", "answer"));
  KHUOI_TRY(const Recovered recovered, open_recovery(task.engine, answer));
  const std::string& named = task.request.one("--person");
  const std::string person = named.empty() ? recovered.node.substr(0, sync::person_octets_max) : named;
  KHUOI_TRY(const Secret phrase, fresh_phrase(task));
  KHUOI_TRY_VOID(recover(task.engine, recovered, person, phrase));
  end_sessions(task, person);
  const std::string domain = sync::recovery_name(recovered.keys);
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
