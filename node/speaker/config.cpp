#include "node/speaker/config.h"

#include <toml++/toml.h>

#include <charconv>
#include <fstream>
#include <optional>
#include <set>

#include "node/engine/config_file.h"

namespace khuoi::speaker {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view file_prefix = "file:";

Error wrong(const fs::path& data, const toml::node& where, const std::string& what) {
  return node::wrong_config(data, where, "speaker", what);
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

Result<void> take_player(const fs::path& data, const toml::node& player, Config& to) {
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
      if (!one) return wrong(data, word, "player holds something that is no text");
      to.player.push_back(*one);
    }
  }
  if (to.player.empty() && to.folder.empty()) return wrong(data, player, "player names no program: write \"aplay -q\" or \"file:spoken\"");
  return {};
}

Result<void> take_slots(const fs::path& data, const toml::table& from, Config& to) {
  for (const auto& [name, minute] : {std::pair{"noon", &to.times.noon}, std::pair{"afternoon", &to.times.afternoon}}) {
    const toml::node* node = from.get(name);
    if (node == nullptr) continue;
    const auto minutes = minutes_of(node->value<std::string>().value_or(""));
    if (!minutes) return wrong(data, *node, std::string(name) + " is no time of day: write \"11:30\"");
    *minute = *minutes;
  }
  if (const toml::node* node = from.get("lasts")) {
    const auto minutes = node->value<std::int64_t>().value_or(0);
    if (minutes < 1 || minutes > 720) return wrong(data, *node, "lasts is no number of minutes from 1 to 720: write 60");
    to.times.lasts = static_cast<int>(minutes);
  }
  if (!make_sense(to.times)) return wrong(data, from, "noon and afternoon overlap, or end after midnight: move them, or make lasts shorter");
  return {};
}

Result<void> take_voice(const fs::path& data, const toml::table& from, Config& to) {
  if (const toml::node* node = from.get("voice")) {
    to.voice = node->value<std::string>().value_or("");
    const bool plain = to.voice.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-+_") == std::string::npos;
    if (to.voice.empty() || to.voice.starts_with('-') || !plain) return wrong(data, *node, "voice is no name of a voice: write \"vi\"");
  }
  if (const toml::node* node = from.get("speed")) {
    const auto speed = node->value<std::int64_t>().value_or(0);
    if (speed < 80 || speed > 450) return wrong(data, *node, "speed is no number of words from 80 to 450: write 140");
    to.speed = static_cast<int>(speed);
  }
  if (const toml::node* node = from.get("enabled")) {
    const auto enabled = node->value<bool>();
    if (!enabled) return wrong(data, *node, "enabled is neither true nor false");
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
  KHUOI_TRY(const toml::table file, node::read_config_file(data));
  KHUOI_TRY(const toml::table* speaker, node::config_table(data, file, "speaker"));
  if (speaker == nullptr) return out;
  static const std::set<std::string_view> known = {"enabled", "noon", "afternoon", "lasts", "voice", "speed", "player"};
  for (const auto& [key, value] : *speaker) {
    if (!known.contains(key.str())) return wrong(data, value, "has no setting '" + std::string(key.str()) + "': take it out");
  }
  KHUOI_TRY_VOID(take_slots(data, *speaker, out));
  KHUOI_TRY_VOID(take_voice(data, *speaker, out));
  if (const toml::node* player = speaker->get("player")) {
    KHUOI_TRY_VOID(take_player(data, *player, out));
  }
  return out;
}

}  // namespace khuoi::speaker
