#include "sync/codec/people.h"

#include <numeric>

#include "sync/codec/numbers.h"
#include "sync/codec/secrets.h"
#include "sync/codec/xml_pieces.h"

namespace khuoi::sync {
namespace {

constexpr std::size_t full_name_words = 3;

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

std::vector<std::uint32_t> people_of(std::span<const std::string_view> submissions) {
  std::map<std::string, std::vector<std::uint32_t>> by_number;
  std::map<std::string, std::vector<std::uint32_t>> by_name;
  const std::set<std::uint32_t> fields = name_fields(submissions);
  for (std::uint32_t at = 0; at < submissions.size(); ++at) {
    const auto add_name = [&](std::string_view name) {
      if (words_of(name) < full_name_words) return;
      std::vector<std::uint32_t>& bearers = by_name[folded(name)];
      if (bearers.empty() || bearers.back() != at) bearers.push_back(at);
    };
    XmlPath path;
    XmlPieces pieces(submissions[at]);
    for (Piece piece; pieces.next(piece); path.pass(piece.kind, piece.tag)) {
      if (piece.kind != Piece::Kind::leaf) continue;  // a form's version may be a long number too
      for (const LongNumber& number : long_numbers(piece.value)) by_number[number.digits].push_back(at);
      for (const std::string_view name : names_in(piece.value)) add_name(name);
      if (fields.contains(XmlPath::step(path.place(), name_of_tag(piece.tag)))) add_name(piece.value);
    }
  }
  Groups groups(submissions.size());
  for (const auto& [number, which] : by_number) {
    for (const std::uint32_t at : which) groups.join(at, which[0]);
  }
  for (const auto& [name, which] : by_name) {
    if (which.size() > bearers_max(submissions.size())) continue;
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
