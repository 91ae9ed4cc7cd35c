#include "node/cli/text.h"

#include <catch2/catch.hpp>

#include "node/acts/text.h"
#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::node;

TEST_CASE("text: the name of a version is read back, and nothing else is", "[node][text]") {
  sync::Ref ref;
  ref.author = NodeId::filled(0xab);
  ref.run = RunId::filled(0x01);
  ref.number = 4'294'967'295U;
  const std::string text = text_of_ref(ref);
  CHECK(ref_of_text(text) == ref);
  for (std::size_t i = 0; i + 10 < text.size(); ++i) CHECK_FALSE(ref_of_text(text.substr(0, i)));
  CHECK_FALSE(ref_of_text(text + "0"));  // past 32 bits
  CHECK_FALSE(ref_of_text(text + "x"));
  CHECK_FALSE(ref_of_text(text.substr(0, 34) + "-1"));
}

TEST_CASE("text: times are taken as dates, as times of day, or as so long from now", "[node][text]") {
  const UnixSeconds now{1'790'000'000};
  CHECK(time_of_text("+3d", now)->value == now.value + 3 * 86400);
  CHECK(time_of_text("+12h", now)->value == now.value + 12 * 3600);
  CHECK(time_of_text("2026-01-31", now)->value < time_of_text("2026-01-31T16:30", now)->value);
  for (const char* wrong : {"", "+", "+d", "+3", "+3x", "-3d", "+99999999999999999999d", "mai", "2026-13-01",
                            "2026-01-31T25:00", "2026-01-31 "}) {
    CAPTURE(wrong);
    const auto refused = time_of_text(wrong, now);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::usage);
  }
}

TEST_CASE("text: a row of a locked list tells id and state only", "[node][text]") {
  sync::DossierEntry entry;
  entry.id = DossierId::filled(0x5a);
  entry.number = 7;
  entry.state = "accepted";
  const auto row = json_of(entry);
  CHECK(row.size() == 11);
  for (const auto& field : row) {
    CAPTURE(std::string(field.key()));
    const bool told = field.key() == "id" || field.key() == "state";
    CHECK(field.value().is_null() == !told);
  }
}

TEST_CASE("text: columns are counted in characters", "[node][text]") {
  CHECK(padded("Khuổi Mèo", 12) == "Khuổi Mèo   ");
  CHECK(padded("Khuổi Mèo", 3) == "Khuổi Mèo");
}
