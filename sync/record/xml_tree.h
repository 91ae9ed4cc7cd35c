#pragma once

#include <pugixml.hpp>
#include <string>

#include "sync/base/bytes.h"
#include "sync/base/result.h"

namespace khuoi::sync {

/// check_xml, then pugixml into `to`. Errors: malformed, too_large.
Result<void> parse_xml(ByteView octets, pugi::xml_document& to);
/// The same with check_filled_in: what people filled in, as it is meant.
Result<void> parse_filled_in(ByteView octets, pugi::xml_document& to);

bool is_element(const pugi::xml_node& node);
/// Names are compared without prefixes: forms bind XForms, XHTML and OpenRosa to whatever prefix they like.
std::string_view local_name(const pugi::xml_node& node);
pugi::xml_node first_element(const pugi::xml_node& parent);
/// The first child element of that name; empty if there is none, or no parent.
pugi::xml_node child_named(const pugi::xml_node& parent, std::string_view local);
/// Trimmed; the attribute of exactly that name first, else one that has it after a prefix; empty if there is none.
std::string attribute_named(const pugi::xml_node& node, std::string_view local);
/// All text and CDATA directly within the element, trimmed.
std::string text_within(const pugi::xml_node& node);
/// The next element in document order below `top`, without recursion; empty at the end.
pugi::xml_node next_element(pugi::xml_node node, const pugi::xml_node& top);
/// The id of a form's instance or of a submission: its attribute, else, as OpenRosa has it, the element's namespace.
std::string form_id_of(const pugi::xml_node& instance_root);

}  // namespace khuoi::sync
