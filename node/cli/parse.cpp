#include "node/cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <vector>

#include "node/cli/near_commands.h"

namespace khuoi::node {

namespace {

constexpr const char* default_data = "/var/lib/khuoi";

constexpr const char* footer =
    "A first day:\n"
    "  khuoi init --data C --role commune --name 'Sảng Mộc'\n"
    "  khuoi init --data H --role hamlet --name 'Khuổi Mèo'\n"
    "  khuoi enrol request --data H --out meo.request\n"
    "  khuoi enrol grant --data C --in meo.request --out meo.grant\n"
    "  khuoi enrol accept --data H --in meo.grant\n"
    "  khuoi form add --data C to_khai.xml\n"
    "  khuoi stick sync --data C /media/usb    then at the hamlet: khuoi stick sync --data H /media/usb\n"
    "  khuoi submit --data H da_dien.xml --attach anh.jpg\n\n"
    "The passphrase comes from --passphrase-file F or KHUOI_PASSPHRASE, else from a prompt.\n"
    "Every command works while 'khuoi serve' runs on the same folder, and while it does not.\n"
    "Exit codes: 0 success, 1 failure, 2 wrong usage. 'khuoi COMMAND --help' tells more of each command.";

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> out;
  std::size_t from = 0;
  while (true) {
    const std::size_t to = text.find(at, from);
    out.emplace_back(text.substr(from, to - from));
    if (to == std::string_view::npos) return out;
    from = to + 1;
  }
}

/// Words that only stand before others.
std::string_view about_group(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 16> groups = {{
      {"enrol", "Let a hamlet's box join a commune: request, grant, accept, list, leave"},
      {"form", "The forms: add, list"},
      {"dictionary", "Make records smaller: train"},
      {"officer", "Who approves emergencies: add"},
      {"document", "Documents for the hamlets: add, list"},
      {"message", "Messages between a hamlet and its commune: send, list"},
      {"stick", "USB sticks: sync"},
      {"radio", "What passes the radio of the running service: monitor, survey"},
      {"quarantine", "Records a person must look at: list"},
      {"node", "The boxes that this commune let in: list, revoke"},
      {"kem", "The key that hamlets seal to: rotate"},
      {"unit", "The unit's code, from which official codes are made: set, show"},
      {"code", "Official codes: list, void, check"},
      {"account", "Who works at a commune: add, list, roles, phrase, close"},
      {"slot", "Whose passphrase opens this node, and what to do about a lost one"},
      {"audit", "What was done at this commune, and by whom: list, verify"},
  }};
  for (const auto& [name, about] : groups) {
    if (name == word) return about;
  }
  return {};
}

/// Every error is one sentence.
std::string usage_error(const CLI::App* app, const CLI::Error& error) {
  const CLI::App* named = app;
  std::string command = "khuoi";
  while (!named->get_subcommands().empty()) {
    named = named->get_subcommands().front();
    command += " " + named->get_name();
  }
  std::string what = error.what();
  std::ranges::replace(what, '\n', ' ');
  while (!what.empty() && (what.back() == ' ' || what.back() == '.')) what.pop_back();
  return "khuoi: " + what + "; see '" + command + " --help'\n";
}

/// CLI11's, with one empty line before the footer.
class OneLine final : public CLI::Formatter {
 public:
  std::string make_footer(const CLI::App* app) const override {
    return app->get_footer().empty() ? "" : app->get_footer() + "\n";
  }
};

void add_option(CLI::App& app, const Option& option, Request& request) {
  const std::string name(option.name);
  std::vector<std::string>& values = request.values[name];
  if (option.shape == Option::Shape::flag) {
    app.add_flag_callback(
        name, [&values] { values = {""}; }, std::string(option.help));
    return;
  }
  CLI::Option* made = app.add_option(name, values, std::string(option.help));
  made->type_name(name.starts_with("-") ? "VALUE" : "");
  if (option.shape == Option::Shape::one)
    made->expected(1)->allow_extra_args(false);  // else it would take FILE as well
  if (option.shape == Option::Shape::one) made->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  if (option.shape == Option::Shape::many) made->expected(-1);
  if (option.required) made->required();
  if (option.hidden) made->group("");
  if (!option.choices.empty()) made->check(CLI::IsMember(split(option.choices, '|')));
}

CLI::App* child_named(CLI::App& parent, const std::string& name) {
  const auto found = parent.get_subcommands([&](CLI::App* app) { return app->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

/// The app that a command hangs under: "enrol" for "enrol grant".
CLI::App& parent_of(CLI::App& top, const Command& command, std::string& last_word) {
  const std::vector<std::string> words = split(command.name, ' ');
  last_word = words.back();
  CLI::App* at = &top;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    CLI::App* next = child_named(*at, words[i]);
    if (next == nullptr) {
      next = at->add_subcommand(words[i], std::string(about_group(words[i])));
      next->require_subcommand(1)->fallthrough(false);
      next->footer("");
    }
    at = next;
  }
  return *at;
}

}  // namespace

std::variant<Parsed, ExitCode> parse_arguments(std::span<const Command> commands, int count, char** arguments) {
  const std::vector<std::string_view> words(arguments + std::min(count, 1), arguments + count);
  if (const auto unknown = unknown_command(commands, words)) {
    std::cerr << "khuoi: " << *unknown << "\n";
    return exit_usage;
  }
  CLI::App top("khuoi carries the paperwork of hamlets without a network: by stick, by fiber, by radio.",
               "khuoi");
  top.require_subcommand(1);
  top.footer(footer);
  top.formatter(std::make_shared<OneLine>());
  top.failure_message(usage_error);
  top.set_version_flag("--version", std::string(KHUOI_VERSION));
  std::map<const Command*, Request> requests;
  Parsed out;
  for (const Command& command : commands) {
    Request& request = requests[&command];
    request.command = command.name;
    std::string word;
    CLI::App& parent = parent_of(top, command, word);
    CLI::App* app = child_named(parent, word);
    if (app == nullptr) app = parent.add_subcommand(word);
    app->description(std::string(command.summary));
    app->footer(std::string(command.more));
    app->require_subcommand(0, 1);
    add_option(
        *app,
        {.name = "--data", .help = "the node's data folder (else KHUOI_DATA, else /var/lib/khuoi)", .absolute = true},
        request);
    for (const Option& option : command.options) add_option(*app, option, request);
    app->parse_complete_callback([&out, &command, app] {
      // "announce" is a command and holds "announce approve": the innermost one that was named is meant.
      if (app->get_subcommands().empty()) out.command = &command;
    });
  }
  try {
    top.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return top.exit(error) == 0 ? exit_success : exit_usage;
  }
  if (out.command == nullptr) return exit_usage;
  out.request = std::move(requests[out.command]);
  auto& values = out.request.values;
  std::erase_if(values, [](const auto& entry) { return entry.second.empty(); });
  if (!values.contains("--data")) {
    const char* from_environment = std::getenv("KHUOI_DATA");
    values["--data"] = {from_environment != nullptr && *from_environment != '\0' ? from_environment : default_data};
  }
  const bool names_person = std::ranges::find(out.command->options, "--person", &Option::name) != out.command->options.end();
  const char* person = std::getenv("KHUOI_PERSON");
  if (names_person && !values.contains("--person") && person != nullptr && *person != '\0') values["--person"] = {person};
  values["--data"].front() = std::filesystem::absolute(values["--data"].front()).lexically_normal().string();
  for (const Option& option : out.command->options) {
    const auto given = values.find(std::string(option.name));
    if (!option.absolute || given == values.end()) continue;
    for (std::string& path : given->second) path = std::filesystem::absolute(path).lexically_normal().string();
  }
  return out;
}

}  // namespace khuoi::node
