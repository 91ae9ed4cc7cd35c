#include "sync/record/xml_guard.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "sync/record/form.h"
#include "sync/record/nfc.h"
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

/// One pass over the text. Each step returns nullptr, or what is wrong at `at_`.
class Scanner final {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

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

  static const char* references(std::string_view run) {
    for (std::size_t at = run.find('&'); at != std::string_view::npos; at = run.find('&', at + 1)) {
      const std::size_t end = run.find(';', at);
      if (end == std::string_view::npos) return "an \"&\" starts no reference";
      std::string_view name = run.substr(at + 1, end - at - 1);
      if (name.starts_with('#')) {
        name.remove_prefix(1);
        const bool is_hex = name.starts_with('x');
        if (is_hex) name.remove_prefix(1);
        std::uint32_t code = 0;
        const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), code, is_hex ? 16 : 10);
        const bool is_number = !name.empty() && error == std::errc{} && stop == name.data() + name.size();
        if (!is_number || !is_character(code)) return "a character reference names no character";
      } else if (name != "amp" && name != "lt" && name != "gt" && name != "quot" && name != "apos") {
        return "an entity that XML does not predefine";
      }
    }
    return nullptr;
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

bool has_control(std::string_view text) {
  // Counted to the end, so that the compiler may take many at a time; almost no text has one.
  return std::ranges::count_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && !is_xml_space(c); }) != 0;
}

}  // namespace

Result<void> check_xml(ByteView octets) {
  if (octets.size() > xml_octets_max) return fail(Errc::too_large, "XML: over 16 MiB");
  const bool is_other_bom = starts_with(octets, Bytes{0xfe, 0xff}) || starts_with(octets, Bytes{0xff, 0xfe});
  if (is_other_bom || text_of(octets).find('\0') != std::string_view::npos) {
    return fail(Errc::malformed, "XML: it looks like UTF-16 or UTF-32, or holds NUL octets; save it as UTF-8");
  }
  if (!is_utf8(octets)) return fail(Errc::malformed, "XML: it is not UTF-8; save it as UTF-8");
  const std::string_view text = text_of(without_bom(octets));
  const std::string encoding = lower_case(declared_encoding(text));
  if (!encoding.empty() && encoding != "utf-8" && encoding != "utf8" && encoding != "us-ascii" && encoding != "ascii") {
    return fail(Errc::malformed, "XML: it declares the encoding " + encoding.substr(0, 40) + "; only UTF-8 is read");
  }
  if (names_doctype(text)) return fail(Errc::malformed, "XML: a DOCTYPE is not allowed");
  if (has_control(text)) return fail(Errc::malformed, "XML: it holds control characters");
  return Scanner(text).run();
}

}  // namespace khuoi::sync
