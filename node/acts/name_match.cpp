#include "node/acts/name_match.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace khuoi::node {

namespace {

/// A word of one of the names that the other has not.
struct LeftOver {
  std::string_view word;
  bool first = false;
  bool last = false;
};

std::vector<LeftOver> words_in(std::string_view name) {
  std::vector<LeftOver> out;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find(' '), name.size());
    out.push_back({name.substr(0, end), out.empty(), false});
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  if (!out.empty()) out.back().last = true;
  return out;
}

/// Given names of which many bear each: two of them that differ by a letter are rather two people (twins) than an error.
/// After folding, so "huyen" is huien. In order.
constexpr std::array<std::string_view, 137> usual_given_names = {
    "an", "anh", "bich", "binh", "chau", "chi", "chien", "chinh", "chu", "cong", "cu", "cuc", "cuong", "dao",
    "dat", "de", "diep", "dinh", "dong", "duc", "dui", "dung", "duong", "giang", "ha", "hai", "han", "hang",
    "hanh", "hao", "hien", "hiep", "hieu", "hoa", "hoai", "hoan", "hoang", "hong", "hop", "hue", "hui", "huien",
    "hung", "huong", "ien", "khanh", "khoa", "khoi", "kien", "kim", "lam", "lan", "le", "li", "lien", "linh",
    "loan", "loi", "long", "lu", "luan", "luong", "mai", "manh", "mi", "minh", "nam", "nga", "ngan", "nghia",
    "ngoc", "nguiet", "nhan", "nhi", "nhung", "ninh", "oanh", "pao", "phong", "phu", "phuc", "phung", "phuong",
    "quan", "quang", "que", "qui", "quien", "quiet", "quinh", "quoc", "sai", "sang", "sinh", "son", "tai", "tam",
    "tan", "tao", "thai", "thang", "thanh", "thao", "the", "thi", "thinh", "tho", "thoa", "thoan", "thoi", "thom",
    "thu", "thuan", "thui", "tien", "tinh", "toan", "trang", "tri", "trinh", "trong", "trung", "truong", "tu",
    "tuan", "tuien", "tuiet", "tung", "uien", "van", "vi", "viet", "vinh", "vu", "vui", "vuong", "xuan"};
static_assert(std::ranges::is_sorted(usual_given_names));

bool is_usual(std::string_view word) { return std::ranges::binary_search(usual_given_names, word); }

bool is_middle(const LeftOver& one) {
  return one.word == "thi" || (one.word == "van" && !one.first && !one.last);
}
/// How one calls somebody, before the name.
bool is_title(const LeftOver& one) {
  constexpr std::array<std::string_view, 6> titles = {"ong", "ba", "anh", "chi", "em", "chau"};
  return one.first && std::ranges::find(titles, one.word) != titles.end();
}

std::string squeezed(std::string_view name) {
  std::string out(name);
  std::erase(out, ' ');
  return out;
}

/// As the north says it: s and x, ch and tr, d, gi and r, l and n are one sound, c, k and q are written for one.
std::string as_spoken(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> sounds = {
      {{"tr", "c"}, {"ch", "c"}, {"gi", "d"}, {"ngh", "ng"}, {"gh", "g"}, {"x", "s"}, {"r", "d"}, {"n", "l"}, {"k", "q"}, {"c", "q"}}};
  for (const auto& [written, sound] : sounds) {
    const bool stays = written == "n" && word.starts_with("ng");
    if (word.starts_with(written) && !stays) return std::string(sound) + std::string(word.substr(written.size()));
  }
  return std::string(word);
}

/// One word of each name, where all others are the same.
NameMatch match_last_words(const LeftOver& a, const LeftOver& b) {
  const bool both_middle = !a.first && !a.last && !b.first && !b.last;
  if (a.word.size() == 1 && b.word.size() == 1) return both_middle ? NameMatch::alike : NameMatch::loose;
  if (!one_edit_apart(a.word, b.word) && as_spoken(a.word) != as_spoken(b.word)) return NameMatch::related;
  return a.last && b.last && is_usual(a.word) && is_usual(b.word) ? NameMatch::loose : NameMatch::alike;
}

/// Of names of which more than one word differs.
NameMatch match_ends(std::string_view a, std::string_view b, std::size_t shared) {
  const bool ends = a.substr(0, a.find(' ')) == b.substr(0, b.find(' ')) && a.substr(a.rfind(' ') + 1) == b.substr(b.rfind(' ') + 1);
  if (ends) return NameMatch::loose;
  if (one_edit_apart(squeezed(a), squeezed(b))) return NameMatch::alike;
  return shared > 0 ? NameMatch::related : NameMatch::different;
}

}  // namespace

bool one_edit_apart(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  std::size_t begin = 0;
  while (begin < a.size() && a[begin] == b[begin]) ++begin;
  a.remove_prefix(begin);
  b.remove_prefix(begin);
  while (!a.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
  if (a.size() != b.size()) return a.empty() && b.size() == 1;
  return a.size() == 1 || (a.size() == 2 && a[0] == b[1] && a[1] == b[0]);
}

NameMatch match_names(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return NameMatch::unknown;
  if (a == b) return NameMatch::same;
  const std::vector<LeftOver> all_a = words_in(a);
  const std::vector<LeftOver> all_b = words_in(b);
  std::vector<LeftOver> left_a;
  std::vector<LeftOver> left_b = all_b;
  std::size_t shared = 0;  // but Thị and Văn
  std::size_t equal = 0;
  for (auto at = all_a.rbegin(); at != all_a.rend(); ++at) {  // from the end, so that a given name Văn meets its like
    const LeftOver& one = *at;
    const auto found = std::find_if(left_b.rbegin(), left_b.rend(), [&](const LeftOver& other) { return other.word == one.word; });
    if (found == left_b.rend()) {
      left_a.push_back(one);
      continue;
    }
    shared += is_middle(one) ? 0 : 1;
    ++equal;
    left_b.erase(std::next(found).base());
  }
  if ((left_a.empty() && left_b.empty()) || squeezed(a) == squeezed(b)) return NameMatch::same;
  if (equal > 0 && left_a.size() == 1 && left_b.size() == 1) {
    const NameMatch one = match_last_words(left_a[0], left_b[0]);
    if (one != NameMatch::related) return one;
  }
  const auto strip = [](std::vector<LeftOver>& from) {
    return std::erase_if(from, [](const LeftOver& one) { return is_middle(one) || is_title(one); }) > 0;
  };
  const bool stripped_a = strip(left_a);
  const bool stripped_b = strip(left_b);
  if (stripped_a && stripped_b) return match_ends(a, b, shared);  // Thị here, Văn there
  if (shared >= 2 && left_a.empty() && left_b.empty()) return NameMatch::shorter;
  const std::vector<LeftOver>& more = left_a.empty() ? left_b : left_a;
  const bool only_middle = more.size() == 1 && !more[0].first && !more[0].last;
  if (shared >= 2 && (left_a.empty() || left_b.empty()) && only_middle) return NameMatch::part;
  if (shared > 0 && left_a.size() == 1 && left_b.size() == 1 && (stripped_a || stripped_b)) {
    const NameMatch one = match_last_words(left_a[0], left_b[0]);
    if (one != NameMatch::related) return one;
  }
  return match_ends(a, b, shared);
}

}  // namespace khuoi::node
