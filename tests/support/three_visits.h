#pragma once

#include <string>
#include <vector>

#include "sync/base/rng.h"
#include "sync/codec/letters.h"
#include "sync/codec/names.h"

namespace khuoi::tests {

/// Somebody of the commune, with all that names them. Made of the lists of tests/support/gen_submissions.py.
struct Villager {
  std::string name, born, citizen_id, card, phone, latitude, longitude;
};

/// Submissions in which each villager comes three times: twice to the health worker, once with a dossier. What people
/// really do is in them: names in capitals, in small letters, without diacritics and in notes; telephones with spaces;
/// dates of birth the Vietnamese way; visits where nobody asked for the card, so that only the name tells who it was.
struct ThreeVisits {
  std::vector<Villager> villagers;
  std::vector<std::string> health;
  std::vector<std::string> dossiers;

  ThreeVisits(std::size_t people, std::uint64_t seed) : rng_(seed) {
    for (std::size_t at = 0; at < people; ++at) villagers.push_back(villager());
    // Visits of one villager do not follow each other.
    for (int visit = 0; visit < 3; ++visit) {
      for (std::size_t at = 0; at < people; ++at) {
        const Villager& one = villagers[at];
        (visit < 2 ? health : dossiers).push_back(visit < 2 ? health_visit(one) : dossier(one, villagers[(at + 7) % people]));
      }
    }
  }

 private:
  template <std::size_t N>
  std::string pick(const std::array<const char*, N>& from) {
    return from[rng_.below(N)];
  }
  std::string digits(std::size_t count) {
    std::string out;
    while (out.size() < count) out.push_back(static_cast<char>('0' + rng_.below(10)));
    return out;
  }
  std::string number(std::uint64_t from, std::uint64_t to) { return std::to_string(from + rng_.below(to - from + 1)); }
  std::string two(std::uint64_t from, std::uint64_t to) {
    const std::string out = number(from, to);
    return out.size() < 2 ? "0" + out : out;
  }

  Villager villager() {
    static constexpr std::array family = {"Nguyễn", "Trần", "Hoàng", "Nông", "Triệu", "Lương", "Lý", "Giàng", "Vàng", "Sùng", "Bàn", "Hà"};
    static constexpr std::array middle = {"Thị", "Văn", "Hữu", "Minh", "Ngọc", "A", "Seo", "Kim"};
    static constexpr std::array given = {"An", "Bình", "Chi", "Dung", "Giang", "Hà", "Hạnh", "Hoa", "Lan", "Mỷ", "Páo", "Sáng", "Tâm", "Dế", "Lử"};
    Villager out;
    out.name = pick(family);
    out.name += " " + pick(middle);
    out.name += " " + pick(given);
    out.born = number(1938, 2024);
    out.born += "-" + two(1, 12);
    out.born += "-" + two(1, 28);
    out.citizen_id = "004" + digits(9);
    out.card = digits(12);
    out.phone = "09" + digits(8);
    out.latitude = "22.5" + digits(6);
    out.longitude = "105.6" + digits(6);
    return out;
  }

  std::string written_name(const Villager& one) {
    switch (rng_.below(6)) {
      case 0: {
        std::string out;
        for (std::string_view left = one.name; !left.empty();) {
          const auto at = sync::character_at(left);
          sync::append_character(out, sync::upper(at.character));
          left.remove_prefix(at.octets);
        }
        return out;
      }
      case 1: {
        std::string out;
        for (std::string_view left = one.name; !left.empty();) {
          const auto at = sync::character_at(left);
          sync::append_character(out, sync::lower(at.character));
          left.remove_prefix(at.octets);
        }
        return out;
      }
      case 2:
        return sync::folded(one.name);
      default:
        return one.name;
    }
  }
  std::string written_phone(const Villager& one) {
    const std::string& p = one.phone;
    switch (rng_.below(4)) {
      case 0:
        return p.substr(0, 4) + " " + p.substr(4, 3) + " " + p.substr(7);
      case 1:
        return p.substr(0, 3) + "." + p.substr(3, 3) + "." + p.substr(6);
      default:
        return p;
    }
  }
  std::string written_born(const Villager& one) {
    return one.born.substr(8) + "/" + one.born.substr(5, 2) + "/" + one.born.substr(0, 4);
  }

  std::string note(const Villager& one) {
    static constexpr std::array stock = {"Gia đình đề nghị nhận kết quả tại nhà văn hóa xóm.",
                                         "Nhà xa trung tâm, đường đất trơn khi mưa, liên hệ qua trưởng xóm.",
                                         "Hộ có trẻ dưới 5 tuổi, cần báo lịch tiêm chủng.", ""};
    switch (rng_.below(8)) {
      case 0:
        return "Nhờ " + one.name + " nhận thay. Gọi " + written_phone(one) + ".";
      case 1:
        return "Sinh ngày " + written_born(one) + " tại nhà. Người nhà là " + written_name(one) + ".";
      case 2:
        return "Nhà ở " + one.latitude + ", " + one.longitude + ", thẻ " + one.card;
      default:
        return pick(stock);
    }
  }

  std::string uuid() {
    Bytes octets(16);
    rng_.fill(octets);
    std::string out = to_hex(octets);
    out[12] = '4';
    out[16] = 'a';
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) out.insert(dash, "-");
    return out;
  }

  std::string leaf(const std::string& name, const std::string& value) {
    return value.empty() ? "<" + name + "/>" : "<" + name + ">" + value + "</" + name + ">";
  }
  std::string start(const std::string& form, const Villager& one) {
    static constexpr std::array hamlets = {"Khuổi Mèo", "Nà Lay", "Khuổi Chạo", "Tân Lập", "Nà Ca", "Phú Cốc"};
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<data xmlns:orx=\"http://openrosa.org/xforms\" id=\"" + form +
           "\" version=\"1\">\n  <diaban>" + leaf("khuoi", pick(hamlets)) + leaf("xa", "Sảng Mộc") +
           leaf("toado", one.latitude + " " + one.longitude + " 512.0 4.0") + "</diaban>\n  <noidung>\n";
  }
  std::string end() {
    std::string out = "  </noidung>\n  <orx:meta>" + leaf("orx:instanceID", "uuid:" + uuid());
    out += leaf("orx:timeStart", "2026-05-" + two(1, 28) + "T08:1" + digits(1) + ":30." + digits(3) + "+07:00");
    return out + "</orx:meta>\n</data>\n";
  }

  std::string health_visit(const Villager& one) {
    static constexpr std::array complaints = {"sốt nhẹ về chiều, ho khan", "không có gì bất thường", "đau khớp gối khi đi nương"};
    const bool asked = rng_.below(3) != 0;
    std::string out = start("kham_suc_khoe_ho", one);
    out += leaf("ho_ten", written_name(one));
    out += leaf("ngay_sinh", one.born);
    out += leaf("so_bhyt", asked ? "DK2" + one.card : "");
    out += leaf("huyet_ap", number(90, 178) + "/" + number(55, 105));
    out += leaf("trieu_chung", pick(complaints));
    out += leaf("ghi_chu", note(one));
    return out + end();
  }
  std::string dossier(const Villager& one, const Villager& other) {
    std::string out = start("ho_so_mot_cua", one);
    out += leaf("nguoi_nop", written_name(one));
    out += leaf("so_cccd", rng_.below(4) != 0 ? one.citizen_id : "");
    out += leaf("dien_thoai", written_phone(one));
    out += leaf("nguoi_lien_quan", written_name(other));
    out += leaf("ngay_sinh_nlq", other.born);
    out += leaf("ghi_chu", note(other));
    return out + end();
  }

  SeededRng rng_;
};

}  // namespace khuoi::tests
