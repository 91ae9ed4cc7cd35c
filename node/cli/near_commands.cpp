#include "node/cli/near_commands.h"

#include <algorithm>

namespace khuoi::node {

namespace {

constexpr std::size_t near_max = 3;
constexpr std::size_t typed_octets_max = 60;  // of what is repeated to whoever typed it

/// How many letters were left out, added, exchanged or swapped with the next one (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

std::string_view first_word(std::string_view name) { return name.substr(0, name.find(' ')); }
std::string_view last_word(std::string_view name) { return name.substr(name.rfind(' ') + 1); }

std::string printable(std::string_view text) {
  std::string out(text.substr(0, typed_octets_max));
  std::ranges::replace_if(
      out, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return out;
}

std::string sentence(const std::string& typed, const std::vector<std::string>& near) {
  std::string out = "there is no command '" + typed + "'";
  for (std::size_t i = 0; i < near.size(); ++i) out += (i == 0 ? "; did you mean '" : "' or '") + near[i];
  return out + (near.empty() ? "; 'khuoi --help' lists them all" : "'?");
}

}  // namespace

std::vector<std::string> near_names(std::string_view typed, std::span<const std::string_view> names) {
  if (typed.empty() || typed.size() > typed_octets_max) return {};
  std::vector<std::pair<std::size_t, std::string_view>> found;
  for (const std::string_view name : names) {
    std::size_t best = distance(typed, name);
    // "add" means some "… add", "rolls" the "enrol" that it holds.
    for (const std::string_view word : {first_word(name), last_word(name)}) best = std::min(best, distance(typed, word));
    if (typed.size() >= 3 && (name.starts_with(typed) || last_word(name).starts_with(typed))) best = std::min<std::size_t>(best, 1);
    if (best <= std::max<std::size_t>(1, typed.size() / 3)) found.emplace_back(best, name);
  }
  std::ranges::stable_sort(found, {}, &std::pair<std::size_t, std::string_view>::first);
  std::vector<std::string> out;
  for (const auto& [far, name] : found) {
    if (out.size() < near_max) out.emplace_back(name);
  }
  return out;
}

std::optional<std::string> unknown_command(std::span<const Command> commands, std::span<const std::string_view> words) {
  if (words.empty() || words[0].starts_with('-')) return std::nullopt;
  std::vector<std::string_view> all;
  std::vector<std::string_view> of_group;
  bool alone = false;  // the first word is a command by itself, whatever follows
  for (const Command& command : commands) {
    all.push_back(command.name);
    if (first_word(command.name) == words[0]) of_group.push_back(command.name);
    alone = alone || command.name == words[0];
  }
  const std::string first = printable(words[0]);
  if (of_group.empty()) {
    const std::string both = words.size() > 1 && !words[1].starts_with('-') ? first + " " + printable(words[1]) : "";
    auto near = both.empty() ? std::vector<std::string>() : near_names(both, all);
    if (near.empty()) near = near_names(words[0], all);
    return sentence(first, near);
  }
  const bool other_word = words.size() > 1 && !words[1].starts_with('-');
  if (alone || !other_word) return std::nullopt;
  const bool known = std::ranges::any_of(of_group, [&](std::string_view name) { return last_word(name) == words[1]; });
  if (known) return std::nullopt;
  std::vector<std::string_view> seconds;
  for (const std::string_view name : of_group) seconds.push_back(last_word(name));
  auto near = near_names(words[1], seconds);
  if (near.empty()) near.assign(seconds.begin(), seconds.end());
  for (std::string& one : near) one = first + " " + one;
  return sentence(first + " " + printable(words[1]), near);
}

}  // namespace khuoi::node
