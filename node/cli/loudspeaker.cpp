// Announcements where they are heard: what there is, play it, silence.
#include "node/acts/announce.h"
#include "node/acts/items.h"
#include "node/acts/role.h"
#include "node/acts/text.h"
#include "node/cli/command.h"
#include "node/cli/said_rows.h"
#include "node/cli/text.h"
#include "node/speaker/listing.h"
#include "node/speaker/speaker.h"

namespace khuoi::node {

namespace json = boost::json;
using sync::AnnouncementContent;
using sync::Items;
using sync::ReplicaReader;

namespace {

struct Row {
  DossierId id;
  AnnouncementContent content;
  json::object facts;
  std::string below = {};  ///< further lines
};

/// Which hamlets' loudspeakers said it, and when; and where it was due and nobody could hear it.
Result<void> add_played(ReplicaReader& reader, const sync::ReadTxn& txn, const sync::Ref& ref, Row& row) {
  KHUOI_TRY(const auto heard, reader.items().heard(txn, ref));
  json::array played, not_heard;
  for (const Items::Heard& one : heard) {
    const sync::NodeFacts* box = reader.roster().node(one.box);
    const std::string hamlet = box != nullptr ? box->name : one.box.hex();
    (one.not_heard ? not_heard : played)
        .push_back(json::object{{"hamlet", hamlet}, {"at", one.at.value}, {"by_person", one.by_person}});
    row.below += "    " + padded(hamlet, 20) + local_time(one.at) + (one.by_person ? ", by a person" : "") +
                 (one.not_heard ? ", no sound: nobody heard it" : "") + "\n";
  }
  if (row.facts["state"] == "published" && !not_heard.empty()) row.facts["state"] = "no-sound";
  row.facts["played"] = std::move(played);
  row.facts["not_heard"] = std::move(not_heard);
  return {};
}

void say_row(const Row& row, SaidRows& to) {
  json::object facts = row.facts;
  if (!to.is_json()) {
    to.add(row.id.hex().substr(0, 12) + "  " + padded(std::string(facts["state"].as_string()), 10) +
           padded(std::string(name_of(row.content.urgency)), 10) + "until " + local_time(row.content.expires) + "  " +
           row.content.text + "\n" + row.below);
    return;
  }
  json::array hamlets;
  for (const HamletId& hamlet : row.content.to) hamlets.emplace_back(hamlet.hex());
  facts["to"] = std::move(hamlets);
  facts["clip"] = row.content.clip ? json::value(row.content.clip->name) : json::value(nullptr);
  to.add(facts);
}

/// Those that wait for officers, then those that left, in pages.
Result<void> say_of_commune(Engine& engine, SaidRows& to) {
  KHUOI_TRY_VOID(engine.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const auto waiting, emergencies(reader, txn));
    for (const Emergency& one : waiting)
      say_row({one.pending.id, one.content, json_of_announcement(one.pending.id, one.content, "waiting")}, to);
    return {};
  }));
  ItemsPage page;
  const auto make = [&](ReplicaReader& reader, const sync::ReadTxn& txn) {
    const auto add = [&](const sync::ItemEntry& item, const sync::Plain&,
                         const sync::Announcement& announcement) -> Result<void> {
      const auto content = sync::decode_announcement_content(announcement.content);
      if (!content) return {};
      const std::string_view state = item.held_back ? "held-back" : item.settled ? "played" : "published";
      const DossierId id = sync::announcement_id(announcement.content);
      Row row{id, *content, json_of_announcement(id, *content, state)};
      KHUOI_TRY_VOID(add_played(reader, txn, item.ref, row));
      say_row(row, to);
      return {};
    };
    return each_item_of_page<sync::Announcement>(reader, txn, page, add);
  };
  while (!page.over && to.say()) KHUOI_TRY_VOID(engine.look(make));
  return {};
}

/// At most announcements_looked_at_max.
Result<void> say_of_hamlet(Engine& engine, const sync::SpeakingTimes& times, SaidRows& to) {
  KHUOI_TRY(const auto listed, speaker::list_announcements(engine, times));
  for (const speaker::Listed& one : listed) {
    json::object facts = speaker::json_of_listed(one);
    facts["why"] = speaker::in_english(one.why);
    say_row({one.entry.id, one.entry.content, std::move(facts)}, to);
  }
  return {};
}

Result<ExitCode> run_list_loudspeakers(Task& task) {
  KHUOI_TRY(const bool is_commune, at_commune(task.engine));
  // Slots as they are set here; where the setting is wrong the service told so and goes by the defaults too.
  const auto config = speaker::read_config(task.engine.dir());
  SaidRows rows(task);
  KHUOI_TRY_VOID(is_commune ? say_of_commune(task.engine, rows)
                            : say_of_hamlet(task.engine, config ? config->times : sync::SpeakingTimes(), rows));
  rows.end();
  const speaker::Config sound = config ? *config : speaker::default_config(task.engine.dir());
  if (!is_commune && !speaker::Voice(task.engine.dir(), sound).can_be_heard()) {
    task.caller.warn(speaker::Voice::no_sound().what);
  }
  return exit_success;
}

void say_outcome(Task& task, json::object facts, const std::string& sentence) {
  if (task.request.has("--json")) return task.caller.say(json_text(std::move(facts)));
  task.caller.say(sentence + "\n");
}

/// A service's loudspeaker says it next; without a service it sounds here and now.
Result<ExitCode> run_play(Task& task) {
  KHUOI_TRY(const bool is_commune, at_commune(task.engine));
  if (is_commune) return fail(Errc::denied, "a commune has no loudspeaker: play it at a hamlet");
  speaker::Speaker* const loudspeaker = task.service != nullptr ? task.service->loudspeaker : nullptr;
  std::optional<speaker::Config> config;
  if (loudspeaker == nullptr) {
    KHUOI_TRY(config, speaker::read_config(task.engine.dir()));
  }
  KHUOI_TRY(
      const speaker::Listed one,
      speaker::announcement_named(task.engine, config ? config->times : loudspeaker->times(), task.request.one("ID")));
  const std::string id = one.entry.id.hex();
  if (loudspeaker != nullptr) {
    KHUOI_TRY_VOID(loudspeaker->play(one.entry.ref));
    say_outcome(task, {{"id", id}, {"state", "next"}}, "the loudspeaker says it next");
    return exit_success;
  }
  speaker::Announcing here(task.engine, task.engine.dir(), *config);
  KHUOI_TRY(const auto begun, here.begin(one.entry.ref, sync::Announcer::Who::person));
  bool words = false;
  const auto ended = here.sound(begun.content, [&] { return task.caller.gone(); }, words);
  if (!ended && !words) {
    KHUOI_TRY_VOID(here.not_heard(begun.ref, begun.playing));
    return fail(ended.error().code, "no sound: " + ended.error().what);
  }
  if (!ended) return ended.error();
  const bool whole = *ended == speaker::Ended::by_itself;
  say_outcome(task, {{"id", id}, {"state", whole ? "played" : "stopped"}}, whole ? "played" : "stopped");
  return exit_success;
}

Result<ExitCode> run_stop(Task& task) {
  speaker::Speaker* const loudspeaker = task.service != nullptr ? task.service->loudspeaker : nullptr;
  if (loudspeaker == nullptr) {
    return fail(Errc::not_found, "no loudspeaker runs on " + task.engine.dir().string() +
                                     ", so there is nothing to stop: it is part of 'khuoi serve' at a hamlet");
  }
  loudspeaker->stop();
  say_outcome(task, {{"stopped", true}}, "silence; by itself only an emergency speaks before the next slot");
  return exit_success;
}

}  // namespace

std::vector<Command> loudspeaker_commands() {
  const Option json_flag{.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag};
  return {
      {.name = "announce list",
       .summary = "Announcements: at the commune those made, at a hamlet those for its loudspeaker",
       .more = "At the commune: waiting (for officers), published, played, no-sound, and below it where and when. At a "
               "hamlet: "
               "waiting (it will speak by "
               "itself),\n"
               "played, expired, no-sound (it was due and nobody could hear it), held (a person has to press play; "
               "--json says why).\nNeeds no passphrase.\n",
       .options = {json_flag},
       .run = run_list_loudspeakers},
      {.name = "announce play",
       .summary = "At a hamlet: have the loudspeaker say an announcement now",
       .more = "What has expired, or is not signed as it must be, is refused. Without 'khuoi serve' it sounds here and "
               "now, "
               "and the\ncommand ends with it.\n\n  khuoi announce play 3f2a91c0\n",
       .options = {{.name = "ID", .help = "which announcement, as 'khuoi announce list' names it", .required = true},
                   json_flag},
       .run = run_play},
      {.name = "announce stop",
       .summary = "At a hamlet: silence the loudspeaker of the running service",
       .more =
           "What people asked it to say is forgotten. For the length of a slot only an emergency speaks by itself.\n",
       .options = {json_flag},
       .run = run_stop}};
}

}  // namespace khuoi::node
