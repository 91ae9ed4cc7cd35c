#pragma once

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

}  // namespace khuoi::sync
