#include "sync/codec/xml_pieces.h"

#include <cstring>

namespace khuoi::sync {
namespace {

bool in_name(char octet) {
  return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || (octet >= '0' && octet <= '9') ||
         octet == ':' || octet == '_' || octet == '.' || octet == '-';
}

bool is_space(char octet) { return octet == ' ' || octet == '\n' || octet == '\t' || octet == '\r'; }

}  // namespace

std::string_view name_of_tag(std::string_view tag) {
  std::size_t end = 1;
  while (end < tag.size() && in_name(tag[end])) ++end;
  return tag.empty() ? tag : tag.substr(1, end - 1);
}

bool opens(std::string_view tag) {
  if (tag.size() < 3 || tag[0] != '<' || tag.back() != '>' || tag[tag.size() - 2] == '/') return false;
  const std::size_t name = name_of_tag(tag).size();
  return name != 0 && (name + 2 == tag.size() || is_space(tag[name + 1]));
}

bool XmlPieces::next(Piece& piece) {
  if (left_.empty()) return false;
  const std::size_t next = left_.find('<', 1);
  const std::string_view part = left_.substr(0, next);
  left_.remove_prefix(part.size());
  piece = {};
  const std::size_t end = part[0] == '<' ? part.find('>') : std::string_view::npos;
  if (end == std::string_view::npos) {
    piece.tag = part;
    return true;
  }
  piece.kind = Piece::Kind::tag;
  piece.tag = part.substr(0, end + 1);
  piece.tail = part.substr(end + 1);
  if (!opens(piece.tag)) return true;
  const std::string_view name = name_of_tag(piece.tag);
  const std::size_t closing = name.size() + 3;
  if (left_.size() < closing || left_[1] != '/' || left_.substr(2, name.size()) != name || left_[closing - 1] != '>') {
    return true;
  }
  piece.kind = Piece::Kind::leaf;
  piece.value = piece.tail;
  const std::size_t after = left_.find('<', 1);
  piece.tail = left_.substr(0, after).substr(closing);
  left_.remove_prefix(closing + piece.tail.size());
  return true;
}

std::uint32_t XmlPath::step(std::uint32_t path, std::string_view name) {
  std::uint32_t hash = path ^ 0x811C9DC5U;
  for (const char octet : name) hash = (hash ^ static_cast<std::uint8_t>(octet)) * 0x01000193U;
  hash = (hash ^ (hash >> 15U)) * 0x2C1B3C6DU;
  return hash ^ (hash >> 13U);
}

void XmlPath::pass(Piece::Kind kind, std::string_view tag) {
  if (kind != Piece::Kind::tag) return;
  if (closes(tag)) {
    if (!open_.empty()) open_.pop_back();
  } else if (opens(tag)) {
    if (open_.empty()) root_ = step(1, tag);
    open_.push_back(step(path(), name_of_tag(tag)));
  }
}

}  // namespace khuoi::sync
