// What a form asks for that no page does is known before anything is published, and every form has a key of its own.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "node/counter/form_key.h"
#include "sync/record/form.h"
#include "tests/support/places.h"
#include "tests/support/print_result.h"

using namespace khuoi;

namespace {

sync::FormFacts form_facts_of(const std::string& xml) {
  const auto facts = sync::read_form(view_of(xml));
  INFO((facts ? std::string() : facts.error().what));
  REQUIRE(facts);
  return *facts;
}

sync::FormFacts public_form_facts(const std::string& name) {
  std::ifstream file(tests::test_data() / "public" / name, std::ios::binary);
  return form_facts_of(std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()));
}

std::string form_with(const std::string& model, const std::string& control) {
  return R"(<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>T</h:title>)"
         R"(<model><instance><data id="t"><a/></data></instance>)" +
         model + "</model></h:head><h:body>" + control + "</h:body></h:html>";
}

std::string choosing(const std::string& appearance) {
  return form_with("", "<select1 ref=\"/data/a\" appearance=\"" + appearance + "\"><item><label>l</label><value>v</value></item></select1>");
}

}  // namespace

TEST_CASE("form limits: a question that searches a file for its choices is named with the file", "[regress]") {
  const auto facts = public_form_facts("collect--different-search-appearances.xml");
  CHECK(facts.searched_lists.size() > 5);
  for (const auto& one : facts.searched_lists) {
    CHECK(one.file == "fruits");
    CHECK_FALSE(one.question.empty());
  }
  for (const std::string appearance : {"search('xa')", "minimal search('xa')", "search ( 'xa' , 'contains', 'ten', /data/a)",
                                       "quick search(&quot;xa&quot;)", "search search('xa')"}) {
    INFO(appearance);
    const auto one = form_facts_of(choosing(appearance));
    REQUIRE(one.searched_lists.size() == 1);
    CHECK(one.searched_lists[0].question == "/data/a");
    CHECK(one.searched_lists[0].file == "xa");
  }
  for (const std::string appearance : {"", "search", "minimal search", "autocomplete", "research"}) {
    CHECK(form_facts_of(choosing(appearance)).searched_lists.empty());
  }
  for (const std::string cut : {"search(", "search('", "search('xa", "search()"}) {
    CHECK(form_facts_of(choosing(cut)).searched_lists.size() == 1);
  }
  CHECK(public_form_facts("webforms--select-control.xml").searched_lists.empty());
}

TEST_CASE("form limits: encryption and sound in the background are seen", "[regress]") {
  CHECK(public_form_facts("collect--one-question-background-audio-multiple.xml").records_audio);
  const std::string input = "<input ref=\"/data/a\"><label>l</label></input>";
  CHECK(form_facts_of(form_with(R"(<submission base64RsaPublicKey="MIIB"/>)", input)).encrypted);
  CHECK_FALSE(form_facts_of(form_with(R"(<submission base64RsaPublicKey=" "/>)", input)).encrypted);
  CHECK_FALSE(form_facts_of(form_with(R"(<submission method="post" action="x"/>)", input)).encrypted);
  CHECK_FALSE(form_facts_of(form_with("", input)).records_audio);
}

TEST_CASE("form limits: a key gives id and version back, whatever stands in them", "[regress]") {
  using Pair = std::pair<std::string, std::string>;
  for (const Pair& one : {Pair{"a", ""}, Pair{"a~b", "1"}, Pair{"a", "1~2"}, Pair{"a~b", "~"}, Pair{"a", "5%"}, Pair{"a", "%7E"},
                          Pair{"http://x/y", "v 1/2"}, Pair{"", "1"}}) {
    CHECK(http::split_form_key(http::form_key(one.first, one.second)) == one);
  }
  CHECK(http::form_key("a", "1~2") != http::form_key("a~1", "2"));
  CHECK(http::split_form_key("a~5%") == Pair{"a", "5%"});  // a key of an older version
  CHECK(http::split_form_key("a") == Pair{"a", ""});
}
