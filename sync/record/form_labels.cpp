#include "sync/record/form_labels.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "sync/record/xml_text.h"
#include "sync/record/xml_tree.h"

namespace khuoi::sync {

namespace {

using Texts = std::map<std::string, std::string>;  ///< by itext id

std::string one_line_of(std::string_view text) {
  std::string out;
  for (const char c : trimmed(text)) {
    const bool space = is_xml_space(c);
    if (!space || (!out.empty() && out.back() != ' ')) out.push_back(space ? ' ' : c);
  }
  return out;
}

/// What stands between quotes in a "jr:itext('id')"; empty for anything else.
std::string itext_id(std::string_view reference) {
  constexpr std::string_view function = "jr:itext(";
  reference = trimmed(reference);
  if (!reference.starts_with(function)) return {};
  reference = trimmed(reference.substr(function.size()));
  if (reference.empty() || (reference[0] != '\'' && reference[0] != '"')) return {};
  return std::string(reference.substr(1, reference.find(reference[0], 1) - 1));
}

class LabelReader final {
 public:
  LabelReader(const pugi::xml_node& html, std::string_view language) : html_(html) {
    const pugi::xml_node model = child_named(child_named(html, "head"), "model");
    read_texts(child_named(model, "itext"), language);
    for (const pugi::xml_node& child : model.children()) {
      if (local_name(child) == "instance") instances_.emplace(attribute_named(child, "id"), child);
    }
    for (const pugi::xml_node& child : model.children()) {
      if (local_name(child) == "bind") binds_.emplace(attribute_named(child, "id"), attribute_named(child, "nodeset"));
    }
  }

  FormLabels read() {
    FormLabels out;
    const pugi::xml_node body = child_named(html_, "body");
    for (pugi::xml_node at = body; at; at = next_element(at, body)) {
      constexpr std::array<std::string_view, 7> asking{"input", "select", "select1", "rank", "upload", "trigger", "range"};
      if (std::ranges::find(asking, local_name(at)) == asking.end()) continue;
      const std::string path = path_of(at);
      if (path.empty()) continue;
      FormLabels::Question& question = out.questions[path];
      question.label = label_of(at);
      for (const pugi::xml_node& child : at.children()) {
        if (local_name(child) == "item") {
          question.choices.emplace(text_within(child_named(child, "value")), label_of(child));
        }
        if (local_name(child) == "itemset") read_itemset(child, question);
      }
    }
    return out;
  }

 private:
  void read_texts(const pugi::xml_node& itext, std::string_view language) {
    pugi::xml_node chosen;
    pugi::xml_node fallback;
    for (const pugi::xml_node& one : itext.children()) {
      if (local_name(one) != "translation") continue;
      const std::string name = attribute_named(one, "lang");
      if (!fallback || one.attribute("default")) fallback = one;
      const bool wanted = name == language || name.find("(" + std::string(language) + ")") != std::string::npos;
      if (wanted && !chosen) chosen = one;
    }
    if (!chosen) chosen = fallback;
    for (const pugi::xml_node& text : chosen.children()) {
      for (const pugi::xml_node& value : text.children()) {
        if (local_name(value) == "value" && !value.attribute("form")) {
          texts_.emplace(attribute_named(text, "id"), one_line_of(text_within(value)));
        }
      }
    }
  }

  std::string text_named(const std::string& id) const {
    const auto found = texts_.find(id);
    return found == texts_.end() ? std::string() : found->second;
  }

  std::string label_of(const pugi::xml_node& control) const {
    const pugi::xml_node label = child_named(control, "label");
    const std::string id = itext_id(attribute_named(label, "ref"));
    return id.empty() ? one_line_of(text_within(label)) : text_named(id);
  }

  /// Below the root, without prefixes; empty for what is no plain absolute path.
  std::string path_of(const pugi::xml_node& control) const {
    std::string reference = attribute_named(control, "ref");
    if (reference.empty()) {
      const auto bind = binds_.find(attribute_named(control, "bind"));
      if (bind != binds_.end()) reference = bind->second;
    }
    std::string_view left = trimmed(reference);
    if (!left.starts_with('/') || left.find_first_of("([@") != std::string_view::npos) return {};
    left.remove_prefix(1);
    std::string out;
    for (bool root = true; !left.empty(); root = false) {
      const std::size_t slash = left.find('/');
      const std::string_view step = without_prefix(trimmed(left.substr(0, slash)));
      if (!root) out += (out.empty() ? "" : "/") + std::string(step);
      left = slash == std::string_view::npos ? std::string_view() : left.substr(slash + 1);
    }
    return out;
  }

  /// Choices from a list within the form: instance('id') and a path to its items, with or without a condition.
  void read_itemset(const pugi::xml_node& itemset, FormLabels::Question& question) const {
    const std::string nodes = attribute_named(itemset, "nodeset");
    constexpr std::string_view function = "instance(";
    const std::size_t at = nodes.find(function);
    if (at == std::string::npos || at + function.size() >= nodes.size()) return;
    const std::size_t from = at + function.size();
    const std::string id = nodes.substr(from + 1, nodes.find(nodes[from], from + 1) - from - 1);
    const auto instance = instances_.find(id);
    if (instance == instances_.end()) return;
    const std::string value = attribute_named(child_named(itemset, "value"), "ref");
    const std::string label = attribute_named(child_named(itemset, "label"), "ref");
    constexpr std::string_view by_id = "jr:itext(";
    const bool named = label.starts_with(by_id);
    const std::string column = named ? label.substr(by_id.size(), label.find(')') - by_id.size()) : label;
    for (const pugi::xml_node& item : first_element(instance->second).children()) {
      if (!is_element(item)) continue;
      const std::string text = text_within(child_named(item, column));
      question.choices.emplace(text_within(child_named(item, value)), named ? text_named(text) : one_line_of(text));
    }
  }

  pugi::xml_node html_;
  Texts texts_;
  std::map<std::string, pugi::xml_node> instances_;
  std::map<std::string, std::string> binds_;
};

/// "2026-01-31T08:05:00.000+07:00": up to the minute, as the phone had it.
bool is_moment(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd";
  if (text.size() < shape.size() || text.size() > 35) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = std::isdigit(static_cast<unsigned char>(text[i])) != 0;
    if (shape[i] == 'd' ? !digit : text[i] != shape[i]) return false;
  }
  return true;
}

}  // namespace

Result<FormLabels> read_form_labels(ByteView xml, std::string_view language) {
  pugi::xml_document document;
  KHUOI_TRY_VOID(parse_xml(xml, document));
  return LabelReader(document.document_element(), language).read();
}

std::string spoken_answer(const FormLabels::Question* question, const std::string& answer) {
  if (is_moment(answer)) return answer.substr(0, 10) + " " + answer.substr(11, 5);
  if (question == nullptr || question->choices.empty()) return answer;
  std::string out;
  std::string_view left = answer;
  while (!left.empty()) {
    const std::size_t blank = left.find(' ');
    const std::string value(left.substr(0, blank));
    const auto found = question->choices.find(value);
    if (!value.empty()) {
      out += (out.empty() ? "" : "; ") + (found == question->choices.end() || found->second.empty() ? value : found->second);
    }
    left = blank == std::string_view::npos ? std::string_view() : left.substr(blank + 1);
  }
  return out;
}

}  // namespace khuoi::sync
