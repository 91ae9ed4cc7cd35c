#include "sync/base/nfc.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace khuoi::sync {

namespace {

/// Length of the well-formed sequence at the start, 0 if there is none. The bounds are those of RFC 3629, section 4.
std::size_t sequence_octets(ByteView octets) {
  const std::uint8_t first = octets[0];
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || octets.size() < size) return 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xbf;
  if (first == 0xe0) low = 0xa0;
  if (first == 0xed) high = 0x9f;
  if (first == 0xf0) low = 0x90;
  if (first == 0xf4) high = 0x8f;
  if (octets[1] < low || octets[1] > high) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if ((octets[i] & 0xc0U) != 0x80) return 0;
  }
  return size;
}

}  // namespace

bool is_utf8(ByteView octets) {
  while (!octets.empty()) {
    std::uint64_t eight = 0;
    if (octets.size() >= sizeof eight) {  // ASCII, as most of an XML text, eight at a time
      std::memcpy(&eight, octets.data(), sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        octets = octets.subspan(sizeof eight);
        continue;
      }
    }
    if (octets[0] < 0x80) {
      octets = octets.subspan(1);
      continue;
    }
    const std::size_t size = sequence_octets(octets);
    if (size == 0) return false;
    octets = octets.subspan(size);
  }
  return true;
}

std::string to_nfc(std::string_view text) {
  const bool is_ascii = std::ranges::none_of(text, [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; });
  if (is_ascii || !is_utf8(view_of(text))) return std::string(text);
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &mapped, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size < 0) return std::string(text);
  return {reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size)};
}

}  // namespace khuoi::sync
