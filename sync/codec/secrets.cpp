#include "sync/codec/secrets.h"

#include <algorithm>
#include <vector>

#include "sync/codec/numbers.h"
#include "sync/codec/people.h"
#include "sync/codec/value_tokens.h"
#include "sync/codec/xml_pieces.h"

namespace khuoi::sync {
namespace {

template <typename Visit>
void each_leaf(std::string_view text, Visit visit) {
  XmlPath path;
  XmlPieces pieces(text);
  for (Piece piece; pieces.next(piece); path.pass(piece.kind, piece.tag)) {
    if (piece.kind == Piece::Kind::leaf && !piece.value.empty()) visit(XmlPath::step(path.place(), name_of_tag(piece.tag)), piece.value);
  }
}

struct Digits {
  std::string all;
  std::size_t runs = 0;
  std::size_t last = 0;  // offset of the last one
};
Digits digits_of(std::string_view text) {
  Digits out;
  bool in_run = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool digit = text[at] >= '0' && text[at] <= '9';
    if (digit) {
      out.all.push_back(text[at]);
      out.last = at;
      if (!in_run) ++out.runs;
    }
    in_run = digit;
  }
  return out;
}

}  // namespace

std::set<std::uint32_t> name_fields(std::span<const std::string_view> submissions) {
  struct Seen {
    std::size_t values = 0;
    std::size_t names = 0;
  };
  std::map<std::uint32_t, Seen> seen;
  for (const std::string_view text : submissions) {
    each_leaf(text, [&](std::uint32_t field, std::string_view value) {
      if (value.find(' ') == std::string_view::npos) return;
      ++seen[field].values;
      if (is_name(value)) ++seen[field].names;
    });
  }
  std::set<std::uint32_t> out;
  for (const auto& [field, counts] : seen) {
    if (counts.names * 2 >= counts.values) out.insert(field);
  }
  return out;
}

std::size_t bearers_max(std::size_t submissions) { return std::max<std::size_t>(5, submissions / 10); }

Secrets::Secrets(std::span<const std::string_view> submissions, std::span<const std::uint32_t> people)
    : name_fields_(name_fields(submissions)) {
  std::map<std::string, std::set<std::uint32_t>> given;
  for (std::size_t at = 0; at < submissions.size(); ++at) {
    each_leaf(submissions[at], [&](std::uint32_t field, std::string_view value) {
      for (const std::string_view name : names_in(value)) given[folded(name)].insert(people[at]);
      if (name_fields_.contains(field) && words_of(value) >= 2) given[folded(value)].insert(people[at]);
      add_number(value, people[at]);
    });
  }
  for (const auto& [name, givers] : given) {
    // A place's name has two words here more often than not, and is in the records of many.
    const bool place = words_of(name) < full_name_words && givers.size() > bearers_max(submissions.size());
    if (!place) names_.insert(name);
  }
}

void Secrets::add_number(std::string_view value, std::uint32_t person) {
  const Digits digits = digits_of(value);
  if (digits.runs < 2 || digits.all.size() < number_digits_min) return;
  // Three people born on one day are not told apart by it; what stands among words may say more.
  std::set<std::uint32_t>& givers = numbers_[digits.all];
  if (has_words(value)) {
    told_in_words_.insert(digits.all);
  } else if (givers.size() < GivenBy::people_min) {
    givers.insert(person);
  }
}

std::optional<std::size_t> Secrets::name_at(std::string_view text, std::size_t words_min) const {
  std::vector<std::string> words;  // those just before, one space apart
  std::size_t at = 0;
  while (at < text.size()) {
    const Token token = token_at(text.substr(at), false);
    at += token.text.size();
    if (token.kind != Token::Kind::word) {
      words.clear();
      continue;
    }
    const bool spaced = token.text[0] == ' ';
    if (!spaced) words.clear();
    words.push_back(folded(token.text.substr(spaced ? 1 : 0)));
    if (words.size() > words_max) words.erase(words.begin());
    std::string phrase = words.back();
    for (std::size_t more = 2; more <= words.size(); ++more) {
      phrase.insert(0, words[words.size() - more] + " ");
      if (more >= words_min && names_.contains(phrase)) return at - 1;
    }
  }
  return std::nullopt;
}

bool Secrets::named_in(std::uint32_t field, std::string_view text) const {
  if (!names_in(text).empty() || text.find('@') != std::string_view::npos) return true;
  if (name_fields_.contains(field) && text.find(' ') != std::string_view::npos) return true;
  return name_at(text, full_name_words).has_value();
}

std::optional<std::size_t> Secrets::told_at(std::string_view text) const {
  if (const auto found = name_at(text, full_name_words)) return found;
  for (const std::string_view name : names_in(text)) {
    if (const auto found = name_at(name, 2)) return static_cast<std::size_t>(name.data() - text.data()) + *found;
  }
  const Digits digits = digits_of(text);
  if (digits.runs < 2 || digits.all.size() < number_digits_min || has_mark(text)) return std::nullopt;
  const auto found = numbers_.find(digits.all);
  const bool told = found != numbers_.end() && found->second.size() < GivenBy::people_min;
  if (told || (has_words(text) && told_in_words_.contains(digits.all))) return digits.last;
  return std::nullopt;
}

}  // namespace khuoi::sync
