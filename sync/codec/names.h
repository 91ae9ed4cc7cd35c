#pragma once

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// Lower case without diacritics, precomposed or combining: `Nguyễn Thị LAN` and `nguyen thi lan` are one.
std::string folded(std::string_view text);

/// Runs of two or more words, one space apart, that begin with capitals: names of persons, places and offices.
std::vector<std::string_view> names_in(std::string_view text);
/// Whether the whole text is such a run.
bool is_name(std::string_view text);
/// How many words stand in a name.
std::size_t words_of(std::string_view name);

}  // namespace khuoi::sync
