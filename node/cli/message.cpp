#include "node/acts/items.h"
#include "node/acts/naming.h"
#include "node/cli/text.h"
#include "node/cli/unlocking.h"

namespace khuoi::node {

namespace json = boost::json;
using sync::Replica;
using sync::ReplicaReader;

namespace {

Result<ExitCode> run_send(Task& task) {
  sync::Message message;
  message.text = task.request.one("--text");
  message.person = task.request.one("--from");
  KHUOI_TRY_VOID(task.engine.work([&](Replica& replica, sync::Batch& batch) -> Result<void> {
    std::optional<HamletId> to;
    if (replica.self().is_commune() && task.request.has("--to")) {
      KHUOI_TRY(to, hamlet_named(replica.roster(), task.request.one("--to")));
    }
    KHUOI_TRY_VOID(replica.bulletin().send_message(batch, message, to));
    return {};
  }));
  return exit_success;
}

Result<ExitCode> run_list_messages(Task& task) {
  KHUOI_TRY(const auto keys, reading_keys(task));
  json::array rows;
  std::string text;
  KHUOI_TRY_VOID(task.engine.ask(keys, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    return each_item<sync::Message>(reader, txn, [&](const sync::ItemEntry& item, const sync::Plain& plain,
                                                      const sync::Message& message) -> Result<void> {
      const sync::NodeFacts* author = reader.roster().node(item.ref.author);
      const std::string from = item.by_me          ? reader.self().name
                               : author != nullptr ? author->name
                                                   : std::string("commune");
      rows.push_back(json::object{
          {"from", from}, {"person", message.person}, {"at", plain.at.wall.value}, {"text", message.text}});
      text += local_time(plain.at.wall) + "  " + padded(from, 16) + message.text + "\n";
      return {};
    });
  }));
  task.caller.say(task.request.has("--json") ? json_text(rows) : text);
  return exit_success;
}

}  // namespace

std::vector<Command> message_commands() {
  return {
      {.name = "message send",
       .summary = "Send a message: to the commune, or from there to one hamlet",
       .more = "  khuoi message send --text 'Máy in hết mực'\n  khuoi message send --to 'Khuổi Mèo' --text 'Mai có "
               "đoàn khám'\n",
       .options = {{.name = "--text", .help = "what to say", .required = true},
                   {.name = "--to", .help = "at the commune: which hamlet, by name or id"},
                   {.name = "--from", .help = "who says it"}},
       .run = run_send},
      {.name = "message list",
       .summary = "The messages that came and went",
       .more = "",
       .options = with_phrase_options({{.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag}}),
       .run = run_list_messages}};
}

}  // namespace khuoi::node
