#include "node/cli/command.h"

#include "node/cli/commune_acts.h"

#include <algorithm>
#include <iterator>

namespace khuoi::node {

ExitCode exit_code_of(const Error& error) { return error.code == Errc::usage ? exit_usage : exit_failure; }

Result<void> write_text(Task& task, const std::string& path, const std::string& text) {
  return task.caller.write_file(path, Caller::Durable::yes,
                                [&](const Caller::Sink& sink) { return sink(view_of(text)); });
}

std::vector<Command> all_commands(std::vector<Command> serve) {
  std::vector<Command> out;
  const auto add = [&](std::vector<Command> part) { std::ranges::move(part, std::back_inserter(out)); };
  for (auto* part : {init_commands, enrol_commands, form_commands, submit_commands, list_commands, show_commands,
                     export_commands, state_commands, announce_commands, loudspeaker_commands, document_commands,
                     message_commands, stick_commands, contact_commands}) {
    add(part());
  }
  add(std::move(serve));
  for (auto* part : {status_commands, radio_commands, backup_commands, node_commands, slot_commands, code_commands,
                     account_commands, audit_commands}) {
    add(part());
  }
  add_person_option(out);
  return out;
}

const Command* find_command(std::string_view name) {
  static const std::vector<Command> all = all_commands({});
  const auto found = std::ranges::find(all, name, &Command::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace khuoi::node
