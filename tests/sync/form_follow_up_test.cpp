// What a form says of the next visit.
#include <catch2/catch.hpp>

#include "sync/record/form.h"
#include "tests/support/print_result.h"

using namespace khuoi;

namespace {

Result<sync::FormFacts> visit_form(const std::string& instance, const std::string& binds, const std::string& body = "") {
  const std::string xml =
      R"(<h:html xmlns:h="http://www.w3.org/1999/xhtml" xmlns="http://www.w3.org/2002/xforms"><h:head><h:title>T</h:title>)"
      "<model><instance>" +
      instance + "</instance>" + binds + "</model></h:head><h:body>" + body + "</h:body></h:html>";
  return sync::read_form(view_of(xml));
}

}  // namespace

TEST_CASE("form: binds say which fields are the day and the reason to come again, the first of each", "[sync][form]") {
  const auto form = visit_form(
      R"(<data id="f"><a><day/><what/></a><b/></data>)",
      R"(<bind nodeset="/data/a/day" type="date" k:follow-up="day" xmlns:k="urn:khuoi:form"/>)"
      R"(<bind nodeset="/data/b" k:follow-up="day" xmlns:k="urn:khuoi:form"/>)"
      R"(<bind nodeset="/data/a/what" k:follow-up="what" xmlns:k="urn:khuoi:form"/>)");
  REQUIRE(form);
  CHECK(form->follow_up.day == "a/day");
  CHECK(form->follow_up.what == "a/what");
}

TEST_CASE("form: a follow-up that refers to nothing, or says another word, is none", "[sync][form]") {
  const auto form = visit_form(R"(<data id="f"><a/></data>)",
                                      R"(<bind nodeset="/other/a" follow-up="day"/><bind nodeset="/data" follow-up="day"/>)"
                                      R"(<bind follow-up="what"/><bind nodeset="/data/a" follow-up="always"/>)",
                                      R"(<input ref="/data/a" follow-up="day"/>)");
  REQUIRE(form);
  CHECK(form->follow_up.day.empty());
  CHECK(form->follow_up.what.empty());
}
