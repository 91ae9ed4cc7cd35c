// A commune tells once that a file is whole, and again when its author seems not to know it.
#include "tests/sync/photo_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

/// A stick that a hamlet wrote, whose end is damaged: no node remembers it as taken in, so each visit reads all of it.
Stick damaged_copy(Stick stick) {
  REQUIRE(stick.size() == 1);
  append(stick.begin()->second, Bytes(100, 0x55));
  return stick;
}

sync::Head head_for(TestNode& commune, const TestNode& hamlet) {
  auto txn = commune.replica->read();
  const auto head = commune.replica->receipts().head(**txn, hamlet.replica->self().node);
  REQUIRE(head);
  return head->value_or(sync::Head{});
}

std::size_t files_told(TestNode& commune, const TestNode& hamlet) {
  const auto said = sync::decode_holdings(statement_of(commune, hamlet));
  REQUIRE(said);
  return static_cast<std::size_t>(std::ranges::count(said->files, true, &sync::Holdings::FileHeld::complete));
}

/// A photo came by stick, and the commune told so; a copy of that stick is left.
struct ToldPair : MetPair {
  Stick stick, copy;
  ToldPair() {
    submit_photo(hamlet, 1);
    sync_stick(hamlet, stick);
    copy = damaged_copy(stick);
    sync_stick(commune, stick);
    REQUIRE(files_told(commune, hamlet) == 1);
  }
  /// The copy comes to the commune once more. Gives whether the commune states anew because of it.
  bool states_anew() {
    const sync::Head before = head_for(commune, hamlet);
    Stick again = copy;
    const sync::Counts counts = sync_stick(commune, again);
    CHECK(counts.records_duplicate != 0);
    statement_of(commune, hamlet);
    return !(head_for(commune, hamlet) == before);
  }
};

}  // namespace

TEST_CASE("files told: copies of a file make no new statement until its author has heard of it",
          "[sync][receipts][regress]") {
  ToldPair pair;
  for (int visit = 0; visit < 3; ++visit) CHECK_FALSE(pair.states_anew());
  CHECK(files_told(pair.commune, pair.hamlet) == 1);
}

TEST_CASE("files told: whose author heard of a file, and who sends it all the same, is told so again, once",
          "[sync][receipts]") {
  ToldPair pair;
  talk(pair.hamlet, pair.commune);
  REQUIRE(files_told(pair.commune, pair.hamlet) == 0);
  CHECK(pair.states_anew());
  CHECK(files_told(pair.commune, pair.hamlet) == 1);
  for (int visit = 0; visit < 3; ++visit) CHECK_FALSE(pair.states_anew());
}
