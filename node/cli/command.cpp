#include "node/cli/command.h"

#include <algorithm>
#include <iterator>

namespace khuoi::node {

ExitCode exit_code_of(const Error& error) { return error.code == Errc::usage ? exit_usage : exit_failure; }

const std::vector<Command>& all_commands() {
  static const std::vector<Command> all = [] {
    std::vector<Command> out;
    for (auto* part :
         {init_commands, enrol_commands, form_commands, submit_commands, list_commands, show_commands, export_commands,
          state_commands, announce_commands, loudspeaker_commands, document_commands, message_commands, stick_commands,
          contact_commands, serve_commands, status_commands, backup_commands, node_commands, slot_commands}) {
      std::ranges::move(part(), std::back_inserter(out));
    }
    return out;
  }();
  return all;
}

const Command* find_command(std::string_view name) {
  const auto found = std::ranges::find(all_commands(), name, &Command::name);
  return found == all_commands().end() ? nullptr : &*found;
}

}  // namespace khuoi::node
