#pragma once

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// One cut of an XML text, at each `<`. Joining the pieces gives the octets back, whether or not they are XML:
/// leaf: `<t>` value `</t>` tail; tag: `<...>` tail; other: octets that are neither.
struct Piece {
  enum class Kind : char { leaf = 'L', tag = 'T', other = 'R' };
  Kind kind = Kind::other;
  std::string_view tag;    // `<...>` whole, or the octets of `other`
  std::string_view value;  // of a leaf
  std::string_view tail;   // what follows up to the next `<`
};

/// Cuts pieces off the front of a text, which it borrows.
class XmlPieces final {
 public:
  explicit XmlPieces(std::string_view text) : left_(text) {}
  /// False at the end.
  bool next(Piece& piece);

 private:
  std::string_view left_;
};

/// The name in `<name ...`; empty if there is none.
std::string_view name_of_tag(std::string_view tag);
/// `<name ...>`, and not `<name ... />`.
bool opens(std::string_view tag);
inline bool closes(std::string_view tag) { return tag.size() > 1 && tag[0] == '<' && tag[1] == '/'; }

/// Where in the document the next piece stands. Pieces of any order are taken; wrong nesting costs octets only.
class XmlPath final {
 public:
  void pass(Piece::Kind kind, std::string_view tag);
  /// Numbers for: the path with the root's whole tag (a form and its version), the path alone, a child of it.
  [[nodiscard]] std::uint32_t place() const { return root_ ^ (path() * 0x9E3779B1U); }
  [[nodiscard]] std::uint32_t path() const { return open_.empty() ? 0 : open_.back(); }
  [[nodiscard]] std::uint32_t field(std::string_view name) const { return step(path(), name); }
  [[nodiscard]] std::uint32_t root() const { return root_; }
  [[nodiscard]] std::uint32_t depth() const { return static_cast<std::uint32_t>(open_.size()); }
  static std::uint32_t step(std::uint32_t path, std::string_view name);

 private:
  std::uint32_t root_ = 0;
  std::vector<std::uint32_t> open_;
};

}  // namespace khuoi::sync
