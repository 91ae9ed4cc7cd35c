#include "sync/record/xml_tree.h"

#include "sync/record/xml_guard.h"
#include "sync/record/xml_text.h"

namespace khuoi::sync {

namespace {

pugi::xml_node element_from(pugi::xml_node node) {
  while (node && !is_element(node)) node = node.next_sibling();
  return node;
}

std::string_view namespace_of(const pugi::xml_node& element) {
  const std::string_view name = element.name();
  const std::size_t colon = name.find(':');
  const std::string declaration =
      colon == std::string_view::npos ? "xmlns" : "xmlns:" + std::string(name.substr(0, colon));
  for (pugi::xml_node at = element; at; at = at.parent()) {
    if (const pugi::xml_attribute found = at.attribute(declaration.c_str())) return trimmed(found.value());
  }
  return {};
}

}  // namespace

namespace {
Result<void> build(ByteView text, pugi::xml_document& to) {
  const auto parsed = to.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!parsed) return fail(Errc::malformed, std::string("XML: ") + parsed.description());
  return {};
}
}  // namespace

Result<void> parse_xml(ByteView octets, pugi::xml_document& to) {
  KHUOI_TRY_VOID(check_xml(octets));
  return build(without_bom(octets), to);
}

Result<void> parse_filled_in(ByteView octets, pugi::xml_document& to) {
  KHUOI_TRY(const Bytes meant, check_filled_in(octets));
  return build(meant.empty() ? without_bom(octets) : ByteView(meant), to);
}

bool is_element(const pugi::xml_node& node) { return node.type() == pugi::node_element; }

std::string_view local_name(const pugi::xml_node& node) { return without_prefix(node.name()); }

pugi::xml_node first_element(const pugi::xml_node& parent) { return element_from(parent.first_child()); }

pugi::xml_node child_named(const pugi::xml_node& parent, std::string_view local) {
  pugi::xml_node child = first_element(parent);
  while (child && local_name(child) != local) child = element_from(child.next_sibling());
  return child;
}

std::string attribute_named(const pugi::xml_node& node, std::string_view local) {
  std::string prefixed;
  for (const pugi::xml_attribute& attribute : node.attributes()) {
    const std::string_view name = attribute.name();
    if (name == local) return std::string(trimmed(attribute.value()));
    const bool declares = name.starts_with("xmlns");
    if (prefixed.empty() && !declares && without_prefix(name) == local) prefixed = trimmed(attribute.value());
  }
  return prefixed;
}

std::string text_within(const pugi::xml_node& node) {
  std::string text;
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) text += child.value();
  }
  return std::string(trimmed(text));
}

pugi::xml_node next_element(pugi::xml_node node, const pugi::xml_node& top) {
  if (const pugi::xml_node child = first_element(node)) return child;
  for (; node && node != top; node = node.parent()) {
    if (const pugi::xml_node sibling = element_from(node.next_sibling())) return sibling;
  }
  return {};
}

std::string form_id_of(const pugi::xml_node& instance_root) {
  std::string id = attribute_named(instance_root, "id");
  return id.empty() ? std::string(namespace_of(instance_root)) : id;
}

}  // namespace khuoi::sync
