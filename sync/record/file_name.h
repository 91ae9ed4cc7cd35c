#pragma once

#include <string>

namespace khuoi::sync {

/// The one rule for names of files (NAMES.md): what somebody calls a file, in a form, an answer, an upload or on the
/// command line, and the name under which it is kept. Both sides of every pairing go through it. Always a name that a
/// record can carry (is_file_name), the same on every node; empty when `said` names no file at all.
std::string kept_name(std::string_view said);

/// What a browser or phone may have made of a name in a part's head: %22, %0D and %0A stand for a quote and the ends of
/// a line there, and nothing else is escaped. Compared only when the name as it came pairs with nothing.
std::string unescaped_part_name(std::string_view name);

/// At most so many octets (32 or more): a longer name is cut before its ending, and says by a hash which one it was.
std::string shortened_name(const std::string& name, std::size_t octets_max);

/// "photo~2.jpg" for photo.jpg: a further file of that name. At most 255 octets.
std::string numbered_name(const std::string& name, std::size_t number);

/// Equal for names that some file system could take for one: capitals, marks written another way, blanks and dots at the
/// end.
std::string folded_name(std::string_view name);

}  // namespace khuoi::sync
