#include "sync/record/form.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "sync/record/file_name.h"
#include "sync/record/record.h"
#include "sync/record/xml_text.h"
#include "sync/record/xml_tree.h"

namespace khuoi::sync {

namespace {

using Steps = std::vector<std::string>;

/// Takes predicates out of a path: "/data/child[position() = 1]/photo" names the same nodes as "/data/child/photo".
std::string without_predicates(std::string_view path) {
  std::string out;
  int depth = 0;
  for (const char c : path) {
    if (c == '[') ++depth;
    if (depth == 0) out.push_back(c);
    if (c == ']' && depth > 0) --depth;
  }
  return out;
}

/// The steps that a location path names from `context` on (the root's own name is the first step). nullopt for what
/// is no plain path: functions, attributes, "//".
std::optional<Steps> resolve(std::string_view written, const Steps& context) {
  const std::string plain = without_predicates(written);
  std::string_view path = trimmed(plain);
  if (path.empty()) return std::nullopt;
  Steps steps;
  if (path.starts_with('/')) {
    path.remove_prefix(1);
  } else {
    steps = context;
  }
  for (;;) {
    const std::size_t slash = path.find('/');
    const std::string_view step = trimmed(path.substr(0, slash));
    const bool is_plain = !without_prefix(step).empty() && step.find_first_of("(@*|,'\"") == std::string_view::npos;
    if (!is_plain) return std::nullopt;
    if (step == "..") {
      if (steps.empty()) return std::nullopt;
      steps.pop_back();
    } else if (step != ".") {
      steps.emplace_back(without_prefix(step));
    }
    if (slash == std::string_view::npos) return steps;
    path.remove_prefix(slash + 1);
  }
}

/// Finds which nodes of the instance take files, and which say when to come again.
class NodeFinder final {
 public:
  NodeFinder(const pugi::xml_node& html, FormFacts& facts) : html_(html), facts_(facts) {
    visit([this](const pugi::xml_node& element) {
      if (local_name(element) == "bind") binds_.emplace(attribute_named(element, "id"), element);
    });
  }

  void find() {
    visit([this](const pugi::xml_node& element) {
      const std::string_view name = local_name(element);
      const bool is_binary = name == "bind" && without_prefix(attribute_named(element, "type")) == "binary";
      if (is_binary || name == "upload") note_upload(path_of(element));
      if (name == "bind") note_follow_up(attribute_named(element, "follow-up"), element);
    });
  }

 private:
  template <typename Visit>
  void visit(Visit each) {
    for (pugi::xml_node at = html_; at; at = next_element(at, html_)) each(at);
  }

  /// What an element refers to: its own path, resolved against the nearest element around it that has one, or that of
  /// the bind it names. `hops` bounds the recursion, for a bind may stand within an element that names it.
  std::optional<Steps> steps_of(const pugi::xml_node& element, int hops = xml_depth_max) {
    if (hops == 0) return std::nullopt;
    std::string path = attribute_named(element, "nodeset");
    if (path.empty()) path = attribute_named(element, "ref");
    if (path.empty() && local_name(element) != "bind") {
      const auto bind = binds_.find(attribute_named(element, "bind"));
      if (bind != binds_.end() && !bind->first.empty()) return steps_of(bind->second, hops - 1);
    }
    if (path.empty()) return std::nullopt;
    if (trimmed(path).starts_with('/')) return resolve(path, {});
    const auto context = context_of(element, hops);
    return context ? resolve(path, *context) : std::nullopt;
  }

  std::optional<Steps> context_of(const pugi::xml_node& element, int hops) {
    for (pugi::xml_node around = element.parent(); around && around != html_; around = around.parent()) {
      const bool refers = around.attribute("ref") || around.attribute("nodeset") || around.attribute("bind");
      if (refers) return steps_of(around, hops - 1);
    }
    return Steps{facts_.root};
  }

  /// Below the root; empty for what refers to no node there.
  std::string path_of(const pugi::xml_node& element) {
    const auto steps = steps_of(element);
    std::string path;
    if (!steps || steps->size() < 2 || steps->front() != facts_.root) return path;
    for (std::size_t i = 1; i < steps->size(); ++i) path += (i == 1 ? "" : "/") + (*steps)[i];
    return path;
  }

  void note_upload(std::string path) {
    if (!path.empty() && noted_.insert(path).second) facts_.upload_paths.push_back(std::move(path));
  }

  /// The first bind that says so counts.
  void note_follow_up(std::string_view what, const pugi::xml_node& bind) {
    FormFacts::FollowUp& found = facts_.follow_up;
    if (what == "day" && found.day.empty()) found.day = path_of(bind);
    if (what == "what" && found.what.empty()) found.what = path_of(bind);
  }

  pugi::xml_node html_;
  FormFacts& facts_;
  std::map<std::string, pugi::xml_node> binds_;
  std::set<std::string> noted_;
};

/// "x.png" for "jr://images/x.png"; nullopt for what is no file beside the form, as "jr://instance/last-saved".
std::optional<std::string> media_name(std::string_view value) {
  constexpr std::array<std::string_view, 6> folders{"images/", "image/", "audio/", "video/", "file/", "file-csv/"};
  constexpr std::string_view scheme = "jr://";
  value = trimmed(value);
  if (!value.starts_with(scheme)) return std::nullopt;
  value.remove_prefix(scheme.size());
  const bool is_file =
      std::ranges::any_of(folders, [value](std::string_view folder) { return value.starts_with(folder); });
  const std::string name(trimmed(base_name(value)));
  if (!is_file || kept_name(name).empty()) return std::nullopt;
  return name;
}

void sort_out(std::vector<std::string>& names) {
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

/// As the form writes them.
std::vector<std::string> find_media(const pugi::xml_node& html) {
  std::vector<std::string> out;
  const auto note = [&out](std::string_view value) {
    if (auto name = media_name(value)) out.push_back(std::move(*name));
  };
  for (pugi::xml_node at = html; at; at = next_element(at, html)) {
    note(text_within(at));
    for (const pugi::xml_attribute& attribute : at.attributes()) note(attribute.value());
  }
  sort_out(out);
  return out;
}

/// What stands in quotes after "search(" in an appearance; nullopt when it does not search.
std::optional<std::string> searched_file(std::string_view appearance) {
  constexpr std::string_view function = "search";
  for (std::size_t at = appearance.find(function); at != std::string_view::npos; at = appearance.find(function, at + 1)) {
    std::string_view rest = trimmed(appearance.substr(at + function.size()));
    if (!rest.starts_with('(')) continue;
    rest = trimmed(rest.substr(1));
    if (rest.empty() || (rest[0] != '\'' && rest[0] != '"')) return std::string();
    return std::string(rest.substr(1, rest.find(rest[0], 1) - 1));
  }
  return std::nullopt;
}

/// Notes what only ODK Collect does with a form.
void find_what_pages_lack(const pugi::xml_node& html, FormFacts& facts) {
  for (pugi::xml_node at = html; at; at = next_element(at, html)) {
    const std::string_view name = local_name(at);
    if (name == "recordaudio") facts.records_audio = true;
    if (name == "submission" && !trimmed(attribute_named(at, "base64RsaPublicKey")).empty()) facts.encrypted = true;
    const bool chooses = name == "select" || name == "select1" || name == "rank";
    auto file = chooses ? searched_file(attribute_named(at, "appearance")) : std::nullopt;
    if (!file) continue;
    std::string question = attribute_named(at, "ref");
    if (question.empty()) question = attribute_named(at, "bind");
    facts.searched_lists.push_back({std::move(question), std::move(*file)});
  }
}

/// In `meta` or `orx:meta`, as Instance looks for it.
bool has_instance_id(const pugi::xml_node& root) {
  return std::ranges::any_of(root.children(), [](const pugi::xml_node& child) {
    return is_element(child) && local_name(child) == "meta" && child_named(child, "instanceID");
  });
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_space = is_xml_space(c);
    if (!is_space || (!out.empty() && out.back() != ' ')) out.push_back(is_space ? ' ' : c);
  }
  return out;
}

}  // namespace

Result<FormFacts> read_form(ByteView xml) {
  pugi::xml_document document;
  KHUOI_TRY_VOID(parse_xml(xml, document));
  const pugi::xml_node html = document.document_element();
  if (local_name(html) != "html") return fail(Errc::malformed, "form: the root element is not html, so it is no XForm");
  const pugi::xml_node head = child_named(html, "head");
  const pugi::xml_node instance = child_named(child_named(head, "model"), "instance");
  if (!instance) return fail(Errc::malformed, "form: it has no head/model/instance, so it is no XForm");
  const pugi::xml_node root = first_element(instance);
  if (!root) return fail(Errc::malformed, "form: its first instance is empty");
  FormFacts out;
  out.id = form_id_of(root);
  if (out.id.empty()) return fail(Errc::malformed, "form: the root of its instance has no id");
  out.version = attribute_named(root, "version");
  out.root = local_name(root);
  out.names_instance_id = has_instance_id(root);
  out.title = one_line(text_within(child_named(head, "title")));
  if (out.title.empty()) out.title = out.id;
  out.title_en = one_line(attribute_named(html, "title-en"));
  if (std::max({out.id.size(), out.version.size(), out.title.size(), out.title_en.size()}) > text_octets_max) {
    return fail(Errc::too_large, "form: its id, version or title is longer than 64 KiB");
  }
  out.urgent = attribute_named(html, "urgency") == "urgent";
  out.health = attribute_named(html, "domain") == "health";
  NodeFinder(html, out).find();
  out.media_written = find_media(html);
  for (const std::string& name : out.media_written) out.media.push_back(kept_name(name));
  sort_out(out.media);
  find_what_pages_lack(html, out);
  return out;
}

}  // namespace khuoi::sync
