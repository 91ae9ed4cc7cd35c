#include "sync/merge/speaking.h"

#include <catch2/catch.hpp>

#include "sync/base/rng.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {
AnnouncementContent meeting() {
  AnnouncementContent out;
  out.text = "Họp xóm lúc bảy giờ tối.";
  out.issued = UnixSeconds{1'790'000'000};
  out.expires = UnixSeconds{1'790'086'400};
  return out;
}
SpeakFacts heard_in_time() {
  SpeakFacts out;
  out.approved = true;
  out.here = HamletId::filled(7);
  out.trusted_time = UnixSeconds{1'790'000'100};
  return out;
}
}  // namespace

TEST_CASE("speaking: a routine announcement waits for its slot, an emergency does not", "[sync][speaking]") {
  AnnouncementContent content = meeting();
  CHECK(may_speak(content, heard_in_time()) == Speak::at_slot);
  content.urgency = Urgency::emergency;
  CHECK(may_speak(content, heard_in_time()) == Speak::at_once);
}

TEST_CASE("speaking: an emergency without two officers is never spoken, not even by a person", "[sync][speaking]") {
  AnnouncementContent content = meeting();
  content.urgency = Urgency::emergency;
  SpeakFacts facts = heard_in_time();
  facts.approved = false;
  CHECK(may_speak(content, facts) == Speak::never);
}

TEST_CASE("speaking: without trusted time since this start a stick's announcement waits for a person", "[sync][speaking]") {
  SpeakFacts facts = heard_in_time();
  facts.trusted_time.reset();
  CHECK(may_speak(meeting(), facts) == Speak::by_a_person);
  facts.came_live = true;
  CHECK(may_speak(meeting(), facts) == Speak::at_slot);
}

TEST_CASE("speaking: expired, future, misdirected and nonsensical announcements are silent", "[sync][speaking]") {
  SpeakFacts facts = heard_in_time();
  facts.trusted_time = UnixSeconds{1'790'086'400};
  CHECK(may_speak(meeting(), facts) == Speak::no_longer);
  facts.trusted_time = UnixSeconds{1'789'999'999};
  CHECK(may_speak(meeting(), facts) == Speak::not_yet);
  AnnouncementContent content = meeting();
  content.to = {HamletId::filled(8)};
  CHECK(may_speak(content, heard_in_time()) == Speak::never);
  content = meeting();
  content.expires = content.issued;
  CHECK(may_speak(content, heard_in_time()) == Speak::never);
  content.expires = UnixSeconds{content.issued.value + announcement_seconds_max + 1};
  CHECK(may_speak(content, heard_in_time()) == Speak::never);
}

TEST_CASE("speaking: whatever the facts, nothing is spoken twice, late, or to another hamlet", "[sync][speaking]") {
  SeededRng rng(11);
  for (int i = 0; i < 20'000; ++i) {
    AnnouncementContent content = meeting();
    content.urgency = static_cast<Urgency>(rng.below(3));
    if (rng.below(2) == 0) content.to = {HamletId::filled(static_cast<std::uint8_t>(rng.below(3) + 6))};
    SpeakFacts facts;
    facts.here = HamletId::filled(7);
    facts.approved = rng.below(2) == 0;
    facts.played = rng.below(4) == 0;
    facts.came_live = rng.below(2) == 0;
    if (rng.below(3) != 0) facts.trusted_time = UnixSeconds{1'790'000'000 + static_cast<std::int64_t>(rng.below(200'000)) - 50'000};
    const Speak verdict = may_speak(content, facts);
    if (verdict != Speak::at_once && verdict != Speak::at_slot) continue;
    CHECK_FALSE(facts.played);
    CHECK((content.to.empty() || content.to.front() == facts.here));
    CHECK((facts.trusted_time.has_value() || facts.came_live));
    if (facts.trusted_time) CHECK((*facts.trusted_time < content.expires && *facts.trusted_time >= content.issued));
    if (content.urgency == Urgency::emergency) CHECK(facts.approved);
  }
}
