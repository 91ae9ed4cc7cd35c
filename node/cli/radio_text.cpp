#include "node/cli/radio_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "node/cli/text.h"
#include "radio/object_frames.h"
#include "radio/relay_frames.h"
#include "radio/snr_floor.h"

namespace khuoi::node {

namespace json = boost::json;

namespace {

constexpr double margin_db = 5;
constexpr std::array type_names = {"join",   "welcome", "data", "ack",   "ask",  "call",
                                   "symbol", "report",  "poll", "hears", "serve"};

std::string name_of(radio::FrameType type) {
  const auto at = static_cast<std::size_t>(type) - 1;
  return at < type_names.size() ? type_names[at] : "type " + std::to_string(at + 1);
}

std::string with_one_place(double value) {
  char out[32];
  std::snprintf(out, sizeof out, "%.1f", value);
  return out;
}

double ms_of(Micros time) { return static_cast<double>(time.count()) / 1e3; }

std::string hex_of(RadioAlias alias) {
  char out[8];
  std::snprintf(out, sizeof out, "%04x", static_cast<unsigned>(alias));
  return out;
}

std::string clock_of(UnixSeconds at) {
  const auto seconds = static_cast<std::time_t>(at.value);
  std::tm local{};
  localtime_r(&seconds, &local);
  char out[16];
  std::strftime(out, sizeof out, "%H:%M:%S", &local);
  return out;
}

std::string name_at(const BoxNames& names, RadioAlias alias) {
  const auto found = names.find(alias);
  return found == names.end() ? "?" : found->second;
}

json::array flags_of(std::uint8_t flags) {
  json::array out;
  if ((flags & radio::stream_flag::last) != 0) out.emplace_back("last");
  if ((flags & radio::stream_flag::more) != 0) out.emplace_back("more");
  if ((flags & radio::stream_flag::urgent) != 0) out.emplace_back("urgent");
  if ((flags & radio::join_flag::relayed) != 0) out.emplace_back("relayed");
  return out;
}

/// Counters by their low octets, as they are on the air.
json::object json_of_ack(const radio::Ack& ack) {
  json::array held;
  for (unsigned i = 0; i < 24; ++i) {
    if ((ack.held >> i & 1U) != 0) held.emplace_back(static_cast<std::uint8_t>(ack.through + 2 + i));
  }
  return {{"through", ack.through},
          {"grant", ack.grant.frames != 0 ? json::value(ack.grant.frames) : json::value(nullptr)},
          {"grant_spreading_factor",
           ack.grant.spreading_factor != 0 ? json::value(ack.grant.spreading_factor) : json::value(nullptr)},
          {"held", std::move(held)},
          {"note_octets", ack.note.size()}};
}

json::object json_of_object(const radio::ObjectName& object) {
  return {{"tag", to_hex(object.tag)}, {"symbols", object.count}};
}

json::array aliases_of(const std::vector<RadioAlias>& aliases) {
  json::array out;
  for (const RadioAlias alias : aliases) out.emplace_back(alias);
  return out;
}

/// What only frames of its type have.
void add_content(json::object& to, const radio::Frame& frame) {
  if (frame.type == radio::FrameType::join || frame.type == radio::FrameType::data) to["flags"] = flags_of(frame.flags);
  if (frame.type == radio::FrameType::ack || frame.type == radio::FrameType::welcome) {
    const std::size_t before = frame.type == radio::FrameType::welcome ? radio::token_octets : 0;
    if (frame.body.size() < before) return;
    if (const auto ack = radio::decode_ack(frame.flags, frame.body.subspan(before))) to["ack"] = json_of_ack(*ack);
  }
  if (frame.type == radio::FrameType::ask && frame.body.size() >= 2)
    to["carries"] = json::object{{"counter", frame.body[0]}, {"flags", flags_of(frame.body[1])}};
  if (frame.type == radio::FrameType::symbol) {
    if (const auto symbol = radio::decode_symbol(frame.body)) to["object"] = json_of_object(symbol->object);
  }
  if (frame.type == radio::FrameType::report) {
    if (const auto report = radio::decode_report(frame.body)) {
      to["lacking"] = report->lacking;
      to["lost"] = report->lost;
    }
  }
  if (frame.type == radio::FrameType::poll) {
    if (const auto poll = radio::decode_poll(frame.body)) {
      to["object"] = json_of_object(poll->object);
      to["asked"] = aliases_of(poll->asked);
    }
  }
  if (frame.type == radio::FrameType::hears) {
    json::array hears;
    for (const auto& one : radio::decode_hears(frame.body).value_or(std::vector<radio::NeighbourHeard>()))
      hears.push_back(json::object{{"alias", one.alias}, {"snr_db", one.snr_db}});
    to["hears"] = std::move(hears);
  }
  if (frame.type == radio::FrameType::serve)
    to["serves"] = aliases_of(radio::decode_serve(frame.body).value_or(std::vector<RadioAlias>()));
}

std::string words_of(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (!value.is_array()) return json::serialize(value);
  std::string out;
  for (const json::value& one : value.get_array()) out += (out.empty() ? "" : " ") + words_of(one);
  return out;
}

/// "through 12, grant 8, held 14 15": the same as in JSON, without what says nothing.
std::string text_of_content(const json::object& content) {
  std::string out;
  for (const auto& [key, value] : content) {
    if (value.is_object()) {
      const std::string inside = text_of_content(value.get_object());
      if (!inside.empty())
        out += (out.empty() ? "" : ", ") + std::string(key == "ack" ? "" : std::string(key) + " ") + inside;
      continue;
    }
    const bool empty = value.is_null() || (value.is_array() && value.get_array().empty()) || value == json::value(0);
    if (empty && key != "through" && key != "lacking" && key != "counter") continue;
    std::string name(key);
    std::ranges::replace(name, '_', ' ');
    out += (out.empty() ? "" : ", ") + (name == "flags" ? "" : name + " ") + words_of(value);
  }
  return out;
}

json::value share_of(const AirSurvey::Figures& figures) {
  const std::uint64_t all = figures.fresh + figures.missed;
  if (all == 0) return nullptr;
  return static_cast<double>(figures.missed) / static_cast<double>(all);
}

double snr_mean_of(const AirSurvey::Figures& figures) {
  return figures.snr_sum_db / static_cast<double>(figures.frames);
}

}  // namespace

json::object json_of_frame(const PassedFrame& passed, const BoxNames& names) {
  json::object out{{"number", passed.number},
                   {"at", passed.at.value},
                   {"direction", passed.sent ? "out" : "in"},
                   {"octets", passed.octets.size()},
                   {"airtime_us", passed.airtime.count()},
                   {"spreading_factor", passed.spreading_factor},
                   {"rssi_dbm", passed.signal ? json::value(passed.signal->rssi_dbm) : json::value(nullptr)},
                   {"snr_db", passed.signal ? json::value(passed.signal->snr_db) : json::value(nullptr)},
                   {"verified", passed.verified}};
  const auto frame = radio::decode_frame(passed.octets);
  if (!frame) {
    out["type"] = nullptr;
    return out;
  }
  const auto name = names.find(frame->alias);
  out["type"] = name_of(frame->type);
  out["alias"] = frame->alias;
  out["name"] = name == names.end() ? json::value(nullptr) : json::value(name->second);
  out["counter_low"] = frame->counter;
  out["counter"] = passed.counter ? json::value(*passed.counter) : json::value(nullptr);
  add_content(out, *frame);
  return out;
}

std::string text_of_frame(const PassedFrame& passed, const BoxNames& names) {
  const auto frame = radio::decode_frame(passed.octets);
  std::string out = clock_of(passed.at) + (passed.sent ? "  out  " : "  in   ");
  if (frame) {
    const std::string counter = passed.counter ? std::to_string(*passed.counter) : "x" + to_hex(Bytes{frame->counter});
    out += padded(name_of(frame->type), 8) + " " + padded(counter, 6) + " " + hex_of(frame->alias) + " " +
           padded(name_at(names, frame->alias), 16);
  } else {
    out += padded("unknown", 37);
  }
  out += "  " + padded(std::to_string(passed.octets.size()) + " octets", 10) + "  SF" +
         padded(std::to_string(passed.spreading_factor), 2) + "  " +
         padded(with_one_place(ms_of(passed.airtime)) + " ms", 9);
  if (passed.signal)
    out += "  " + with_one_place(passed.signal->rssi_dbm) + " dBm, " + with_one_place(passed.signal->snr_db) + " dB";
  if (!passed.sent) out += passed.verified ? "  verified" : "  not verified";
  if (passed.sent && !passed.verified) out += "  passed on for a neighbour";
  if (!frame) return out;
  json::object content;
  add_content(content, *frame);
  const std::string more = text_of_content(content);
  return more.empty() ? out : out + "  " + more;
}

namespace {
/// Of the slowest ones: whoever is heard with a quick one, is heard well at that moment, so the mean of all frames would
/// be too good.
double mean_to_judge_by(const AirSurvey::Figures& of) {
  if (of.by_factor.empty()) return snr_mean_of(of);
  const auto& slowest = of.by_factor.rbegin()->second;
  return slowest.snr_sum_db / static_cast<double>(slowest.frames);
}

/// "SF7 12 frames, 9.5 dB above its floor, the worst 2.0; SF9 ..."
std::string text_of_quickness(const AirSurvey::Figures& of) {
  std::string out;
  for (const auto& [factor, frames] : of.by_factor) {
    const double floor = radio::snr_floor_db(factor);
    out += (out.empty() ? "" : "; ") + ("SF" + std::to_string(factor)) + " " + std::to_string(frames.frames) +
           " frames, " + with_one_place(frames.snr_sum_db / static_cast<double>(frames.frames) - floor) +
           " dB above its floor, the worst " + with_one_place(frames.snr_worst_db - floor);
  }
  return out;
}
}  // namespace

std::string text_of_survey(const std::vector<SurveyRow>& rows, unsigned spreading_factor) {
  std::string out = padded("box", 18) + padded("alias", 7) + padded("heard", 12) + padded("frames", 8) +
                    padded("lost", 7) + padded("SNR mean/worst", 16) + padded("RSSI", 8) +
                    padded("margin at SF7 8 9 10 11 12", 38) + padded("suggested", 11) + "air heard/sent\n";
  for (const SurveyRow& row : rows) {
    const AirSurvey::Figures& of = row.figures;
    out += padded(row.name, 17) + " " + padded(hex_of(row.alias), 7) +
           padded(row.heard_seconds_ago ? std::to_string(*row.heard_seconds_ago) + " s ago" : "never", 12) +
           padded(std::to_string(of.frames), 8);
    const json::value lost = share_of(of);
    out += padded(lost.is_null() ? "-" : with_one_place(100 * lost.get_double()) + " %", 7);
    std::string snr = "-", rssi = "-", margins = "-", suggested = "-";
    if (of.frames != 0) {
      const double mean = snr_mean_of(of);
      snr = with_one_place(mean) + "/" + with_one_place(of.snr_worst_db);
      rssi = with_one_place(of.rssi_sum_dbm / static_cast<double>(of.frames));
      margins.clear();
      const double judged = mean_to_judge_by(of);
      for (unsigned one = radio::spreading_factor_min; one <= radio::spreading_factor_max; ++one)
        margins += with_one_place(judged - radio::snr_floor_db(one)) + " ";
      const auto best = radio::spreading_factor_for(judged, margin_db);
      suggested = best ? "SF" + std::to_string(*best) : "none";
    }
    out += padded(snr, 16) + padded(rssi, 8) + padded(margins, 38) + padded(suggested, 11) +
           with_one_place(ms_of(of.airtime_heard) / 1e3) + "/" + with_one_place(ms_of(of.airtime_sent) / 1e3) + " s\n";
    if (of.by_factor.size() > 1) out += "  " + text_of_quickness(of) + "\n";
  }
  return out + "The radio is set to SF" + std::to_string(spreading_factor) +
         ". Suggested: the quickest that the mean is " + with_one_place(margin_db) +
         " dB above, of the frames that came with the slowest.\n";
}

json::object json_of_row(const SurveyRow& row) {
  const AirSurvey::Figures& of = row.figures;
  json::object out{
      {"alias", row.alias},
      {"name", row.name},
      {"heard_seconds_ago", row.heard_seconds_ago ? json::value(*row.heard_seconds_ago) : json::value(nullptr)},
      {"frames", of.frames},
      {"missed", of.missed},
      {"loss", share_of(of)},
      {"airtime_heard_us", of.airtime_heard.count()},
      {"airtime_sent_us", of.airtime_sent.count()}};
  for (const char* name : {"snr_mean_db", "snr_worst_db", "rssi_mean_dbm", "margins_db", "heard_by_spreading_factor", "suggested_spreading_factor"})
    out[name] = nullptr;
  if (of.frames == 0) return out;
  out["snr_mean_db"] = snr_mean_of(of);
  out["snr_worst_db"] = of.snr_worst_db;
  out["rssi_mean_dbm"] = of.rssi_sum_dbm / static_cast<double>(of.frames);
  const double judged = mean_to_judge_by(of);
  json::object margins, by_factor;
  for (unsigned one = radio::spreading_factor_min; one <= radio::spreading_factor_max; ++one)
    margins[std::to_string(one)] = judged - radio::snr_floor_db(one);
  out["margins_db"] = std::move(margins);
  for (const auto& [factor, frames] : of.by_factor) {
    const double floor = radio::snr_floor_db(factor);
    by_factor[std::to_string(factor)] = {
        {"frames", frames.frames},
        {"margin_mean_db", frames.snr_sum_db / static_cast<double>(frames.frames) - floor},
        {"margin_worst_db", frames.snr_worst_db - floor}};
  }
  out["heard_by_spreading_factor"] = std::move(by_factor);
  if (const auto best = radio::spreading_factor_for(judged, margin_db)) out["suggested_spreading_factor"] = *best;
  return out;
}

}  // namespace khuoi::node
