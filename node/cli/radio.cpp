#include <charconv>

#include "node/cli/command.h"
#include "node/cli/radio_text.h"
#include "node/cli/text.h"
#include "node/links/radio/radio_link.h"
#include "radio/object_frames.h"

namespace khuoi::node {

namespace json = boost::json;

namespace {

/// Whether somebody still reads is looked at so often.
constexpr Micros wait_max = std::chrono::milliseconds(250);
constexpr unsigned hours_unless_told = 6;

Result<std::vector<const RadioLink*>> radios_of(const Task& task) {
  std::vector<const RadioLink*> out;
  for (const auto& link : task.links()) {
    if (const auto* radio = dynamic_cast<const RadioLink*>(link.get())) out.push_back(radio);
  }
  if (!out.empty()) return out;
  const std::string start = "'khuoi serve --radio rnode:DEVICE'";
  return task.service == nullptr
             ? fail(Errc::not_found, "no service runs on this folder, so nothing goes over the air: start " + start)
             : fail(Errc::not_found, "the service that runs on this folder has no radio: start it with " + start);
}

/// At a commune its hamlets in force, at a hamlet its commune under the hamlet's own alias.
Result<BoxNames> names_of(Task& task) {
  BoxNames out;
  KHUOI_TRY_VOID(task.engine.look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    const sync::NodeFacts* self = reader.roster().node(reader.self().node);
    const sync::CommuneFacts* commune = reader.roster().commune();
    if (reader.self().is_commune()) {
      for (const sync::NodeFacts* box : reader.roster().nodes()) {
        if (!box->revoked) out[box->radio_alias] = box->name;
      }
    } else if (self != nullptr && commune != nullptr) {
      out[self->radio_alias] = commune->name;
    }
    return {};
  }));
  return out;
}

Result<ExitCode> run_radio_monitor(Task& task) {
  KHUOI_TRY(const auto radios, radios_of(task));
  KHUOI_TRY(BoxNames names, names_of(task));
  const bool as_json = task.request.has("--json");
  std::vector<std::pair<std::shared_ptr<const AirLog>, std::uint64_t>> logs;
  for (const RadioLink* radio : radios) logs.emplace_back(radio->air_log(), radio->air_log()->newest());
  while (!task.caller.gone()) {
    for (auto& [log, seen] : logs) {
      const AirLog::Passed passed = log->after(seen, wait_max / static_cast<std::int64_t>(logs.size()));
      if (passed.frames.empty()) continue;
      if (passed.missed != 0) {
        task.caller.warn(std::to_string(passed.missed) + " frames passed while nobody read what this command prints");
      }
      seen = passed.frames.back().number;
      KHUOI_TRY(names, names_of(task));
      names[radio::group_alias] = "all hamlets";
      std::string text;
      for (const PassedFrame& frame : passed.frames)
        text += (as_json ? json::serialize(json_of_frame(frame, names)) : text_of_frame(frame, names)) + "\n";
      task.caller.say(text);
    }
  }
  return exit_success;
}

Result<unsigned> hours_asked(const Task& task) {
  if (!task.request.has("--hours")) return hours_unless_told;
  const std::string& text = task.request.one("--hours");
  unsigned out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || out < 1 || out > AirSurvey::hours_max)
    return fail(Errc::usage, "--hours " + text + ": 1 to " + std::to_string(AirSurvey::hours_max) + " are allowed");
  return out;
}

std::vector<SurveyRow> rows_of(const AirLog& log, const BoxNames& names, Instant now, unsigned hours) {
  const auto figures = log.survey(now, hours);
  std::vector<SurveyRow> out;
  for (const auto& [alias, name] : names) {
    SurveyRow row{alias, name, std::nullopt, {}};
    if (const auto found = figures.find(alias); found != figures.end()) {
      row.figures = found->second.figures;
      if (const auto at = found->second.heard_at)
        row.heard_seconds_ago = std::chrono::duration_cast<std::chrono::seconds>(now - *at).count();
    }
    out.push_back(std::move(row));
  }
  return out;
}

Result<ExitCode> run_radio_survey(Task& task) {
  KHUOI_TRY(const unsigned hours, hours_asked(task));
  KHUOI_TRY(const auto radios, radios_of(task));
  KHUOI_TRY(BoxNames names, names_of(task));
  const Instant now = task.engine.now().monotonic;
  json::array all;
  std::string text;
  for (const RadioLink* radio : radios) {
    const auto log = radio->air_log();
    BoxNames with_all = names;
    if (log->survey(now, hours).contains(radio::group_alias)) with_all[radio::group_alias] = "all hamlets";
    const std::vector<SurveyRow> rows = rows_of(*log, with_all, now, hours);
    json::array boxes;
    for (const SurveyRow& row : rows) boxes.emplace_back(json_of_row(row));
    all.push_back(json::object{{"radio", radio->name()},
                               {"spreading_factor", radio->spreading_factor()},
                               {"hours", hours},
                               {"boxes", std::move(boxes)}});
    text += std::string(radio->name()) + ", the last " + std::to_string(hours) + " hours\n" +
            text_of_survey(rows, radio->spreading_factor());
  }
  task.caller.say(task.request.has("--json") ? json_text(all) : text);
  return exit_success;
}

}  // namespace

std::vector<Command> radio_commands() {
  return {
      {.name = "radio monitor",
       .summary = "Frames as they pass the radio of the running service, a line each, until Ctrl-C",
       .more =
           "A frame is verified if a key of this node and the counter that it expects made it. Counters that are not\n"
           "known whole have an x and their low octet. Who reads too slowly misses frames and is told how many.\n",
       .options = {{.name = "--json", .help = "one JSON object a line", .shape = Option::Shape::flag}},
       .run = run_radio_monitor},
      {.name = "radio survey",
       .summary = "How well each box is heard by radio, and which spreading factor would do",
       .more =
           "From verified frames since the service's start. Lost: counters that were passed over; a frame that "
           "nothing\n"
           "came behind is not seen to be lost. The margin is what the mean signal to noise leaves above the floor of\n"
           "each spreading factor, by the frames that came with the slowest one; none is suggested where SF12 leaves\n"
           "less than 5 dB. A box of which quicker bursts were heard has a second line: how far each was above its floor.\n",
       .options = {{.name = "--hours", .help = "of the last hours, 1 to 24; 6 unless told"},
                   {.name = "--json", .help = "one JSON document", .shape = Option::Shape::flag}},
       .run = run_radio_survey}};
}

}  // namespace khuoi::node
