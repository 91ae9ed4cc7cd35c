#include "sync/files/file_intake.h"
#include "tests/sync/announcing_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;
using Words = std::vector<std::string>;

TEST_CASE("announcer: a routine announcement speaks once in each slot until it expires", "[sync][announcer]") {
  AnnouncingPair pair;
  announce(pair.commune, routine("Họp xóm", morning, 2 * day));
  talk(pair.hamlet, pair.commune);
  CHECK(speak(pair.hamlet, pair.announcer).empty());  // eight in the morning
  int spoken = 0;
  for (int minute = 0; minute < 3 * 24 * 60; minute += 10) {
    spoken += static_cast<int>(speak(pair.hamlet, pair.announcer).size());
    pair.both_pass(600);
  }
  CHECK(spoken == 4);
}

TEST_CASE("announcer: the plan says how long until the next slot", "[sync][announcer]") {
  AnnouncingPair pair;
  CHECK_FALSE(plan(pair.hamlet, pair.announcer).wake);
  announce(pair.commune, routine("Họp xóm"));
  talk(pair.hamlet, pair.commune);
  const auto wake = plan(pair.hamlet, pair.announcer).wake;
  REQUIRE(wake);
  CHECK(*wake <= std::chrono::minutes(210));
  CHECK(*wake > std::chrono::minutes(209));
}

TEST_CASE("announcer: one that is meant for the afternoon is silent at noon", "[sync][announcer]") {
  AnnouncingPair pair;
  auto content = routine("Chiều nay");
  content.noon = false;
  announce(pair.commune, content);
  talk(pair.hamlet, pair.commune);
  pair.both_pass(4 * hour);
  CHECK(speak(pair.hamlet, pair.announcer).empty());
  pair.both_pass(5 * hour);
  CHECK(speak(pair.hamlet, pair.announcer) == Words{"Chiều nay"});
}

TEST_CASE("announcer: in a slot emergencies come first, then priority, then as they were issued", "[sync][announcer]") {
  AnnouncingPair pair;
  add_officer(pair.commune, "A");
  add_officer(pair.commune, "B");
  announce(pair.commune, routine("hai", morning + 10));
  announce(pair.commune, routine("một", morning));
  auto priority = routine("ưu tiên", morning + 20);
  priority.urgency = sync::Urgency::priority;
  announce(pair.commune, priority);
  announce(pair.commune, emergency("khẩn"), {"A", "B"});
  pair.both_pass(4 * hour);
  talk(pair.hamlet, pair.commune);
  CHECK(speak(pair.hamlet, pair.announcer) == Words{"khẩn", "ưu tiên", "một", "hai"});
  CHECK(speak(pair.hamlet, pair.announcer).empty());
}

TEST_CASE("announcer: an emergency plays as soon as it comes over a live contact, and once", "[sync][announcer]") {
  AnnouncingPair pair;
  add_officer(pair.commune, "A");
  add_officer(pair.commune, "B");
  announce(pair.commune, emergency("Lũ quét!"), {"A", "B"});
  set_clock(pair.hamlet, 0);  // the box's own clock does not matter
  talk(pair.hamlet, pair.commune);
  CHECK(speak(pair.hamlet, pair.announcer) == Words{"Lũ quét!"});
  pair.hamlet.start();
  sync::Announcer after_a_start{sync::SpeakingTimes{}};
  talk(pair.hamlet, pair.commune);
  CHECK(speak(pair.hamlet, after_a_start).empty());
}

TEST_CASE("announcer: what came before this start waits for trusted time or a person", "[sync][announcer]") {
  AnnouncingPair pair;
  add_officer(pair.commune, "A");
  add_officer(pair.commune, "B");
  const sync::Ref ref = announce(pair.commune, emergency("Lũ quét!"), {"A", "B"});
  talk(pair.hamlet, pair.commune);
  pair.hamlet.start();
  sync::Announcer again{sync::SpeakingTimes{}};
  CHECK(speak(pair.hamlet, again).empty());
  const auto spoken = press_play(pair.hamlet, again, ref);
  REQUIRE(spoken);
  CHECK(*spoken == "Lũ quét!");
  talk(pair.hamlet, pair.commune);  // trusted time is back: it was played already
  CHECK(speak(pair.hamlet, again).empty());
}

TEST_CASE("announcer: a power cut in a slot does not repeat what was committed as played", "[sync][announcer]") {
  AnnouncingPair pair;
  announce(pair.commune, routine("Họp xóm"));
  pair.both_pass(4 * hour);
  talk(pair.hamlet, pair.commune);
  CHECK(speak(pair.hamlet, pair.announcer).size() == 1);
  pair.hamlet.start();
  sync::Announcer again{sync::SpeakingTimes{}};
  talk(pair.hamlet, pair.commune);
  CHECK(speak(pair.hamlet, again).empty());
  pair.both_pass(5 * hour);
  CHECK(speak(pair.hamlet, again).size() == 1);
}

TEST_CASE("announcer: a batch that never committed played nothing", "[sync][announcer]") {
  AnnouncingPair pair;
  announce(pair.commune, routine("Họp xóm"));
  pair.both_pass(4 * hour);
  talk(pair.hamlet, pair.commune);
  const auto due = plan(pair.hamlet, pair.announcer).due;
  REQUIRE(due.size() == 1);
  {
    auto dropped = pair.hamlet.replica->begin(pair.hamlet.now);
    REQUIRE(pair.announcer.begin(pair.hamlet.replica->bulletin(), dropped->batch(), due[0].ref, sync::Announcer::Who::itself));
  }
  CHECK(speak(pair.hamlet, pair.announcer).size() == 1);
}

TEST_CASE("announcer: a person can play again what was played, but nothing that expired", "[sync][announcer]") {
  AnnouncingPair pair;
  const sync::Ref ref = announce(pair.commune, routine("Họp xóm", morning, day));
  talk(pair.hamlet, pair.commune);
  REQUIRE(press_play(pair.hamlet, pair.announcer, ref));
  REQUIRE(press_play(pair.hamlet, pair.announcer, ref));
  pair.both_pass(day);
  const auto late = press_play(pair.hamlet, pair.announcer, ref);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == Errc::denied);
}

TEST_CASE("announcer: what is played is told to the commune, also by a locked box", "[sync][announcer]") {
  AnnouncingPair pair;
  const sync::Ref ref = announce(pair.commune, routine("Họp xóm"));
  talk(pair.hamlet, pair.commune);
  pair.hamlet.start();
  REQUIRE(pair.hamlet.replica->reader().locked());
  REQUIRE(press_play(pair.hamlet, pair.announcer, ref));
  talk(pair.hamlet, pair.commune);
  auto txn = pair.commune.replica->read();
  const auto item = pair.commune.replica->items().find(**txn, ref);
  REQUIRE(item);
  REQUIRE(*item);
  CHECK((*item)->settled);
}

TEST_CASE("announcer: a record whose stored octets changed is silent", "[sync][announcer]") {
  AnnouncingPair pair;
  const sync::Ref ref = announce(pair.commune, routine("Họp xóm"));
  pair.both_pass(4 * hour);
  talk(pair.hamlet, pair.commune);
  REQUIRE(plan(pair.hamlet, pair.announcer).due.size() == 1);
  auto write = pair.hamlet.disk->begin_write();
  REQUIRE(write);
  const Bytes key = sync::key_of(ref);
  Bytes row = to_bytes(**(*write)->get(sync::Table::record, key));
  row[row.size() - 80] ^= 1U;
  REQUIRE((*write)->put(sync::Table::record, key, row));
  REQUIRE((*write)->commit());
  CHECK(speak(pair.hamlet, pair.announcer).empty());
  CHECK_FALSE(press_play(pair.hamlet, pair.announcer, ref));
}

TEST_CASE("announcer: a stick's old time says what may be spoken, the wall clock says which hour it is", "[sync][announcer]") {
  AnnouncingPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.start();  // no live time since
  announce(pair.commune, routine("Họp xóm", morning, 5 * day));
  Stick stick;
  sync_stick(pair.commune, stick);
  pair.both_pass(2 * day + 4 * hour);  // on the road; it comes at noon
  sync_stick(pair.hamlet, stick);
  CHECK(speak(pair.hamlet, pair.announcer) == Words{"Họp xóm"});
  CHECK(speak(pair.hamlet, pair.announcer).empty());
}

TEST_CASE("announcer: a recording is waited for until the slot is nearly over", "[sync][announcer]") {
  AnnouncingPair pair;
  auto lost = routine("mất tiếng thu");
  lost.clip = sync::FileFacts{"loa.wav", 70'000, "audio/wav", {}, {}};
  lost.clip->key.fill(9);
  announce(pair.commune, lost);
  auto recorded = routine("có tiếng thu");
  pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    SeededRng rng(1);
    sync::FileIntake intake(rng);
    KHUOI_TRY_VOID(intake.add(batch, Bytes(1000, 1)));
    KHUOI_TRY(recorded.clip, intake.finish(batch, "loa.wav", "audio/wav"));
    return {};
  });
  announce(pair.commune, recorded);
  talk(pair.hamlet, pair.commune);
  pair.both_pass(3 * hour + 31 * 60);  // a minute into the slot
  CHECK(speak(pair.hamlet, pair.announcer) == Words{"có tiếng thu"});
  const auto wake = plan(pair.hamlet, pair.announcer).wake;
  REQUIRE(wake);
  CHECK(*wake == std::chrono::minutes(49));
  pair.both_pass(49 * 60 - 1);
  CHECK(speak(pair.hamlet, pair.announcer).empty());
  pair.both_pass(1);
  CHECK(speak(pair.hamlet, pair.announcer) == Words{"mất tiếng thu"});
}

TEST_CASE("announcer: the list says what waits for when, and what was played", "[sync][announcer]") {
  AnnouncingPair pair;
  announce(pair.commune, routine("Họp xóm", morning, day));
  talk(pair.hamlet, pair.commune);
  const auto listed = [&] {
    auto txn = pair.hamlet.replica->read();
    auto out = pair.announcer.list(pair.hamlet.replica->reader().board(), **txn, pair.hamlet.now);
    REQUIRE(out);
    REQUIRE(out->size() == 1);
    return out->front();
  };
  CHECK(listed().verdict == sync::Speak::at_slot);
  CHECK(listed().next == UnixSeconds{morning + 3 * hour + hour / 2});
  pair.both_pass(4 * hour);
  CHECK(speak(pair.hamlet, pair.announcer).size() == 1);
  CHECK(listed().playings.size() == 1);
  CHECK(listed().next == UnixSeconds{morning + 9 * hour});
  pair.both_pass(day);
  CHECK(listed().verdict == sync::Speak::no_longer);
  CHECK_FALSE(listed().next);
}
