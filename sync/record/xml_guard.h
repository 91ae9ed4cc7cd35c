#pragma once

#include <optional>
#include <string>

#include "sync/base/bytes.h"
#include "sync/base/result.h"

namespace khuoi::sync {

/// What one document may hold. The parser behind this needs about 80 octets of memory for each, so sixteen mebibytes of
/// "<a/>" would otherwise become 400.
inline constexpr std::size_t xml_elements_max = 250'000;
inline constexpr std::size_t xml_attributes_max = 500'000;

/// Reads XML octets once, without recursion and without building anything, before pugixml sees them: pugixml limits
/// neither depth nor size and takes much that is not well-formed. Passes only UTF-8 (BOM or not) that is one
/// well-formed element of at most xml_depth_max levels, without any DOCTYPE and so without entities of its own. Not
/// checked: that end tags carry the right name (pugixml does), and that prefixes are declared. Errors: malformed,
/// too_large; the sentence names what and at which line.
Result<void> check_xml(ByteView octets);

/// The same for what was filled in, which must read even where it is not quite XML. Phones write characters that XML has
/// no place for as references (kXML, which Collect uses: `&#1;`, and before 2019 both halves of what lies past U+FFFF,
/// `&#55357;&#56832;`), and a store of an earlier version may hold U+FFFE as it is. Gives what a strict reader is to be
/// given instead, a pair's character, U+FFFD for what is none; empty when the octets themselves will do. The octets that
/// were handed in are what is kept. Errors: as check_xml.
Result<Bytes> check_filled_in(ByteView octets);

/// What XML 1.0 has no place for, standing in a text as itself and not as a reference.
struct Unholdable {
  std::string element;          ///< local name of the innermost element around it; empty outside of any
  std::uint32_t character = 0;  ///< a control character, U+FFFE, U+FFFF, or half of a surrogate pair
  std::size_t line = 1;
};
/// The first of them; nullopt also for what is no UTF-8 at all, or UTF-16.
std::optional<Unholdable> find_unholdable(ByteView octets);
/// "U+000B".
std::string code_point_text(std::uint32_t character);

}  // namespace khuoi::sync
