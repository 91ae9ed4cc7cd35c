#include "node/cli/carry_out.h"

#include <unistd.h>

#include <chrono>
#include <thread>

#include "node/cli/local_caller.h"
#include "node/service/control_client.h"

namespace khuoi::node {

namespace {

constexpr std::chrono::milliseconds pause_between_tries{20};
constexpr std::chrono::seconds patience{20};

ExitCode told(Caller& caller, const Error& error) {
  caller.warn(error.what);
  return exit_code_of(error);
}

}  // namespace

ExitCode run_command(const Command& command, Task& task) {
  const auto code = command.run(task);
  return code ? *code : told(task.caller, code.error());
}

ExitCode carry_out(const Command& command, const Request& request) {
  LocalCaller caller(request);
  if (command.run_alone != nullptr) {
    const auto code = command.run_alone(request, caller);
    return code ? *code : told(caller, code.error());
  }
  const auto give_up = std::chrono::steady_clock::now() + patience;
  bool noted = false;
  while (true) {
    auto engine = Engine::open(request.one("--data"));
    if (engine) {
      Task task{**engine, caller, request};
      const ExitCode code = run_command(command, task);
      const auto closed = (*engine)->close();
      if (!closed) return told(caller, closed.error());
      return code;
    }
    if (engine.error().code != Errc::busy) return told(caller, engine.error());
    const auto served = ask_service(request, caller);
    if (served) return *served;
    if (served.error().code != Errc::not_found) return told(caller, served.error());
    if (std::chrono::steady_clock::now() > give_up) return told(caller, engine.error());
    if (!noted && isatty(STDERR_FILENO) == 1) caller.warn("another command is writing; waiting for it to end");
    noted = true;
    std::this_thread::sleep_for(pause_between_tries);
  }
}

}  // namespace khuoi::node
