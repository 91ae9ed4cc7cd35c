#include "sync/record/answers.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sync/record/xml_text.h"
#include "sync/record/xml_tree.h"

namespace khuoi::sync {

namespace {

constexpr std::size_t answers_max = 4096;

/// Depth is bounded by check_xml, as in Instance.
void collect(const pugi::xml_node& parent, std::string& path, Answers& out) {
  for (const pugi::xml_node& child : parent.children()) {
    if (!is_element(child) || out.size() >= answers_max) continue;
    const std::size_t before = path.size();
    if (before != 0) path += '/';
    path += local_name(child);
    if (first_element(child)) {
      collect(child, path, out);
    } else if (std::string text = text_within(child); !text.empty()) {
      out.emplace_back(path, std::move(text));
    }
    path.resize(before);
  }
}

bool is_blank(char c) { return is_xml_space(c); }

}  // namespace

Result<Answers> read_answers(ByteView xml) {
  pugi::xml_document document;
  KHUOI_TRY_VOID(parse_filled_in(xml, document));
  Answers out;
  std::string path;
  collect(document.document_element(), path, out);
  return out;
}

std::string_view answer_named(const Answers& answers, std::string_view name) {
  for (const auto& [path, text] : answers) {
    if (base_name(path) == name) return text;
  }
  return {};
}

std::string_view answer_at(const Answers& answers, std::string_view path) {
  const auto found = std::ranges::find(answers, path, &Answers::value_type::first);
  return found != answers.end() ? std::string_view(found->second) : std::string_view();
}

namespace {
/// Text as it is searched: blanks are one space, and none stands at an end.
class Folded final {
 public:
  explicit Folded(std::size_t octets) { out_.reserve(octets); }
  void add(char c) {
    if (!is_blank(c)) out_.push_back(c);
    else if (!out_.empty() && out_.back() != ' ') out_.push_back(' ');
  }
  void add(utf8proc_int32_t code_point) {
    constexpr utf8proc_int32_t d_with_stroke = 0x111;  // it has no decomposition
    if (code_point == d_with_stroke) return add('d');
    std::array<utf8proc_uint8_t, 4> octets{};
    const auto count = utf8proc_encode_char(code_point, octets.data());
    for (utf8proc_ssize_t i = 0; i < count; ++i) add(static_cast<char>(octets[static_cast<std::size_t>(i)]));
  }
  std::string finish() {
    if (!out_.empty() && out_.back() == ' ') out_.pop_back();
    return std::move(out_);
  }

 private:
  std::string out_;
};
}  // namespace

/// Each character by itself, since no mark stays whose order among others could matter: utf8proc_map would go through the
/// text three times.
std::string search_text(std::string_view text) {
  constexpr auto how = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD |
                                                      UTF8PROC_COMPAT | UTF8PROC_IGNORE);
  constexpr std::size_t code_points_max = 32;  // U+FDFA becomes 18, which is the most
  std::array<utf8proc_int32_t, code_points_max> mapped{};
  Folded out(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x80U) {
      const bool is_capital = c >= 'A' && c <= 'Z';
      out.add(is_capital ? static_cast<char>(c - 'A' + 'a') : c);
      ++at;
      continue;
    }
    utf8proc_int32_t code_point = 0;
    const auto octets = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                         static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
    int last_class = 0;
    const auto count = octets < 1 ? octets
                                  : utf8proc_decompose_char(code_point, mapped.data(), code_points_max, how, &last_class);
    if (count < 0 || octets < 1 || static_cast<std::size_t>(count) > code_points_max) return std::string(text);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) out.add(mapped[i]);
    at += static_cast<std::size_t>(octets);
  }
  return out.finish();
}

}  // namespace khuoi::sync
