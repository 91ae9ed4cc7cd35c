#include "sync/codec/form_facts.h"

#include "sync/codec/xml_pieces.h"

namespace khuoi::sync {
namespace {

constexpr std::string_view declaration = R"(<?xml version="1.0" encoding="UTF-8"?>)";

/// The value of an attribute whose name ends in `name`; empty if there is none.
std::string_view attribute(std::string_view tag, std::string_view name) {
  for (std::size_t at = tag.find(name); at != std::string_view::npos; at = tag.find(name, at + 1)) {
    const std::size_t quote = at + name.size() + 1;
    const bool starts =
        at > 0 && (tag[at - 1] == ' ' || tag[at - 1] == '\n' || tag[at - 1] == '\t' || tag[at - 1] == ':');
    if (!starts || quote >= tag.size() || tag[quote - 1] != '=' || (tag[quote] != '"' && tag[quote] != '\'')) continue;
    const std::size_t end = tag.find(tag[quote], quote + 1);
    if (end != std::string_view::npos) return tag.substr(quote + 1, end - quote - 1);
  }
  return {};
}

std::string_view local_name(std::string_view tag) {
  const std::string_view name = name_of_tag(tag.starts_with("</") ? tag.substr(1) : tag);
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// XmlPath::field() of `/data/a/b`.
std::uint32_t field_of(std::string_view nodeset) {
  std::uint32_t path = 0;
  while (!nodeset.empty()) {
    nodeset.remove_prefix(1);
    const std::size_t end = nodeset.find('/');
    path = XmlPath::step(path, nodeset.substr(0, end));
    nodeset = end == std::string_view::npos ? std::string_view{} : nodeset.substr(end);
  }
  return path;
}

std::string primary_instance(std::string_view form) {
  const std::size_t instance = form.find("<instance");
  const std::size_t start = instance == std::string_view::npos ? instance : form.find('>', instance);
  const std::size_t end = start == std::string_view::npos ? start : form.find("</instance>", start);
  std::string blank(declaration);
  if (end == std::string_view::npos) return blank;
  XmlPieces pieces(form.substr(start + 1, end - start - 1));
  Piece piece;
  while (pieces.next(piece)) {
    if (piece.kind == Piece::Kind::other) continue;
    blank.append(piece.tag);
    if (piece.kind == Piece::Kind::leaf)
      blank.append(piece.value).append("</").append(name_of_tag(piece.tag)).append(">");
  }
  return blank;
}

void add_bind(FormHints& facts, std::string_view tag, bool& had_time) {
  const std::string_view nodeset = attribute(tag, "nodeset");
  if (!nodeset.starts_with('/')) return;
  FormHints::Field& field = facts.fields[field_of(nodeset)];
  std::string_view type = attribute(tag, "type");
  if (const std::size_t colon = type.find(':'); colon != std::string_view::npos) type.remove_prefix(colon + 1);
  if (attribute(tag, "preload") == "uid" || nodeset.ends_with("instanceID")) {
    field.shapes.assign(3, "uuid:\x04");
  } else if (type == "date") {
    field.shapes = {"\x02\x02\x02\x02-\x02\x02-\x02\x02"};
  } else if (type == "dateTime") {
    field.time_bits = had_time ? 20 : 37;
    had_time = true;
  } else if (type == "time") {
    field.shapes = {"\x02\x02:\x02\x02:\x02\x02.\x02\x02\x02+07:00"};
  } else if (type == "int" || type == "integer") {
    field.shapes = {"\x02", "\x02\x02", "\x02\x02\x02"};
  } else if (type == "decimal") {
    field.shapes = {"\x02.\x02", "\x02\x02.\x02"};
  } else if (type == "geopoint") {
    field.shapes.assign(
        2,
        "\x02\x02.\x02\x02\x02\x02\x02\x02\x02 \x02\x02\x02.\x02\x02\x02\x02\x02\x02\x02 \x02\x02\x02.\x02 \x02.\x02");
  }
}

}  // namespace

FormHints read_form_hints(std::string_view form_xml) {
  FormHints facts;
  if (form_xml.empty()) return facts;
  facts.blank = primary_instance(form_xml);
  XmlPieces pieces(form_xml);
  Piece piece;
  bool had_time = false;
  std::uint32_t choice = 0;
  bool one_of = false;
  std::string together;  // of a choice of several
  while (pieces.next(piece)) {
    const std::string_view name = local_name(piece.tag);
    const bool closing = closes(piece.tag);
    if (!closing && (name == "html" || piece.tag.find("xmlns") != std::string_view::npos)) {
      facts.root_tags.emplace_back(piece.tag);
    }
    if (name == "bind" && !closing) add_bind(facts, piece.tag, had_time);
    if (name == "select" || name == "select1") {
      if (closing && choice != 0 && !together.empty()) facts.fields[choice].shapes.push_back(together);
      together.clear();
      const std::string_view ref = attribute(piece.tag, "ref");
      choice = !closing && ref.starts_with('/') ? field_of(ref) : 0;
      one_of = name == "select1";
    }
    if (piece.kind != Piece::Kind::leaf || piece.value.empty()) continue;
    if (name == "value" && choice != 0) {
      facts.fields[choice].possible.emplace_back(piece.value);
      if (!one_of) together.append(together.empty() ? "" : " ").append(piece.value);
    } else if (name == "label" || name == "hint" || name == "title" || name == "value") {
      facts.texts.emplace_back(piece.value);
    }
  }
  return facts;
}

}  // namespace khuoi::sync
