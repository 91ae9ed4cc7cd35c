#include "tests/sync/announcing_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;
using Words = std::vector<std::string>;

namespace {

/// As speak(), but every sound fails before its first sample. How many were tried.
std::size_t fail_to_speak(TestNode& node, sync::Announcer& announcer) {
  std::size_t out = 0;
  for (const sync::Announcer::Due& due : plan(node, announcer).due) {
    sync::Items::Playing noted;
    node.work([&](sync::Batch& batch) -> Result<void> {
      const auto content = announcer.begin(node.replica->bulletin(), batch, due.ref, sync::Announcer::Who::itself, &noted);
      return content ? Result<void>() : Result<void>(content.error());
    });
    node.work([&](sync::Batch& batch) { return sync::Announcer::not_heard(node.replica->bulletin(), batch, due.ref, noted); });
    ++out;
  }
  return out;
}
std::vector<sync::Items::Heard> told(AnnouncingPair& pair, const sync::Ref& ref) {
  auto txn = pair.commune.replica->read();
  return *pair.commune.replica->items().heard(**txn, ref);
}
bool settled(TestNode& node, const sync::Ref& ref) {
  auto txn = node.replica->read();
  return (*node.replica->items().find(**txn, ref))->settled;
}
sync::AnnouncementEntry entry_listed(AnnouncingPair& pair) {
  auto txn = pair.hamlet.replica->read();
  auto out = pair.announcer.list(pair.hamlet.replica->reader().board(), **txn, pair.hamlet.now);
  REQUIRE(out);
  REQUIRE(out->size() == 1);
  return out->front();
}
sync::Ref flood(AnnouncingPair& pair, std::int64_t lives = 10 * day) {
  add_officer(pair.commune, "A");
  add_officer(pair.commune, "B");
  return announce(pair.commune, emergency("Lũ quét!", morning, lives), {"A", "B"});
}

}  // namespace

TEST_CASE("unheard: what failed before its first sample is not played, here and at the commune, and is tried again",
          "[sync][announcer]") {
  AnnouncingPair pair;
  const sync::Ref ref = flood(pair);
  talk(pair.hamlet, pair.commune);
  CHECK(fail_to_speak(pair.hamlet, pair.announcer) == 1);
  CHECK_FALSE(settled(pair.hamlet, ref));
  talk(pair.hamlet, pair.commune);
  REQUIRE(told(pair, ref).size() == 1);
  CHECK(told(pair, ref).front().not_heard);
  CHECK_FALSE(settled(pair.commune, ref));
  CHECK(speak(pair.hamlet, pair.announcer).empty());  // a pause between two tries
  const auto wake = plan(pair.hamlet, pair.announcer).wake;
  REQUIRE(wake);
  CHECK(*wake == std::chrono::seconds(5));
  pair.both_pass(5);
  CHECK(speak(pair.hamlet, pair.announcer) == Words{"Lũ quét!"});
  talk(pair.hamlet, pair.commune);
  CHECK(settled(pair.commune, ref));
  REQUIRE(told(pair, ref).size() == 2);
  CHECK_FALSE(told(pair, ref).back().not_heard);
  pair.both_pass(day);
  CHECK(speak(pair.hamlet, pair.announcer).empty());  // heard once, and never twice
}

TEST_CASE("unheard: it is tried by itself ten times in all, over restarts too, then only by a person", "[sync][announcer]") {
  AnnouncingPair pair;
  const sync::Ref ref = flood(pair);
  talk(pair.hamlet, pair.commune);
  std::size_t tries = 0;
  for (int i = 0; i < 400; ++i) {
    tries += fail_to_speak(pair.hamlet, pair.announcer);
    pair.both_pass(hour / 2);
    if (i % 7 != 0) continue;
    pair.hamlet.start();
    pair.announcer = sync::Announcer(sync::SpeakingTimes{});
    talk(pair.hamlet, pair.commune);
  }
  CHECK(tries == 10);
  CHECK(entry_listed(pair).gave_up);
  CHECK_FALSE(entry_listed(pair).next);
  REQUIRE(press_play(pair.hamlet, pair.announcer, ref));
  CHECK(settled(pair.hamlet, ref));
}

TEST_CASE("unheard: nothing is tried again after it expired", "[sync][announcer]") {
  AnnouncingPair pair;
  flood(pair, hour);
  talk(pair.hamlet, pair.commune);
  CHECK(fail_to_speak(pair.hamlet, pair.announcer) == 1);
  pair.both_pass(hour);
  CHECK(speak(pair.hamlet, pair.announcer).empty());
}

TEST_CASE("unheard: a slot in which it failed is made up for, and said once", "[sync][announcer]") {
  AnnouncingPair pair;
  announce(pair.commune, routine("Họp xóm"));
  pair.both_pass(3 * hour + 31 * 60);
  talk(pair.hamlet, pair.commune);
  CHECK(fail_to_speak(pair.hamlet, pair.announcer) == 1);
  pair.both_pass(60);
  CHECK(speak(pair.hamlet, pair.announcer) == Words{"Họp xóm"});
  pair.both_pass(60);
  CHECK(speak(pair.hamlet, pair.announcer).empty());
  pair.both_pass(5 * hour + hour / 2);
  CHECK(speak(pair.hamlet, pair.announcer) == Words{"Họp xóm"});
}

TEST_CASE("unheard: one that was heard before stays played when a later try fails", "[sync][announcer]") {
  AnnouncingPair pair;
  const sync::Ref ref = flood(pair);
  talk(pair.hamlet, pair.commune);
  CHECK(speak(pair.hamlet, pair.announcer).size() == 1);
  pair.both_pass(hour);
  sync::Items::Playing noted;
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto content, pair.announcer.begin(pair.hamlet.replica->bulletin(), batch, ref, sync::Announcer::Who::person, &noted));
    return {};
  });
  pair.hamlet.work([&](sync::Batch& batch) { return sync::Announcer::not_heard(pair.hamlet.replica->bulletin(), batch, ref, noted); });
  CHECK(settled(pair.hamlet, ref));
  pair.both_pass(hour);
  CHECK(speak(pair.hamlet, pair.announcer).empty());
  talk(pair.hamlet, pair.commune);
  CHECK(settled(pair.commune, ref));
}

TEST_CASE("unheard: a box without a loudspeaker says so once a slot, and begins nothing", "[sync][announcer]") {
  AnnouncingPair pair;
  const sync::Ref ref = announce(pair.commune, routine("Họp xóm"));
  pair.both_pass(4 * hour);
  talk(pair.hamlet, pair.commune);
  auto due = plan(pair.hamlet, pair.announcer).due;
  REQUIRE(due.size() == 1);
  CHECK_FALSE(due.front().told_silent);
  pair.hamlet.work([&](sync::Batch& batch) { return pair.announcer.no_sound(pair.hamlet.replica->bulletin(), batch, ref); });
  pair.both_pass(60);
  due = plan(pair.hamlet, pair.announcer).due;
  REQUIRE(due.size() == 1);
  CHECK(due.front().told_silent);
  CHECK_FALSE(settled(pair.hamlet, ref));
  talk(pair.hamlet, pair.commune);
  REQUIRE(told(pair, ref).size() == 1);
  CHECK(told(pair, ref).front().not_heard);
  CHECK(speak(pair.hamlet, pair.announcer) == Words{"Họp xóm"});  // a sound card was plugged in
}

TEST_CASE("unheard: a word that takes a playing back may come before the word that it was played", "[sync][announcer]") {
  AnnouncingPair pair;
  const sync::Ref ref = announce(pair.commune, routine("Họp xóm"));
  talk(pair.hamlet, pair.commune);
  const auto tell = [&](std::int64_t at, bool not_heard, std::uint32_t number) {
    sync::Plain plain;
    plain.kind = sync::Kind::played;
    plain.body = sync::Played{ref, {at}, false, not_heard};
    pair.commune.work([&](sync::Batch& batch) {
      return pair.commune.replica->items().index(batch, {pair.hamlet.replica->self().node, {}, number}, plain);
    });
  };
  tell(morning, true, 7);
  tell(morning, false, 6);
  REQUIRE(told(pair, ref).size() == 1);
  CHECK(told(pair, ref).front().not_heard);
  CHECK_FALSE(settled(pair.commune, ref));
  tell(morning + 60, false, 8);
  CHECK(settled(pair.commune, ref));
  for (std::uint32_t i = 0; i < 40; ++i) tell(morning + 100 + i, true, 10 + i);
  CHECK(settled(pair.commune, ref));  // what was heard outlives what was not
  CHECK(told(pair, ref).size() == 16);
}
