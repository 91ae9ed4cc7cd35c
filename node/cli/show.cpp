#include "node/acts/filled_form.h"
#include "node/acts/text.h"
#include "node/cli/commune_acts.h"
#include "node/cli/text.h"
#include "node/cli/unlocking.h"
#include "node/links/dossier_outlook.h"

namespace khuoi::node {

namespace json = boost::json;
using sync::DossierDetail;
using sync::ReplicaReader;

namespace {

std::string_view word_of(sync::Passages::Kind kind) { return kind == sync::Passages::Kind::sent ? "sent" : "received"; }

/// Of a dossier what its records do not tell: how it goes on from here.
struct Onward {
  bool at_hamlet = false;
  std::optional<DossierOutlook> waits;
};

json::object json_of_detail(const DossierDetail& detail, const Onward& onward) {
  json::object out = json_of(detail.entry);
  json::array versions;
  for (const sync::DossierVersion& version : detail.versions) {
    json::array names;
    for (const std::string& name : version.facts.attachments) names.emplace_back(name);
    json::array files;
    for (const sync::VersionFile& file : version.files) {
      files.push_back(json::object{{"name", file.name},
                                   {"octets", file.facts ? json::value(file.facts->octets) : json::value(nullptr)},
                                   {"have", file.complete},
                                   {"inherited", file.inherited}});
    }
    versions.push_back(json::object{{"version", text_of_ref(version.ref)},
                                    {"current", version.current},
                                    {"instanceID", version.facts.instance_id},
                                    {"written", version.written.value},
                                    {"attachments", std::move(names)},
                                    {"files", std::move(files)},
                                    {"xml", text_of(version.xml)}});
  }
  out["versions"] = std::move(versions);
  json::array history;
  for (const sync::StateChange& change : detail.history) {
    json::array names;
    for (const sync::FileFacts& file : change.files) names.emplace_back(file.name);
    history.push_back(json::object{{"state", sync::name_of(change.state)},
                                   {"code", change.code},
                                   {"note", change.note},
                                   {"due", change.due},
                                   {"fee", change.fee_vnd},
                                   {"files", std::move(names)}});
  }
  out["history"] = std::move(history);
  json::array passages;
  for (const sync::DossierPassage& one : detail.passages) {
    passages.push_back(json::object{{"kind", word_of(one.what.kind)},
                                    {"by", sync::name_of(one.what.path)},
                                    {"at", one.what.moment.at.value},
                                    {"trusted", one.what.moment.trusted},
                                    {"at_latest", one.what.at_latest},
                                    {"version", text_of_ref(one.last)}});
  }
  out["passages"] = std::move(passages);
  json::array files;
  for (const sync::FileFacts& file : detail.files) {
    files.push_back(json::object{{"name", file.name}, {"type", file.type}, {"octets", file.octets}});
  }
  out["files"] = std::move(files);
  json::array missing;
  for (const std::string& name : detail.missing) missing.emplace_back(name);
  out["missing"] = std::move(missing);
  if (onward.at_hamlet) {
    out["files_to_go"] = detail.files_to_go;
    out["waits"] = onward.waits ? json::value(json_of(*onward.waits)) : json::value(nullptr);
  }
  if (detail.entry.to_come) out["to_come"] = json_of(*detail.entry.to_come);  // also none
  json::array unreadable;
  for (const sync::Unreadable& one : detail.unreadable) {
    unreadable.push_back(
        json::object{{"record", text_of_ref(one.ref)}, {"kind", sync::name_of(one.kind)}, {"why", one.why}});
  }
  out["unreadable"] = std::move(unreadable);
  out["erased"] = detail.erased;
  out["withdrawal_asked"] = detail.withdrawal_asked;
  return out;
}

/// `answers`: of each version, as text_of_answers gives them.
std::string text_of_detail(const DossierDetail& detail, const Onward& onward, const std::string& title,
                           const std::vector<std::string>& answers) {
  const sync::DossierEntry& entry = detail.entry;
  std::string out = "dossier #" + std::to_string(entry.number) + "  " + entry.id.hex() + "\n";
  out += "state    " + entry.state + (entry.pending ? ", an edit is on its way" : "") + "\n";
  out += "hamlet   " + entry.hamlet.value_or("") + "\nform     " + (title.empty() ? "" : title + "  ") + "(" +
         entry.form.value_or("") + (entry.version.value_or("").empty() ? "" : " " + *entry.version) + ")\n";
  if (entry.code && !entry.code->empty()) out += "code     " + *entry.code + "\n";
  for (const sync::Unreadable& one : detail.unreadable) {
    out += "problem  its " + std::string(sync::name_of(one.kind)) + " " + text_of_ref(one.ref) +
           " cannot be read: " + one.why + "\n";
  }
  if (detail.erased) out += "its content was erased\n";
  if (detail.withdrawal_asked) out += "the hamlet asks to withdraw it\n";
  if (onward.waits) out += "waits    " + outlook_text(onward.waits->way) + "\n";
  for (const sync::DossierPassage& one : detail.passages) {
    const bool sent = one.what.kind == sync::Passages::Kind::sent;
    out += padded(std::string(word_of(one.what.kind)), 9) + (one.what.at_latest ? "until " : "") +
           local_time(one.what.moment.at) + (one.what.moment.trusted ? "" : "*") + (sent ? ", by " : ", learned by ") +
           std::string(sync::name_of(one.what.path)) + "\n";
  }
  for (const sync::StateChange& change : detail.history) {
    out += "  → " + std::string(sync::name_of(change.state));
    if (!change.note.empty()) out += ": " + change.note;
    if (!change.due.empty()) out += " (due " + change.due + ")";
    if (change.fee_vnd != 0) out += " (" + std::to_string(change.fee_vnd) + " VND)";
    out += "\n";
  }
  for (const sync::FileFacts& file : detail.files)
    out += "file     " + file.name + "  " + octets_text(file.octets) + "\n";
  for (const std::string& name : detail.missing) out += "missing  " + name + "\n";
  if (detail.files_to_go > 0) {
    out += "to go    " + std::to_string(detail.files_to_go) + " of its files, which the commune does not have yet\n";
  }
  if (entry.to_come && entry.to_come->files > 0) {
    out += "to come  " + std::to_string(entry.to_come->files) + " of its files, expected by " +
           expected_path(*entry.to_come) + "\n";
  }
  const bool several = detail.versions.size() > 1;
  for (std::size_t i = 0; i < detail.versions.size(); ++i) {
    const sync::DossierVersion& version = detail.versions[i];
    out += "\nwritten  " + local_time(version.written);
    if (several) out += "  version " + text_of_ref(version.ref) + (version.current ? "  (shown)" : "");
    out += "\n" + answers[i];
  }
  return out;
}

/// What a submission says, by the form's own words: a line a question, in the submission's order.
std::string text_of_answers(ReplicaReader& reader, const sync::ReadTxn& txn, const sync::DossierVersion& version) {
  const auto lines = filled_form(reader, txn, version);
  if (!lines) return "  its answers cannot be read: " + lines.error().what + "\n";
  std::string out;
  for (const FilledLine& line : *lines) {
    out += "  " + for_a_terminal(line.question, " ") + ": " + for_a_terminal(line.answer, "\n      ") + "\n";
  }
  return out;
}

Result<ExitCode> run_show(Task& task) {
  KHUOI_TRY_VOID(check_may_read(task, task.request.one("ID")));
  KHUOI_TRY(const auto keys, reading_keys(task));
  const bool as_json = task.request.has("--json");
  DossierDetail detail;
  std::string title;
  std::vector<std::string> answers;
  Onward onward;
  KHUOI_TRY_VOID(task.engine.ask(keys, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const sync::DossierKey key, reader.views().resolve(txn, task.request.one("ID")));
    KHUOI_TRY(detail, reader.views().detail(txn, key));
    onward.at_hamlet = !reader.self().is_commune();
    KHUOI_TRY(const auto row, reader.dossiers().row(txn, key));
    if (row) {
      KHUOI_TRY(onward.waits, outlook_of(reader, txn, *row, task.links()));
    }
    if (as_json) return {};
    for (const sync::DossierVersion& version : detail.versions) {
      answers.push_back(text_of_answers(reader, txn, version));
    }
    const auto form = reader.library().form(txn, detail.entry.form.value_or(""), detail.entry.version.value_or(""));
    if (form && *form) title = (*form)->title;
    return {};
  }));
  task.caller.say(as_json ? json::serialize(json_of_detail(detail, onward)) + "\n"
                          : text_of_detail(detail, onward, title, answers));
  return exit_success;
}

}  // namespace

std::vector<Command> show_commands() {
  return {{
      .name = "show",
      .summary = "One dossier whole: its versions, answers and files",
      .more = "Answers stand by the form's own words; --json gives each version's XML as it was handed in.\n"
              "ID is any unambiguous beginning, six digits or more, of the dossier's 32. Exit code 1 with 'locked' "
              "when the\n"
              "node is locked and no passphrase is given.\n",
      .options = with_phrase_options({{.name = "ID", .help = "which dossier", .required = true},
                                      {.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag}}),
      .run = run_show,
  }};
}

}  // namespace khuoi::node
