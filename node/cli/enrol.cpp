#include "node/acts/joining.h"
#include "node/acts/role.h"
#include "node/cli/text.h"
#include "node/cli/unlocking.h"

namespace khuoi::node {

namespace json = boost::json;

namespace {

/// Nothing is taken that a person at a terminal did not say yes to; where there is none, the sentence warns.
Result<void> ask_person(Task& task, const std::string& question, const std::string& warning) {
  KHUOI_TRY(const auto yes, task.caller.confirm(question));
  if (!yes) task.caller.warn(warning);
  if (yes && !*yes) return fail(Errc::denied, "nothing was done: the digits must be the same");
  return {};
}

Result<ExitCode> run_request(Task& task) {
  KHUOI_TRY(const Joining joining, joining_of(task.engine));
  KHUOI_TRY_VOID(write_text(task, task.request.one("--out"), armoured_request(joining)));
  task.caller.say("fingerprint: " + joining.fingerprint + "\n");
  return exit_success;
}

Result<ExitCode> run_grant(Task& task) {
  const std::string& path = task.request.one("--in");
  KHUOI_TRY(const Bytes text, task.caller.read_file(path, 2 * sync::grant_file_octets_max));
  const auto asked = read_request(text);
  if (!asked) return fail(asked.error().code, path + ": " + asked.error().what);
  if (task.request.has("--fingerprint")) KHUOI_TRY_VOID(compare(*asked, task.request.one("--fingerprint")));
  KHUOI_TRY(const auto keys, required_keys(task));
  if (!task.request.has("--fingerprint")) {
    KHUOI_TRY_VOID(ask_person(task, "The request of '" + asked->request.name + "' has the digits\n\n    " +
                                        asked->fingerprint + "\n\nHave the hamlet read its own aloud. Are they the same?",
                              "no --fingerprint was given: have the hamlet read its digits aloud before you hand over "
                              "the answer"));
  }
  std::optional<std::string> replaces;
  if (task.request.has("--replaces")) replaces = task.request.one("--replaces");
  KHUOI_TRY(const Granted granted, grant_request(task.engine, keys, *asked, replaces));
  KHUOI_TRY_VOID(write_text(task, task.request.one("--out"), granted.armoured));
  task.caller.say("granted '" + granted.name + "', fingerprint " + asked->fingerprint + "\n");
  task.caller.warn("the hamlet compares this commune's own digits before it accepts, so read them aloud: " +
                   granted.own_fingerprint);
  return exit_success;
}

Result<ExitCode> run_accept(Task& task) {
  const std::string& path = task.request.one("--in");
  KHUOI_TRY(const Bytes text, task.caller.read_file(path, 2 * sync::grant_file_octets_max));
  const auto invitation = read_grant(task.engine, text);
  if (!invitation) return fail(invitation.error().code, path + ": " + invitation.error().what);
  if (task.request.has("--fingerprint")) {
    KHUOI_TRY_VOID(compare(*invitation, task.request.one("--fingerprint")));
  } else {
    KHUOI_TRY_VOID(ask_person(task, "The grant is by the commune '" + invitation->commune + "', whose digits are\n\n    " +
                                        invitation->fingerprint +
                                        "\n\nHave the commune read its own aloud. Are they the same?",
                              "no --fingerprint was given: whoever made this grant reads what this hamlet writes. Have "
                              "the commune read its digits aloud; this one's are " +
                                  invitation->fingerprint + "; 'khuoi enrol leave' takes it back"));
  }
  KHUOI_TRY(const auto keys, keys_of_caller(task, Ask::if_given));
  const auto commune = take_grant(task.engine, keys, text);
  if (!commune) return fail(commune.error().code, path + ": " + commune.error().what);
  task.caller.say("joined the commune '" + *commune + "'\n");
  return exit_success;
}

Result<ExitCode> run_leave(Task& task) {
  const auto alone = hold_all(task.links());
  KHUOI_TRY(const auto keys, required_keys(task));
  KHUOI_TRY(const std::string commune, leave_commune(task.engine, keys));
  task.caller.say("left the commune '" + commune + "'\n");
  task.caller.warn("what was sent to it meanwhile, it can read");
  return exit_success;
}

/// What sticks brought: requests at a commune, grants at a hamlet.
Result<ExitCode> run_list_enrolments(Task& task) {
  KHUOI_TRY(const bool commune, at_commune(task.engine));
  std::vector<PaperGrant> papers;
  if (commune) {
    KHUOI_TRY(papers, requests_from_sticks(task.engine));
  } else {
    KHUOI_TRY(papers, grants_from_sticks(task.engine));
  }
  json::array rows;
  std::string text;
  for (const PaperGrant& paper : papers) {
    rows.push_back(json::object{
        {"name", paper.invitation.commune}, {"fingerprint", paper.invitation.fingerprint}, {"file", paper.path}});
    text += paper.invitation.commune + "\n    " + paper.invitation.fingerprint + "\n    " + paper.path + "\n";
  }
  if (task.request.has("--json")) {
    task.caller.say(json_text(rows));
    return exit_success;
  }
  task.caller.say(text);
  if (papers.empty()) task.caller.warn(commune ? "no stick brought a request" : "no stick brought a grant");
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
               "given, and then a lost phrase can be recovered with the commune's help; else at the next unlock.\n"
               "Anybody who has the request can make a grant, so the commune reads its digits aloud, and they are "
               "compared:\n"
               "by a question at a terminal, or with --fingerprint.\n\n"
               "  khuoi enrol accept --in meo.grant --fingerprint '01234 56789 ...'\n",
       .options = with_phrase_options({{.name = "--in", .help = "the grant", .required = true},
                                       {.name = "--fingerprint", .help = "the digits that the commune read aloud"}}),
       .run = run_accept},
      {.name = "enrol leave",
       .summary = "At the hamlet: leave a commune that was the wrong one",
       .more = "As long as it has not signed a receipt for a dossier of this box. Needs a passphrase that opens both "
               "general\n"
               "and health. Dossiers, drafts and people stay; they go to the commune that is joined next. Papers that "
               "sticks\n"
               "brought stay too: compare the digits before the next 'enrol accept'.\n",
       .options = with_phrase_options({}),
       .run = run_leave},
      {.name = "enrol list",
       .summary = "What sticks brought: requests at a commune, grants at a hamlet",
       .more = "Nothing of it is accepted by itself: compare the digits, then give the file to 'enrol grant' or 'enrol "
               "accept'.\n",
       .options = {{.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag}},
       .run = run_list_enrolments}};
}

}  // namespace khuoi::node
