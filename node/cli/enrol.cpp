#include "node/cli/naming.h"
#include "node/cli/unlocking.h"
#include "node/service/joining.h"
#include "sync/seal/slot.h"

namespace khuoi::node {

using sync::Replica;

namespace {

Result<void> write_text(Task& task, const std::string& path, const std::string& text) {
  return task.caller.write_file(path, Caller::Durable::yes,
                                [&](const Caller::Sink& sink) { return sink(view_of(text)); });
}

Result<Bytes> read_armoured(Task& task, std::string_view what, const std::string& path) {
  KHUOI_TRY(const Bytes text, task.caller.read_file(path, 2 * sync::grant_file_octets_max));
  auto octets = sync::unarmour(what, text_of(text));
  if (!octets) return fail(octets.error().code, path + ": " + octets.error().what);
  return octets;
}

Result<ExitCode> run_request(Task& task) {
  Bytes request;
  KHUOI_TRY_VOID(task.engine.look([&](Replica& replica, const sync::ReadTxn&) -> Result<void> {
    if (replica.self().is_commune()) return fail(Errc::denied, "a commune does not ask to be enrolled: hamlets do");
    request = replica.enrol_request();
    return {};
  }));
  KHUOI_TRY_VOID(write_text(task, task.request.one("--out"), sync::armour("request", request) + "\n"));
  task.caller.say("fingerprint: " + sync::fingerprint_digits(request) + "\n");
  return exit_success;
}

Result<ExitCode> run_grant(Task& task) {
  KHUOI_TRY(const Bytes octets, read_armoured(task, "request", task.request.one("--in")));
  auto request = sync::decode_request(octets);
  if (!request) return fail(request.error().code, task.request.one("--in") + ": " + request.error().what);
  const std::string fingerprint = sync::fingerprint_digits(octets);
  if (task.request.has("--fingerprint") &&
      sync::only_digits(task.request.one("--fingerprint")) != sync::only_digits(fingerprint)) {
    return fail(Errc::denied, "the fingerprint is not that of this request (" + fingerprint +
                                  "): it is another box's, or somebody changed it");
  }
  KHUOI_TRY(const auto keys, required_keys(task));
  Bytes grant;
  KHUOI_TRY_VOID(task.engine.work_as(keys, [&](Replica& replica, sync::Batch& batch) -> Result<void> {
    Replica::Grant wanted{std::move(*request), {}, replica.roster().next_granted(batch.now.wall)};
    if (task.request.has("--replaces")) {
      KHUOI_TRY(wanted.continues, hamlet_named(replica.roster(), task.request.one("--replaces")));
    }
    KHUOI_TRY(grant, replica.grant(batch, wanted));
    request->name = wanted.request.name;
    return {};
  }));
  KHUOI_TRY_VOID(write_text(task, task.request.one("--out"), sync::armour("grant", grant) + "\n"));
  task.caller.say("granted '" + request->name + "', fingerprint " + fingerprint + "\n");
  return exit_success;
}

Result<ExitCode> run_accept(Task& task) {
  const std::string& path = task.request.one("--in");
  KHUOI_TRY(const Bytes text, task.caller.read_file(path, 2 * sync::grant_file_octets_max));
  KHUOI_TRY(const auto keys, keys_of_caller(task, Ask::if_given));
  const auto commune = take_grant(task.engine, keys, text);
  if (!commune) return fail(commune.error().code, path + ": " + commune.error().what);
  task.caller.say("joined the commune '" + *commune + "'\n");
  return exit_success;
}

}  // namespace

std::vector<Command> enrol_commands() {
  return {
      {.name = "enrol request",
       .summary = "At the hamlet: write a request to join a commune",
       .more = "Prints the request's fingerprint, 30 digits, to be read aloud to the commune's technician.\n\n"
               "  khuoi enrol request --out meo.request\n",
       .options = {{.name = "--out", .help = "the file to write", .required = true}},
       .run = run_request},
      {.name = "enrol grant",
       .summary = "At the commune: let a hamlet's box in",
       .more =
           "Needs the commune's passphrase. Compare the fingerprint that this prints, or give the one that was read\n"
           "aloud: then a request that somebody changed on the way is refused.\n\n"
           "  khuoi enrol grant --in meo.request --out meo.grant --fingerprint '01234 56789 ...'\n",
       .options = with_phrase_options(
           {{.name = "--in", .help = "the request", .required = true},
            {.name = "--out", .help = "the file to write", .required = true},
            {.name = "--fingerprint", .help = "the digits read aloud"},
            {.name = "--replaces", .help = "the hamlet (name or id) whose broken or stolen box this one replaces"}}),
       .run = run_grant},
      {.name = "enrol accept",
       .summary = "At the hamlet: take the commune's answer",
       .more = "What was submitted before goes to the commune as soon as the hamlet is unlocked: now, when the "
               "passphrase is\n"
               "given, and then a lost phrase can be recovered with the commune's help; else at the next unlock.\n",
       .options = with_phrase_options({{.name = "--in", .help = "the grant", .required = true}}),
       .run = run_accept}};
}

}  // namespace khuoi::node
