#include "node/speaker/speech_text.h"

#include <catch2/catch.hpp>

#include "node/speaker/number_words.h"
#include "node/speaker/speech_letters.h"
#include "node/speaker/spoken_tables.h"
#include "sync/base/nfc.h"
#include "sync/base/rng.h"

using namespace khuoi;
using namespace khuoi::speaker;

namespace {
struct Case {
  std::string_view written;
  std::string_view said;
};
}  // namespace

TEST_CASE("speech: numbers are said as people say them", "[node][speech]") {
  const std::pair<std::uint64_t, std::string_view> cases[] = {
      {0, "không"}, {1, "một"}, {4, "bốn"}, {5, "năm"}, {10, "mười"}, {11, "mười một"}, {14, "mười bốn"},
      {15, "mười lăm"}, {20, "hai mươi"}, {21, "hai mươi mốt"}, {24, "hai mươi tư"}, {25, "hai mươi lăm"},
      {31, "ba mươi mốt"}, {55, "năm mươi lăm"}, {99, "chín mươi chín"}, {100, "một trăm"}, {101, "một trăm linh một"},
      {104, "một trăm linh bốn"}, {105, "một trăm linh năm"}, {110, "một trăm mười"}, {115, "một trăm mười lăm"},
      {121, "một trăm hai mươi mốt"}, {500, "năm trăm"}, {1000, "một nghìn"}, {1005, "một nghìn không trăm linh năm"},
      {1050, "một nghìn không trăm năm mươi"}, {1500, "một nghìn năm trăm"}, {1945, "một nghìn chín trăm bốn mươi lăm"},
      {2026, "hai nghìn không trăm hai mươi sáu"}, {10'000, "mười nghìn"}, {21'000, "hai mươi mốt nghìn"},
      {100'000, "một trăm nghìn"}, {1'000'000, "một triệu"}, {1'000'005, "một triệu không trăm linh năm"},
      {1'250'000, "một triệu hai trăm năm mươi nghìn"}, {1'000'000'000, "một tỷ"},
      {3'000'500'000, "ba tỷ năm trăm nghìn"}};
  for (const auto& [number, words] : cases) {
    CHECK(integer_words(number) == words);
  }
}

TEST_CASE("speech: what a commune writes comes out as words", "[node][speech]") {
  const Case cases[] = {
      // numbers
      {"15 hộ, 21 con trâu", "mười lăm hộ, hai mươi mốt con trâu."},
      {"1.500 con gà", "một nghìn năm trăm con gà."},
      {"giá 2.350.000 đồng", "giá hai triệu ba trăm năm mươi nghìn đồng."},
      {"1,5 tấn; 3,25 ha", "một phẩy năm tấn, ba phẩy hai mươi lăm héc ta."},
      {"0,05%", "không phẩy không năm phần trăm."},
      {"phiên bản 2.1", "phiên bản hai chấm một."},
      {"1/2 số hộ và 3/4 diện tích", "một phần hai số hộ và ba phần tư diện tích."},
      // dates
      {"ngày 02/12/2026", "ngày hai tháng mười hai năm hai nghìn không trăm hai mươi sáu."},
      {"Hạn 5-4-2026.", "hạn ngày năm tháng tư năm hai nghìn không trăm hai mươi sáu."},
      {"từ 01-05/12", "từ ngày một đến ngày năm tháng mười hai."},
      {"tháng 12/2026", "tháng mười hai năm hai nghìn không trăm hai mươi sáu."},
      {"sáng 15/3", "sáng ngày mười lăm tháng ba."},
      {"lễ 30/4 và 1/5", "lễ ngày ba mươi tháng tư và ngày một tháng năm."},
      {"tháng 4, thứ 4", "tháng tư, thứ tư."},
      {"giai đoạn 2021-2025", "giai đoạn hai nghìn không trăm hai mươi mốt đến hai nghìn không trăm hai mươi lăm."},
      // times
      {"lúc 7h30", "lúc bảy giờ ba mươi phút."},
      {"7h tối", "bảy giờ tối."},
      {"từ 7h00-11h30", "từ bảy giờ đến mười một giờ ba mươi phút."},
      {"13:45", "mười ba giờ bốn mươi lăm phút."},
      {"8 giờ 05 phút", "tám giờ không năm phút."},
      {"5-7 ngày", "năm đến bảy ngày."},
      // telephone and papers
      {"ĐT: 0912.345.678", "điện thoại, không chín một hai, ba bốn năm, sáu bảy tám."},
      {"gọi 02093 888 999", "gọi không hai không chín ba, tám tám tám, chín chín chín."},
      {"CCCD 019188001234", "căn cước công dân không một chín, một tám tám, không không một, hai ba bốn."},
      {"tổng đài 1900 9095", "tổng đài một chín không không chín, không chín năm."},
      {"gọi 115", "gọi một trăm mười lăm."},
      {"Quyết định số 45/2026/QĐ-UBND", "quyết định số bốn mươi lăm năm hai nghìn không trăm hai mươi sáu quyết định ủy ban nhân dân."},
      // money, percent, units
      {"500.000đ/hộ", "năm trăm nghìn đồng, hộ."},
      {"1.200.000 VNĐ", "một triệu hai trăm nghìn đồng."},
      {"50k", "năm mươi nghìn."},
      {"giảm 30%", "giảm ba mươi phần trăm."},
      {"12 km, 5kg, 250 ml, 2 ha", "mười hai ki lô mét, năm ki lô gam, hai trăm năm mươi mi li lít, hai héc ta."},
      {"-3°C", "âm ba độ xê."},
      {"60 km/h", "sáu mươi ki lô mét trên giờ."},
      {"100m2 đất, 30 m³ gỗ", "một trăm mét vuông đất, ba mươi mét khối gỗ."},
      {"mưa 100-150mm", "mưa một trăm đến một trăm năm mươi mi li mét."},
      // abbreviations
      {"UBND xã, HĐND và HTX", "ủy ban nhân dân xã, hội đồng nhân dân và hợp tác xã."},
      {"KCB bằng thẻ BHYT", "khám chữa bệnh bằng thẻ bảo hiểm y tế."},
      {"TP. Thái Nguyên", "thành phố thái nguyên."},
      {"Trường THCS, THPT", "trường trung học cơ sở, trung học phổ thông."},
      {"KT-XH", "kinh tế xã hội."},
      {"Phòng NN&PTNT", "phòng nông nghiệp và phát triển nông thôn."},
      {"đ/c Nông Văn Bàn", "đồng chí nông văn bàn."},
      {"ngô, lúa, v.v.", "ngô, lúa, vân vân."},
      {"tiêm vắc-xin BCG", "tiêm vắc xin bê xê giê."},
      // Roman numerals
      {"lần thứ XIII", "lần thứ mười ba."},
      {"quý IV", "quý tư."},
      {"quý I, quý 1", "quý một, quý một."},
      {"khóa V", "khóa năm."},
      {"thế kỷ XXI", "thế kỷ hai mươi mốt."},
      // capitals and signs
      {"THÔNG BÁO KHẨN CẤP!", "thông báo khẩn cấp!"},
      {"Kính gửi: bà con (xóm Khuổi Mèo)", "kính gửi, bà con, xóm khuổi mèo."},
      {"- Một\n- Hai", "một.\nhai."},
      {"“Ngày hội”…", "ngày hội."},
      {"[[h'a:I]] <break/> xin chào", "h a, i break, xin chào."},
      {"😀 vui", "vui."},
      {"", ""},
  };
  for (const Case& one : cases) {
    CAPTURE(one.written);
    CHECK(text_for_speech(one.written) == one.said);
  }
}

TEST_CASE("speech: letters with marks written apart are the same words", "[node][speech]") {
  CHECK(text_for_speech("Ho\xCC\xA3p xo\xCC\x81m") == "họp xóm.");
}

TEST_CASE("speech: whatever octets come in, only letters, spaces and pauses come out", "[node][speech]") {
  SeededRng rng(9);
  const std::string_view pieces[] = {"12", "/", "h", "30", ".", "-", "UBND", "Đ", " ", "\n", "[[", "0912345678", "<", "\xC3",
                                     "kg", "%", "–", "XIV", "thứ", "99999999999999999999999", ",", "\xF0\x9F\x98\x80", "\x01", "+84"};
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (std::uint64_t n = rng.below(30); n > 0; --n) {
      text += rng.below(8) == 0 ? std::string(1, static_cast<char>(rng.below(256))) : std::string(pieces[rng.below(std::size(pieces))]);
    }
    const std::string said = text_for_speech(text);
    CAPTURE(text, said);
    REQUIRE(sync::is_utf8(view_of(said)));
    for (std::string_view left = said; !left.empty();) {
      const Letter letter = first_letter(left);
      const bool fine = is_letter(letter.code) || std::u32string_view(U" \n,.?!").find(letter.code) != std::u32string_view::npos;
      REQUIRE(fine);
      left.remove_prefix(letter.octets);
    }
    REQUIRE(text_for_speech(said) == said);
  }
}

TEST_CASE("speech: a long text is no trouble", "[node][speech]") {
  std::string text;
  while (text.size() < 65'000) text += "Ngày 02/12/2026, UBND xã họp lúc 7h30 với 15 hộ; ĐT 0912 345 678. ";
  CHECK(text_for_speech(text).size() > text.size());
  CHECK(text_for_speech(std::string(65'000, '1')).size() > 65'000);
  CHECK(text_for_speech(std::string(65'000, 'A')).size() >= 65'000);
}

TEST_CASE("speech: what the tables say is itself ready to be spoken", "[node][speech]") {
  const auto check_table = [](const auto& table) {
    for (const Spoken& one : table) {
      CAPTURE(one.written);
      CHECK(text_for_speech(one.said) == std::string(one.said) + ".");
    }
  };
  check_table(abbreviations);
  check_table(short_forms);
  check_table(units);
  check_table(letter_names);
}

TEST_CASE("speech: a syllable is told from an abbreviation", "[node][speech]") {
  for (const std::string_view word : {"nghiêng", "gì", "giếng", "khuổi", "quyết", "ủy", "uống", "yên", "đường", "tày"}) {
    CAPTURE(word);
    CHECK(is_syllable(word));
  }
  for (const std::string_view word : {"bcg", "thcs", "ubnd", "xkld", "đt", "w", "ng"}) {
    CAPTURE(word);
    CHECK_FALSE(is_syllable(word));
  }
}
