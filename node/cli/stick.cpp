#include <optional>

#include "node/acts/summary_keeper.h"
#include "node/cli/command.h"
#include "node/cli/counts.h"
#include "node/sticks/stick_sync.h"

namespace khuoi::node {

namespace {

Result<ExitCode> run_stick_sync(Task& task) {
  StickOptions options;
  options.dry_run = task.request.has("--dry-run");
  options.progress = [&](std::string_view what, std::uint64_t done, std::uint64_t of) {
    task.caller.progress(what, done, of);
  };
  options.gone = [&] { return task.caller.gone(); };
  // A service does this behind every commit.
  std::optional<SummaryKeeper> summaries;
  if (task.service == nullptr && !options.dry_run) summaries.emplace(task.engine, SummaryKeeper::From::now);
  KHUOI_TRY(const StickReport report, sync_stick(task.engine, task.request.one("DIR"), options));
  // A disk that takes nothing more keeps nobody from pulling the stick.
  if (summaries) (void)summaries->keep_all(options.gone);
  for (const std::string& fault : report.faults) task.caller.warn(fault);
  for (const std::string& note : report.notes) task.caller.warn(note);
  if (task.request.has("--json")) {
    boost::json::object out = json_of(report.counts);
    out["bundles_foreign"] = report.bundles_foreign;
    out["bundles_written"] = report.bundles_written;
    out["bundles_removed"] = report.bundles_removed;
    task.caller.say(boost::json::serialize(out) + "\n");
  } else {
    task.caller.say(counts_text(report.counts) + "rút được rồi: the stick may be pulled\n");
  }
  return report.faults.empty() ? exit_success : exit_failure;
}

}  // namespace

std::vector<Command> stick_commands() {
  return {{.name = "stick sync",
           .summary = "Take in what a stick brings, and write what the other side lacks",
           .more = "DIR is where the stick is mounted; only its folder KHUOI/ is touched. When the command ends, the "
                   "stick may be\n"
                   "pulled: everything was read back. The same stick twice does nothing. Exit code 1 only if something "
                   "of ours\n"
                   "could not be read or written; the rest was done all the same.\n\n"
                   "  khuoi stick sync /media/usb\n",
           .options = {{.name = "DIR", .help = "the stick's folder", .required = true, .absolute = true},
                       {.name = "--dry-run",
                        .help = "change nothing; say what would be written",
                        .shape = Option::Shape::flag},
                       {.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag}},
           .run = run_stick_sync}};
}

}  // namespace khuoi::node
