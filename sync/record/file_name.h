#pragma once

#include <string>
#include <vector>

namespace khuoi::sync {

/// The one rule for names of files (NAMES.md): what somebody calls a file, in a form, an answer, an upload or on the
/// command line, and the name under which it is kept. Both sides of every pairing go through it. Always a name that a
/// record can carry (is_file_name), the same on every node; empty when `said` names no file at all.
std::string kept_name(std::string_view said);

/// What may be meant by a name in a part's head, the likeliest first. Browsers and phones write %22, %0D and %0A for a
/// quote and the ends of a line there, and leave backslashes alone where others escape them; old browsers send the whole
/// path; and some senders tell the name as the part's own only.
std::vector<std::string> names_in_part(const std::string& file_name, const std::string& part_name);

/// At most so many octets (32 or more): a longer name is cut before its ending, and says by a hash which one it was.
std::string shortened_name(const std::string& name, std::size_t octets_max);

/// "photo~2.jpg" for photo.jpg: a further file of that name. At most 255 octets.
std::string numbered_name(const std::string& name, std::size_t number);

/// Equal for names that some file system could take for one: capitals, marks written another way, blanks and dots at the
/// end.
std::string folded_name(std::string_view name);

}  // namespace khuoi::sync
