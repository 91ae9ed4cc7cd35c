#include <algorithm>
#include <iterator>

#include "node/acts/items.h"
#include "node/acts/publish.h"
#include "node/cli/given_file.h"
#include "node/cli/said_rows.h"
#include "node/cli/text.h"
#include "node/cli/unlocking.h"

namespace khuoi::node {

namespace json = boost::json;
using sync::ReplicaReader;

namespace {

Result<ExitCode> run_add_document(Task& task) {
  KHUOI_TRY_VOID(publish_document(task.engine, task.request.one("--title"), task.request.one("--to"),
                                  given_files(task, task.request.many("FILE")), task.request.has("--public")));
  return exit_success;
}

struct Shown {
  sync::Document document;
  UnixSeconds at;
  bool read = false;
  bool complete = true;
  /// At a commune: each box it is for, who read it there and when; without a time a box told it to an older version.
  struct Reader {
    std::string box;
    bool read = false;
    std::optional<UnixSeconds> at;
    std::string person;
  };
  std::vector<Reader> readers;
};

/// Of one item: of a copy sealed to one box that box, of a public document all that said so.
Result<std::vector<Shown::Reader>> readers_of(ReplicaReader& reader, const sync::ReadTxn& txn, const sync::ItemEntry& item) {
  std::vector<Shown::Reader> out;
  KHUOI_TRY(const auto told, reader.items().readers(txn, item.ref));
  KHUOI_TRY(const sync::RunRow* run, reader.runs().find(txn, sync::run_of(item.ref)));
  for (const sync::NodeFacts* box : reader.roster().nodes()) {
    const bool its_copy = run != nullptr && (run->audience == sync::audience_id_of(box->reader_general) ||
                                             run->audience == sync::audience_id_of(box->reader_health));
    const auto said = std::ranges::find(told, box->node, &sync::Items::ReadBy::box);
    if (!its_copy && said == told.end()) continue;
    Shown::Reader one{box->name, item.settled || said != told.end(), {}, {}};
    if (said != told.end()) {
      one.at = said->at;
      one.person = said->person;
    }
    out.push_back(std::move(one));
  }
  return out;
}

/// Adds the documents of a page. The last one of those before may be the same as the first of these.
Result<void> add_documents(ReplicaReader& reader, const sync::ReadTxn& txn, ItemsPage& page, std::vector<Shown>& out) {
  const auto add = [&](const sync::ItemEntry& item, const sync::Plain& plain,
                       const sync::Document& document) -> Result<void> {
    Shown one{document, plain.at.wall, item.settled, true, {}};
    if (reader.self().is_commune()) {
      KHUOI_TRY(one.readers, readers_of(reader, txn, item));
    }
    for (const sync::FileFacts& file : document.files) {
      KHUOI_TRY(const sync::FileStatus status, sync::Files::status(txn, sync::file_id_of(file.key)));
      one.complete = one.complete && status.complete;
    }
    // Sealed once for each hamlet, it is one document here.
    if (reader.self().is_commune() && !out.empty() && out.back().document == one.document) {
      Shown& whole = out.back();
      whole.read = whole.read || one.read;
      std::ranges::move(one.readers, std::back_inserter(whole.readers));
      return {};
    }
    out.push_back(std::move(one));
    return {};
  };
  return each_item_of_page<sync::Document>(reader, txn, page, add);
}

void add_row(const Shown& one, SaidRows& to) {
  json::array files;
  std::string names;
  for (const sync::FileFacts& file : one.document.files) {
    files.push_back(json::object{{"name", file.name}, {"octets", file.octets}});
    names += " " + file.name;
  }
  json::array read_by;
  std::string readers;
  for (const Shown::Reader& reader : one.readers) {
    read_by.push_back(json::object{{"hamlet", reader.box},
                                   {"read", reader.read},
                                   {"at", reader.at ? json::value(reader.at->value) : json::value(nullptr)},
                                   {"person", reader.person}});
    readers += "    " + reader.box + ": " + (reader.read ? "read" : "not read yet");
    if (reader.at) readers += " " + local_time(*reader.at);
    if (!reader.person.empty()) readers += " by " + reader.person;
    readers += "\n";
  }
  if (to.is_json()) {
    to.add(json::object{{"title", one.document.title},
                        {"at", one.at.value},
                        {"read", one.read},
                        {"complete", one.complete},
                        {"files", std::move(files)},
                        {"read_by", std::move(read_by)}});
    return;
  }
  to.add(local_time(one.at) + "  " + one.document.title + " (" + names.substr(names.empty() ? 0 : 1) + ")" +
         (one.complete ? "" : ", its file has not come yet") + "\n" + readers);
}

Result<ExitCode> run_list_documents(Task& task) {
  KHUOI_TRY(auto given, reading_keys(task));
  const HeldKeys keys(std::move(given));
  SaidRows rows(task);
  ItemsPage page;
  std::vector<Shown> shown;
  const auto make = [&](ReplicaReader& reader, const sync::ReadTxn& txn) {
    return add_documents(reader, txn, page, shown);
  };
  KHUOI_TRY_VOID(task.engine.ask(keys, make));
  while (true) {
    const std::size_t done = page.over || shown.empty() ? shown.size() : shown.size() - 1;
    for (std::size_t i = 0; i < done; ++i) add_row(shown[i], rows);
    shown.erase(shown.begin(), shown.begin() + static_cast<std::ptrdiff_t>(done));
    if (page.over || !rows.say()) break;
    KHUOI_TRY_VOID(keys.locks().empty() ? task.engine.look(make) : task.engine.look_as(keys, make));
  }
  rows.end();
  return exit_success;
}

}  // namespace

std::vector<Command> document_commands() {
  return {
      {.name = "document add",
       .summary = "At the commune: publish a document for the hamlets",
       .more = "Sealed to each hamlet, all of them unless --to names some; --public signs it for everybody instead.\n\n"
               "  khuoi document add huong_dan.pdf --title 'Hướng dẫn tiêm phòng' --to 'Khuổi Mèo,Nà Lay'\n",
       .options = {{.name = "FILE", .help = "the document's files", .shape = Option::Shape::many, .required = true},
                   {.name = "--title", .help = "its title", .required = true},
                   {.name = "--to", .help = "all, or names parted by commas"},
                   {.name = "--public", .help = "not sealed: anyone may read it", .shape = Option::Shape::flag}},
       .run = run_add_document},
      {.name = "document list",
       .summary = "The documents that are here",
       .more = "At a commune also which hamlets read each.\n",
       .options = with_phrase_options({{.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag}}),
       .run = run_list_documents}};
}

}  // namespace khuoi::node
