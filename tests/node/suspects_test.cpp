// Whom a dossier names, when two are one person, and what the index of them forgets.
#include "node/acts/suspects.h"

#include <catch2/catch.hpp>

#include "node/acts/name_match.h"
#include "tests/support/planted_people.h"

using namespace khuoi;
using namespace khuoi::tests;
using node::Identity;
using node::NameMatch;
using node::PersonKind;
using node::SuspectIndex;
using node::SuspectWhy;

namespace {

Identity someone(const std::string& name, const std::string& born, const std::string& id_number = "") {
  const node::Birth birth = node::birth_of(born);
  return {PersonKind::subject, birth.year_only, birth.day, node::id_digits(id_number), node::name_words(name)};
}

SuspectWhy why_of(const Identity& a, const Identity& b) {
  const auto one = node::likeness(a, b);
  CHECK(node::likeness(b, a).score == one.score);
  return one.score >= node::suspect_score ? one.why : SuspectWhy::none;
}

constexpr const char* her_name = "Lò Thị Mai";
constexpr const char* her_day = "1985-04-03";
constexpr const char* her_number = "019185123406";

std::vector<std::uint32_t> suspects_of(const SuspectIndex& index, std::uint32_t of) {
  std::vector<std::uint32_t> out;
  for (const auto& one : index.of(of)) out.push_back(one.number);
  return out;
}

}  // namespace

TEST_CASE("identity: a child is whom its birth's dossier is about, and its parents are not mixed up with it", "[node][identity]") {
  const auto people = node::identities_of({{"thu_tuc", "1.001193"},
                                           {"tre/ho_ten", "Lò Văn An"},
                                           {"tre/ngay_sinh", "2026-11-02"},
                                           {"tre/noi_sinh_ten", "Trạm y tế"},
                                           {"me/ho_ten_me", her_name},
                                           {"me/nam_sinh_me", "1985"},
                                           {"me/cccd_me", her_number},
                                           {"cha/ho_ten_cha", "Lò Văn Bình"},
                                           {"nguoi_khai/ho_ten_khai", her_name},
                                           {"nguoi_khai/cccd_khai", her_number},
                                           {"meta/instanceName", "Lò Văn An"}});
  REQUIRE(people.size() == 2);  // of the father there is a name and no more
  CHECK(people[0] == someone("Lò Văn An", "2026-11-02"));
  CHECK(people[1].kind == PersonKind::mother);
  CHECK(people[1].id_number == her_number);
  CHECK(people[1].year_only);
}

TEST_CASE("identity: names of questions may be joined, foreign or in one group with another's", "[node][identity]") {
  const Identity one = someone(her_name, her_day, her_number);
  CHECK(node::identities_of({{"hoVaTen", her_name}, {"ngaySinh", "03/04/1985"}, {"soCCCD", her_number}}) == std::vector{one});
  CHECK(node::identities_of({{"full_name", her_name}, {"date_of_birth", her_day}, {"id_number", "019 185 123 406"}}) == std::vector{one});
  CHECK(node::identities_of({{"a/ho_ten", her_name}, {"a/ngay_sinh", "3"}, {"a/thang_sinh", "4"}, {"a/nam_sinh", "1985"}, {"a/cccd", her_number}}) ==
        std::vector{one});
  const auto moved = node::identities_of({{"nguoi/ho_ten", her_name}, {"nguoi/ngay_sinh", her_day}, {"nguoi/cccd", her_number},
                                          {"cho_o/ten_chu_ho", "Lò Văn Bình"}, {"cho_o/cccd_chu_ho", "019085123407"},
                                          {"nguoi_theo/ho_ten_theo", "Lò Văn An"}, {"nguoi_theo/ngay_sinh_theo", "2015-01-02"},
                                          {"nguoi_theo/ho_ten_theo", "Lò Văn Em"}, {"nguoi_theo/ngay_sinh_theo", "2017-01-02"}});
  REQUIRE(moved.size() == 3);
  CHECK(moved[0] == one);
  CHECK(moved[2].kind == PersonKind::member);
  CHECK(moved[2].name == "lo van em");
  const auto handed_in = node::identities_of({{"noidung/ten_thu_tuc", "Đăng ký khai tử"}, {"noidung/nguoi_nop", her_name}, {"noidung/so_cccd", her_number},
                                              {"noidung/ngay_cap", "2021-02-03"}, {"noidung/nguoi_lien_quan", "Lò Văn Em"},
                                              {"noidung/ngay_sinh_nlq", her_day}});
  REQUIRE(handed_in.size() == 2);
  CHECK(handed_in[0] == someone(her_name, "", her_number));
  CHECK(handed_in[1].kind == PersonKind::related);
  CHECK(node::identities_of({{"chu_ho/ho_ten", her_name}, {"chu_ho/nam_sinh", "1985"}})[0].kind == PersonKind::subject);
  CHECK(node::identities_of({{"phun/ten_thuoc", "Abamectin"}, {"lo/ngay", her_day}}).empty());
}

TEST_CASE("identity: where the names of questions tell nobody, what the form calls them does", "[node][identity]") {
  const sync::Answers answers = {{"q1", her_name}, {"q2", her_day}, {"q3", her_number}, {"q4", "Lò Văn Bình"}};
  sync::FormLabels labels;
  labels.questions["q1"].label = "Họ, chữ đệm, tên người yêu cầu";
  labels.questions["q2"].label = "Ngày, tháng, năm sinh";
  labels.questions["q3"].label = "Số định danh cá nhân / CCCD";
  labels.questions["q4"].label = "Họ và tên bố";
  const auto by_names = node::identities_of(answers);
  CHECK(by_names.empty());
  CHECK(node::labels_may_tell(answers, by_names));
  CHECK_FALSE(node::labels_may_tell({{"q1", "mất nước"}}, {}));
  CHECK(node::identities_of(answers, &labels) == std::vector{someone(her_name, her_day, her_number)});
}

TEST_CASE("identity: dates and numbers as clerks write them", "[node][identity]") {
  for (const char* text : {"1985-04-03", "3/4/1985", "03.04.85", "03041985", "19850403", "1985-04-03T00:00:00+07:00", "ngày 3 tháng 4 năm 1985"}) {
    CAPTURE(text);
    CHECK(node::birth_of(text).day == 19850403);
  }
  CHECK(node::birth_of("13/25/1985").year_only);
  CHECK(node::birth_of("1985").year_only);
  CHECK(node::birth_of("4/1985").day == 19850101);
  CHECK(node::birth_of("hôm qua").day == 0);
  CHECK(node::birth_of("99999999999999999999").day == 0);
  CHECK(node::id_digits("19185123406") == her_number);
  CHECK(node::id_digits("019.185.123.406") == her_number);
  CHECK(node::id_digits("095012345678").size() == 0);
  for (const char* none : {"000000000000", "123456789012", "012345678912", "019000000000", "không", "0912", "1234567890123456"}) {
    CAPTURE(none);
    CHECK(node::id_digits(none).empty());
  }
}

TEST_CASE("identity: words of a name", "[node][identity]") {
  CHECK(node::name_words("  ĐẶNG  Thị Thúy ") == "dang thi thui");
  CHECK(node::name_words("Nguyeenx Vawn Thuyr") == "nguien van thui");
  CHECK(node::name_words("Ng. V. Lý") == "nguien van li");
  CHECK(node::name_words(std::string(100000, 'x')).size() <= 60);
  CHECK(node::match_names("lo thi mai", "mai lo thi") == NameMatch::same);
  CHECK(node::match_names("lo thi mai", "lo mai") == NameMatch::shorter);
  CHECK(node::match_names("ma van van", "ma van") == NameMatch::shorter);
  CHECK(node::match_names("lo thi mai", "lo van mai") == NameMatch::loose);
  CHECK(node::match_names("lo thi mai", "lo thi mia") == NameMatch::alike);
  CHECK(node::match_names("lo thi lan", "lo thi loan") == NameMatch::loose);  // both are usual
  CHECK(node::match_names("lo thi sinh", "lo thi xinh") == NameMatch::alike);
  CHECK(node::match_names("lo thi mai", "") == NameMatch::unknown);
  CHECK(node::match_names("lo thi mai", "ha van an") == NameMatch::different);
}

TEST_CASE("identity: one person, by each rule, and not two", "[node][identity]") {
  const Identity one = someone(her_name, her_day, her_number);
  CHECK(why_of(one, someone("Lò Mai", "", her_number)) == SuspectWhy::same_id);
  CHECK(why_of(one, someone("LO THI MAI", her_day, "019185123046")) == SuspectWhy::near_id);
  CHECK(why_of(one, someone(her_name, her_day)) == SuspectWhy::name_and_birth);
  CHECK(why_of(one, someone(her_name, "1985-03-04", "123456782")) == SuspectWhy::swapped_birth);
  CHECK(why_of(one, someone("Lo Thi Mia", her_day)) == SuspectWhy::alike_name);
  CHECK(why_of(one, someone(her_name, "1985")) == SuspectWhy::name_and_year);
  CHECK(why_of(one, someone(her_name, "1985-04-07")) == SuspectWhy::none);
  CHECK(why_of(one, someone(her_name, her_day, "019185777888")) == SuspectWhy::none);
  CHECK(why_of(one, someone("Lò Thị Lan", her_day, "019185123407")) == SuspectWhy::none);
  CHECK(why_of(one, someone("Hà Văn An", "1950-01-02", her_number)) == SuspectWhy::none);
  Identity mother = one;
  mother.kind = PersonKind::mother;
  CHECK(why_of(one, mother) == SuspectWhy::same_id);
  mother.id_number.clear();
  CHECK(why_of(one, mother) == SuspectWhy::none);
  CHECK(node::likeness(one, someone(her_name, "1985"), 100).score < node::suspect_score);
}

TEST_CASE("identity: octets say the same, and octets of no identity are refused", "[node][identity]") {
  for (const Identity& one : {someone(her_name, her_day, her_number), someone(her_name, "1985"), someone("", "", her_number), Identity()}) {
    const Bytes octets = octets_of_part(one);
    CHECK(octets.size() <= 32);
    const auto back = part_of<Identity>(octets);
    REQUIRE(back);
    CHECK(*back == one);
    for (std::size_t cut = 0; cut < octets.size(); ++cut) CHECK_FALSE(part_of<Identity>(ByteView(octets).first(cut)));
  }
  CHECK_FALSE(part_of<Identity>(Bytes{0x80, 0}));
  CHECK_FALSE(part_of<Identity>(Bytes{0x20, 2, 0}));
}

TEST_CASE("suspects: only of other hamlets, and none of what is erased or says other words now", "[node][identity]") {
  SuspectIndex index;
  const std::vector<Identity> same = {someone(her_name, her_day, her_number)};
  index.add(1, made_hamlet(0), same);
  index.add(2, made_hamlet(0), same);
  index.add(3, made_hamlet(1), same);
  CHECK(suspects_of(index, 3) == std::vector<std::uint32_t>{1, 2});
  CHECK(suspects_of(index, 1) == std::vector<std::uint32_t>{3});
  CHECK(index.of(made_hamlet(5), same).size() == 3);
  index.erase(1);
  index.erase(1);
  CHECK(suspects_of(index, 3) == std::vector<std::uint32_t>{2});
  index.add(2, made_hamlet(0), std::vector<Identity>{someone("Hà Văn An", her_day)});
  CHECK(suspects_of(index, 3).empty());
  CHECK(suspects_of(index, 99).empty());
  index.add(3, made_hamlet(1), {});
  CHECK(index.dossiers() == 1);
}

TEST_CASE("suspects: a number that a clerk gives to everybody makes nobody a suspect", "[node][identity]") {
  SuspectIndex index;
  PeopleMaker make(7);
  for (std::uint32_t i = 0; i < 200; ++i) {
    const MadePerson person = make.person();
    index.add(i, made_hamlet(i % 10), std::vector<Identity>{someone(person.name(), "", her_number)});
  }
  std::size_t found = 0;
  for (std::uint32_t i = 0; i < 200; ++i) found += index.of(i).size();
  CHECK(found == 0);
}

TEST_CASE("suspects: what is put and erased in any order is as if only the rest had been put", "[node][identity]") {
  PeopleMaker make(11);
  SuspectIndex worn;
  std::map<std::uint32_t, std::vector<Identity>> rest;
  std::vector<Identity> people;
  for (std::size_t i = 0; i < 40; ++i) people.push_back(someone(make.person().name(), "1985-02-0" + std::to_string(2 + i % 3)));
  for (std::size_t step = 0; step < 20000; ++step) {
    const auto which = static_cast<std::uint32_t>(make.below(300));
    rest.erase(which);
    if (make.below(3) == 0) {
      worn.erase(which);
    } else {
      rest[which] = {make.one_of(people), make.one_of(people)};
      worn.add(which, made_hamlet(which % 10), rest[which]);
    }
  }
  SuspectIndex fresh;
  for (const auto& [which, said] : rest) fresh.add(which, made_hamlet(which % 10), said);
  CHECK(worn.dossiers() == fresh.dossiers());
  for (const auto& [which, said] : rest) CHECK(suspects_of(worn, which) == suspects_of(fresh, which));
}
