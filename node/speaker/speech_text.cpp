#include "node/speaker/speech_text.h"

#include <algorithm>
#include <functional>
#include <regex>
#include <vector>

#include "node/speaker/number_words.h"
#include "node/speaker/speech_letters.h"
#include "node/speaker/spoken_tables.h"
#include "sync/base/nfc.h"

namespace khuoi::speaker {

namespace {

std::uint64_t number_of(std::string_view digits) {
  std::uint64_t out = 0;
  for (const char c : digits) {
    if (c >= '0' && c <= '9') out = out * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return out;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Goes through a text once, from left to right, always saying the longest thing it knows.
class Scanner final {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  std::string run();

  struct Match {
    std::vector<std::string> parts;  ///< of the regular expression's groups, the whole one first
    [[nodiscard]] const std::string& operator[](std::size_t i) const { return parts[i]; }
    [[nodiscard]] std::uint64_t number(std::size_t i) const { return number_of(parts[i]); }
    [[nodiscard]] bool has(std::size_t i) const { return !parts[i].empty(); }
  };
  [[nodiscard]] bool after_any(const auto& words) const { return std::ranges::find(words, last_word_) != words.end(); }
  [[nodiscard]] const std::string& last_word() const { return last_word_; }
  std::string capital_words(std::string_view letters) const;

 private:
  bool take_number();
  void take_units();
  bool take_range();
  bool take_short_form();
  void take_word();
  void take_sign();
  void say(std::string_view words);
  void pause(char sign);
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  [[nodiscard]] bool at_word_end(std::size_t offset) const;

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
  std::string last_word_;
};

/// What begins with a digit. `say` gives nothing when the shape fits but the sense does not: then the next one is tried.
struct Shape {
  std::regex pattern;
  std::function<std::optional<std::string>(const Scanner&, const Scanner::Match&)> say;
  bool may_have_unit = false;
};

bool is_day(std::uint64_t day, std::uint64_t month) { return day >= 1 && day <= 31 && month >= 1 && month <= 12; }
std::string month_words(std::uint64_t month) { return "tháng " + ordinal_words(month, false); }
std::string after_day_word(const Scanner& at, std::string words) {
  const bool said = at.after_any(std::to_array<std::string_view>({"ngày", "mùng", "mồng"}));
  return said ? words : "ngày " + words;
}
std::string clock_words(std::uint64_t hour, std::uint64_t minute) {
  return integer_words(hour) + " giờ" + (minute == 0 ? "" : " " + integer_words(minute) + " phút");
}

std::optional<std::string> paper_words(const Scanner& at, const Scanner::Match& m) {
  std::string out = integer_words(m.number(1));
  if (m.has(2)) out += " năm " + integer_words(m.number(2));
  std::string letters;
  for (const char c : m[3] + "-") {
    if (c != '-' && c != '/') {
      letters += c;
      continue;
    }
    out += " " + at.capital_words(letters);
    letters.clear();
  }
  return out;
}
std::optional<std::string> day_range_words(const Scanner& at, const Scanner::Match& m) {
  if (!is_day(m.number(1), m.number(3)) || !is_day(m.number(2), m.number(3)) || m.number(1) >= m.number(2)) return {};
  std::string out = integer_words(m.number(1)) + " đến ngày " + integer_words(m.number(2)) + " " + month_words(m.number(3));
  if (m.has(4)) out += " năm " + integer_words(m.number(4));
  return after_day_word(at, out);
}
std::optional<std::string> date_words_of(const Scanner& at, const Scanner::Match& m) {
  if (!is_day(m.number(1), m.number(2))) return {};
  return after_day_word(at, integer_words(m.number(1)) + " " + month_words(m.number(2)) + " năm " + integer_words(m.number(3)));
}
std::optional<std::string> month_year_words(const Scanner& at, const Scanner::Match& m) {
  if (m.number(1) < 1 || m.number(1) > 12 || m.number(2) < 1900 || m.number(2) > 2199) return {};
  const std::string month = at.last_word() == "tháng" ? ordinal_words(m.number(1), false) : month_words(m.number(1));
  return month + " năm " + integer_words(m.number(2));
}
std::optional<std::string> day_month_words(const Scanner& at, const Scanner::Match& m) {
  const bool known = std::ranges::find(known_days, m[0]) != known_days.end();
  const bool meant = at.after_any(date_words) || known || m.number(1) > m.number(2);
  if (!meant || !is_day(m.number(1), m.number(2))) return {};
  return after_day_word(at, integer_words(m.number(1)) + " " + month_words(m.number(2)));
}
std::optional<std::string> fraction_of(const Scanner&, const Scanner::Match& m) {
  if (m.number(2) == 0) return {};
  return integer_words(m.number(1)) + " phần " + ordinal_words(m.number(2), true);
}
std::optional<std::string> time_words(const Scanner&, const Scanner::Match& m) {
  if (m.number(1) > 24 || m.number(2) > 59) return {};
  return clock_words(m.number(1), m.number(2));
}
std::optional<std::string> digits_words(const Scanner&, const Scanner::Match& m) { return digit_words(m[0]); }
std::optional<std::string> long_number_words(const Scanner& at, const Scanner::Match& m) {
  const bool name_of_something = m[0].starts_with('0') || m[0].size() > 12 || (m[0].size() >= 6 && at.after_any(number_words_before));
  return name_of_something ? std::optional(digit_words(m[0])) : std::nullopt;
}
std::optional<std::string> grouped_words(const Scanner&, const Scanner::Match& m) {
  if (m[1].size() > 24) return {};
  return integer_words(m.number(1)) + (m.has(2) ? " phẩy " + fraction_words(m[2]) : "");
}
std::optional<std::string> decimal_words(const Scanner&, const Scanner::Match& m) {
  return integer_words(m.number(1)) + (m[2] == "," ? " phẩy " : " chấm ") + fraction_words(m[3]);
}
std::optional<std::string> integer_words_of(const Scanner& at, const Scanner::Match& m) {
  if (at.last_word() == "tháng" || at.last_word() == "thứ" || at.last_word() == "quý") {
    return ordinal_words(m.number(1), at.last_word() == "thứ");
  }
  return integer_words(m.number(1));
}

const std::vector<Shape>& shapes() {
  const auto of = [](const char* pattern) { return std::regex(pattern, std::regex::optimize); };
  static const std::vector<Shape> all = {
      {of("([0-9]{1,5})(?:/([0-9]{4}))?/((?:[A-Z]|\xC4\x90)(?:[A-Z]|\xC4\x90|\xC6\xAF|g|h|e)+(?:[-/](?:[A-Z]|\xC4\x90|\xC6\xAF|&)+){0,4})"), paper_words},
      {of("([0-9]{1,2}) ?(?:-|\xE2\x80\x93) ?([0-9]{1,2})/([0-9]{1,2})(?:/([0-9]{4}))?(?![0-9/])"), day_range_words},
      {of("([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?![0-9])"), date_words_of},
      {of("([0-9]{1,2})/([0-9]{4})(?![0-9])"), month_year_words},
      {of("([0-9]{1,2})/([0-9]{1,2})(?![0-9/])"), day_month_words},
      {of("([0-9]{1,4})/([0-9]{1,4})(?![0-9/])"), fraction_of},
      {of("([0-9]{1,2}) ?[hg]([0-9]{2})(?:'|p|ph)?(?![0-9A-Za-z])"), time_words},
      {of("([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?(?![0-9])"), time_words},
      {of("\\+?(?:84|0)(?:[ .-]?[0-9]){9,10}(?![0-9])"), digits_words},
      {of("1[89]00(?:[ .-]?[0-9]){4,6}(?![0-9])"), digits_words},
      {of("[0-9]{2,40}"), long_number_words},
      {of("([0-9]{1,3}(?:\\.[0-9]{3}){1,5})(?:,([0-9]{1,6}))?(?![0-9])"), grouped_words, true},
      {of("([0-9]{1,15})([,.])([0-9]{1,6})(?![0-9])"), decimal_words, true},
      {of("([0-9]{1,15})"), integer_words_of, true},
      {of("[0-9]"), digits_words},
  };
  return all;
}

bool Scanner::at_word_end(std::size_t offset) const {
  if (at_ + offset >= text_.size()) return true;
  const Letter next = first_letter(text_.substr(at_ + offset));
  return !is_letter(next.code) && !(next.code < 0x80 && is_digit(static_cast<char>(next.code)));
}

void Scanner::say(std::string_view words) {
  if (words.empty()) return;
  if (!out_.empty() && out_.back() != ' ' && out_.back() != '\n') out_ += ' ';
  out_ += words;
  const std::size_t space = out_.find_last_of(" \n");
  last_word_ = out_.substr(space == std::string::npos ? 0 : space + 1);
}

void Scanner::pause(char sign) {
  while (!out_.empty() && out_.back() == ' ') out_.pop_back();
  const bool nothing_before = out_.empty() || out_.back() == '\n';
  const bool stronger = !nothing_before && out_.back() == ',' && sign != ',';
  if (stronger) out_.pop_back();
  const bool after_pause = !nothing_before && !stronger && std::string_view(",.?!").find(out_.back()) != std::string_view::npos;
  if (!nothing_before && !after_pause) out_ += sign;
  last_word_.clear();
}

bool Scanner::take_number() {
  const bool plus = rest().starts_with("+84");
  if (!plus && !is_digit(rest().front())) return false;
  const std::string_view window = rest().substr(0, 96);  // no shape is longer
  for (const Shape& shape : shapes()) {
    std::match_results<std::string_view::const_iterator> found;
    if (!std::regex_search(window.begin(), window.end(), found, shape.pattern, std::regex_constants::match_continuous)) continue;
    Match match;
    for (const auto& part : found) match.parts.push_back(part.str());
    const auto words = shape.say(*this, match);
    if (!words) continue;
    say(*words);
    at_ += match[0].size();
    if (shape.may_have_unit || take_range()) take_units();
    return true;
  }
  return false;
}

/// "7-11h", "2021–2025": said by the number that follows.
bool Scanner::take_range() {
  static const std::regex dash(" ?(?:-|\xE2\x80\x93) ?(?=[0-9])", std::regex::optimize);
  std::match_results<std::string_view::const_iterator> found;
  const std::string_view window = rest().substr(0, 8);
  if (!std::regex_search(window.begin(), window.end(), found, dash, std::regex_constants::match_continuous)) return false;
  at_ += static_cast<std::size_t>(found.length());
  say("đến");
  return true;
}

void Scanner::take_units() {
  if (take_range()) return;
  for (std::string_view between : {std::string_view(), std::string_view("/")}) {
    const bool follows = rest().starts_with(between);
    if (!follows) return;
    const bool space = between.empty() && rest().starts_with(" ");
    const std::size_t lead = between.size() + (space ? 1 : 0);
    const std::string_view from = rest().substr(lead);
    // "tr/ha", "đồng/kg": words said in full may stand before the slash as well.
    const auto* unit = std::ranges::find_if(units, [&](const Spoken& one) {
      const bool sign = one.written == "%" || one.written == "‰";
      return from.starts_with(one.written) && (sign || at_word_end(lead + one.written.size()));
    });
    if (unit == units.end()) return;
    // "5 l" is five litres, "5 k" and "5 s" are not written so.
    if (space && (unit->written == "k" || unit->written == "K" || unit->written == "s" || unit->written == "'")) return;
    say(between.empty() ? std::string(unit->said) : "trên " + std::string(unit->said));
    at_ += lead + unit->written.size();
  }
  (void)take_range();
}

bool Scanner::take_short_form() {
  const std::string lower = to_lower(rest().substr(0, 12));
  for (const Spoken& form : short_forms) {
    if (!lower.starts_with(form.written) || !at_word_end(form.written.size())) continue;
    say(form.said);
    at_ += form.written.size();  // these letters have as many octets in either case
    return true;
  }
  return false;
}

std::string Scanner::capital_words(std::string_view letters) const {
  const auto* known = std::ranges::find(abbreviations, letters, &Spoken::written);
  if (known != abbreviations.end()) return std::string(known->said);
  const std::string lower = to_lower(letters);
  return is_syllable(lower) ? lower : spelled(lower);
}

void Scanner::take_word() {
  std::size_t end = at_, count = 0, capitals = 0;
  while (end < text_.size()) {
    const Letter letter = first_letter(text_.substr(end));
    if (!is_letter(letter.code)) break;
    if (is_upper(letter.code)) ++capitals;
    ++count;
    end += letter.octets;
  }
  const std::string_view word = text_.substr(at_, end - at_);
  at_ = end;
  const std::uint64_t roman = capitals == count && count <= 8 ? roman_value(word) : 0;
  const std::string lower = to_lower(word);
  if (roman > 0 && (after_any(roman_words) || (count >= 2 && !is_syllable(lower)))) {
    const bool ordinal = last_word_ == "thứ" || last_word_ == "quý";
    say(ordinal ? ordinal_words(roman, last_word_ == "thứ") : integer_words(roman));
    return;
  }
  const auto* known = std::ranges::find(abbreviations, word, &Spoken::written);
  if (known != abbreviations.end()) {
    say(known->said);
    // "TP. Thái Nguyên": no end of a sentence.
    if (rest().starts_with(". ") && capitals >= 2) at_ += 1;
    return;
  }
  say(capitals >= 2 && count <= 8 && !is_syllable(lower) ? spelled(lower) : lower);
}

void Scanner::take_sign() {
  const Letter sign = first_letter(rest());
  const bool spaced = at_ == 0 || text_[at_ - 1] == ' ' || text_[at_ - 1] == '\n';
  at_ += sign.octets;
  switch (sign.code) {
    case U'\n':
      pause('.');
      if (!out_.empty() && out_.back() != '\n') out_ += '\n';
      return;
    case U'.': case U'…': return pause('.');
    case U'?': return pause('?');
    case U'!': return pause('!');
    case U',': case U';': case U':': case U'(': case U')': case U'•': return pause(',');
    case U'-': case U'–': case U'—':
      if (spaced && !rest().empty() && is_digit(rest().front())) return say("âm");
      return spaced ? pause(',') : void();
    case U'&': return say("và");
    case U'+': return say("cộng");
    case U'=': return say("bằng");
    case U'%': return say("phần trăm");
    case U'/': return pause(',');
    default: return;  // spaces, quotes, brackets, pictures
  }
}

std::string Scanner::run() {
  bool inside_word = false;
  while (at_ < text_.size()) {
    const Letter next = first_letter(rest());
    if (!inside_word && take_short_form()) {
    } else if (is_letter(next.code)) {
      take_word();
    } else if (!take_number()) {
      take_sign();
    }
    inside_word = at_ > 0 && at_ < text_.size() && (is_digit(text_[at_ - 1]) || is_letter(next.code));
  }
  pause('.');
  return std::move(out_);
}

}  // namespace

std::string text_for_speech(std::string_view text) {
  const std::string composed = sync::to_nfc(text);
  return Scanner(composed).run();
}

}  // namespace khuoi::speaker
