#include "tests/bench/radio/inputs.h"

#include <algorithm>
#include <cstdio>
#include <functional>

#include "tests/bench/made_submissions.h"
#include "tests/support/codec_samples.h"

namespace khuoi::bench {

using tests::TestNode;

namespace {

constexpr std::size_t hamlets_made = 10;
constexpr std::uint32_t first_submission_number = 2;  ///< of a sealed run: its opener and its author copy are before

std::string instance_id(std::uint64_t high, std::uint64_t low) {
  char id[40];
  std::snprintf(id, sizeof id, "%08llx-0000-4000-8000-%012llx", static_cast<unsigned long long>(high & 0xffffffff),
                static_cast<unsigned long long>(low & 0xffffffffffff));
  return id;
}

void set_wall(TestNode& node) {
  const auto since = std::chrono::duration_cast<std::chrono::seconds>(node.now.monotonic.time_since_epoch());
  node.now.wall = UnixSeconds{wall_begins + since.count()};
}

/// Letters with six bits of chance each, so many that `size` gives just these octets. Not every size comes of every
/// text: bodies have units of four octets.
std::string random_text(std::size_t octets, std::uint64_t seed,
                        const std::function<std::size_t(const std::string&, SeededRng&)>& size) {
  static const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  SeededRng rng(seed);
  for (int texts = 0; texts < 20; ++texts) {
    std::string text;
    for (std::size_t i = 0; i < 2 * octets; ++i) text.push_back(letters[rng.below(letters.size())]);
    std::size_t count = octets;
    for (int tries = 0; tries < 30; ++tries) {
      const std::size_t got = size(text.substr(0, count), rng);
      if (got == octets) return text.substr(0, count);
      const std::size_t apart = got < octets ? octets - got : got - octets;
      const std::size_t step = std::max<std::size_t>(1, apart * 8 / 6);
      got < octets ? count += step : count -= step;
    }
  }
  FAIL("no text of random letters comes to " << octets << " octets");
  return {};
}

}  // namespace

std::vector<std::string> submissions(int count, int seed) {
  std::vector<std::string> all;
  for (const Bytes& octets : made_submissions(count, seed)) all.emplace_back(octets.begin(), octets.end());
  return all;
}

std::string form_of(const std::string& xml) {
  const std::string before = " id=\"";
  const std::size_t from = xml.find(before) + before.size();
  return xml.substr(from, xml.find('"', from) - from);
}

Homes::Homes() {
  nodes.push_back(std::make_unique<TestNode>(sync::Role::commune, "xa", 1));
  TestNode& commune = *nodes[0];
  commune.unlock();
  for (std::size_t i = 1; i <= hamlets_made; ++i) {
    nodes.push_back(std::make_unique<TestNode>(sync::Role::hamlet, "khuoi " + std::to_string(i), 1 + i));
    tests::join(commune, *nodes[i]);
  }
  tests::publish_form(commune, tests::test_form);
  for (const char* name : {"kham_suc_khoe_ho", "ho_so_mot_cua", "thong_bao_xom"}) {
    const Bytes xml =
        tests::file_octets(tests::test_data() / "forms" / (name + std::string(".xml")));
    tests::publish_form(commune, {xml.begin(), xml.end()});
  }
  tests::talk(*nodes[1], commune);
  for (const std::string& xml : submissions(200, 1)) nodes[1]->submit(xml);
  tests::talk(*nodes[1], commune);
  commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(commune.replica->trainer().at_once(batch));
    return {};
  });
  for (std::size_t i = 1; i <= hamlets_made; ++i) tests::talk(*nodes[i], commune);
  for (const auto& entry : commune.list()) known.insert(entry.id);
}

Incompressible::Incompressible(const Homes& homes) : node_(homes.nodes[1]->disk->clone(), 7) {
  node_.submit(tests::test_submission(instance_id(0xffffffff, 0), "opens the run"));
}

std::size_t Incompressible::octets_sealed(const std::string& xml) {
  const NodeId self = node_.replica->self().node;
  const auto held = [&] {
    std::map<sync::RunKey, RangeSet> out;
    auto txn = node_.replica->read();
    REQUIRE(node_.replica->runs().each(**txn, [&](const sync::RunKey& key, const sync::RunRow& row) {
      if (key.author == self && !row.is_public) out[key] = row.held;
    }));
    return out;
  };
  auto before = held();
  node_.now.wall = UnixSeconds{
      wall_begins + std::chrono::duration_cast<std::chrono::seconds>(node_.now.monotonic.time_since_epoch()).count()};
  node_.submit(xml);
  std::size_t out = 0;
  auto txn = node_.replica->read();
  for (const auto& [key, numbers] : held()) {
    const RangeSet fresh = numbers.minus(before[key]);
    for (const auto& [first, last] : fresh.ranges()) {
      REQUIRE(first >= first_submission_number);
      for (auto number = first; number <= last; ++number) {
        const auto record = node_.replica->runs().record(**txn, {key.author, key.run, number});
        REQUIRE((record && *record));
        out += (*record)->body.size() - tag_octets;
      }
    }
  }
  return out;
}

std::string Incompressible::of(std::size_t octets, std::uint64_t seed) {
  std::string xml;
  // What was tried is what is given: another id may take other octets.
  random_text(octets, seed, [&](const std::string& text, SeededRng& rng) {
    xml = tests::test_submission(instance_id(rng.below(1U << 31U), rng.below(1U << 31U)), text);
    return octets_sealed(xml);
  });
  return xml;
}

sync::Ref announce(TestNode& commune, const std::string& text) {
  sync::AnnouncementContent content;
  content.text = text;
  content.issued = commune.now.wall;
  content.expires = {commune.now.wall.value + 3 * 86'400};
  const sync::Announcement announcement{sync::encode_announcement_content(content), {}};
  sync::Ref out;
  commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(out, commune.replica->bulletin().announce(batch, announcement));
    return {};
  });
  return out;
}

std::string incompressible_announcement(const Homes& homes, std::size_t octets, std::uint64_t seed) {
  TestNode commune(homes.nodes[0]->disk->clone(), 9);
  set_wall(commune);
  commune.unlock();
  return random_text(octets, seed, [&](const std::string& text, SeededRng&) {
    const sync::Ref ref = announce(commune, text);
    auto txn = commune.replica->read();
    const auto record = commune.replica->runs().record(**txn, ref);
    REQUIRE((record && *record));
    return (*record)->body.size() - signature_octets;
  });
}

const std::string& announcement_text() {
  static const std::string text =
      "Uỷ ban nhân dân xã Sảng Mộc thông báo tới bà con các xóm về đợt mưa lớn từ chiều thứ Năm đến hết Chủ nhật tuần "
      "này. "
      "Theo bản tin của đài khí tượng tỉnh, lượng mưa có nơi vượt hai trăm mi-li-mét, nước suối Khuổi Mèo và suối Nà "
      "Lay có "
      "thể dâng nhanh trong đêm. Các hộ ở ven suối, dưới chân taluy và gần bãi thải cũ cần thu xếp đồ đạc, đưa người "
      "già, trẻ "
      "nhỏ và trâu bò lên nhà văn hoá xóm trước năm giờ chiều mai. Trưởng xóm lập danh sách những gia đình neo đơn để "
      "dân quân "
      "đến giúp. Tuyệt đối không vớt củi, không đi qua ngầm tràn khi nước chảy xiết, không cho con em chăn thả một "
      "mình.\n"
      "Trường tiểu học nghỉ hai buổi thứ Sáu và thứ Bảy, thầy cô sẽ báo lịch học bù sau. Trạm y tế trực suốt ngày đêm; "
      "ai có "
      "thai trên tám tháng hoặc đang chạy thận xin liên hệ bác sĩ Hiền để được chuyển ra huyện sớm. Thuốc sát khuẩn "
      "nước phát "
      "tại bếp ăn tập thể, mỗi nhà hai viên, pha theo tờ hướng dẫn kèm theo.\n"
      "Lịch cấp căn cước lưu động lùi sang sáng mồng chín tháng sau, tại hội trường xã, mang theo giấy khai sinh của "
      "các cháu. "
      "Việc đo đạc lại đất rừng ở Bản Chương tạm dừng cho tới khi đường vào hết sạt. Điện lưới có thể bị cắt để bảo "
      "đảm an toàn, "
      "đề nghị sạc đầy đèn và máy bộ đàm. Mọi tin báo khẩn gọi số thường trực của ban chỉ huy, hoặc nhắn qua loa xóm; "
      "kẻng đánh "
      "ba hồi liên tục là lệnh sơ tán ngay, không chờ nhắc lại. Khi nước rút, đoàn kiểm tra sẽ đến từng thôn ghi nhận "
      "thiệt hại. "
      "Gạo cứu trợ đợt đầu gồm ba tấn rưỡi, chia theo khẩu, ưu tiên hộ có nhà tốc mái hoặc mất hoa màu; xin bà con yên "
      "tâm.";
  return text;
}

}  // namespace khuoi::bench
