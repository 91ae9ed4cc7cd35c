#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sync/base/ids.h"
#include "sync/base/rng.h"
#include "sync/record/answers.h"

namespace khuoi::tests {

/// Somebody made up, of a name as they are in the north-east: few family names, and half of the middle names Thị or Văn.
struct MadePerson {
  std::string family, middle, given;
  std::uint32_t year = 0, month = 0, day = 0;
  std::string id_number;
  bool woman = false;
  [[nodiscard]] std::string name() const { return family + (middle.empty() ? "" : " " + middle) + " " + given; }
  [[nodiscard]] std::string born() const {
    const auto two = [](std::uint32_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    return std::to_string(year) + "-" + two(month) + "-" + two(day);
  }
};

/// What a clerk writes into which questions.
struct MadeDossier {
  std::size_t hamlet = 0;
  sync::Answers answers;
  std::string rule;  ///< of whoever planted it
};

class PeopleMaker final {
 public:
  explicit PeopleMaker(std::uint64_t seed) : rng_(seed) {}

  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(rng_.below(limit)); }
  template <typename T>
  const T& one_of(const std::vector<T>& of) {
    return of[below(of.size())];
  }
  MadePerson person() {
    static const std::vector<std::string> families = {
        "Nguyễn", "Nguyễn", "Nguyễn", "Hoàng", "Hoàng", "Nông", "Nông", "Lý",    "Lý",    "Bàn",  "Triệu", "Đặng",
        "Lò",     "Lò",     "Trần",   "Lê",    "Hà",    "Bế",   "Lương", "Giàng", "Vàng", "Thào", "Sùng",  "Mã",
        "Quàng",  "Phùng",  "Dương",  "Đàm",   "Chảo",  "Vi",   "Lộc",   "Phạm",  "Ma",   "Đỗ"};
    static const std::vector<std::string> of_men = {"Văn", "Văn", "Văn", "Văn", "Hữu", "Đức", "Minh", "Quang", "Xuân", "Mạnh", "A", "Seo"};
    static const std::vector<std::string> of_women = {"Thị", "Thị", "Thị", "Thị", "Thị", "Thu", "Ngọc", "Thị Thu", "Thị Bích", "Kim"};
    static const std::vector<std::string> givens = {
        "An",   "Bình",  "Chi",   "Dung",  "Giang", "Hà",    "Hạnh", "Hiền", "Hoa",  "Huệ",   "Hùng",  "Hương", "Khánh", "Lan",
        "Linh", "Liên",  "Long",  "Mai",   "Mỷ",    "Nam",   "Nga",  "Páo",  "Phúc", "Quân",  "Sáng",  "Sơn",   "Tâm",   "Thắng",
        "Thảo", "Thoa",  "Thủy",  "Thúy",  "Tuyết", "Vân",   "Xuân", "Yến",  "Dế",   "Chứ",   "Lử",    "Dũng",  "Đức",   "Cường",
        "Hải",  "Trung", "Tuấn",  "Kiên",  "Quỳnh", "Nhung", "Ngân", "Oanh", "Hòa",  "Duyên", "Thơm",  "Đạt",   "Huy",   "Quý"};
    MadePerson out;
    out.woman = below(2) == 0;
    out.family = one_of(families);
    out.middle = one_of(out.woman ? of_women : of_men);
    out.given = one_of(givens);
    give_birth(out, 1935, 2020);
    give_id(out);
    return out;
  }
  void give_birth(MadePerson& to, std::uint32_t first, std::uint32_t last) {
    to.year = first + static_cast<std::uint32_t>(below(last - first + 1));
    to.month = 1 + static_cast<std::uint32_t>(below(12));
    to.day = 2 + static_cast<std::uint32_t>(below(27));
  }
  std::string digits(std::size_t count) {
    std::string out;
    while (out.size() < count) out.push_back(static_cast<char>('0' + below(10)));
    return out;
  }
  /// Of the province, the century and sex, the year, and six more.
  void give_id(MadePerson& to) {
    const std::string year = std::to_string(to.year);
    to.id_number = (below(3) == 0 ? "004" : "019") + std::to_string((to.year >= 2000 ? 2 : 0) + (to.woman ? 1 : 0)) +
                   year.substr(2) + digits(6);
  }

  /// In one of the forms that ask for all of it, or, with `no_number`, in one that asks for no id number.
  sync::Answers answers(const MadePerson& one, bool no_number = false) {
    static const std::vector<std::string> whole = {"nguoi/ho_ten", "ho_ten", "nguoi/ho_va_ten", "nguoi/hoTen"};
    const std::string name = one_of(whole);
    const std::string place = name.starts_with("nguoi/") ? "nguoi/" : "";
    static const std::vector<std::string> numbers = {"cccd", "so_cccd", "so_dinh_danh"};
    sync::Answers out = {{name, one.name()}, {place + "ngay_sinh", one.born()}};
    const bool number = !no_number && !one.id_number.empty();
    if (number) out.emplace_back(place + one_of(numbers), one.id_number);
    if (below(3) == 0) out.emplace_back("nguoi_khai/ho_ten_khai", person().name());
    out.emplace_back("meta/instanceName", one.name());
    return out;
  }
  /// In one that asks for the year alone.
  sync::Answers answers_of_year(const MadePerson& one) {
    return {{"nguoi_mat/ho_ten", one.name()}, {"nguoi_mat/nam_sinh", std::to_string(one.year)}};
  }
  sync::Answers answers_of_child(const MadePerson& child, const MadePerson& mother, const MadePerson& father) {
    return {{"tre/ho_ten", child.name()},
            {"tre/ngay_sinh", child.born()},
            {"me/ho_ten_me", mother.name()},
            {"me/nam_sinh_me", std::to_string(mother.year)},
            {"me/cccd_me", mother.id_number},
            {"cha/ho_ten_cha", father.name()},
            {"cha/nam_sinh_cha", std::to_string(father.year)},
            {"nguoi_khai/ho_ten_khai", mother.name()},
            {"nguoi_khai/cccd_khai", mother.id_number}};
  }
  sync::Answers answers_of_household(const MadePerson& head, const std::vector<MadePerson>& members) {
    sync::Answers out = {{"chu_ho/ho_ten", head.name()}, {"chu_ho/nam_sinh", std::to_string(head.year)}, {"chu_ho/cccd", head.id_number}};
    for (const MadePerson& one : members) {
      out.emplace_back("thanh_vien/ho_ten_tv", one.name());
      out.emplace_back("thanh_vien/nam_sinh_tv", std::to_string(one.year));
    }
    return out;
  }

 private:
  SeededRng rng_;
};

inline HamletId made_hamlet(std::size_t number) { return HamletId::filled(static_cast<std::uint8_t>(number + 1)); }

/// Characters of a text in UTF-8.
inline std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> out;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0U) == 0x80U) out.back().push_back(c);
    else out.emplace_back(1, c);
  }
  return out;
}

}  // namespace khuoi::tests
