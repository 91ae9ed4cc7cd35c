#include "node/sticks/mountinfo.h"

#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

namespace khuoi::mounts {

namespace {

constexpr std::array<std::string_view, 3> places = {"/media/", "/run/media/", "/mnt/"};
constexpr std::size_t fields_before_optional = 6;

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool is_octal(char c) { return c >= '0' && c <= '7'; }

/// The kernel writes blank, tab, line end and backslash as \ and three octal digits.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\' && i + 3 < text.size() && text[i + 1] <= '3' && is_octal(text[i + 1]) &&
                         is_octal(text[i + 2]) && is_octal(text[i + 3]);
    if (!escaped) {
      out += text[i];
      continue;
    }
    out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
    i += 3;
  }
  return out;
}

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t out = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::optional<std::uint64_t> device_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto major_number = number_of(text.substr(0, colon));
  const auto minor_number = number_of(text.substr(colon + 1));
  if (!major_number || !minor_number) return std::nullopt;
  return makedev(*major_number, *minor_number);
}

/// 36 35 98:0 /root /point rw,noatime master:1 - ext3 /dev/root rw,errors=continue
std::optional<Mount> mount_of(std::string_view line) {
  const auto fields = split(line, ' ');
  const auto dash = std::ranges::find(fields, "-");
  const auto before = static_cast<std::size_t>(dash - fields.begin());
  if (before < fields_before_optional || fields.size() < before + 4) return std::nullopt;
  const auto device = device_of(fields[2]);
  if (!device) return std::nullopt;
  const auto options = split(fields[5], ',');
  const auto below = split(fields.back(), ',');
  const auto has = [&](std::string_view option) { return std::ranges::find(options, option) != options.end(); };
  Mount out;
  out.point = unescape(fields[4]);
  out.device = *device;
  out.type = std::string(fields[before + 1]);
  out.nosuid = has("nosuid");
  out.nodev = has("nodev");
  out.noexec = has("noexec");
  out.read_only = has("ro") || std::ranges::find(below, "ro") != below.end();
  return out;
}

}  // namespace

std::vector<Mount> parse_mountinfo(std::string_view text) {
  std::vector<Mount> out;
  for (const std::string_view line : split(text, '\n')) {
    if (auto mount = mount_of(line)) out.push_back(std::move(*mount));
  }
  return out;
}

std::vector<Mount> read_mountinfo() {
  std::ifstream file("/proc/self/mountinfo");
  std::ostringstream text;
  text << file.rdbuf();
  return parse_mountinfo(text.str());
}

std::optional<Mount> mounted_at(std::span<const Mount> mounts, std::string_view point) {
  for (std::size_t i = mounts.size(); i-- > 0;) {
    if (mounts[i].point == point) return mounts[i];
  }
  return std::nullopt;
}

std::string lacking_flags(const Mount& mount) {
  std::vector<std::string_view> lacking;
  if (!mount.nosuid) lacking.push_back("nosuid");
  if (!mount.nodev) lacking.push_back("nodev");
  if (!mount.noexec) lacking.push_back("noexec");
  std::string out;
  for (std::size_t i = 0; i < lacking.size(); ++i) {
    if (i > 0) out += i + 1 == lacking.size() ? " and " : ", ";
    out += lacking[i];
  }
  return out;
}

bool is_place_of_sticks(std::string_view path) {
  const std::string whole = std::string(path) + "/";
  return whole.find("/../") == std::string::npos &&
         std::ranges::any_of(places, [&](std::string_view place) { return whole.starts_with(place); });
}

}  // namespace khuoi::mounts
