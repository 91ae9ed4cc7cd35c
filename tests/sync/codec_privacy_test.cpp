#include <catch2/catch.hpp>
#include <cstdio>
#include <map>

#include "sync/codec/dictionary.h"
#include "sync/codec/numbers.h"
#include "sync/codec/value_tokens.h"
#include "tests/support/codec_samples.h"
#include "tests/support/places.h"
#include "tests/support/three_visits.h"

using namespace khuoi;
using namespace khuoi::sync;
using namespace khuoi::tests;

namespace {

Bytes form_named(const std::string& name) {
  return file_octets(test_data() / "forms" / (name + ".xml"));
}

/// A dictionary as a thief would read it.
struct Contents {
  std::string raw;       // as unpacked
  std::string composed;  // without the joints, so that what stands side by side is one text
  std::string plain;     // composed, in small letters without diacritics
  std::string digits;    // composed, where only digits and line ends are left, and a mark stays a mark

  explicit Contents(const Dictionary& dictionary) {
    // Through the octets that travel, so that nothing but what they hold is looked at.
    const auto travelled = Dictionary::decode(*dictionary.encode());
    REQUIRE(travelled.has_value());
    for (const Bytes& submission : travelled->submissions) {
      raw.append(text_of(submission)).append("\n");
    }
    for (const char octet : raw) {
      if (octet == mark::joint) continue;
      composed.push_back(octet);
      const bool keeps = (octet >= '0' && octet <= '9') || (octet > 0 && octet < 6) || octet == '<' || octet == '\n';
      if (keeps) digits.push_back(octet);
    }
    plain = folded(composed);
  }

  /// Not as a part of a longer word: `ha` is in `hanh`.
  [[nodiscard]] bool says(std::string_view words) const {
    const auto letter = [&](std::size_t at) {
      return at < plain.size() && is_letter(character_at(std::string_view(plain).substr(at)).character);
    };
    for (std::size_t at = plain.find(words); at != std::string::npos; at = plain.find(words, at + 1)) {
      if ((at == 0 || !letter(at - 1)) && !letter(at + words.size())) return true;
    }
    return false;
  }
  [[nodiscard]] bool has(std::string_view text) const {
    return raw.find(text) != std::string::npos || composed.find(text) != std::string::npos;
  }
  [[nodiscard]] bool has_digits(std::string_view number) const { return digits.find(number) != std::string::npos; }
};

std::string digits_of(std::string_view text) {
  std::string out;
  for (const char octet : text) {
    if (octet >= '0' && octet <= '9') out.push_back(octet);
  }
  return out;
}

std::string turned(const std::string& born) { return born.substr(8) + born.substr(5, 2) + born.substr(0, 4); }

/// How many were looked for.
std::size_t check_villagers(const Contents& contents, const std::vector<Villager>& villagers) {
  std::map<std::string, int> births;
  for (const Villager& one : villagers) ++births[one.born];
  std::size_t looked_for = 0;
  for (const Villager& one : villagers) {
    INFO(one.name << " " << one.born << " " << one.phone);
    CHECK_FALSE(contents.says(folded(one.name)));
    for (const std::string& number : {one.citizen_id, one.card, one.phone, digits_of(one.latitude), digits_of(one.longitude)}) {
      CHECK_FALSE(contents.has_digits(number));
    }
    // Of a coordinate, no more than the kilometre.
    CHECK_FALSE(contents.has(one.latitude.substr(0, 6)));
    CHECK_FALSE(contents.has(one.longitude.substr(0, 7)));
    looked_for += 8;
    // Three born on one day are not told apart by it.
    if (births[one.born] >= 3) continue;
    CHECK_FALSE(contents.has_digits(digits_of(one.born)));
    CHECK_FALSE(contents.has_digits(turned(one.born)));
    looked_for += 2;
  }
  return looked_for;
}

Dictionary trained(const std::vector<std::string>& xml, const Bytes& form) {
  std::vector<ByteView> views;
  for (const std::string& one : xml) views.push_back(view_of(one));
  return train(views, form);
}

/// The longest run of digits.
std::string longest_run(const Contents& contents) {
  std::string longest;
  for (std::size_t at = 0; at < contents.composed.size();) {
    std::size_t end = at;
    while (end < contents.composed.size() && contents.composed[end] >= '0' && contents.composed[end] <= '9') ++end;
    if (end - at > longest.size()) longest = contents.composed.substr(at, end - at);
    at = end + 1;
  }
  return longest;
}

}  // namespace

TEST_CASE("privacy: of people with three visits each nothing that names them is in a dictionary", "[sync][codec]") {
  std::size_t looked_for = 0;
  for (const std::size_t people : {5U, 40U, 200U}) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      INFO(people << " people, seed " << seed);
      const ThreeVisits visits(people, seed);
      const Contents health(trained(visits.health, form_named("kham_suc_khoe_ho")));
      const Contents dossiers(trained(visits.dossiers, form_named("ho_so_mot_cua")));
      std::vector<std::string> all = visits.health;
      all.insert(all.end(), visits.dossiers.begin(), visits.dossiers.end());
      const Contents mixed(trained(all, form_named("kham_suc_khoe_ho")));
      for (const Contents* contents : {&health, &dossiers, &mixed}) {
        looked_for += check_villagers(*contents, visits.villagers);
        INFO(longest_run(*contents));
        CHECK(longest_run(*contents).size() <= digits_kept_max);
      }
      if (people >= 40) CHECK(health.has("đau khớp gối khi đi nương"));  // it is not empty
    }
  }
  std::printf("privacy: %zu things looked for in 18 dictionaries\n", looked_for);
}

TEST_CASE("privacy: a name that chance puts together is taken apart again", "[sync][codec]") {
  // Every given name goes with every family name, so that nearly all that shuffling makes is somebody's.
  std::vector<std::string> xml;
  std::vector<std::string> names;
  for (const char* family : {"Lý", "Vàng", "Giàng", "Sùng"}) {
    for (const char* middle : {"A", "Thị", "Seo"}) {
      for (const char* given : {"Páo", "Lan", "Sáng", "Dế"}) {
        names.push_back(std::string(family) + " " + middle + " " + given);
        xml.push_back("<data><ho_ten>" + names.back() + "</ho_ten><ghi_chu>gửi " + names.back() + " nhé</ghi_chu></data>");
      }
    }
  }
  const Contents contents(trained(xml, health_form()));
  for (const std::string& name : names) {
    INFO(name);
    CHECK_FALSE(contents.says(folded(name)));
  }
}

TEST_CASE("privacy: a sentence that three families copied stays only without the name in it", "[sync][codec]") {
  std::vector<std::string> xml = sample_submissions(90);
  const auto note = [&](std::size_t at, const std::string& text) {
    xml[at].replace(xml[at].find("<ghi_chu/>"), 10, "<ghi_chu>" + text + "</ghi_chu>");
  };
  for (const std::size_t at : {0U, 3U, 6U, 9U, 12U}) note(at, "Nhờ anh Sùng Chứ mang về. Đường trơn khi mưa.");
  for (const std::size_t at : {15U, 18U, 21U, 24U}) note(at, "cháu sinh 17/03/2024 tại nhà");
  for (const std::size_t at : {27U, 30U, 33U, 36U}) note(at, "gọi 0912 345 678 khi có kết quả");
  for (const std::size_t at : {39U, 42U, 45U, 48U}) note(at, "lan.nong@xa.vn");
  const Contents contents(trained(xml, health_form()));
  CHECK_FALSE(contents.says("sung chu"));
  CHECK_FALSE(contents.has_digits("17032024"));
  CHECK_FALSE(contents.has_digits("0912345678"));
  CHECK_FALSE(contents.has("lan.nong@xa.vn"));
  CHECK(contents.has("Đường trơn khi mưa."));
}

TEST_CASE("privacy: attributes and texts between tags name nobody, though many wrote them", "[sync][codec]") {
  std::vector<std::string> xml = sample_submissions(30);
  for (std::string& one : xml) {
    one.insert(one.find("<ghi_chu/>"), "<nguoi ten=\"Vàng A Chứ\" so='0912345678'/>");
  }
  CHECK(trained(xml, health_form()).submissions.empty());
  xml = sample_submissions(30);
  for (std::string& one : xml) one.insert(one.find("<ghi_chu/>"), "Thào Thị Sua ");
  CHECK(trained(xml, health_form()).submissions.empty());
}

TEST_CASE("names: however written, they fold to one, and long numbers are found with spaces in them", "[sync][codec]") {
  CHECK(folded("NGUYỄN Thị Lử Đ") == "nguyen thi lu d");
  CHECK(folded("Nguye\xCC\x82\xCC\x83n") == "nguyen");
  CHECK(names_in("gửi Lý A Páo, xóm Nà Ca.") == std::vector<std::string_view>{"Lý A Páo", "Nà Ca"});
  CHECK(names_in("Lan ơi").empty());
  const auto digits = [](std::string_view text) {
    const auto found = long_numbers(text);
    return found.empty() ? std::string() : found[0].digits;
  };
  CHECK(digits("gọi 0912 345 678 nhé") == "0912345678");
  CHECK(digits("số 0912.345.678") == "0912345678");
  CHECK(digits("DK2123456789012") == "2123456789012");
  CHECK(digits("22.5123456 105.6123456").empty());
  CHECK(digits("2026-05-12").empty());
}
