#include "sync/record/file_name.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include "sync/base/bytes.h"
#include "sync/base/nfc.h"
#include "sync/record/record.h"
#include "sync/record/xml_text.h"
#include "sync/seal/hash.h"

namespace khuoi::sync {

namespace {

constexpr std::string_view stands_in = "\xef\xbf\xbd";  // U+FFFD, as an answer's text is read
constexpr std::size_t ending_octets_max = 16;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; }

/// ".jpg"; empty where there is none, or one too long to be meant as an ending.
std::string_view ending_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  const bool is_ending = dot != std::string_view::npos && dot > 0 && name.size() - dot <= ending_octets_max;
  return is_ending ? name.substr(dot) : std::string_view();
}

/// The beginning of a text, of at most so many octets and no part of a character.
std::string_view beginning_of(std::string_view text, std::size_t octets_max) {
  if (text.size() <= octets_max) return text;
  std::size_t end = octets_max;
  while (end > 0 && is_continuation(text[end])) --end;
  return text.substr(0, end);
}

/// What stands in the place of characters that no name may have.
std::string without_controls(std::string_view text) {
  const bool utf8 = is_utf8(view_of(text));
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    const bool is_c1 = utf8 && octet == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (octet < 0x20 || octet == 0x7f || is_c1 || (octet >= 0x80 && !utf8)) {
      out += stands_in;
      if (is_c1) ++i;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string unescaped(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const std::string_view three = name.substr(i, 3);
    const char meant = three == "%22" ? '"' : three == "%0D" ? '\r' : three == "%0A" ? '\n' : '\0';
    out.push_back(meant == '\0' ? name[i] : meant);
    if (meant != '\0') i += 2;
  }
  return out;
}

}  // namespace

std::string kept_name(std::string_view said) {
  const std::string_view base = trimmed(base_name(trimmed(said)));
  const std::string name = to_nfc(without_controls(base));
  if (name == "." || name == "..") return {};
  return shortened_name(name, file_name_octets_max);
}

std::vector<std::string> names_in_part(const std::string& file_name, const std::string& part_name) {
  std::string doubled;
  for (const char c : file_name) doubled.append(c == '\\' ? 2 : 1, c);
  const std::size_t backslash = file_name.rfind('\\');
  return {file_name, unescaped(file_name), unescaped(doubled), file_name.substr(backslash + 1), part_name,
          unescaped(part_name)};
}

std::string shortened_name(const std::string& name, std::size_t octets_max) {
  if (name.size() <= octets_max) return name;
  const std::string mark = "~" + to_hex(Blake2b(8).add(view_of(name)).finish());
  const std::string_view ending = ending_of(name);
  std::string out(beginning_of(name, octets_max - mark.size() - ending.size()));
  return out.append(mark).append(ending);
}

std::string numbered_name(const std::string& name, std::size_t number) {
  const std::string mark = "~" + std::to_string(number);
  const std::string_view ending = ending_of(name);
  const std::string_view stem = std::string_view(name).substr(0, name.size() - ending.size());
  std::string out(beginning_of(stem, file_name_octets_max - mark.size() - ending.size()));
  return out.append(mark).append(ending);
}

std::string folded_name(std::string_view name) {
  while (name.ends_with(' ') || name.ends_with('.')) name.remove_suffix(1);
  utf8proc_uint8_t* mapped = nullptr;
  constexpr int how = UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD;
  const auto octets = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(name.data()),
                                   static_cast<utf8proc_ssize_t>(name.size()), &mapped,
                                   static_cast<utf8proc_option_t>(how));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(mapped, &std::free);
  if (octets < 0) return std::string(name);
  return {reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(octets)};
}

}  // namespace khuoi::sync
