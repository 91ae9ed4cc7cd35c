#include "sync/record/answers.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

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

std::string search_text(std::string_view text) {
  utf8proc_uint8_t* mapped = nullptr;
  constexpr int how = UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD | UTF8PROC_COMPAT | UTF8PROC_IGNORE;
  const auto octets = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                   static_cast<utf8proc_option_t>(how));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(mapped, &std::free);
  if (octets < 0) return std::string(text);
  const std::string_view plain(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(octets));
  constexpr std::string_view d_with_stroke = "\xc4\x91";  // U+0111 has no decomposition
  std::string out;
  out.reserve(plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (plain.substr(i).starts_with(d_with_stroke)) {
      out.push_back('d');
      ++i;
    } else if (!is_blank(plain[i])) {
      out.push_back(plain[i]);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace khuoi::sync
