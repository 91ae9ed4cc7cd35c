#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace khuoi::speaker {

// How Vietnamese says numbers, northern forms ("nghìn", "linh", "mươi tư"), lower case, words parted by one space.

/// 15 "mười lăm", 21 "hai mươi mốt", 1005 "một nghìn không trăm linh năm".
std::string integer_words(std::uint64_t number);
/// One digit after the other, in groups of three with a pause between: a phone number, a citizen's id. Anything that is
/// no digit is passed over.
std::string digit_words(std::string_view digits);
/// After "thứ" and "tháng": 4 is "tư"; `first_is_nhat` after "thứ", where 1 is "nhất".
std::string ordinal_words(std::uint64_t number, bool first_is_nhat);
/// What stands behind a decimal comma: "25" is "hai mươi lăm", "05" is "không năm".
std::string fraction_words(std::string_view digits);
/// 1..3999 of a Roman numeral in its one correct form, else 0.
std::uint64_t roman_value(std::string_view letters);

}  // namespace khuoi::speaker
