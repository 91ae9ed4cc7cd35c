// What a list tells of a dossier: when to come again, as its form says it.
#include "node/acts/summary.h"

#include "sync/base/nfc.h"
#include "tests/support/replica_pair.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

/// A health form of a commune, with fields of these names; `day` and `what` stand in their binds.
std::string visit_form(const std::string& id, const std::string& day = "", const std::string& what = "") {
  return R"(<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml")"
         R"( xmlns:khuoi="urn:khuoi:form" khuoi:domain="health"><h:head><h:title>Thăm</h:title><model><instance><data id=")" +
         id +
         R"(" version="1"><hen><ngay_toi/><viec/><ngay_hen/><viec_hen/></hen><meta><instanceID/></meta></data></instance>)"
         R"(<bind nodeset="/data/hen/ngay_toi" type="date" )" +
         day + R"(/><bind nodeset="/data/hen/viec" type="string" )" + what +
         R"(/></model></h:head><h:body><input ref="/data/hen/ngay_toi"/></h:body></h:html>)";
}

std::string visit(const std::string& id, int number, const std::string& answers) {
  return "<data id=\"" + id + "\" version=\"1\"><hen>" + answers + "</hen><meta><instanceID>uuid:00000000-0000-4000-8000-" +
         std::string(11, '0') + std::to_string(number) + "</instanceID></meta></data>";
}

struct Nurse : ReplicaPair {
  Nurse() {
    hamlet.unlock();
    publish("marked", visit_form("marked", "khuoi:follow-up=\"day\"", "khuoi:follow-up=\"what\""));
    publish("day_only", visit_form("day_only", "khuoi:follow-up=\"day\""));
    publish("plain", visit_form("plain"));
    talk(hamlet, commune);
  }
  void publish(const std::string& id, const std::string& xml) {
    commune.work([&](sync::Batch& batch) {
      sync::FormRecord form;
      form.id = id;
      form.xml = to_bytes(view_of(xml));
      form.domain = sync::Domain::health;
      return commune.replica->add_form(batch, form);
    });
  }
  /// Of what was handed in last.
  node::Summary summary_of(const std::string& xml) {
    hamlet.submit(xml);
    std::optional<node::Summary> out;
    auto txn = hamlet.replica->read();
    REQUIRE(hamlet.replica->dossiers().each_key(**txn, [&](const auto& key, const auto& row) {
      auto one = node::Summaries(hamlet.replica->reader(), **txn).of(key, row);
      REQUIRE(one);
      if (!out || one->number > out->number) out = std::move(*one);
      return true;
    }));
    return *out;
  }
};

constexpr const char* both = "<ngay_toi>2026-12-01</ngay_toi><viec>do_ha</viec>"
                             "<ngay_hen>2026-01-31</ngay_hen><viec_hen>khac</viec_hen>";

}  // namespace

TEST_CASE("follow-up: a commune's form says which fields it is, whatever else they are called", "[node][forms]") {
  const auto one = Nurse().summary_of(visit("marked", 1, both));
  CHECK(one.follow_up == "2026-12-01");
  CHECK(one.follow_up_what == "do_ha");
  CHECK(one.follow_up_question == "hen/viec");
}

TEST_CASE("follow-up: a form that marks a day and no reason has none", "[node][forms]") {
  const auto one = Nurse().summary_of(visit("day_only", 1, both));
  CHECK(one.follow_up == "2026-12-01");
  CHECK(one.follow_up_what.empty());
  CHECK(one.follow_up_question.empty());
}

TEST_CASE("follow-up: a form that marks nothing goes by the usual names", "[node][forms]") {
  const auto one = Nurse().summary_of(visit("plain", 1, both));
  CHECK(one.follow_up == "2026-01-31");
  CHECK(one.follow_up_what == "khac");
  CHECK(one.follow_up_question == "viec_hen");
}

TEST_CASE("follow-up: a day that was not given is none, and a time behind a day is cut", "[node][forms]") {
  Nurse nurse;
  CHECK(nurse.summary_of(visit("marked", 1, "<ngay_toi/><viec>do_ha</viec><ngay_hen>2026-01-31</ngay_hen>")).follow_up == "");
  CHECK(nurse.summary_of(visit("marked", 2, "<ngay_toi>2026-12-01T08:00:00</ngay_toi>")).follow_up == "2026-12-01");
  const std::string cut = nurse.summary_of(visit("marked", 3, "<ngay_toi>mùa gặt sang năm</ngay_toi>")).follow_up;
  CHECK(sync::is_utf8(view_of(cut)));
}

namespace {

/// Every dossier's summary by `summaries`, and how many of them were made from records.
struct AllRead {
  std::vector<node::Summary> all;
  std::vector<node::Summaries::Made> made;
};
AllRead read_all_of(TestNode& box) {
  AllRead out;
  const auto txn = box.replica->read();
  node::Summaries summaries(box.replica->reader(), **txn);
  REQUIRE(box.replica->dossiers().each_key(**txn, [&](const auto& key, const auto& row) -> Result<void> {
    KHUOI_TRY(out.all.emplace_back(), summaries.of(key, row));
    return {};
  }));
  out.made = summaries.take_made();
  return out;
}

auto words_of(const node::Summary& one) { return octets_of_part(static_cast<const node::SummaryWords&>(one)); }

}  // namespace

TEST_CASE("summaries: what was kept tells the same as what is made of the records, and is read without them", "[node]") {
  Nurse nurse;
  nurse.summary_of(visit("marked", 1, both));
  nurse.summary_of(visit("plain", 2, both));
  const AllRead first = read_all_of(nurse.hamlet);
  REQUIRE(first.made.size() == 2);
  nurse.hamlet.work([&](sync::Batch& batch) { return node::Summaries::keep(*nurse.hamlet.replica, batch, first.made); });
  const AllRead second = read_all_of(nurse.hamlet);
  CHECK(second.made.empty());
  REQUIRE(second.all.size() == first.all.size());
  for (std::size_t i = 0; i < first.all.size(); ++i) {
    CHECK(words_of(second.all[i]) == words_of(first.all[i]));
    CHECK(second.all[i].title == first.all[i].title);
    CHECK(second.all[i].octets_read == 0);
    CHECK(first.all[i].octets_read != 0);
  }
}

TEST_CASE("summaries: one is made anew when the form of its version comes", "[node]") {
  Nurse nurse;
  const auto second_version = [](std::string text) {
    const std::string before = "version=\"1\"";
    return text.replace(text.find(before, text.find("<data")), before.size(), "version=\"2\"");
  };
  nurse.summary_of(second_version(visit("plain", 1, both)));
  const auto keep = [&] {
    const AllRead read = read_all_of(nurse.hamlet);
    nurse.hamlet.work([&](sync::Batch& batch) { return node::Summaries::keep(*nurse.hamlet.replica, batch, read.made); });
    return read;
  };
  CHECK(keep().made.size() == 1);
  CHECK(keep().made.empty());
  nurse.publish("plain", second_version(visit_form("plain", "khuoi:follow-up=\"day\"")));
  talk(nurse.hamlet, nurse.commune);
  const AllRead anew = keep();
  CHECK(anew.made.size() == 1);
  CHECK(anew.all.front().follow_up == "2026-12-01");
  CHECK(keep().made.empty());
}

TEST_CASE("summaries: none is kept of a dossier that changed since it was read", "[node]") {
  Nurse nurse;
  nurse.summary_of(visit("plain", 1, both));
  AllRead read = read_all_of(nurse.hamlet);
  read.made.at(0).row.push_back(0);
  nurse.hamlet.work([&](sync::Batch& batch) { return node::Summaries::keep(*nurse.hamlet.replica, batch, read.made); });
  CHECK(read_all_of(nurse.hamlet).made.size() == 1);
}
