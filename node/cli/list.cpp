#include <map>

#include "node/acts/summary.h"
#include "node/cli/text.h"
#include "node/cli/unlocking.h"

namespace khuoi::node {

using sync::DossierEntry;
using sync::ReplicaReader;

namespace {

/// What a person knows a dossier by: when it was first written, its form's title and whom it is about.
struct Words {
  std::string day, title, label;
};

/// So many characters at most, the last one then an ellipsis.
std::string short_text(const std::string& text, std::size_t characters) {
  std::string out;
  std::size_t count = 0;
  for (const char c : for_a_terminal(text, " ")) {
    const bool begins = (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    if (begins && ++count > characters) break;
    out += c;
  }
  if (count <= characters) return out;
  while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xc0U) == 0x80U) out.pop_back();
  if (!out.empty()) out.pop_back();
  return out + "…";
}

std::string row_text(const DossierEntry& entry, const Words& words) {
  const bool readable = entry.conflict.has_value();
  const bool numbered = readable || !entry.problem.empty();
  std::string out = padded(numbered ? "#" + std::to_string(entry.number) : "", 6) + entry.id.hex().substr(0, 12) + "  ";
  out += padded(entry.state + (entry.pending ? "+" : "") + (readable && *entry.conflict ? "!" : ""), 16);
  out += padded(words.day, 12) + padded(entry.hamlet.value_or(""), 16) + padded(words.label, 24) +
         padded(words.title.empty() ? entry.form.value_or("") : words.title, 30);
  if (entry.attachments && entry.attachments->of > 0) {
    out += std::to_string(entry.attachments->have) + "/" + std::to_string(entry.attachments->of) + " files  ";
  }
  if (entry.to_come && entry.to_come->files > 0) out += "the rest by " + expected_path(*entry.to_come) + "  ";
  out += entry.code.value_or("");
  if (!entry.problem.empty()) out += (out.ends_with(' ') ? "" : "  ") + ("problem: " + entry.problem);
  return out + "\n";
}

/// By number. A dossier that cannot be read has no words here, and its row says so by what it lacks.
Result<std::map<std::uint32_t, Words>> words_of(ReplicaReader& reader, const sync::ReadTxn& txn) {
  std::map<std::uint32_t, Words> out;
  KHUOI_TRY_VOID(reader.dossiers().each_key(txn, [&](const sync::DossierKey& key, const sync::DossierRow& row) {
    const bool readable = reader.self().is_commune() || reader.keys().open(row.domain);
    const auto one = readable ? summarise(reader, txn, key, row) : Result<Summary>(Summary());
    if (!readable || !one) return;
    const std::string day = one->at == 0 ? "" : local_time(UnixSeconds{one->at}).substr(0, 10);
    out[row.number] = {day, short_text(one->title, 29), short_text(one->label, 23)};
  }));
  return out;
}

Result<ExitCode> run_list_dossiers(Task& task) {
  KHUOI_TRY(const auto keys, keys_of_caller(task, Ask::if_given));
  std::vector<DossierEntry> entries;
  std::map<std::uint32_t, Words> words;
  KHUOI_TRY_VOID(task.engine.ask(keys, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(entries, reader.views().list(txn));
    if (!task.request.has("--json")) {
      KHUOI_TRY(words, words_of(reader, txn));
    }
    return {};
  }));
  if (task.request.has("--json")) {
    boost::json::array rows;
    for (const DossierEntry& entry : entries) rows.push_back(json_of(entry));
    task.caller.say(json_text(rows));
    return exit_success;
  }
  std::string text;
  for (const DossierEntry& entry : entries) text += row_text(entry, words[entry.number]);
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
              "A record that cannot be read is a row with 'problem' and a sentence; the others are listed all the same.\n"
              "While the node is locked and no passphrase is given, only ids and states are told.\n",
      .options = with_phrase_options({{.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag}}),
      .run = run_list_dossiers,
  }};
}

}  // namespace khuoi::node
