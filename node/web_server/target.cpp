#include "node/web_server/target.h"

#include "sync/base/bytes.h"
#include "sync/base/nfc.h"

namespace khuoi::http {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

namespace {

constexpr std::size_t segments_max = 16;
constexpr std::size_t queries_max = 32;

std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    out.push_back(c);
  }
  if (!sync::is_utf8(view_of(out))) return std::nullopt;
  return out;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// A segment that some handler could take for a path of its own is nobody's.
bool is_plain_segment(const std::string& segment) {
  if (segment.empty() || segment == "." || segment == "..") return false;
  for (const char c : segment) {
    if (c == '/' || c == '\\' || is_control(c)) return false;
  }
  return true;
}

std::string_view take_until(std::string_view& rest, char end) {
  const std::size_t at = rest.find(end);
  const std::string_view out = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return out;
}

}  // namespace

std::string_view Target::query(std::string_view name) const {
  for (const auto& [key, value] : queries) {
    if (key == name) return value;
  }
  return {};
}

std::optional<Target> parse_target(std::string_view text) {
  if (text.empty() || text.size() > target_octets_max || text.front() != '/') return std::nullopt;
  if (text.find('#') != std::string_view::npos) return std::nullopt;
  std::string_view query = text;
  std::string_view path = take_until(query, '?');
  Target out;
  out.text = text;
  path.remove_prefix(1);
  while (!path.empty()) {
    const auto segment = decoded(take_until(path, '/'), false);
    if (!segment || !is_plain_segment(*segment) || out.segments.size() == segments_max) return std::nullopt;
    out.segments.push_back(*segment);
  }
  while (!query.empty()) {
    std::string_view value = take_until(query, '&');
    const auto name = decoded(take_until(value, '='), true);
    const auto meant = decoded(value, true);
    if (!name || !meant || out.queries.size() == queries_max) return std::nullopt;
    if (!name->empty()) out.queries.emplace_back(*name, *meant);
  }
  return out;
}

std::string_view cookie_in(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    std::string_view one = take_until(header, ';');
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    const std::string_view key = take_until(one, '=');
    if (key == name) return one;
  }
  return {};
}

std::optional<std::string> percent_decoded(std::string_view text) { return decoded(text, false); }

std::string file_segment(std::string_view name) {
  const std::string once = percent_encoded(name);
  return name.find('\\') == std::string_view::npos ? once : percent_encoded(once);
}

std::string file_of_segment(const std::string& segment) {
  const auto twice = decoded(segment, false);
  return twice && twice->find('\\') != std::string::npos ? *twice : segment;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += {'%', hex[octet >> 4U], hex[octet & 15U]};
  }
  return out;
}

}  // namespace khuoi::http
