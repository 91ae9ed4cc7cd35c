#include "sync/dossiers/code_register.h"

#include "node/acts/role.h"
#include "node/cli/text.h"

namespace khuoi::node {

namespace json = boost::json;
using sync::CodeRegister;
using sync::Replica;
using sync::ReplicaReader;

namespace {

Result<void> only_at_commune(Task& task) {
  KHUOI_TRY(const bool commune, at_commune(task.engine));
  return commune ? Result<void>() : Result<void>(fail(Errc::denied, "official codes are the commune's"));
}

std::string_view word_of(CodeRegister::Fate fate) {
  if (fate == CodeRegister::Fate::given) return "given";
  return fate == CodeRegister::Fate::voided ? "void" : "lost";
}

Result<ExitCode> run_set_unit(Task& task) {
  KHUOI_TRY_VOID(only_at_commune(task));
  const std::string& unit = task.request.one("CODE");
  KHUOI_TRY_VOID(task.engine.work([&](Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(CodeRegister::set_unit(batch, unit == "none" ? "" : unit));
    return task.request.has("--last") ? CodeRegister::confirm_last(batch, task.request.one("--last")) : Result<void>();
  }));
  task.caller.say(unit == "none" ? "no code is given by itself any more\n"
                                 : "whoever accepts a dossier gives it the next code of '" + unit + "'\n");
  return exit_success;
}

Result<ExitCode> run_show_unit(Task& task) {
  KHUOI_TRY_VOID(only_at_commune(task));
  CodeRegister::Settings now;
  KHUOI_TRY_VOID(task.engine.look([&](ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(now, CodeRegister::settings(txn));
    return {};
  }));
  if (task.request.has("--json")) task.caller.say(json_text(json::object{{"unit", now.unit}}));
  else task.caller.say(now.unit.empty() ? "none: 'khuoi unit set CODE'\n" : now.unit + "\n");
  return exit_success;
}

Result<ExitCode> run_list_codes(Task& task) {
  KHUOI_TRY_VOID(only_at_commune(task));
  const std::string& wanted = task.request.one("--day");
  const auto day = sync::day_of_text(wanted);
  if (!wanted.empty() && !day) return fail(Errc::usage, "'" + wanted + "' is no day: write 2026-01-31");
  json::array rows;
  std::string text;
  const std::uint32_t today = sync::vietnam_day(task.engine.now().wall);
  KHUOI_TRY_VOID(task.engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) {
    return CodeRegister::each(txn, day.value_or(today), [&](std::uint32_t of, std::uint32_t number, const CodeRegister::Number& row) -> Result<void> {
      const std::string code = sync::OfficialCode{row.unit, of, number}.text();
      std::string id;
      if (row.fate == CodeRegister::Fate::given) {
        KHUOI_TRY(const auto dossier, reader.dossiers().brief(txn, row.dossier));
        id = (dossier ? dossier->shown : row.dossier.id).hex();
      }
      rows.push_back(json::object{{"code", code}, {"through", row.through}, {"fate", word_of(row.fate)},
                                  {"id", id.empty() ? json::value(nullptr) : json::value(id)},
                                  {"reason", row.reason}, {"doubled", row.doubled}});
      text += code + (row.through > number ? " to " + std::to_string(row.through) : "") + "  " +
              padded(std::string(word_of(row.fate)), 6) + (id.empty() ? for_a_terminal(row.reason, " ") : id.substr(0, 12)) +
              (row.doubled ? "  given twice" : "") + "\n";
      return {};
    });
  }));
  task.caller.say(task.request.has("--json") ? json_text(rows) : text);
  return exit_success;
}

Result<ExitCode> run_void_code(Task& task) {
  KHUOI_TRY_VOID(only_at_commune(task));
  std::string code;
  KHUOI_TRY_VOID(task.engine.work([&](Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const sync::OfficialCode used, CodeRegister::use_up(batch, task.request.one("--reason")));
    code = used.text();
    return {};
  }));
  task.caller.say(code + "\n");
  return exit_success;
}

Result<ExitCode> run_check_codes(Task& task) {
  KHUOI_TRY_VOID(only_at_commune(task));
  std::vector<std::string> wrong;
  KHUOI_TRY_VOID(task.engine.look([&](ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(wrong, CodeRegister::check(txn));
    return {};
  }));
  for (const std::string& one : wrong) task.caller.warn(one);
  if (wrong.empty()) task.caller.say("every number is accounted for, none was given twice\n");
  return wrong.empty() ? exit_success : exit_failure;
}

}  // namespace

std::vector<Command> code_commands() {
  const Option as_json{.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag};
  return {
      {.name = "unit set",
       .summary = "At the commune: the unit's code, from which official codes are made",
       .more = "From then on 'khuoi state ID --set accepted' gives the dossier the next code of the day, as\n"
               "000.00.12.H56-261201-0042, in the commit that accepts it. Codes that were typed before, today's too, are "
               "not\nknown to the register: --last names the last one.\n\n"
               "  khuoi unit set 000.00.12.H56 --last 000.00.12.H56-261201-0041\n",
       .options = {{.name = "CODE", .help = "letters, digits and dots; 'none' ends it", .required = true},
                   {.name = "--last", .help = "the last code that was given by hand"}},
       .run = run_set_unit},
      {.name = "unit show", .summary = "The unit's code", .more = "", .options = {as_json}, .run = run_show_unit},
      {.name = "code list",
       .summary = "The official codes of a day, and what became of each",
       .more = "given: a dossier has it; void: used on paper or spoilt, with the reason; lost: given after the backup from "
               "which\nthis commune was put back, and not come back yet.\n",
       .options = {{.name = "--day", .help = "as 2026-01-31 (default: today)"}, as_json},
       .run = run_list_codes},
      {.name = "code void",
       .summary = "Uses up the next official code, for a paper form or a spoilt one; prints it",
       .more = "",
       .options = {{.name = "--reason", .help = "why", .required = true}},
       .run = run_void_code},
      {.name = "code check",
       .summary = "Whether every number of every day is accounted for, and none was given twice",
       .more = "Exit code 1 and a line for each gap or double.\n",
       .options = {},
       .run = run_check_codes}};
}

}  // namespace khuoi::node
