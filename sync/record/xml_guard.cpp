#include "sync/record/xml_guard.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "sync/base/nfc.h"
#include "sync/record/form.h"
#include "sync/record/xml_text.h"

namespace khuoi::sync {

namespace {

/// What an octet may be in a name. A table, since every octet of a tag is asked.
enum NameRole : std::uint8_t { not_in_name = 0, name_part = 1, name_start = 2 };
constexpr auto name_roles = [] {
  std::array<std::uint8_t, 256> roles{};
  for (std::size_t c = 0; c < 256; ++c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_digit = c >= '0' && c <= '9';
    if (is_letter || c == '_' || c == ':' || c >= 0x80) roles[c] = name_start | name_part;
    if (is_digit || c == '-' || c == '.') roles[c] = name_part;
  }
  return roles;
}();
bool is_name_start(char c) { return (name_roles[static_cast<unsigned char>(c)] & name_start) != 0; }
bool is_name_part(char c) { return (name_roles[static_cast<unsigned char>(c)] & name_part) != 0; }

/// XML 1.0, production 2.
bool is_character(std::uint32_t code) {
  if (code < 0x20) return code == 0x09 || code == 0x0a || code == 0x0d;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

bool is_high_half(std::uint32_t code) { return code >= 0xd800 && code <= 0xdbff; }
bool is_low_half(std::uint32_t code) { return code >= 0xdc00 && code <= 0xdfff; }

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

/// Of a character past U+FFFF.
std::string four_octets(std::uint32_t code) {
  return {static_cast<char>(0xf0 | (code >> 18U)), static_cast<char>(0x80 | ((code >> 12U) & 0x3fU)),
          static_cast<char>(0x80 | ((code >> 6U) & 0x3fU)), static_cast<char>(0x80 | (code & 0x3fU))};
}

/// What "&#10;" at `at` means, and where it ends; nullopt when it is no reference to a number.
struct NumberReference {
  std::uint32_t code = 0;
  std::size_t end = 0;
};
std::optional<NumberReference> number_reference(std::string_view text, std::size_t at) {
  if (!text.substr(std::min(at, text.size())).starts_with("&#")) return std::nullopt;
  const std::size_t end = text.find(';', at);
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view digits = text.substr(at + 2, end - at - 2);
  const bool is_hex = digits.starts_with('x');
  if (is_hex) digits.remove_prefix(1);
  NumberReference out{0, end + 1};
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.code, is_hex ? 16 : 10);
  if (digits.empty() || error != std::errc{} || stop != digits.data() + digits.size()) return std::nullopt;
  return out;
}

/// One pass over the text. Each step returns nullptr, or what is wrong at `at_`.
class Scanner final {
 public:
  /// `lenient`: references to what is no character are taken, and read() gives what they stand for.
  Scanner(std::string_view text, bool lenient) : text_(text), lenient_(lenient) {}

  /// The text with such references replaced; empty when there were none.
  std::string read() {
    if (read_to_ == 0) return {};
    read_ += text_.substr(read_to_);
    return std::move(read_);
  }

  Result<void> run() {
    while (at_ < text_.size()) {
      if (const char* wrong = text_[at_] == '<' ? markup() : characters()) return complain(wrong);
      if (depth_ > xml_depth_max) return fail(Errc::too_large, "XML: elements nest deeper than 64 levels");
      if (elements_ > xml_elements_max) return fail(Errc::too_large, "XML: more than 250,000 elements");
      if (attributes_ > xml_attributes_max) return fail(Errc::too_large, "XML: more than 500,000 attributes");
    }
    if (elements_ == 0) return complain("there is no element");
    if (depth_ != 0) return complain("an element is not closed");
    return {};
  }

 private:
  Error complain(const char* wrong) const {
    const auto end = text_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, text_.size()));
    const auto line = std::count(text_.begin(), end, '\n') + 1;
    return fail(Errc::malformed, "XML, line " + std::to_string(line) + ": " + wrong);
  }

  [[nodiscard]] bool next_is(std::string_view expected) const { return text_.substr(at_).starts_with(expected); }
  [[nodiscard]] char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (is_xml_space(here())) ++at_;
  }
  bool skip_past(std::string_view end) {
    const std::size_t found = text_.find(end, at_);
    if (found == std::string_view::npos) return false;
    at_ = found + end.size();
    return true;
  }
  /// Empty also for a name that is a prefix only, so that every element has a local name.
  std::string_view name() {
    if (!is_name_start(here())) return {};
    const std::size_t from = at_;
    while (at_ < text_.size() && is_name_part(text_[at_])) ++at_;
    const std::string_view found = text_.substr(from, at_ - from);
    return found.ends_with(':') ? std::string_view{} : found;
  }

  const char* characters() {
    const std::size_t end = std::min(text_.find('<', at_), text_.size());
    const std::string_view run = text_.substr(at_, end - at_);
    if (depth_ == 0 && !std::ranges::all_of(run, is_xml_space)) return "text stands outside the root element";
    if (run.find("]]>") != std::string_view::npos) return "\"]]>\" stands outside a CDATA section";
    if (const char* wrong = references(run)) return wrong;
    at_ = end;
    return nullptr;
  }

  const char* references(std::string_view run) {
    std::size_t end = 0;
    for (std::size_t at = run.find('&'); at != std::string_view::npos; at = run.find('&', end)) {
      end = run.find(';', at);
      if (end == std::string_view::npos) return "an \"&\" starts no reference";
      const std::string_view name = run.substr(at + 1, end - at - 1);
      if (name.starts_with('#')) {
        const auto number = number_reference(run, at);
        const bool is_taken = number && (is_character(number->code) || (lenient_ && number->code <= 0x10ffff));
        if (!is_taken) return "a character reference names no character";
        if (!is_character(number->code)) end = replace(run, at, *number);
      } else if (name != "amp" && name != "lt" && name != "gt" && name != "quot" && name != "apos") {
        return "an entity that XML does not predefine";
      }
    }
    return nullptr;
  }

  /// Two halves of a surrogate pair are one character; what else is no character is read as U+FFFD. Where to go on.
  std::size_t replace(std::string_view run, std::size_t at, NumberReference number) {
    std::string meant(replacement);
    const auto second = is_high_half(number.code) ? number_reference(run, number.end) : std::nullopt;
    if (second && is_low_half(second->code)) {
      meant = four_octets(0x10000 + ((number.code - 0xd800) << 10U) + (second->code - 0xdc00));
      number.end = second->end;
    }
    const auto begins = static_cast<std::size_t>(run.data() - text_.data());
    read_ += text_.substr(read_to_, begins + at - read_to_);
    read_ += meant;
    read_to_ = begins + number.end;
    return number.end;
  }

  const char* markup() {
    if (next_is("<!--")) {
      at_ += 4;
      return skip_past("-->") ? nullptr : "a comment is not closed";
    }
    if (next_is("<![CDATA[")) {
      if (depth_ == 0) return "a CDATA section stands outside the root element";
      return skip_past("]]>") ? nullptr : "a CDATA section is not closed";
    }
    if (next_is("<!")) return "a declaration; only elements, comments and CDATA sections are read";
    if (next_is("<?")) return instruction();
    return next_is("</") ? end_tag() : start_tag();
  }

  const char* instruction() {
    const std::size_t from = at_;
    at_ += 2;
    const std::string_view target = name();
    if (target.empty()) return "a processing instruction without a name";
    if (target == "xml" && from != 0) return "an XML declaration that is not at the start";
    return skip_past("?>") ? nullptr : "a processing instruction is not closed";
  }

  const char* end_tag() {
    at_ += 2;
    if (name().empty()) return "an end tag without a name";
    skip_space();
    if (here() != '>') return "an end tag is not closed";
    ++at_;
    if (depth_ == 0) return "an end tag without its start";
    --depth_;
    return nullptr;
  }

  const char* start_tag() {
    ++at_;
    if (name().empty()) return "a \"<\" starts no tag";
    if (depth_ == 0 && elements_ > 0) return "a second root element";
    ++elements_;
    names_.clear();
    for (;;) {
      const bool is_apart = is_xml_space(here());
      skip_space();
      if (here() == '>' || next_is("/>")) break;
      if (!is_apart) return "a start tag is not closed";
      if (const char* wrong = attribute()) return wrong;
    }
    if (names_.size() > 1) {
      std::ranges::sort(names_);
      if (std::ranges::adjacent_find(names_) != names_.end()) return "an attribute stands twice";
    }
    const bool is_empty = here() == '/';
    at_ += is_empty ? 2 : 1;
    if (!is_empty) ++depth_;
    return nullptr;
  }

  const char* attribute() {
    const std::string_view attribute_name = name();
    if (attribute_name.empty()) return "a start tag is not closed";
    names_.push_back(attribute_name);
    ++attributes_;
    skip_space();
    if (here() != '=') return "an attribute without a value";
    ++at_;
    skip_space();
    const char quote = here();
    if (quote != '"' && quote != '\'') return "an attribute's value without quotes";
    const std::size_t from = ++at_;
    if (!skip_past({&quote, 1})) return "an attribute's value is not closed";
    const std::string_view value = text_.substr(from, at_ - 1 - from);
    if (value.find('<') != std::string_view::npos) return "a \"<\" stands in an attribute";
    return references(value);
  }

  std::string_view text_;
  bool lenient_;
  std::string read_;
  std::size_t read_to_ = 0;  ///< so much of the text stands in read_
  std::size_t at_ = 0;
  int depth_ = 0;
  std::size_t elements_ = 0;
  std::size_t attributes_ = 0;
  std::vector<std::string_view> names_;
};

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool names_doctype(std::string_view text) {
  constexpr std::string_view needle = "<!doctype";
  for (std::size_t at = text.find("<!"); at != std::string_view::npos; at = text.find("<!", at + 1)) {
    if (lower_case(text.substr(at, needle.size())) == needle) return true;
  }
  return false;
}

/// What the declaration says the encoding is; empty when it says nothing.
std::string_view declared_encoding(std::string_view text) {
  if (!text.starts_with("<?xml") || text.size() < 6 || !is_xml_space(text[5])) return {};
  std::string_view declaration = text.substr(0, text.find("?>"));
  const std::size_t found = declaration.find("encoding");
  if (found == std::string_view::npos) return {};
  declaration.remove_prefix(found);
  const std::size_t from = declaration.find_first_of("\"'");
  if (from == std::string_view::npos) return {};
  const std::size_t end = declaration.find(declaration[from], from + 1);
  if (end == std::string_view::npos) return {};
  return declaration.substr(from + 1, end - from - 1);
}

/// Where the first such character stands; npos without one. Almost no text has any, so each kind is looked for quickly.
std::size_t unholdable_at(std::string_view text) {
  // Counted to the end, so that the compiler may take many at a time.
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && !is_xml_space(c); };
  std::size_t first = std::string_view::npos;
  if (std::ranges::count_if(text, is_control) != 0) {
    first = static_cast<std::size_t>(std::ranges::find_if(text, is_control) - text.begin());
  }
  for (std::size_t at = text.find("\xef\xbf"); at < first; at = text.find("\xef\xbf", at + 1)) {
    const bool is_noncharacter = text.size() > at + 2 && (text[at + 2] == '\xbe' || text[at + 2] == '\xbf');
    if (is_noncharacter) return at;
  }
  return first;
}

/// Where the first half of a surrogate pair stands that somebody wrote as three octets of its own (CESU-8).
std::size_t half_pair_at(std::string_view text) {
  std::size_t at = text.find('\xed');
  while (at != std::string_view::npos) {
    if (text.size() > at + 2 && static_cast<unsigned char>(text[at + 1]) >= 0xa0) return at;
    at = text.find('\xed', at + 1);
  }
  return at;
}

/// The innermost element that is open there, as far as tags can be told in what need not be well-formed.
std::string element_around(std::string_view text) {
  std::vector<std::string_view> open;
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const std::size_t end = std::min(text.find('>', at), text.size());
    std::string_view tag = text.substr(at + 1, end - at - 1);
    if (tag.starts_with('!') || tag.starts_with('?')) continue;
    if (tag.starts_with('/')) {
      if (!open.empty()) open.pop_back();
    } else if (!tag.ends_with('/') || end == text.size()) {
      open.push_back(without_prefix(tag.substr(0, tag.find_first_of(" \t\r\n/"))));
    }
  }
  constexpr std::size_t told_octets_max = 80;
  return open.empty() ? std::string() : std::string(open.back().substr(0, told_octets_max));
}

/// The code that the octets at `at` stand for: one octet, or three.
std::uint32_t code_at(std::string_view text, std::size_t at) {
  const auto octet = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(text[i])}; };
  if (octet(at) < 0x80) return octet(at);
  return ((octet(at) & 0x0fU) << 12U) | ((octet(at + 1) & 0x3fU) << 6U) | (octet(at + 2) & 0x3fU);
}

bool looks_like_utf16(ByteView octets) {
  const bool is_other_bom = starts_with(octets, Bytes{0xfe, 0xff}) || starts_with(octets, Bytes{0xff, 0xfe});
  return is_other_bom || text_of(octets.first(std::min<std::size_t>(octets.size(), 4))).find('\0') != std::string::npos;
}

std::string without_unholdables(std::string_view text) {
  std::string out;
  for (std::size_t at = unholdable_at(text); at != std::string_view::npos; at = unholdable_at(text)) {
    out += text.substr(0, at);
    out += replacement;
    text.remove_prefix(at + (static_cast<unsigned char>(text[at]) < 0x80 ? 1 : 3));
  }
  return out.append(text);
}

Result<Bytes> scan(ByteView octets, bool lenient) {
  if (octets.size() > xml_octets_max) return fail(Errc::too_large, "XML: over 16 MiB");
  if (looks_like_utf16(octets)) {
    return fail(Errc::malformed, "XML: it looks like UTF-16 or UTF-32; save it as UTF-8");
  }
  const auto unholdable = find_unholdable(octets);
  if (unholdable && (!lenient || unholdable->character == 0 || !is_utf8(octets))) {
    const std::string where = unholdable->element.empty() ? "it" : "the element '" + unholdable->element + "'";
    return fail(Errc::malformed, "XML, line " + std::to_string(unholdable->line) + ": " + where + " holds " +
                                     code_point_text(unholdable->character) +
                                     ", which XML has no place for; delete that text and type it again");
  }
  if (!is_utf8(octets)) return fail(Errc::malformed, "XML: it is not UTF-8; save it as UTF-8");
  std::string_view text = text_of(without_bom(octets));
  const std::string encoding = lower_case(declared_encoding(text));
  if (!encoding.empty() && encoding != "utf-8" && encoding != "utf8" && encoding != "us-ascii" && encoding != "ascii") {
    return fail(Errc::malformed, "XML: it declares the encoding " + encoding.substr(0, 40) + "; only UTF-8 is read");
  }
  if (names_doctype(text)) return fail(Errc::malformed, "XML: a DOCTYPE is not allowed");
  const std::string cleaned = unholdable ? without_unholdables(text) : std::string();
  Scanner scanner(unholdable ? cleaned : text, lenient);
  KHUOI_TRY_VOID(scanner.run());
  const std::string read = scanner.read();
  return to_bytes(view_of(read.empty() ? cleaned : read));
}

}  // namespace

Result<void> check_xml(ByteView octets) {
  KHUOI_TRY_VOID(scan(octets, false));
  return {};
}

Result<Bytes> check_filled_in(ByteView octets) { return scan(octets, true); }

std::optional<Unholdable> find_unholdable(ByteView octets) {
  if (looks_like_utf16(octets)) return std::nullopt;
  const std::string_view text = text_of(octets);
  const std::size_t at = is_utf8(octets) ? unholdable_at(text) : std::min(unholdable_at(text), half_pair_at(text));
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, at);
  return Unholdable{element_around(before), code_at(text, at),
                    static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1};
}

std::string code_point_text(std::uint32_t character) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out = "U+";
  for (int shift = character > 0xffff ? 16 : 12; shift >= 0; shift -= 4) out += digits[(character >> shift) & 15U];
  return out;
}

}  // namespace khuoi::sync
