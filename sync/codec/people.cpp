#include "sync/codec/people.h"

#include <algorithm>
#include <numeric>

#include "sync/codec/letters.h"
#include "sync/codec/value_tokens.h"
#include "sync/codec/xml_pieces.h"

namespace khuoi::sync {
namespace {

constexpr std::size_t id_digits_min = 9;
constexpr std::size_t full_name_words = 3;

std::vector<std::string_view> long_numbers(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    if (end - at >= id_digits_min) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

class Groups final {
 public:
  explicit Groups(std::size_t count) : parents_(count) { std::iota(parents_.begin(), parents_.end(), 0U); }
  std::uint32_t find(std::uint32_t at) {
    while (parents_[at] != at) at = parents_[at] = parents_[parents_[at]];
    return at;
  }
  void join(std::uint32_t a, std::uint32_t b) { parents_[find(a)] = find(b); }

 private:
  std::vector<std::uint32_t> parents_;
};

}  // namespace

bool is_name(std::string_view text) {
  std::size_t words = 0;
  while (!text.empty()) {
    const Token token = token_at(text, false);
    if (token.kind != Token::Kind::word) return false;
    const bool space = token.text[0] == ' ';
    if (space != (words > 0) || !is_upper(character_at(token.text.substr(space ? 1 : 0)).character)) return false;
    text.remove_prefix(token.text.size());
    ++words;
  }
  return words >= 2;
}

std::vector<std::uint32_t> people_of(std::span<const std::string_view> submissions) {
  std::map<std::string_view, std::vector<std::uint32_t>> by_number;
  std::map<std::string_view, std::vector<std::uint32_t>> by_name;
  for (std::uint32_t at = 0; at < submissions.size(); ++at) {
    XmlPieces pieces(submissions[at]);
    for (Piece piece; pieces.next(piece);) {
      if (piece.kind != Piece::Kind::leaf) continue;  // a form's version may be a long number too
      for (const std::string_view number : long_numbers(piece.value)) by_number[number].push_back(at);
      const auto spaces = static_cast<std::size_t>(std::count(piece.value.begin(), piece.value.end(), ' '));
      if (spaces + 1 >= full_name_words && is_name(piece.value)) by_name[piece.value].push_back(at);
    }
  }
  Groups groups(submissions.size());
  for (const auto& [number, which] : by_number) {
    for (const std::uint32_t at : which) groups.join(at, which[0]);
  }
  // A name in every tenth record is an official's or a place's.
  const std::size_t bearers_max = std::max<std::size_t>(5, submissions.size() / 10);
  for (const auto& [name, which] : by_name) {
    if (which.size() > bearers_max) continue;
    for (const std::uint32_t at : which) groups.join(at, which[0]);
  }
  std::vector<std::uint32_t> out(submissions.size());
  for (std::uint32_t at = 0; at < out.size(); ++at) out[at] = groups.find(at);
  return out;
}

void GivenBy::add(const std::string& thing, std::uint32_t person) {
  Givers& givers = givers_[thing];
  if (givers.count == people_min) return;
  for (std::size_t at = 0; at < givers.count; ++at) {
    if (givers.people[at] == person) return;
  }
  givers.people[givers.count++] = person;
}

bool GivenBy::enough(const std::string& thing) const {
  const auto found = givers_.find(thing);
  return found != givers_.end() && found->second.count == people_min;
}

}  // namespace khuoi::sync
