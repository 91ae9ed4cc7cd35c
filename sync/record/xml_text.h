#pragma once

#include <string>

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// XML 1.0, production 3.
inline bool is_xml_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_xml_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_xml_space(text.back())) text.remove_suffix(1);
  return text;
}

inline ByteView without_bom(ByteView octets) {
  const bool has_bom = octets.size() >= 3 && octets[0] == 0xef && octets[1] == 0xbb && octets[2] == 0xbf;
  return has_bom ? octets.subspan(3) : octets;
}

/// What stands after a prefix's colon.
inline std::string_view without_prefix(std::string_view name) { return name.substr(name.rfind(':') + 1); }

/// What stands after the last '/'.
inline std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace khuoi::sync
