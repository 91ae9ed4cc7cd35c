#include <algorithm>

#include "node/acts/auto_training.h"
#include "node/acts/form_problems.h"
#include "node/acts/publish.h"
#include "node/cli/given_file.h"
#include "node/cli/text.h"
#include "node/web_server/pages.h"
#include "sync/base/nfc.h"

namespace khuoi::node {

namespace json = boost::json;
using sync::ReplicaReader;

namespace {

Result<ExitCode> run_form_add(Task& task) {
  const std::string& path = task.request.one("FORM");
  KHUOI_TRY(Bytes xml, task.caller.read_file(path, sync::form_octets_max));
  const auto facts = read_publishable_form(xml);
  if (!facts) return fail(facts.error().code, path + ": " + facts.error().what);
  if (facts->encrypted) {
    task.caller.warn("the form asks for ODK's own encryption, which the page does not do: what is filled in there is sealed "
                     "to the commune as any other dossier is");
  }
  if (facts->records_audio) {
    task.caller.warn("the form records sound in the background, which the page does not do: it sends the answers alone");
  }
  const std::vector<FileSource> media = given_files(task, task.request.many("MEDIA"));
  for (const std::string& named : facts->media) {
    if (std::ranges::find(media, named, &FileSource::name) == media.end()) {
      task.caller.warn("the form names the file '" + named + "', which was not given");
    }
  }
  if (!facts->names_instance_id) {
    task.caller.warn(
        "the form has no meta/instanceID: a node makes the id out of what was filled in, so two filled forms with the "
        "very same answers count as one, and none can be corrected later; better add <meta><instanceID/></meta> to its "
        "instance");
  }
  sync::FormRecord form;
  form.xml = std::move(xml);
  form.closed = task.request.has("--closed");
  if (facts->health) form.domain = sync::Domain::health;
  if (task.request.has("--domain")) {
    form.domain = task.request.one("--domain") == "health" ? sync::Domain::health : sync::Domain::general;
  }
  KHUOI_TRY_VOID(publish_form(task.engine, std::move(form), media));
  task.caller.say("published " + facts->id + (facts->version.empty() ? "" : " version " + facts->version) + "\n");
  return exit_success;
}

Result<ExitCode> run_form_list(Task& task) {
  std::vector<sync::FormEntry> forms;
  std::vector<std::string> problems;
  KHUOI_TRY_VOID(task.engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(forms, reader.library().forms(txn));
    for (const sync::FormEntry& form : forms) {
      KHUOI_TRY(problems.emplace_back(), http::form_problem(txn, form.hash, http::build_of_pages()));
    }
    return {};
  }));
  if (task.request.has("--json")) {
    json::array rows;
    for (std::size_t i = 0; i < forms.size(); ++i) {
      const sync::FormEntry& form = forms[i];
      json::array media;
      for (const sync::FileFacts& file : form.media) media.emplace_back(file.name);
      rows.push_back(json::object{{"id", form.id},
                                  {"version", form.version},
                                  {"title", form.title},
                                  {"domain", sync::name_of(form.domain)},
                                  {"closed", form.closed},
                                  {"built_in", form.built_in},
                                  {"media", std::move(media)},
                                  {"problem", problems[i].empty() ? json::value(nullptr) : json::value(problems[i])}});
    }
    task.caller.say(json_text(rows));
    return exit_success;
  }
  for (std::size_t i = 0; i < forms.size(); ++i) {
    const sync::FormEntry& form = forms[i];
    task.caller.say(padded(form.id, 24) + padded(form.version, 14) +
                    padded(std::string(sync::name_of(form.domain)), 9) + form.title +
                    (form.closed ? "  (closed)" : "") +
                    (problems[i].empty() ? "" : "\n    no page can show it: " + problems[i]) + "\n");
  }
  return exit_success;
}

Result<ExitCode> run_dictionary_train(Task& task) {
  const auto gone = [&] { return task.caller.gone(); };
  KHUOI_TRY(const std::size_t trained, train_now(task.engine, sync::Training::at_once, gone));
  task.caller.say("new dictionaries for " + std::to_string(trained) + (trained == 1 ? " form\n" : " forms\n"));
  return exit_success;
}

}  // namespace

std::vector<Command> form_commands() {
  return {
      {
          .name = "form add",
          .summary = "At the commune: publish a form (ODK XForm)",
          .more = "It reaches every hamlet by the next stick or contact. A form belongs to one domain, and what is "
                  "filled in\n"
                  "with it too: 'general' is read by the hamlet's head, 'health' by its health worker. A changed form "
                  "needs a\n"
                  "new version: other content under an id and version that are published already is refused.\n\n"
                  "  khuoi form add ho_so_mot_cua.xml\n"
                  "  khuoi form add kham_suc_khoe_ho.xml bieu_do.png --domain health\n",
          .options = {{.name = "FORM", .help = "the form's XML", .required = true},
                      {.name = "MEDIA", .help = "files that the form names", .shape = Option::Shape::many},
                      {.name = "--domain",
                       .help = "who reads it at the hamlet (default: what the form says, else general)",
                       .choices = "general|health"},
                      {.name = "--closed", .help = "no longer offered for filling in", .shape = Option::Shape::flag}},
          .run = run_form_add,
      },
      {
          .name = "form list",
          .summary = "The forms this node knows",
          .more = "",
          .options = {{.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag}},
          .run = run_form_list,
      },
      {
          .name = "dictionary train",
          .summary = "At the commune: learn from what is here, so that records become smaller",
          .more = "Dictionaries are sealed to each hamlet and used there from the moment they arrive. Once a month is "
                  "enough.\n",
          .options = {},
          .run = run_dictionary_train,
      }};
}

}  // namespace khuoi::node
