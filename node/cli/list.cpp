#include "node/cli/text.h"
#include "node/cli/unlocking.h"

namespace khuoi::node {

using sync::DossierEntry;
using sync::Replica;

namespace {

std::string row_text(const DossierEntry& entry) {
  const bool readable = entry.conflict.has_value();
  std::string out = padded(readable ? "#" + std::to_string(entry.number) : "", 6) + entry.id.hex().substr(0, 12) + "  ";
  out += padded(entry.state + (entry.pending ? "+" : "") + (readable && *entry.conflict ? "!" : ""), 16);
  out += padded(entry.hamlet.value_or(""), 16) + padded(entry.form.value_or(""), 22);
  if (entry.attachments && entry.attachments->of > 0) {
    out += std::to_string(entry.attachments->have) + "/" + std::to_string(entry.attachments->of) + " files  ";
  }
  return out + entry.code.value_or("") + "\n";
}

Result<ExitCode> run_list(Task& task) {
  KHUOI_TRY(const auto keys, keys_of_caller(task, Ask::if_given));
  std::vector<DossierEntry> entries;
  KHUOI_TRY_VOID(task.engine.work_as(keys, [&](Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(entries, replica.dossiers().list(batch.txn));
    return {};
  }));
  if (task.request.has("--json")) {
    boost::json::array rows;
    for (const DossierEntry& entry : entries) rows.push_back(json_of(entry));
    task.caller.say(json_text(rows));
    return exit_success;
  }
  std::string text;
  for (const DossierEntry& entry : entries) text += row_text(entry);
  task.caller.say(text);
  return exit_success;
}

}  // namespace

std::vector<Command> list_commands() {
  return {{
      .name = "list",
      .summary = "Every dossier and where it has got to",
      .more = "The state is one word: saved (only here), sent (left by some path), received (the commune's signed "
              "receipt names\n"
              "it), then the commune's: new, accepted, rejected, processing, needs-papers, needs-payment, withdrawn, "
              "stopped,\n"
              "resolved, returned. A + after it: an edit is still on its way; a !: versions in conflict, see 'khuoi "
              "show'.\n"
              "While the node is locked and no passphrase is given, only ids and states are told.\n",
      .options = with_phrase_options({{.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag}}),
      .run = run_list,
  }};
}

}  // namespace khuoi::node
