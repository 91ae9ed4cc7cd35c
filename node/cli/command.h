#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "node/acts/capabilities.h"
#include "node/control/caller.h"
#include "node/control/request.h"
#include "node/engine/engine.h"
#include "node/links/link.h"

namespace khuoi::speaker {
class Speaker;
}

namespace khuoi::node {

/// What a service lends to the commands it carries out.
struct Lent {
  LinkList links;
  speaker::Speaker* loudspeaker = nullptr;  ///< of a hamlet
  /// Ends the sessions on the page of a person whose passphrase was made anew or taken away.
  std::function<void(const std::string& person)> person_changed = {};
};

/// What a command works with while it runs.
struct Task {
  Engine& engine;
  Caller& caller;
  const Request& request;
  const Lent* service = nullptr;  ///< that carries it out, and goes on when this is done; null in a process of its own
  Capabilities may = Capabilities::all();  ///< of the account that acts at a commune: node/cli/commune_acts.h
  /// None in a process of its own.
  [[nodiscard]] LinkList links() const { return service != nullptr ? service->links : LinkList(); }
};

/// A small file that a command makes, durable when it returns. Errors: the caller's.
Result<void> write_text(Task& task, const std::string& path, const std::string& text);

/// One option or positional of a command.
struct Option {
  enum class Shape : std::uint8_t { flag, one, many };
  std::string_view name;  ///< "--out", or "FILE" for a positional
  std::string_view help;
  Shape shape = Shape::one;
  bool required = false;
  std::string_view choices = {};  ///< "hamlet|commune"; anything else is wrong usage
  bool absolute = false;          ///< a path that a service shall open itself
  bool hidden = false;            ///< not offered: refused with a sentence
};

using ExitCode = int;
inline constexpr ExitCode exit_success = 0, exit_failure = 1, exit_usage = 2;
/// 2 for Errc::usage, else 1.
ExitCode exit_code_of(const Error& error);

struct Command {
  std::string_view name;     ///< "form add"
  std::string_view summary;  ///< one line
  std::string_view more;     ///< examples, exit codes, what else a person should know
  std::vector<Option> options;
  /// Runs over an open engine, here or in the service. An error is told to the caller as one sentence.
  Result<ExitCode> (*run)(Task& task) = nullptr;
  /// Instead of run: a command that opens the data folder itself, or makes it.
  Result<ExitCode> (*run_alone)(const Request& request, Caller& caller) = nullptr;
};

/// Every command, in the order of the help. `serve` puts the whole program together and so is given by whoever stands
/// above this folder.
std::vector<Command> all_commands(std::vector<Command> serve);
/// Without `serve`.
const Command* find_command(std::string_view name);

// One function a file of this folder; all_commands() calls them.
std::vector<Command> init_commands();
std::vector<Command> enrol_commands();
std::vector<Command> form_commands();
std::vector<Command> submit_commands();
std::vector<Command> list_commands();
std::vector<Command> show_commands();
std::vector<Command> export_commands();
std::vector<Command> state_commands();
std::vector<Command> announce_commands();
std::vector<Command> loudspeaker_commands();
std::vector<Command> document_commands();
std::vector<Command> message_commands();
std::vector<Command> stick_commands();
std::vector<Command> contact_commands();
std::vector<Command> status_commands();
std::vector<Command> radio_commands();
std::vector<Command> backup_commands();
std::vector<Command> node_commands();
std::vector<Command> slot_commands();
std::vector<Command> audit_commands();
std::vector<Command> code_commands();
std::vector<Command> account_commands();

}  // namespace khuoi::node
