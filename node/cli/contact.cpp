#include "node/cli/command.h"
#include "node/cli/counts.h"
#include "node/links/fiber/fiber.h"

namespace khuoi::node {

namespace {

Result<ExitCode> run_contact(Task& task) {
  KHUOI_TRY(const HostPort to, parse_host_port(task.request.one("HOST:PORT")));
  const auto alone = hold_all(task.links());
  const auto counts = contact_once(task.engine, to, {}, [&](const sync::Counts& so_far) {
    const std::uint64_t moved = so_far.records_in + so_far.records_out;
    task.caller.progress("records moved", moved, moved);
  });
  if (!counts) return counts.error();
  const bool json = task.request.has("--json");
  task.caller.say(json ? boost::json::serialize(json_of(*counts)) + "\n" : counts_text(*counts));
  return exit_success;
}

}  // namespace

std::vector<Command> contact_commands() {
  return {{.name = "contact",
           .summary = "One contact with the commune over the network, then exit",
           .more = "Exchanges until neither side lacks anything that the other has. A contact that is cut goes on "
                   "where it was\n"
                   "the next time.\n\n"
                   "  khuoi contact xa.sangmoc.vn:7200\n",
           .options = {{.name = "HOST:PORT", .help = "where the commune listens", .required = true},
                       {.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag}},
           .run = run_contact}};
}

}  // namespace khuoi::node
