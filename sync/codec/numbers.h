#pragma once

#include <span>

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// So many digits of one run may stay in a dictionary when three people share them; five in a row could name somebody.
inline constexpr std::size_t digits_kept_max = 4;

/// A number that could name somebody: at least nine digits (citizen id, insurance card, telephone), in one run or in
/// runs of up to six with the same space, dot or dash between them.
struct LongNumber {
  std::size_t offset = 0;
  std::size_t octets = 0;
  std::string digits;
};
std::vector<LongNumber> long_numbers(std::string_view text);

/// Whether a text has a word of more than two octets: a number alone has none.
bool has_words(std::string_view text);
/// Whether the numbers in a text allow that it stays whole once three people gave it: none that could name somebody,
/// no date, no place, nothing random.
bool numbers_may_stay(std::string_view text);
/// How many digits of the run at an offset may stay: after a point two (of a coordinate: a kilometre), and of a number
/// written in several runs those of the first. `numbers` are long_numbers() of the text.
std::size_t digits_kept_at(std::string_view text, std::size_t offset, std::span<const LongNumber> numbers);

}  // namespace khuoi::sync
