// Whom a submission names: which of its questions ask for a name, an id number or a date of birth, and of whom.
#include <algorithm>
#include <optional>
#include <utility>

#include "node/acts/identity.h"

namespace khuoi::node {

namespace {

enum class AskedFor : std::uint8_t { nothing, name, id_number, birth, birth_day, birth_month };

/// What a question is called, as " ho ten me ": each word with a blank before and behind it.
class AskedWords final {
 public:
  explicit AskedWords(std::string_view text) {
    std::string apart;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto is_capital = [&](std::size_t at) { return text[at] >= 'A' && text[at] <= 'Z'; };
      const bool begins = i > 0 && is_capital(i) && text[i - 1] >= 'a' && text[i - 1] <= 'z';
      if (begins) apart.push_back(' ');  // hoTen
      apart.push_back(text[i]);
    }
    words_ = " ";
    for (const char c : sync::search_text(apart)) {
      const bool letter = c >= 'a' && c <= 'z';
      if (letter) words_.push_back(c);
      else if (words_.back() != ' ') words_.push_back(' ');
    }
    if (words_.back() != ' ') words_.push_back(' ');
  }
  [[nodiscard]] bool has(std::string_view words) const {
    return words_.find(" " + std::string(words) + " ") != std::string::npos;
  }
  template <std::size_t N>
  [[nodiscard]] bool has_any(const std::array<std::string_view, N>& of) const {
    return std::ranges::any_of(of, [&](std::string_view one) { return has(one); });
  }
  [[nodiscard]] bool is(std::string_view words) const { return words_ == " " + std::string(words) + " "; }
  [[nodiscard]] bool ends_with(std::string_view word) const { return words_.ends_with(" " + std::string(word) + " "); }

 private:
  std::string words_;
};

constexpr std::array<std::string_view, 15> id_words = {
    "cccd",       "cmnd",      "cmt",     "cmtnd",     "socccd",    "socmnd",    "dinh danh",  "dinhdanh",
    "sodinhdanh", "can cuoc", "cancuoc", "chung minh", "national id", "citizen id", "id number"};
constexpr std::array<std::string_view, 6> not_id_words = {"ngay", "noi", "cap", "han", "anh chup", "loai"};
constexpr std::array<std::string_view, 12> birth_words = {
    "ngay sinh", "ngaysinh", "nam sinh",      "namsinh",  "sinh ngay", "sinh nam",
    "birthday",  "birthdate", "date of birth", "birth date", "dob",      "year of birth"};
constexpr std::array<std::string_view, 5> not_birth_words = {"noi", "du", "chung", "giay", "dang ky"};
constexpr std::array<std::string_view, 6> name_words_asked = {"ho ten", "ho va ten", "hoten", "hovaten", "ho chu dem", "full name"};
/// With one of these, "ten" is that of a person.
constexpr std::array<std::string_view, 11> of_person_words = {"me",   "cha",   "bo",     "vo",    "chong", "con",
                                                             "tre", "nguoi", "chu ho", "khai", "be"};
constexpr std::array<std::string_view, 9> not_person_words = {"thuoc", "phan", "thu tuc", "noi", "thon", "xom", "co quan", "dang nhap", "benh"};
/// A question that is called as a person asks for the name.
constexpr std::array<std::string_view, 7> person_names = {"nguoi nop", "nguoi lien quan", "chu ho", "benh nhan", "nguoi khai", "nguoi yeu cau", "cong dan"};

AskedFor asked_by(const AskedWords& words) {
  if (words.has_any(id_words)) return words.has_any(not_id_words) ? AskedFor::nothing : AskedFor::id_number;
  if (words.has("thang sinh") && !words.has("ngay")) return AskedFor::birth_month;
  if (words.has_any(birth_words) || words.has("ngay thang nam sinh") || words.is("sinh"))
    return words.has_any(not_birth_words) ? AskedFor::nothing : words.has("ngay") && !words.has("nam") ? AskedFor::birth_day : AskedFor::birth;
  if (words.has_any(name_words_asked)) return AskedFor::name;
  const bool of_person = words.is("ten") || words.is("name") || words.has("ten day du") ||
                         (words.has("ten") && words.has_any(of_person_words) && !words.has_any(not_person_words));
  if (of_person) return AskedFor::name;
  const bool person = std::ranges::any_of(person_names, [&](std::string_view one) { return words.is(one); });
  return person ? AskedFor::name : AskedFor::nothing;
}

std::optional<PersonKind> kind_by(const AskedWords& words) {
  constexpr std::array<std::string_view, 13> declares = {"nguoi khai", "nop",     "nguoi nhan", "nguoi bao",  "nguoi nuoi", "lam chung", "uy quyen",
                                                        "giam ho",    "can bo", "dai dien",  "tra loi",    "declarant", "cha me"};
  constexpr std::array<std::string_view, 2> fathers = {"cha", "father"};
  constexpr std::array<std::string_view, 2> mothers = {"me", "mother"};
  constexpr std::array<std::string_view, 7> spouses = {"vo", "chong", "kia", "ban doi", "phoi ngau", "spouse", "vo chong"};
  constexpr std::array<std::string_view, 5> members = {"theo", "thanh vien", "tv", "nhan khau", "member"};
  constexpr std::array<std::string_view, 2> related = {"lien quan", "nlq"};
  constexpr std::array<std::string_view, 5> children = {"con", "tre", "chau", "em be", "child"};
  if (words.has_any(declares) || words.ends_with("khai")) return PersonKind::declarant;
  if (words.has("chu ho")) return PersonKind::head;
  if (words.has_any(mothers)) return PersonKind::mother;
  if (words.has_any(fathers) || (words.has("bo") && !words.has("can bo"))) return PersonKind::father;
  if (words.has_any(spouses)) return PersonKind::spouse;
  if (words.has_any(members)) return PersonKind::member;
  if (words.has_any(related)) return PersonKind::related;
  if (words.has_any(children)) return PersonKind::subject;
  return std::nullopt;
}

/// One person as it is read: also where it stands, and a birth in three answers.
struct ReadPerson : Identity {
  std::string place;
  std::uint32_t day = 0;
  std::uint32_t month = 0;
};

std::uint32_t small_number(std::string_view text) {
  const bool one = !text.empty() && text.size() <= 2 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  return one ? static_cast<std::uint32_t>(std::stoul(std::string(text))) : 0;
}

/// Whether it took the answer; not, when it has one of that question already.
bool take_answer(ReadPerson& to, AskedFor what, std::string_view text) {
  if (what == AskedFor::name) {
    if (!to.name.empty()) return false;
    to.name = name_words(text);
  } else if (what == AskedFor::id_number) {
    if (!to.id_number.empty()) return false;
    to.id_number = id_digits(text);
  } else if (what == AskedFor::birth_month || (what == AskedFor::birth_day && small_number(text) != 0)) {
    (what == AskedFor::birth_month ? to.month : to.day) = small_number(text);
  } else {
    if (to.born != 0) return false;
    const Birth birth = birth_of(text);
    to.born = birth.day;
    to.year_only = birth.year_only;
  }
  return true;
}

std::vector<ReadPerson> read_people(const sync::Answers& answers, const sync::FormLabels* labels) {
  std::vector<ReadPerson> out;
  for (const auto& [path, text] : answers) {
    if (path.starts_with("meta/")) continue;
    const std::size_t slash = path.rfind('/');
    const std::string place = slash == std::string::npos ? std::string() : path.substr(0, slash);
    std::string_view called = slash == std::string::npos ? std::string_view(path) : std::string_view(path).substr(slash + 1);
    if (labels != nullptr) {
      const auto question = labels->questions.find(path);
      if (question == labels->questions.end()) continue;
      called = question->second.label;
    }
    const AskedWords words(called);
    const AskedFor what = asked_by(words);
    if (what == AskedFor::nothing) continue;
    std::optional<PersonKind> kind = kind_by(words);
    if (!kind && !place.empty()) kind = kind_by(AskedWords(place.substr(place.rfind('/') + 1)));
    const PersonKind of = kind.value_or(PersonKind::subject);
    // Of a group that repeats, the last.
    const auto known = std::find_if(out.rbegin(), out.rend(), [&](const ReadPerson& one) { return one.place == place && one.kind == of; });
    if (known != out.rend() && take_answer(*known, what, text)) continue;
    constexpr std::size_t people_max = 64;
    if (out.size() >= people_max) break;
    ReadPerson fresh;
    fresh.place = place;
    fresh.kind = of;
    (void)take_answer(fresh, what, text);
    out.push_back(std::move(fresh));
  }
  for (ReadPerson& one : out) {
    const bool in_three = one.born != 0 && one.day != 0 && one.month >= 1 && one.month <= 12 && one.day <= 31;
    if (!in_three) continue;
    one.born = one.born / 10000 * 10000 + one.month * 100 + one.day;
    one.year_only = one.month == 1 && one.day == 1;
  }
  return out;
}

/// What `from` says and `to` does not.
void complete(ReadPerson& to, const ReadPerson& from) {
  if (to.id_number.empty()) to.id_number = from.id_number;
  if (to.name.empty()) to.name = from.name;
  if (to.born == 0 || (to.year_only && from.born != 0 && !from.year_only && to.born / 10000 == from.born / 10000)) {
    to.born = from.born;
    to.year_only = from.year_only;
  }
}

bool is_other_kind(PersonKind kind) { return kind == PersonKind::head || kind == PersonKind::declarant; }

/// Somebody without a name, and who has one and lacks the rest, are one; so are two of one name.
void join_parts(std::vector<ReadPerson>& people) {
  for (std::size_t i = 0; i < people.size(); ++i) {
    for (std::size_t j = 0; j < people.size(); ++j) {
      ReadPerson& to = people[i];
      const ReadPerson& from = people[j];
      if (i == j || to.name.empty() || is_other_kind(from.kind)) continue;
      const bool lacks = (from.id_number.empty() || to.id_number.empty()) && (from.born == 0 || to.born == 0);
      const bool takes = from.name.empty() && from.kind == PersonKind::subject &&
                         (to.kind == PersonKind::subject || (to.kind == PersonKind::declarant && to.place == from.place));
      if (!lacks || !takes) continue;
      complete(to, from);
      to.kind = PersonKind::subject;
      people[j] = ReadPerson();
      people[j].kind = PersonKind::declarant;
    }
  }
  for (std::size_t i = 0; i < people.size(); ++i) {
    for (std::size_t j = people.size() - 1; j > i; --j) {
      const auto clash = [](const auto& one, const auto& other, const auto& none) { return one != none && other != none && one != other; };
      if (people[i].name.empty() || people[i].name != people[j].name) continue;
      if (clash(people[i].id_number, people[j].id_number, std::string())) continue;
      if (people[i].born / 10000 != people[j].born / 10000 && people[i].born != 0 && people[j].born != 0) continue;
      if (is_other_kind(people[i].kind)) std::swap(people[i], people[j]);
      complete(people[i], people[j]);
      people.erase(people.begin() + static_cast<std::ptrdiff_t>(j));
    }
  }
}

bool says_enough(const Identity& one) {
  const bool by_name = !one.name.empty() && (one.born != 0 || !one.id_number.empty());
  if (one.kind == PersonKind::subject) return by_name || !one.id_number.empty();
  return !one.id_number.empty() || (by_name && !one.year_only);
}

}  // namespace

std::vector<Identity> identities_of(const sync::Answers& answers, const sync::FormLabels* labels) {
  std::vector<ReadPerson> people = read_people(answers, labels);
  join_parts(people);
  std::erase_if(people, [](const ReadPerson& one) { return one.name.empty() && one.id_number.empty(); });
  constexpr std::array order = {PersonKind::subject, PersonKind::head,   PersonKind::related, PersonKind::spouse,
                                PersonKind::member,  PersonKind::mother, PersonKind::father,  PersonKind::declarant};
  for (const PersonKind kind : order) {
    const auto first = std::ranges::find(people, kind, &ReadPerson::kind);
    if (first == people.end()) continue;
    first->kind = PersonKind::subject;
    std::rotate(people.begin(), first, first + 1);
    break;
  }
  std::vector<Identity> out;
  for (ReadPerson& one : people) {
    const bool kept = says_enough(one) && !is_other_kind(one.kind) && out.size() < identities_max;
    if (kept) out.push_back(std::move(one));
  }
  return out;
}

bool labels_may_tell(const sync::Answers& answers, const std::vector<Identity>& found) {
  if (!found.empty() && found[0].kind == PersonKind::subject) return false;
  return std::ranges::any_of(answers, [](const auto& one) {
    return !one.first.starts_with("meta/") && one.second.size() < 32 && (!id_digits(one.second).empty() || birth_of(one.second).day != 0);
  });
}

}  // namespace khuoi::node
