#include "node/cli/carry_out.h"

#include <unistd.h>

#include <chrono>
#include <optional>
#include <thread>

#include "node/cli/commune_acts.h"
#include "node/cli/local_caller.h"
#include "node/control/control_client.h"
#include "node/engine/heap.h"

namespace khuoi::node {

namespace {

constexpr std::chrono::milliseconds pause_between_tries{20};
constexpr std::chrono::seconds patience{20};

ExitCode told(Caller& caller, const Error& error) {
  caller.warn(error.what);
  return exit_code_of(error);
}

ExitCode run_command(const Command& command, Task& task) {
  auto may = admit_to_commune(command, task);
  if (!may) return told(task.caller, may.error());
  task.may = *may;
  const auto code = command.run(task);
  return code ? *code : told(task.caller, code.error());
}

ExitCode run_over(const Command& command, const Request& request, Caller& caller, Engine& engine) {
  Task task{engine, caller, request};
  const ExitCode code = run_command(command, task);
  const auto closed = engine.close();
  return closed ? code : told(caller, closed.error());
}

/// The disk took no lock: read-only, failing, or full before there was one. A service that runs there since better days answers;
/// else what is here can be read, so that it can be rescued. Nothing: somebody else writes there after all.
std::optional<ExitCode> carry_out_reading(const Command& command, const Request& request, Caller& caller,
                                          const Error& no_lock) {
  const auto served = ask_service(request, caller);
  if (served) return *served;
  if (served.error().code != Errc::not_found) return told(caller, served.error());
  const auto engine = Engine::open_to_read(request.one("--data"));
  if (!engine && engine.error().code == Errc::busy) return std::nullopt;
  if (!engine && engine.error().code == Errc::damaged) return told(caller, engine.error());
  if (!engine) return told(caller, no_lock);
  caller.warn("the disk of " + request.one("--data") + " takes nothing more (" + no_lock.what +
              ") It can be read: rescue what is there with 'khuoi backup' or 'khuoi export', and see to the disk.");
  return run_over(command, request, caller, **engine);
}

}  // namespace

ExitCode carry_out(const Command& command, const Request& request) {
  LocalCaller caller(request);
  if (command.run_alone != nullptr) {
    const auto code = command.run_alone(request, caller);
    return code ? *code : told(caller, code.error());
  }
  keep_freed_memory();
  const auto give_up = std::chrono::steady_clock::now() + patience;
  bool noted = false;
  while (true) {
    auto engine = Engine::open(request.one("--data"));
    if (engine) return run_over(command, request, caller, **engine);
    const Errc why = engine.error().code;
    if (why == Errc::read_only || why == Errc::disk_full || why == Errc::io) {
      const auto done = carry_out_reading(command, request, caller, engine.error());
      if (done) return *done;
    } else if (why != Errc::busy) {
      return told(caller, engine.error());
    }
    const auto served = ask_service(request, caller);
    if (served) return *served;
    if (served.error().code != Errc::not_found) return told(caller, served.error());
    if (std::chrono::steady_clock::now() > give_up) return told(caller, engine.error());
    if (!noted && isatty(STDERR_FILENO) == 1) caller.warn("another command is writing; waiting for it to end");
    noted = true;
    std::this_thread::sleep_for(pause_between_tries);
  }
}

Result<ExitCode> carry_out_in_service(Engine& engine, const Lent& lent, const Request& request, Caller& caller) {
  const Command* command = find_command(request.command);
  if (command == nullptr || command->run == nullptr)
    return fail(Errc::unsupported, "the service does not know the command '" + request.command + "'");
  Task task{engine, caller, request, &lent};
  return run_command(*command, task);
}

}  // namespace khuoi::node
