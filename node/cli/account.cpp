#include "node/acts/accounts.h"
#include "node/acts/role.h"
#include "node/cli/text.h"
#include "node/cli/unlocking.h"

namespace khuoi::node {

namespace json = boost::json;
using sync::Secret;

namespace {

Result<Capabilities> roles_of(const std::string& text) {
  Capabilities out;
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t to = std::min(text.find(',', from), text.size());
    const Capabilities one = role_named(text.substr(from, to - from));
    if (one.none())
      return fail(Errc::usage, "'" + text.substr(from, to - from) +
                                   "' is no role: there are clerk, health, broadcaster and administrator, parted by commas");
    out = out | one;
    from = to + 1;
  }
  return out;
}

/// The pages' sessions go with the phrase or the roles that they were opened with.
void end_page_sessions(Task& task, const std::string& name) {
  if (task.service != nullptr && task.service->person_changed) task.service->person_changed(name);
}

Result<Secret> phrase_of_account(Task& task) {
  KHUOI_TRY(auto phrase, task.caller.phrase(Phrase::fresh, Ask::person));
  if (!phrase)
    return fail(Errc::usage, "give the account's passphrase with --new-passphrase-file or KHUOI_NEW_PASSPHRASE");
  return std::move(*phrase);
}

/// With the administrator's own phrase: it opens what the account's shall open.
Result<OpenedSlot> administrator_of(Task& task) {
  KHUOI_TRY(OpenedSlot by, slot_of_caller(task, Ask::person));
  if (by.keys.empty()) return fail(Errc::locked, "locked: give an administrator's passphrase with --passphrase-file or KHUOI_PASSPHRASE");
  return by;
}

Result<ExitCode> run_add_account(Task& task) {
  const std::string& name = task.request.one("NAME");
  KHUOI_TRY(const Capabilities may, roles_of(task.request.one("--may")));
  KHUOI_TRY(const OpenedSlot by, administrator_of(task));
  KHUOI_TRY(const Secret phrase, phrase_of_account(task));
  KHUOI_TRY_VOID(open_account(task.engine, {by.person, by.keys}, {name, may, phrase}));
  task.caller.say("'" + name + "' has an account now\n");
  if (by.person != name) task.caller.warn("on the page '" + name + "' has to choose a passphrase of their own first");
  return exit_success;
}

Result<ExitCode> run_list_accounts(Task& task) {
  KHUOI_TRY(const auto all, accounts(task.engine));
  json::array rows;
  std::string text;
  for (const Account& one : all) {
    const auto roles = one.may.roles();
    rows.push_back(json::object{{"name", one.name}, {"roles", json::array(roles.begin(), roles.end())}, {"closed", one.closed}});
    std::string words;
    for (const std::string_view role : roles) words += (words.empty() ? "" : ", ") + std::string(role);
    text += padded(one.name, 24) + (one.closed ? "closed  " : "") + words + "\n";
  }
  task.caller.say(task.request.has("--json") ? json_text(rows) : text);
  return exit_success;
}

Result<ExitCode> run_set_roles(Task& task) {
  const std::string& name = task.request.one("NAME");
  KHUOI_TRY(const Capabilities may, roles_of(task.request.one("--may")));
  if (task.request.has("--new-passphrase-file")) {
    KHUOI_TRY(const OpenedSlot by, administrator_of(task));
    KHUOI_TRY(const Secret phrase, phrase_of_account(task));
    KHUOI_TRY_VOID(new_phrase(task.engine, {by.person, by.keys}, {name, may, phrase}));
  } else {
    const auto done = set_roles(task.engine, name, may);
    if (!done && done.error().code == Errc::conflict)
      return fail(Errc::usage, done.error().what + ": give it with --new-passphrase-file");
    if (!done) return done.error();
  }
  end_page_sessions(task, name);
  task.caller.say("done; whoever was logged in as '" + name + "' logs in again\n");
  return exit_success;
}

Result<ExitCode> run_new_phrase(Task& task) {
  const std::string& name = task.request.one("NAME");
  KHUOI_TRY(const auto all, accounts(task.engine));
  const auto known = std::ranges::find(all, name, &Account::name);
  if (known == all.end() || known->closed) return fail(Errc::not_found, "there is no open account '" + name + "'");
  KHUOI_TRY(const OpenedSlot by, administrator_of(task));
  KHUOI_TRY(const Secret phrase, phrase_of_account(task));
  KHUOI_TRY_VOID(new_phrase(task.engine, {by.person, by.keys}, {name, known->may, phrase}));
  end_page_sessions(task, name);
  task.caller.say("'" + name + "' has a new passphrase\n");
  return exit_success;
}

Result<ExitCode> run_close_account(Task& task) {
  const std::string& name = task.request.one("NAME");
  KHUOI_TRY_VOID(close_account(task.engine, name));
  end_page_sessions(task, name);
  task.caller.say("'" + name + "' logs in no more\n");
  return exit_success;
}

}  // namespace

std::vector<Command> account_commands() {
  const Option name{.name = "NAME", .help = "whose account", .required = true};
  const Option may{.name = "--may", .help = "clerk, health, broadcaster, administrator, parted by commas", .required = true};
  const Option fresh{.name = "--new-passphrase-file", .help = "the account's passphrase (else KHUOI_NEW_PASSPHRASE, else a prompt)"};
  return {
      {.name = "account add",
       .summary = "At the commune: an account for somebody who works there",
       .more = "Needs an administrator's passphrase: the commune's own, before there are accounts. A clerk reads and answers\n"
               "dossiers, but not those of health; 'health' those of health alone; a broadcaster speaks to loudspeakers; an\n"
               "administrator decides about accounts, lets boxes in and shuts them out. From the first account on every command\n"
               "at this commune says who acts (--person or KHUOI_PERSON), and the audit log keeps it.\n\n"
               "  khuoi account add 'Lường Thị Mai' --may clerk --person 'Sảng Mộc'\n",
       .options = with_phrase_options({name, may, fresh}),
       .run = run_add_account},
      {.name = "account list",
       .summary = "Who works at this commune, and what each may do",
       .more = "",
       .options = {{.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag}},
       .run = run_list_accounts},
      {.name = "account roles",
       .summary = "What somebody may do from now on",
       .more = "Who becomes an administrator, or ceases to be one, needs a new passphrase: it opens other keys.\n",
       .options = with_phrase_options({name, may, fresh}),
       .run = run_set_roles},
      {.name = "account phrase",
       .summary = "A new passphrase for somebody who lost theirs, by an administrator",
       .more = "An administrator who lost theirs is helped by a second one in the same way.\n",
       .options = with_phrase_options({name, fresh}),
       .run = run_new_phrase},
      {.name = "account close",
       .summary = "Somebody leaves: their account logs in no more",
       .more = "What they did stays in the audit log under their name, which nobody else gets. Never the last administrator.\n",
       .options = {name},
       .run = run_close_account}};
}

}  // namespace khuoi::node
