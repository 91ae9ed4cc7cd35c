#include <charconv>

#include "node/acts/answer.h"
#include "node/acts/desk_marks.h"
#include "node/acts/send_now.h"
#include "node/acts/text.h"
#include "node/cli/commune_acts.h"
#include "node/cli/given_file.h"
#include "node/cli/text.h"
#include "node/cli/unlocking.h"
#include "node/links/dossier_outlook.h"

namespace khuoi::node {

using sync::DossierKey;
using sync::Replica;

namespace {

bool is_date(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  return time_of_text(text, {}).has_value();
}

Result<sync::StateChange> change_of(const Request& request) {
  sync::StateChange change;
  const auto state = sync::state_named(request.one("--set"));
  if (!state) return fail(Errc::usage, "there is no state '" + request.one("--set") + "'");
  change.state = *state;
  change.code = request.one("--code");
  change.note = request.one("--note");
  change.due = request.one("--due");
  if (!change.due.empty() && !is_date(change.due))
    return fail(Errc::usage, "'" + change.due + "' is no date: write 2026-01-31");
  if (request.has("--fee")) {
    const std::string& fee = request.one("--fee");
    const auto parsed = std::from_chars(fee.data(), fee.data() + fee.size(), change.fee_vnd);
    if (parsed.ec != std::errc() || parsed.ptr != fee.data() + fee.size()) {
      return fail(Errc::usage, "'" + fee + "' is no fee: write a whole number of VND");
    }
  }
  return change;
}

Result<ExitCode> run_state(Task& task) {
  KHUOI_TRY(sync::StateChange change, change_of(task.request));
  KHUOI_TRY_VOID(check_may_read(task, task.request.one("ID")));
  KHUOI_TRY_VOID(answer(task.engine, task.request.one("ID"), std::move(change),
                        given_files(task, task.request.many("--attach"))));
  return exit_success;
}

Result<ExitCode> run_withdraw(Task& task) {
  KHUOI_TRY(const auto keys, keys_of_caller(task, Ask::if_given));
  KHUOI_TRY_VOID(task.engine.work_as(keys, [&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const DossierKey key, replica.views().resolve(batch.txn, task.request.one("ID")));
    return replica.withdraw(batch, key, task.request.one("--reason"));
  }));
  return exit_success;
}

Result<ExitCode> run_erase(Task& task) {
  if (!task.request.has("--yes"))
    return fail(Errc::usage, "erasing cannot be undone, here or at the other side: say --yes");
  KHUOI_TRY(const auto keys, reading_keys(task));
  KHUOI_TRY_VOID(check_may_read(task, task.request.one("ID")));
  KHUOI_TRY_VOID(task.engine.work_as(keys, [&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const DossierKey key, replica.views().resolve(batch.txn, task.request.one("ID")));
    KHUOI_TRY(const std::uint32_t number, replica.views().number_of(batch.txn, key));
    KHUOI_TRY_VOID(erase_desk_rows(batch, number));
    return replica.erase(batch, key, task.request.one("--reason"));
  }));
  return exit_success;
}

Result<ExitCode> run_pick(Task& task) {
  const auto chosen = ref_of_text(task.request.one("--version"));
  if (!chosen) return fail(Errc::usage, "'" + task.request.one("--version") + "' names no version: see 'khuoi show'");
  KHUOI_TRY(const auto keys, reading_keys(task));
  KHUOI_TRY_VOID(task.engine.work_as(keys, [&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const DossierKey key, replica.views().resolve(batch.txn, task.request.one("ID")));
    return replica.pick(batch, key, *chosen);
  }));
  return exit_success;
}

/// No service runs: whether it will have a radio is told by its start, so the wish is kept for it.
Result<ExitCode> run_send_now(Task& task) {
  const bool radio = task.service == nullptr || has_radio(task.links());
  KHUOI_TRY(const auto keys, keys_of_caller(task, Ask::if_given));
  KHUOI_TRY_VOID(task.engine.work_as(keys, [&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const DossierKey key, replica.views().resolve(batch.txn, task.request.one("ID")));
    return send_now(replica, batch, key, radio);
  }));
  if (task.service == nullptr) task.caller.warn("it goes once 'khuoi serve' runs with --radio");
  return exit_success;
}

}  // namespace

std::vector<Command> state_commands() {
  const Option id{.name = "ID", .help = "which dossier; six digits or more of its id", .required = true};
  return {
      {.name = "state",
       .summary = "At the commune: set where a dossier stands, and answer the hamlet",
       .more =
           "Allowed moves: new → accepted, rejected, needs-papers; accepted → processing, needs-papers, "
           "needs-payment;\n"
           "processing → needs-papers, needs-payment, resolved; needs-papers → accepted, processing, rejected;\n"
           "needs-payment → processing, resolved; resolved → returned; withdrawn and stopped from any open state.\n\n"
           "  khuoi state 1f0c9a --set needs-papers --note 'Thiếu giấy chứng sinh' --due 2026-03-01\n"
           "  khuoi state 1f0c9a --set resolved --attach ban_sao.pdf\n",
       .options =
           {id,
            {.name = "--set",
             .help = "the new state",
             .required = true,
             .choices =
                 "new|accepted|rejected|processing|needs-papers|needs-payment|withdrawn|stopped|resolved|returned"},
            {.name = "--code", .help = "the official code of the dossier; with 'khuoi unit set' one is given by itself"},
            {.name = "--note", .help = "a sentence for the villager"},
            {.name = "--due", .help = "by when, as 2026-01-31"},
            {.name = "--fee", .help = "what is to be paid, in VND"},
            {.name = "--attach", .help = "papers that go with it", .shape = Option::Shape::many}},
       .run = run_state},
      {.name = "withdraw",
       .summary = "At the hamlet: ask that a dossier be withdrawn",
       .more = "The commune decides, and sets the state.\n",
       .options = with_phrase_options({id, {.name = "--reason", .help = "why", .required = true}}),
       .run = run_withdraw},
      {.name = "erase",
       .summary = "A person's right: forget a dossier's contents and files, here and at the other side",
       .more =
           "Its id, numbers and hashes stay, so that nobody asks for it again. Backups made before still hold it.\n\n"
           "  khuoi erase 1f0c9a --reason 'theo yêu cầu của người dân' --yes\n",
       .options = with_phrase_options({id,
                                       {.name = "--reason", .help = "why", .required = true},
                                       {.name = "--yes", .help = "yes, for good", .shape = Option::Shape::flag}}),
       .run = run_erase},
      {.name = "pick",
       .summary = "At the hamlet: settle which of several versions counts",
       .more = "'khuoi show' names the versions of a dossier in conflict.\n",
       .options = with_phrase_options({id, {.name = "--version", .help = "the version that counts", .required = true}}),
       .run = run_pick},
      {.name = "send-now",
       .summary = "At the hamlet: send a dossier by radio now, though the fiber is expected soon",
       .more = "What of it waits for the fiber goes as soon as the air is free; 'khuoi show' tells. Its photos never go by "
               "radio.\n",
       .options = with_phrase_options({id}),
       .run = run_send_now}};
}

}  // namespace khuoi::node
