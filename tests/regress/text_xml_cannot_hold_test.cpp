// What phones and scanners put into answers that XML has no place for.
#include "sync/record/answers.h"
#include "sync/record/instance.h"
#include "sync/record/xml_guard.h"
#include "tests/support/replica_pair.h"

using namespace khuoi;
using namespace khuoi::sync;
using namespace std::string_view_literals;

namespace {

std::string meant(std::string_view xml) {
  const auto read = check_filled_in(view_of(xml));
  REQUIRE(read);
  return std::string(text_of(*read));
}

}  // namespace

TEST_CASE("text: a surrogate pair in two references, as old Collect writes it, is one character", "[regress][record]") {
  CHECK(meant("<a>&#55357;&#56832;</a>") == "<a>\xf0\x9f\x98\x80</a>");
  CHECK(meant("<a>&#xD83D;&#xDE00;!</a>") == "<a>\xf0\x9f\x98\x80!</a>");
  CHECK(meant("<a b='&#55357;&#56832;'>x&#55357;&#56832;&#55357;&#56832;y</a>") ==
        "<a b='\xf0\x9f\x98\x80'>x\xf0\x9f\x98\x80\xf0\x9f\x98\x80y</a>");
  CHECK(meant("<a>&#56319;&#57343;</a>") == "<a>\xf4\x8f\xbf\xbf</a>");  // U+10FFFF
}

TEST_CASE("text: references to what is no character read as U+FFFD, and nothing else is touched", "[regress][record]") {
  const std::string gone = "\xef\xbf\xbd";
  CHECK(meant("<a>&#1;&#0;&#x1F;</a>") == "<a>" + gone + gone + gone + "</a>");
  CHECK(meant("<a>&#55357;x</a>") == "<a>" + gone + "x</a>");
  CHECK(meant("<a>&#56832;&#55357;</a>") == "<a>" + gone + gone + "</a>");
  CHECK(meant("<a>&#55357;&#55357;&#56832;</a>") == "<a>" + gone + "\xf0\x9f\x98\x80</a>");
  CHECK(meant("<a>&#65534;&#65535;</a>") == "<a>" + gone + gone + "</a>");
  // Where a reference is none, it stays.
  CHECK(meant("<a><![CDATA[&#1;]]><!-- &#1; --><?x &#1;?>&#2;</a>") ==
        "<a><![CDATA[&#1;]]><!-- &#1; --><?x &#1;?>" + gone + "</a>");
  for (const std::string_view plain : {"<a>&#10;&#x1F600;&amp;&#64;</a>"sv, "<a/>"sv, "\xef\xbb\xbf<a>x</a>"sv}) {
    CHECK(meant(plain).empty());  // the octets themselves will do
  }
  for (const std::string_view broken : {"<a>&#x110000;</a>"sv, "<a>&#;</a>"sv, "<a>&#1</a>"sv, "<a>&#99999999999;</a>"sv,
                                        "<a>&x;</a>"sv, "<a>&#55357;&#;</a>"sv}) {
    CHECK_FALSE(check_filled_in(view_of(broken)));
  }
}

TEST_CASE("text: what older stores hold as it is still reads", "[regress][record]") {
  CHECK(meant("<a>x\xef\xbf\xbfy</a>") == "<a>x\xef\xbf\xbdy</a>");
  CHECK(meant("<a>\x0b&#55357;&#56832;</a>") == "<a>\xef\xbf\xbd\xf0\x9f\x98\x80</a>");
  CHECK_FALSE(check_filled_in(view_of("<abcd>\0</abcd>"sv)));
  CHECK_FALSE(check_filled_in(view_of("<a>\xed\xa0\x80</a>"sv)));
  const auto answers = read_answers(view_of("<data><ten>An &#55357;&#56832;</ten><x>\xef\xbf\xbe</x></data>"));
  REQUIRE(answers);
  CHECK(answer_named(*answers, "ten") == "An \xf0\x9f\x98\x80");
}

TEST_CASE("text: a character without a place in XML is found with its question and line", "[regress][record]") {
  struct Case {
    std::string_view xml;
    std::string_view element;
    std::uint32_t character;
    std::size_t line;
  };
  for (const Case& one : {Case{"<data>\n<g><ten>An</ten><orx:ghi_chu>a\x0b</orx:ghi_chu></g></data>"sv, "ghi_chu", 0x0b, 2},
                          Case{"<data><a/><b x='1'>\0</b></data>"sv, "b", 0, 1},
                          Case{"<data><a>x</a>\x1f<b/></data>"sv, "data", 0x1f, 1},
                          Case{"<data><a>\xef\xbf\xbe</a></data>"sv, "a", 0xfffe, 1},
                          Case{"<data><a>\xef\xbf\xbf</a></data>"sv, "a", 0xffff, 1},
                          Case{"<data><a>\xed\xa0\xbd\xed\xb8\x80</a></data>"sv, "a", 0xd83d, 1},
                          Case{"\x01<data/>"sv, "", 1, 1}}) {
    INFO(one.xml);
    const auto found = find_unholdable(view_of(one.xml));
    REQUIRE(found);
    CHECK(found->element == one.element);
    CHECK(found->character == one.character);
    CHECK(found->line == one.line);
    const auto refused = check_xml(view_of(one.xml));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::malformed);
    CHECK(refused.error().what.find(code_point_text(one.character)) != std::string::npos);
  }
  CHECK(code_point_text(0x1f600) == "U+1F600");
  for (const std::string_view none : {"<a>\t\r\n\x7f\xef\xbf\xbd\xed\x9f\xbf</a>"sv, "\xff\xfe<\0a\0/\0>\0"sv, "<a>\xff</a>"sv, ""sv}) {
    CHECK_FALSE(find_unholdable(view_of(none)));
  }
}

TEST_CASE("text: a submission with such references is taken and kept octet for octet, one with the character is refused",
          "[regress][replica]") {
  tests::ReplicaPair pair;
  tests::talk(pair.hamlet, pair.commune);
  const std::string xml = tests::test_submission("1", "An &#55357;&#56832; &#1;");
  const auto taken = pair.hamlet.submit(xml);
  tests::talk(pair.hamlet, pair.commune);
  for (tests::TestNode* node : {&pair.hamlet, &pair.commune}) {
    node->unlock();
    const auto txn = node->replica->read();
    const auto key = node->replica->views().resolve(**txn, taken.shown.hex());
    REQUIRE(key);
    const auto detail = node->replica->views().detail(**txn, *key);
    REQUIRE(detail);
    CHECK(text_of(detail->versions.front().xml) == xml);
  }
  const auto txn = pair.hamlet.replica->read();
  for (const std::string& name : {std::string("a\x0b"), std::string("a\xef\xbf\xbf"), std::string("a\0b", 3)}) {
    const auto refused = pair.hamlet.replica->reader().submissions().prepare(**txn, view_of(tests::test_submission("2", name)));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what.find("'name' holds U+") != std::string::npos);
  }
}
