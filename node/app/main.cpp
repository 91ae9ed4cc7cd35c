#include <csignal>
#include <cstring>

#include "node/app/serve_command.h"
#include "node/cli/carry_out.h"
#include "node/cli/parse.h"
#include "node/engine/lost_pages.h"
#include "node/engine/phrase.h"

int main(int count, char** arguments) {
  using namespace khuoi::node;
  std::signal(SIGPIPE, SIG_IGN);
  harden_process();
  if (count == 2 && std::strcmp(arguments[1], derive_child_argument) == 0) return derive_child_main();
  const std::vector<Command> commands = all_commands(serve_commands());
  const auto parsed = parse_arguments(commands, count, arguments);
  if (const auto* code = std::get_if<ExitCode>(&parsed)) return *code;
  const Parsed& what = std::get<Parsed>(parsed);
  tell_of_lost_pages(what.request.one("--data"));
  return carry_out(*what.command, what.request);
}
