#include "node/speaker/config.h"

#include <toml++/toml.h>

#include <charconv>
#include <fstream>
#include <optional>
#include <set>

namespace khuoi::speaker {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view file_prefix = "file:";
constexpr std::size_t config_octets_max = 1U << 20U;

Error wrong(const fs::path& file, const toml::node& where, const std::string& what) {
  return fail(Errc::usage, file.string() + ", line " + std::to_string(where.source().begin.line) + ": [speaker] " + what);
}

/// Minutes after midnight of "11:30".
std::optional<int> minutes_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || text.size() != colon + 3) return std::nullopt;
  int hours = 0, minutes = 0;
  const auto first = std::from_chars(text.data(), text.data() + colon, hours);
  const auto second = std::from_chars(text.data() + colon + 1, text.data() + text.size(), minutes);
  const bool read = first.ec == std::errc() && first.ptr == text.data() + colon && second.ec == std::errc() &&
                    second.ptr == text.data() + text.size();
  if (!read || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return hours * 60 + minutes;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

Result<void> take_player(const fs::path& file, const fs::path& data, const toml::node& player, Config& to) {
  to.player.clear();
  to.folder.clear();
  to.heard = true;
  if (const auto text = player.value<std::string>()) {
    if (!text->starts_with(file_prefix)) {
      to.player = words_of(*text);
    } else if (text->size() > file_prefix.size()) {
      to.folder = data / text->substr(file_prefix.size());
    }
  } else if (const toml::array* words = player.as_array()) {
    for (const toml::node& word : *words) {
      const auto one = word.value<std::string>();
      if (!one) return wrong(file, word, "player holds something that is no text");
      to.player.push_back(*one);
    }
  }
  if (to.player.empty() && to.folder.empty()) return wrong(file, player, "player names no program: write \"aplay -q\" or \"file:spoken\"");
  return {};
}

Result<void> take_slots(const fs::path& file, const toml::table& from, Config& to) {
  for (const auto& [name, minute] : {std::pair{"noon", &to.times.noon}, std::pair{"afternoon", &to.times.afternoon}}) {
    const toml::node* node = from.get(name);
    if (node == nullptr) continue;
    const auto minutes = minutes_of(node->value<std::string>().value_or(""));
    if (!minutes) return wrong(file, *node, std::string(name) + " is no time of day: write \"11:30\"");
    *minute = *minutes;
  }
  if (const toml::node* node = from.get("lasts")) {
    const auto minutes = node->value<std::int64_t>().value_or(0);
    if (minutes < 1 || minutes > 720) return wrong(file, *node, "lasts is no number of minutes from 1 to 720: write 60");
    to.times.lasts = static_cast<int>(minutes);
  }
  if (!make_sense(to.times)) return wrong(file, from, "noon and afternoon overlap, or end after midnight: move them, or make lasts shorter");
  return {};
}

Result<void> take_voice(const fs::path& file, const toml::table& from, Config& to) {
  if (const toml::node* node = from.get("voice")) {
    to.voice = node->value<std::string>().value_or("");
    const bool plain = to.voice.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-+_") == std::string::npos;
    if (to.voice.empty() || to.voice.starts_with('-') || !plain) return wrong(file, *node, "voice is no name of a voice: write \"vi\"");
  }
  if (const toml::node* node = from.get("speed")) {
    const auto speed = node->value<std::int64_t>().value_or(0);
    if (speed < 80 || speed > 450) return wrong(file, *node, "speed is no number of words from 80 to 450: write 140");
    to.speed = static_cast<int>(speed);
  }
  if (const toml::node* node = from.get("enabled")) {
    const auto enabled = node->value<bool>();
    if (!enabled) return wrong(file, *node, "enabled is neither true nor false");
    to.enabled = *enabled;
  }
  return {};
}

}  // namespace

/// "/proc/asound/cards" has a line that begins with a number for each card.
bool has_sound_card() {
  std::ifstream cards("/proc/asound/cards");
  std::string line;
  while (std::getline(cards, line)) {
    const std::size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos && line[first] >= '0' && line[first] <= '9') return true;
  }
  return false;
}

Config default_config(const fs::path& data) {
  Config out;
  if (has_sound_card()) {
    out.player = {"aplay", "-q"};
  } else {
    out.folder = data / "run" / "spoken";
    out.heard = false;
  }
  return out;
}

Result<Config> read_config(const fs::path& data) {
  Config out = default_config(data);
  const fs::path file = data / "config.toml";
  std::error_code missing;
  if (!fs::exists(file, missing)) return out;
  if (fs::file_size(file, missing) > config_octets_max || missing) return fail(Errc::too_large, file.string() + " is no configuration: it is over 1 MiB, or no file");
  std::ifstream from(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(from)), {});
  if (!from) return fail(Errc::io, "reading " + file.string() + " failed");
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return fail(Errc::malformed, file.string() + ", line " + std::to_string(parsed.error().source().begin.line) + ": " +
                                     std::string(parsed.error().description()) + ": mend that line");
  }
  const toml::node* named = parsed.table().get("speaker");
  if (named == nullptr) return out;
  const toml::table* speaker = named->as_table();
  if (speaker == nullptr) return wrong(file, *named, "is no table: begin it with a line [speaker]");
  static const std::set<std::string_view> known = {"enabled", "noon", "afternoon", "lasts", "voice", "speed", "player"};
  for (const auto& [key, value] : *speaker) {
    if (!known.contains(key.str())) return wrong(file, value, "has no setting '" + std::string(key.str()) + "': take it out");
  }
  KHUOI_TRY_VOID(take_slots(file, *speaker, out));
  KHUOI_TRY_VOID(take_voice(file, *speaker, out));
  if (const toml::node* player = speaker->get("player")) {
    KHUOI_TRY_VOID(take_player(file, data, *player, out));
  }
  return out;
}

}  // namespace khuoi::speaker
