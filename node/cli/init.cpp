#include <filesystem>

#include "node/acts/make_node.h"
#include "node/cli/command.h"
#include "node/engine/phrase.h"

namespace khuoi::node {

namespace {

Result<sync::Secret> phrase_for_new_node(const Request& request, Caller& caller) {
  KHUOI_TRY(auto given, caller.phrase(Phrase::present, Ask::if_given));
  if (given) return std::move(*given);
  if (!can_ask()) {
    return fail(Errc::usage, "a new node needs a passphrase: give --passphrase-file or KHUOI_PASSPHRASE");
  }
  SystemRng rng;
  return ask_new_phrase(request.one("--name"), rng);
}

Result<ExitCode> run_init(const Request& request, Caller& caller) {
  const std::filesystem::path dir = request.one("--data");
  NewNode wish;
  wish.role = request.one("--role") == "commune" ? sync::Role::commune : sync::Role::hamlet;
  wish.name = request.one("--name");
  wish.person = request.has("--person") ? request.one("--person") : wish.name;
  KHUOI_TRY_VOID(make_node(dir, wish, [&] { return phrase_for_new_node(request, caller); }));
  caller.say("made the " + std::string(sync::name_of(wish.role)) + " '" + wish.name + "' in " + dir.string() + "\n");
  return exit_success;
}

}  // namespace

std::vector<Command> init_commands() {
  return {{
      .name = "init",
      .summary = "Make a new node: a hamlet's box or a commune",
      .more =
          "Draws the node's keys and writes them into the data folder. The passphrase opens what the node seals; on a\n"
          "terminal a phrase of four Vietnamese words is offered. Without it nobody reads the hamlet's records again,\n"
          "until the commune helps (see 'khuoi slot').\n\n"
          "  khuoi init --data /var/lib/khuoi --role hamlet --name 'Khuổi Mèo'\n",
      .options = {{.name = "--role", .help = "what it is", .required = true, .choices = "hamlet|commune"},
                  {.name = "--name", .help = "its name, as people say it", .required = true},
                  {.name = "--passphrase-file",
                   .help = "the passphrase is what this file holds (else KHUOI_PASSPHRASE, else a prompt)"},
                  {.name = "--person", .help = "whose passphrase it is (default: the node's name)"}},
      .run_alone = run_init,
  }};
}

}  // namespace khuoi::node
