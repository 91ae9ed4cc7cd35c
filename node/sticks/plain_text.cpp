#include "node/sticks/plain_text.h"

#include "sync/base/nfc.h"

namespace khuoi::mounts {

namespace {

/// Octets of the letter that begins here; 0 when there is none.
std::size_t letter_octets(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t octets = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return octets <= text.size() && sync::is_utf8(view_of(text.substr(0, octets))) ? octets : 0;
}

bool is_steering(std::string_view letter) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(letter[i]); };
  if (letter.size() == 1) return at(0) < 0x20 || at(0) == 0x7f;
  if (letter.size() == 2) return at(0) == 0xc2 && at(1) < 0xa0;  // C1
  if (letter.size() != 3 || at(0) != 0xe2) return false;
  // U+200B .. U+200F and U+2028 .. U+202E; U+2060 .. U+206F
  return (at(1) == 0x80 && ((at(2) >= 0x8b && at(2) <= 0x8f) || (at(2) >= 0xa8 && at(2) <= 0xae))) ||
         (at(1) == 0x81 && at(2) >= 0xa0 && at(2) <= 0xaf);
}

}  // namespace

std::string plain_text(std::string_view text, std::size_t octets_max) {
  std::string out;
  while (!text.empty()) {
    const std::size_t octets = letter_octets(text);
    const std::string_view letter = text.substr(0, octets == 0 ? 1 : octets);
    const bool kept = octets > 0 && !is_steering(letter);
    if (out.size() + (kept ? octets : 1) > octets_max) break;
    if (kept) out += letter;
    if (!kept) out += '?';
    text.remove_prefix(letter.size());
  }
  return out;
}

}  // namespace khuoi::mounts
