#include "node/acts/items.h"
#include "node/acts/naming.h"
#include "node/cli/said_rows.h"
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
  KHUOI_TRY(auto given, reading_keys(task));
  const HeldKeys keys(std::move(given));
  SaidRows rows(task);
  ItemsPage page;
  const auto make = [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    const auto add = [&](const sync::ItemEntry& item, const sync::Plain& plain, const sync::Message& message) -> Result<void> {
      const sync::NodeFacts* author = reader.roster().node(item.ref.author);
      const std::string from = item.by_me          ? reader.self().name
                               : author != nullptr ? author->name
                                                   : std::string("commune");
      if (rows.is_json()) {
        rows.add(json::object{
            {"from", from}, {"person", message.person}, {"at", plain.at.wall.value}, {"text", message.text}});
      } else {
        rows.add(local_time(plain.at.wall) + "  " + padded(from, 16) + message.text + "\n");
      }
      return {};
    };
    return each_item_of_page<sync::Message>(reader, txn, page, add);
  };
  // What waited for these keys is opened once, before the first rows.
  KHUOI_TRY_VOID(task.engine.ask(keys, make));
  while (!page.over && rows.say()) {
    KHUOI_TRY_VOID(keys.locks().empty() ? task.engine.look(make) : task.engine.look_as(keys, make));
  }
  rows.end();
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
