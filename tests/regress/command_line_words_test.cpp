// What the command line says to people: near commands, and a dossier by its form's own words.
#include <catch2/catch.hpp>

#include "node/app/serve_command.h"
#include "node/cli/near_commands.h"
#include "node/cli/text.h"
#include "sync/record/form_labels.h"
#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::node;

namespace {

std::string told_of(std::vector<std::string_view> words) {
  return unknown_command(all_commands(serve_commands()), words).value_or("");
}
bool tells(const std::string& sentence, const std::string& command) {
  return sentence.find("'" + command + "'") != std::string::npos;
}

const std::string labelled_form =
    R"x(<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa">)x"
    R"x(<h:head><h:title>T</h:title><model><itext><translation lang="English (en)"><text id="ten"><value>Name</value></text>)x"
    R"x(<text id="nam"><value>Male</value></text><text id="xa"><value>Commune A</value></text></translation>)x"
    R"x(<translation lang="Tiếng Việt (vi)"><text id="ten"><value form="audio">jr://audio/x.mp3</value><value>Họ và tên</value></text>)x"
    R"x(<text id="nam"><value>Nam</value></text><text id="xa"><value>Xã A</value></text></translation></itext>)x"
    R"x(<instance><data id="t"><ten/><nhom><gioi/><benh/></nhom><xa/><nơi/><khac/></data></instance>)x"
    R"x(<instance id="ds"><goc><item><name>a</name><itextId>xa</itextId></item></goc></instance>)x"
    R"x(<instance id="noi"><goc><item><ma>1</ma><nhan>Nà Lay</nhan></item></goc></instance><bind id="b" nodeset="/data/khac"/></model></h:head>)x"
    R"x(<h:body><input ref="/data/ten"><label ref="jr:itext('ten')"/></input><group ref="/data/nhom">)x"
    R"x(<select1 ref="/data/nhom/gioi"><label>Giới
       tính</label><item><label ref="jr:itext('nam')"/><value>m</value></item></select1>)x"
    R"x(<select ref="/data/nhom/benh"><label>Bệnh</label><item><label>Sốt</label><value>sot</value></item><item><label>Ho</label><value>ho</value></item></select></group>)x"
    R"x(<select1 ref="/data/xa"><label>Xã</label><itemset nodeset="instance('ds')/goc/item[name != '']"><value ref="name"/><label ref="jr:itext(itextId)"/></itemset></select1>)x"
    R"x(<select1 ref="/data/nơi"><label>Nơi</label><itemset nodeset="instance('noi')/goc/item"><value ref="ma"/><label ref="nhan"/></itemset></select1>)x"
    R"x(<input bind="b"><label>Khác</label></input></h:body></h:html>)x";

}  // namespace

TEST_CASE("command line: a word that is no command names the near ones", "[regress]") {
  CHECK(tells(told_of({"lst"}), "list"));
  CHECK(tells(told_of({"shwo", "123456"}), "show"));
  CHECK(tells(told_of({"statsu"}), "status"));
  CHECK(tells(told_of({"sync"}), "stick sync"));
  CHECK(tells(told_of({"fomr", "add"}), "form add"));
  CHECK(tells(told_of({"form", "lst"}), "form list"));
  CHECK(tells(told_of({"enrol", "grnat"}), "enrol grant"));
  CHECK(tells(told_of({"enroll", "grant"}), "enrol grant"));
  CHECK(tells(told_of({"stick", "x"}), "stick sync"));  // nothing is near: all of the group
  const std::string far = told_of({"qqqqqqqqq"});
  CHECK(far.find("--help") != std::string::npos);
  CHECK(told_of({"list"}).empty());
  CHECK(told_of({"form", "list"}).empty());
  CHECK(told_of({"form"}).empty());  // CLI11 says what is missing
  CHECK(told_of({"announce", "--text"}).empty());
  CHECK(told_of({"submit", "x.xml"}).empty());
  CHECK(told_of({"--help"}).empty());
  CHECK(told_of({}).empty());
  CHECK(told_of({"form", "--help"}).empty());
  // Hostile words come back short and harmless.
  const std::string bad = told_of({std::string_view("\x1b[2Jlst\n")});
  CHECK(bad.find('\x1b') == std::string::npos);
  CHECK(bad.find('\n') == std::string::npos);
  const std::string longest(100000, 'x');
  CHECK(told_of({longest}).size() < 300);
  CHECK(told_of({""}).find("no command") != std::string::npos);
}

TEST_CASE("command line: answers stand by the form's own words", "[regress]") {
  const auto labels = sync::read_form_labels(view_of(labelled_form), "vi");
  REQUIRE(labels);
  const auto& questions = labels->questions;
  REQUIRE(questions.contains("ten"));
  CHECK(questions.at("ten").label == "Họ và tên");
  REQUIRE(questions.contains("nhom/gioi"));
  CHECK(questions.at("nhom/gioi").label == "Giới tính");
  CHECK(sync::spoken_answer(&questions.at("nhom/gioi"), "m") == "Nam");
  CHECK(sync::spoken_answer(&questions.at("nhom/benh"), "ho sot la") == "Ho; Sốt; la");
  CHECK(sync::spoken_answer(&questions.at("xa"), "a") == "Xã A");
  CHECK(sync::spoken_answer(&questions.at("nơi"), "1") == "Nà Lay");
  CHECK(questions.at("khac").label == "Khác");
  CHECK(sync::spoken_answer(nullptr, "2026-01-31T08:05:00.000+07:00") == "2026-01-31 08:05");
  CHECK(sync::spoken_answer(nullptr, "2026-01-31") == "2026-01-31");
  CHECK(sync::spoken_answer(nullptr, "2026-01-31T") == "2026-01-31T");
  const auto english = sync::read_form_labels(view_of(labelled_form), "en");
  REQUIRE(english);
  CHECK(english->questions.at("ten").label == "Name");
  const auto other = sync::read_form_labels(view_of(labelled_form), "fr");
  REQUIRE(other);
  CHECK(other->questions.at("ten").label == "Name");
}

TEST_CASE("command line: a form of any shape gives labels or an error, never more", "[regress]") {
  for (const std::string xml :
       {"<html/>", "<html><body><input/></body></html>", "<html><body><select1 ref=\"/\"/></body></html>",
        "<html><body><select1 ref=\"/a/b\"><itemset nodeset=\"instance(\"/></select1></body></html>",
        "<html><body><select1 ref=\"/a/b\"><itemset nodeset=\"instance('\"><label ref=\"jr:itext(\"/></itemset></select1></body></html>",
        "<html><body><input ref=\"/a/b\"><label ref=\"jr:itext('\"/></input></body></html>"}) {
    CHECK(sync::read_form_labels(view_of(xml), "vi"));
  }
  CHECK_FALSE(sync::read_form_labels(view_of("no xml"), "vi"));
}

TEST_CASE("command line: what was handed in does not steer a terminal", "[regress]") {
  CHECK(for_a_terminal("a\x1b[2Jb\r\nc\td\xc2\x9b" "e", " ") == "a?[2Jb c d?e");
  CHECK(for_a_terminal("Nông Thị Mỷ", " ") == "Nông Thị Mỷ");
  CHECK(for_a_terminal("a\nb", "\n  ") == "a\n  b");
}
