#include "sync/record/answers.h"

#include <catch2/catch.hpp>

#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::sync;

TEST_CASE("answers: every leaf is told by its path, whatever prefixes it has", "[sync][record]") {
  const auto answers = read_answers(view_of(
      "<data id='a'><nguoi><ten>Nông Thị Mỷ</ten><tuoi> 40 </tuoi></nguoi><trong/>"
      "<orx:meta xmlns:orx='http://openrosa.org/xforms'><orx:instanceName>Mỷ, 40</orx:instanceName></orx:meta></data>"));
  REQUIRE(answers);
  CHECK(*answers == Answers{{"nguoi/ten", "Nông Thị Mỷ"}, {"nguoi/tuoi", "40"}, {"meta/instanceName", "Mỷ, 40"}});
  CHECK(answer_named(*answers, "instanceName") == "Mỷ, 40");
  CHECK(answer_named(*answers, "trong").empty());
  CHECK_FALSE(read_answers(view_of("<data><ten>")));
  CHECK_FALSE(read_answers(view_of("<!DOCTYPE a><data/>")));
}

TEST_CASE("answers: a search finds a name typed without marks, in either normal form", "[sync][record]") {
  CHECK(search_text("Nông  Thị\nMỷ") == "nong thi my");
  CHECK(search_text("ĐẶNG Đức Đạt") == "dang duc dat");
  CHECK(search_text("Ho\xcc\x82\xcc\x80 so\xcc\x9b") == "ho so");
  CHECK(search_text("  ") == "");
  CHECK(search_text("co\xc2\xadop \xef\xac\x81n") == "coop fin");      // a soft hyphen, a ligature
  CHECK(search_text("\xe2\x80\x83" "A\xe2\x80\x83") == "a");          // spaces of other widths
  CHECK(search_text("\xef\xb7\xba").size() > 18);                     // the character that becomes the most
  CHECK(search_text("Ho \xe1\xbb") == "Ho \xe1\xbb");                  // cut within a character
  CHECK(search_text("\xff\xfe") == "\xff\xfe");
}
