#include <catch2/catch.hpp>

#include "sync/codec/codec.h"
#include "sync/codec/names.h"
#include "sync/codec/people.h"
#include "tests/support/codec_samples.h"

using namespace khuoi;
using namespace khuoi::sync;
using namespace khuoi::tests;

namespace {

std::string trained_text(const std::vector<std::string>& xml) {
  std::vector<ByteView> views;
  for (const std::string& one : xml) views.push_back(view_of(one));
  std::string all;
  for (const Bytes& submission : train(views, health_form()).submissions) all.append(text_of(submission)).append("\n");
  return all;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("training: nobody who came three times can be found in a dictionary", "[sync][codec]") {
  for (const std::size_t visits : {9U, 60U, 300U}) {
    const SampleVisits sample = sample_visits(visits);
    const std::string text = trained_text(sample.xml);
    for (const std::string& secret : sample.secrets) {
      INFO(visits << " visits, " << secret);
      CHECK_FALSE(contains(text, secret));
    }
    CHECK_FALSE(contains(text, "uuid:"));
    CHECK_FALSE(contains(text, sample.xml[0].substr(sample.xml[0].find("timeStart>2026") + 10, 23)));
  }
}

TEST_CASE("training: common phrases, choices and words stay", "[sync][codec]") {
  const std::string text = trained_text(sample_submissions(300));
  CHECK(contains(text, "đau khớp gối khi đi nương"));
  CHECK(contains(text, "Nguyễn"));
  CHECK(contains(text, "<ghi_chu/>"));
  CHECK(contains(text, "Khuổi"));
}

TEST_CASE("training: what two people wrote is left out, what more wrote stays", "[sync][codec]") {
  const auto visits_with = [](std::size_t writers, std::size_t each) {
    std::vector<std::string> xml = sample_submissions(90);
    for (std::size_t writer = 0; writer < writers; ++writer) {
      for (std::size_t visit = 0; visit < each; ++visit) {
        std::string& text = xml[writer * 3 + visit];
        text.replace(text.find("<ghi_chu/>"), 10, "<ghi_chu>bị gấu ngựa tát ở suối</ghi_chu>");
      }
    }
    return xml;
  };
  CHECK_FALSE(contains(trained_text(visits_with(2, 3)), "gấu"));
  CHECK(contains(trained_text(visits_with(5, 1)), "gấu ngựa"));  // some may share a name
}

TEST_CASE("training: a tag or a text between tags that says something of somebody is left out", "[sync][codec]") {
  std::vector<std::string> xml = sample_submissions(30);
  xml[4].insert(xml[4].find("<ghi_chu/>"), "<nguoi ten=\"Vàng A Chứ\"/>");
  xml[5].insert(xml[5].find("<ghi_chu/>"), "Thào Thị Sua ");
  xml[6].insert(0, "Sùng A Lử");
  const std::string text = trained_text(xml);
  CHECK_FALSE(contains(text, "Chứ"));
  CHECK_FALSE(contains(text, "Sua"));
  CHECK_FALSE(contains(text, "Lử"));
}

TEST_CASE("training: the same submissions make the same dictionary, and it makes records small", "[sync][codec]") {
  const std::vector<std::string> xml = sample_submissions(120);
  const Bytes octets = dictionary_of(xml);
  CHECK(octets == dictionary_of(xml));
  const auto cold = *Model::make(health_form(), {});
  const auto warm = *Model::make(health_form(), octets);
  std::size_t cold_octets = 0;
  std::size_t warm_octets = 0;
  for (const std::string& other : sample_visits(30, 99).xml) {
    cold_octets += encode_payload(*cold, view_of(other)).size();
    warm_octets += encode_payload(*warm, view_of(other)).size();
  }
  CHECK(warm_octets * 10 < cold_octets * 7);
}

TEST_CASE("training: odd submissions are taken or left out, and never break it", "[sync][codec]") {
  SeededRng rng(3);
  std::vector<std::string> xml = sample_submissions(30);
  xml.emplace_back();
  xml.emplace_back("<");
  xml.emplace_back("<a>\x01\x02\x05</a>");
  for (int junk = 0; junk < 20; ++junk) {
    Bytes octets(rng.below(300));
    rng.fill(octets);
    xml.emplace_back(text_of(octets));
  }
  CHECK(Model::make(health_form(), dictionary_of(xml)).has_value());
}

TEST_CASE("people: a shared card number or full name makes submissions one person's", "[sync][codec]") {
  const std::vector<std::string_view> texts = {"<a>DK2123456789012</a>", "<a>số 123456789012 cũ</a>",
                                               "<a>Lý A Páo</a>",        "<a>Lý A Páo</a>",
                                               "<a>12345678</a>",        "<a>12345678</a>"};
  const auto people = people_of(texts);
  CHECK(people[0] != people[1]);
  CHECK(people[2] == people[3]);
  CHECK(people[4] != people[5]);
  const auto same = people_of(std::vector<std::string_view>{"<a>DK2123456789012</a>", "<b>2123456789012</b>"});
  CHECK(same[0] == same[1]);
  CHECK(is_name("Nông Thị Lan"));
  CHECK_FALSE(is_name("Nông thị lan"));
  CHECK_FALSE(is_name("Lan"));
}
