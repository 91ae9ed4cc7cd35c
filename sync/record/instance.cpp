#include "sync/record/instance.h"

#include <algorithm>
#include <array>
#include <set>

#include "sync/record/file_name.h"
#include "sync/record/xml_text.h"
#include "sync/record/xml_tree.h"
#include "sync/seal/hash.h"

namespace khuoi::sync {

namespace {

constexpr std::size_t instance_id_octets_max = 1024;

Result<InstanceHead> head_of(const pugi::xml_node& root) {
  InstanceHead out;
  out.form_id = form_id_of(root);
  if (out.form_id.empty()) return fail(Errc::malformed, "submission: its root element does not name a form by id");
  out.version = attribute_named(root, "version");
  out.root = local_name(root);
  return out;
}

/// The text of meta/`name`. A submission may hold both `meta` and `orx:meta`; the first that has it counts.
std::string meta_text(const pugi::xml_node& root, std::string_view name) {
  for (const pugi::xml_node& child : root.children()) {
    if (!is_element(child) || local_name(child) != "meta") continue;
    std::string text = text_within(child_named(child, name));
    if (!text.empty()) return text;
  }
  return {};
}

/// Base names in document order, each once.
class NamesFound final {
 public:
  /// A name that no file can have is left out: nothing could ever be attached under it.
  void note(const std::string& text) {
    std::string name = kept_name(text);
    if (!name.empty() && seen_.insert(name).second) found_.push_back(std::move(name));
  }
  std::vector<std::string> take() { return std::move(found_); }

 private:
  std::set<std::string> seen_;
  std::vector<std::string> found_;
};

/// Collects the base names in upload-bound elements, in document order.
class AttachmentFinder final {
 public:
  explicit AttachmentFinder(const std::vector<std::string>& upload_paths)
      : wanted_(upload_paths.begin(), upload_paths.end()) {}

  /// Recursion is bounded: check_xml let no more than xml_depth_max levels through. The path grows and shrinks with
  /// it, because building it anew for each element would let long names cost the square of the document.
  void walk(const pugi::xml_node& parent) {
    for (const pugi::xml_node& child : parent.children()) {
      if (!is_element(child)) continue;
      const std::size_t before = path_.size();
      if (before != 0) path_ += '/';
      path_ += local_name(child);
      if (wanted_.contains(path_)) names_.note(text_within(child));
      walk(child);
      path_.resize(before);
    }
  }
  std::vector<std::string> take() { return names_.take(); }

 private:
  std::set<std::string_view> wanted_;
  std::string path_;
  NamesFound names_;
};

DossierId cut_hash(Blake2b& hash) { return *DossierId::from(ByteView(hash.finish()).first(DossierId::octets)); }

}  // namespace

Error submission_too_large() {
  return fail(Errc::too_large, "the submission's XML is over 1 MiB: hand in what is long as a file beside it");
}

Instance::Instance(std::unique_ptr<pugi::xml_document> document) : document_(std::move(document)) {}
Instance::Instance(Instance&& other) noexcept = default;
Instance& Instance::operator=(Instance&& other) noexcept = default;
Instance::~Instance() = default;

Result<Instance> Instance::parse(ByteView xml) {
  auto document = std::make_unique<pugi::xml_document>();
  KHUOI_TRY_VOID(parse_filled_in(xml, *document));
  Instance out(std::move(document));
  if (meta_text(out.document_->document_element(), "instanceID").empty()) out.made_id_ = made_instance_id(xml);
  return out;
}

Result<InstanceHead> Instance::head() const { return head_of(document_->document_element()); }

Result<InstanceFacts> Instance::facts(const FormFacts& form) const {
  KHUOI_TRY(const InstanceHead named, head());
  if (named.root != form.root) {
    return fail(Errc::malformed, "submission: its root element is " + named.root.substr(0, 80) + ", but the form " +
                                     form.id + " has " + form.root);
  }
  KHUOI_TRY(InstanceFacts out, facts_by_closest(&form));
  out.form_known = true;
  return out;
}

Result<InstanceFacts> Instance::facts_by_closest(const FormFacts* closest) const {
  const pugi::xml_node root = document_->document_element();
  InstanceFacts out;
  out.form_known = false;
  KHUOI_TRY(out.head, head_of(root));
  out.instance_id = meta_text(root, "instanceID");
  out.deprecated_id = meta_text(root, "deprecatedID");
  if (out.instance_id.empty()) {
    if (closest == nullptr || closest->names_instance_id)
      return fail(Errc::malformed, "submission: its meta/instanceID is missing or empty");
    out.instance_id = made_id_;
    out.made_id = true;
  }
  if (std::max(out.instance_id.size(), out.deprecated_id.size()) > instance_id_octets_max) {
    return fail(Errc::malformed, "submission: its instanceID or deprecatedID is longer than 1,024 octets");
  }
  if (closest != nullptr && !closest->upload_paths.empty()) {
    AttachmentFinder finder(closest->upload_paths);
    finder.walk(root);
    out.attachments = finder.take();
  }
  return out;
}

std::vector<std::string> Instance::texts_as_names() const {
  NamesFound names;
  const pugi::xml_node root = document_->document_element();
  for (pugi::xml_node at = first_element(root); at; at = next_element(at, root)) names.note(text_within(at));
  return names.take();
}

std::string made_instance_id(ByteView xml) {
  const std::array<std::uint8_t, 1> end{0};
  Bytes hash = Blake2b(16).add(view_of("khuoi instance")).add(end).add(xml).finish();
  hash[6] = static_cast<std::uint8_t>((hash[6] & 0x0fU) | 0x80U);
  hash[8] = static_cast<std::uint8_t>((hash[8] & 0x3fU) | 0x80U);
  std::string text = to_hex(hash);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
  return "uuid:" + text;
}

DossierId dossier_id_of(std::string_view instance_id) {
  Blake2b hash(32);
  hash.add(view_of(instance_id));
  return cut_hash(hash);
}

DossierId dossier_id_of(std::string_view instance_id, const HamletId& hamlet) {
  Blake2b hash(32);
  hash.add(view_of(instance_id)).add(hamlet.view());
  return cut_hash(hash);
}

bool is_uuid4_instance(std::string_view instance_id) {
  constexpr std::string_view shape = "uuid:xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx";
  return std::ranges::equal(instance_id, shape, [](char c, char expected) {
    const bool is_variant = std::string_view("89abAB").find(c) != std::string_view::npos;
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (expected == 'v') return is_variant;
    return expected == 'x' ? is_hex : c == expected;
  });
}

}  // namespace khuoi::sync
