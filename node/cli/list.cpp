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

Words words_of(const Summary& summary) {
  const std::string day = summary.at == 0 ? "" : local_time(UnixSeconds{summary.at}).substr(0, 10);
  return {day, short_text(summary.title, 29), short_text(summary.label, 23)};
}

/// Rows of a list, said as they come. Whoever reads slowly must not keep a picture of the store: so many rows are made
/// of one, and said without it.
constexpr std::size_t rows_at_once = 500;

/// So that the next list need not read these records. A disk that takes nothing more does not keep anybody from reading.
void keep(Engine& engine, const HeldKeys& keys, const std::vector<Summaries::Made>& made) {
  if (made.empty()) return;
  const auto put = [&](sync::Replica& replica, sync::Batch& batch) { return Summaries::keep(replica, batch, made); };
  (void)engine.work_as(keys, put, true);
}

Result<ExitCode> run_list_dossiers(Task& task) {
  KHUOI_TRY(auto given, keys_without_asking(task));
  const HeldKeys keys(std::move(given));
  const bool json = task.request.has("--json");
  sync::DossierViews::Page page;
  std::string text;
  bool any = false;
  std::vector<Summaries::Made> made;
  const auto make = [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    Summaries summaries(reader, txn);
    Words words;  // a dossier that cannot be read has none here, and its row says so by what it lacks
    const auto fill_in = [&](const sync::DossierKey& key, const sync::DossierRow& row, DossierEntry& entry) -> Result<void> {
      KHUOI_TRY(const Summary one, summaries.of(key, row));
      fill(entry, one);
      words = words_of(one);
      return {};
    };
    KHUOI_TRY_VOID(reader.views().list(
        txn, page, rows_at_once,
        [&](const sync::DossierKey&, const sync::DossierRow* row, const DossierEntry& entry) {
          // Of one that does not decode nobody knows the domain: each says that it is there, and no more.
          if (row != nullptr && !task.may.reads(row->domain)) return;
          if (json) {
            text += (any ? ",\n  " : "[\n  ") + boost::json::serialize(json_of(entry));
          } else {
            text += row_text(entry, std::exchange(words, {}));
          }
          any = true;
        },
        fill_in));
    made = summaries.take_made();
    return {};
  };
  // What waited for these keys is opened once, before the first rows.
  KHUOI_TRY_VOID(task.engine.ask(keys, make));
  while (true) {
    if (json && page.over) text += any ? "\n]\n" : "[]\n";
    task.caller.say(text);
    keep(task.engine, keys, made);
    if (page.over || task.caller.gone()) return exit_success;
    text.clear();
    KHUOI_TRY_VOID(keys.locks().empty() ? task.engine.look(make) : task.engine.look_as(keys, make));
  }
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
