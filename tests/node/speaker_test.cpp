#include "node/speaker/listing.h"
#include "node/speaker/speaker.h"

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace khuoi::tests;
using speaker::Speaker;

namespace {

sync::PassphraseParams cheap() {
  sync::PassphraseParams out;
  out.operations = 1;
  out.memory_kib = 8;
  return out;
}

/// A commune with two officers, a hamlet with a live contact, and a loudspeaker whose player appends a line to a file.
struct Loud {
  DiskPair pair;
  Serving serving{*pair.commune.engine};
  TempFolder out;
  speaker::Config config;

  Loud() {
    for (const char* name : {"A", "B"}) {
      pair.commune.work([&](sync::Replica& replica, sync::Batch& batch) {
        return replica.enrolment().add_officer(batch, name, cheap(), test_phrase_key());
      });
    }
    config.player = {"/bin/sh", "-c", "echo played >> " + (out / "log").string(), "{}"};
  }
  /// Makes every sound last until it is stopped.
  void play_for_ever() { config.player[2] += "; sleep 100"; }
  [[nodiscard]] int played() const {
    std::ifstream from(out / "log");
    int lines = 0;
    for (std::string line; std::getline(from, line);) ++lines;
    return lines;
  }
  sync::Ref announce(sync::Urgency urgency, std::int64_t lives = 3600) {
    sync::AnnouncementContent content;
    content.text = "Thông báo " + std::to_string(++count_);
    content.urgency = urgency;
    content.issued = UnixSeconds{system_now().wall.value - 60};
    content.expires = UnixSeconds{content.issued.value + lives};
    sync::Announcement announcement{sync::encode_announcement_content(content), {}};
    sync::Ref ref;
    pair.commune.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
      if (urgency == sync::Urgency::emergency) {
        for (const char* name : {"A", "B"}) {
          KHUOI_TRY(const auto approval,
                    replica.bulletin().approve(batch.txn, name, {sync::announcement_id(announcement.content), announcement},
                                    [](const sync::PassphraseParams&) { return Result<sync::Secret>(test_phrase_key()); }));
          announcement.approvals.push_back(approval);
        }
      }
      KHUOI_TRY(ref, replica.bulletin().announce(batch, announcement));
      return {};
    });
    return ref;
  }
  void contact() { tests::contact(pair.hamlet, serving.place()); }
  std::vector<sync::Items::Playing> begun(const sync::Ref& ref) {
    std::vector<sync::Items::Playing> all;
    REQUIRE(pair.hamlet.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(all, reader.items().playings(txn, ref));
      return {};
    }));
    return all;
  }
  std::size_t playings(const sync::Ref& ref) { return begun(ref).size(); }
  std::ptrdiff_t heard(const sync::Ref& ref) {
    const auto all = begun(ref);
    return std::ranges::count_if(all, [](const auto& one) { return !one.unheard; });
  }
  speaker::Listed standing(const sync::Ref& ref) {
    const auto all = speaker::list_announcements(*pair.hamlet.engine, config.times);
    REQUIRE(all);
    const auto found = std::ranges::find(*all, ref, [](const speaker::Listed& one) { return one.entry.ref; });
    REQUIRE(found != all->end());
    return *found;
  }
  /// What the commune knows: for each playing whether it was taken back.
  std::vector<bool> told(const sync::Ref& ref) {
    std::vector<bool> out_told;
    REQUIRE(pair.commune.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(const auto all, reader.items().heard(txn, ref));
      for (const auto& one : all) out_told.push_back(one.not_heard);
      return {};
    }));
    return out_told;
  }

 private:
  int count_ = 0;
};

/// Fails after half a minute.
template <typename Fn>
void wait_until(const Fn& holds) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!holds()) {
    REQUIRE(std::chrono::steady_clock::now() < give_up);
    std::this_thread::yield();
    poll(nullptr, 0, 5);
  }
}

}  // namespace

TEST_CASE("speaker: an emergency sounds as soon as it comes, once, and is recorded", "[node][speaker]") {
  Loud loud;
  Speaker box(*loud.pair.hamlet.engine, loud.config);
  const sync::Ref ref = loud.announce(sync::Urgency::emergency);
  loud.contact();
  wait_until([&] { return loud.played() == 1; });
  CHECK(loud.playings(ref) == 1);
  loud.contact();
  wait_until([&] { return !box.status().speaking; });
  CHECK(loud.played() == 1);
  CHECK(box.status().problem.empty());
}

TEST_CASE("speaker: a person's play is committed before it sounds, and refused when it may not be", "[node][speaker]") {
  Loud loud;
  loud.config.player = {"/bin/sh", "-c", "echo played >> " + (loud.out / "log").string(), "{}"};
  Speaker box(*loud.pair.hamlet.engine, loud.config);
  const sync::Ref ref = loud.announce(sync::Urgency::routine);
  const sync::Ref late = loud.announce(sync::Urgency::routine, 30);
  loud.contact();
  REQUIRE(box.play(ref));
  CHECK(loud.playings(ref) >= 1);
  wait_until([&] { return loud.played() >= 1; });
  const auto refused = box.play(late);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::denied);
  CHECK(loud.playings(late) == 0);
}

TEST_CASE("speaker: an emergency interrupts what is being said, which is said again afterwards", "[node][speaker]") {
  Loud loud;
  // The first sound hangs until it is interrupted; those after it end at once.
  loud.config.player[2] += "; [ $(wc -l < " + (loud.out / "log").string() + ") -gt 1 ] || sleep 100";
  Speaker box(*loud.pair.hamlet.engine, loud.config);
  loud.contact();
  REQUIRE(box.say("Hồ sơ số 47"));
  wait_until([&] { return loud.played() == 1; });
  loud.announce(sync::Urgency::emergency);
  loud.contact();
  wait_until([&] { return loud.played() == 3 && !box.status().speaking; });
}

TEST_CASE("speaker: the stop button makes silence and forgets what waits", "[node][speaker]") {
  Loud loud;
  loud.play_for_ever();
  Speaker box(*loud.pair.hamlet.engine, loud.config);
  for (int i = 0; i < 3; ++i) REQUIRE(box.say("một hai ba"));
  wait_until([&] { return loud.played() == 1; });
  CHECK(box.status().speaking);
  box.stop();
  wait_until([&] { return !box.status().speaking; });
  CHECK(loud.played() == 1);
  Result<void> last;
  for (int i = 0; i < 30 && last; ++i) last = box.say("nhiều quá");
  CHECK(last.error().code == Errc::busy);
}

TEST_CASE("speaker: a loudspeaker that is switched off says only what a person asks for", "[node][speaker]") {
  Loud loud;
  loud.config.enabled = false;
  Speaker box(*loud.pair.hamlet.engine, loud.config);
  const sync::Ref ref = loud.announce(sync::Urgency::emergency);
  loud.contact();
  REQUIRE(box.say("thử loa"));
  wait_until([&] { return loud.played() == 1 && !box.status().speaking; });
  CHECK(loud.playings(ref) == 0);
  REQUIRE(box.play(ref));
  wait_until([&] { return loud.played() == 2; });
}

TEST_CASE("speaker: a player that fails before a word is told, and what nobody heard is not recorded as played",
          "[node][speaker]") {
  Loud loud;
  loud.config.player = {"/bin/sh", "-c", "echo cannot find card 0 >&2; exit 1", "{}"};
  Speaker box(*loud.pair.hamlet.engine, loud.config);
  const sync::Ref ref = loud.announce(sync::Urgency::emergency);
  loud.contact();
  wait_until([&] { return !box.status().problem.empty(); });
  CHECK(box.status().problem.ends_with("cannot find card 0"));
  CHECK(loud.heard(ref) == 0);
  CHECK(loud.playings(ref) == 1);
  CHECK(loud.standing(ref).standing == speaker::Standing::no_sound);
  CHECK(loud.standing(ref).why == speaker::Why::tried_again);
}

TEST_CASE("speaker: what failed before a word is tried again until it is heard, and heard once", "[node][speaker]") {
  Loud loud;
  const std::string log = (loud.out / "log").string();
  loud.config.player[2] = "[ -e " + log + ".tried ] || { : > " + log + ".tried; exit 1; }; echo played >> " + log;
  Speaker box(*loud.pair.hamlet.engine, loud.config);
  const sync::Ref ref = loud.announce(sync::Urgency::emergency);
  loud.contact();
  wait_until([&] { return loud.played() == 1 && !box.status().speaking; });
  CHECK(loud.heard(ref) == 1);
  CHECK(loud.playings(ref) == 2);
  CHECK(loud.standing(ref).standing == speaker::Standing::played);
}

TEST_CASE("speaker: a player that fails in the middle of the words was heard, and does not say them again",
          "[node][speaker]") {
  Loud loud;
  loud.config.player = {"/bin/sh", "-c", "echo played >> " + (loud.out / "log").string() + "; sleep 5; exit 1", "{}"};
  Speaker box(*loud.pair.hamlet.engine, loud.config);
  const sync::Ref ref = loud.announce(sync::Urgency::emergency);
  loud.contact();
  wait_until([&] { return loud.played() == 1 && !box.status().speaking; });
  CHECK(loud.heard(ref) == 1);
  CHECK(loud.standing(ref).standing == speaker::Standing::played);
}

TEST_CASE("speaker: without a loudspeaker nothing counts as played, and nobody is told that it speaks", "[node][speaker]") {
  if (speaker::has_sound_card()) return;  // then there is one
  Loud loud;
  loud.config = speaker::default_config(loud.out.path());
  Speaker box(*loud.pair.hamlet.engine, loud.config);
  CHECK_FALSE(box.status().sound);
  CHECK(box.status().problem.starts_with("no sound: "));
  const sync::Ref ref = loud.announce(sync::Urgency::emergency);
  loud.contact();
  wait_until([&] { return loud.playings(ref) == 1; });
  CHECK(loud.heard(ref) == 0);
  CHECK(loud.standing(ref).standing == speaker::Standing::no_sound);
  const auto asked = box.play(ref);
  REQUIRE_FALSE(asked);
  CHECK(asked.error().code == Errc::unsupported);
  CHECK_FALSE(box.say("Hồ sơ số 47"));
  CHECK(loud.playings(ref) == 1);
  loud.contact();
  CHECK(loud.told(ref) == std::vector<bool>{true});
}

TEST_CASE("speaker: a full disk, a voice that is missing and a descriptor too few are all no sound", "[node][speaker]") {
  Loud loud;
  const sync::Ref ref = loud.announce(sync::Urgency::routine);
  loud.contact();
  const auto fails = [&](const speaker::Config& config) {
    speaker::Announcing announcing(*loud.pair.hamlet.engine, loud.pair.hamlet.engine->dir(), config);
    const auto begun = announcing.begin(ref, sync::Announcer::Who::person);
    REQUIRE(begun);
    bool words = false;
    CHECK_FALSE(announcing.sound(begun->content, {}, words));
    CHECK_FALSE(words);
    REQUIRE(announcing.not_heard(begun->ref, begun->playing));
  };
  speaker::Config config = loud.config;
  config.voice = "khuoi-no-such-voice";
  fails(config);
  config = loud.config;
  config.player.clear();
  config.folder = "/dev/full/spoken";
  fails(config);
  config = loud.config;
  config.player = {"khuoi-no-such-player"};
  fails(config);
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int lowest_free = dup(0);
  close(lowest_free);
  const rlimit few{static_cast<rlim_t>(lowest_free), before.rlim_max};
  speaker::Announcing announcing(*loud.pair.hamlet.engine, loud.pair.hamlet.engine->dir(), loud.config);
  const auto begun = announcing.begin(ref, sync::Announcer::Who::person);
  REQUIRE(begun);
  bool words = false;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
  const auto sounded = announcing.sound(begun->content, {}, words);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK_FALSE(sounded);
  CHECK_FALSE(words);
  CHECK(loud.played() == 0);
}

TEST_CASE("speaker: what a person asked for and what never came to its turn is taken back", "[node][speaker]") {
  Loud loud;
  loud.play_for_ever();
  loud.config.enabled = false;
  const sync::Ref ref = loud.announce(sync::Urgency::routine);
  loud.contact();
  {
    Speaker box(*loud.pair.hamlet.engine, loud.config);
    REQUIRE(box.say("Hồ sơ số 47"));
    wait_until([&] { return loud.played() == 1; });
    REQUIRE(box.play(ref));
    CHECK(loud.heard(ref) == 1);
    box.stop();
    wait_until([&] { return loud.heard(ref) == 0; });
    REQUIRE(box.say("Hồ sơ số 48"));
    wait_until([&] { return loud.played() == 2; });
    REQUIRE(box.play(ref));
    CHECK(loud.heard(ref) == 1);
  }
  CHECK(loud.heard(ref) == 0);
}

TEST_CASE("speaker: it ends at once, whatever sounds", "[node][speaker]") {
  Loud loud;
  loud.play_for_ever();
  const auto began = std::chrono::steady_clock::now();
  {
    Speaker box(*loud.pair.hamlet.engine, loud.config);
    REQUIRE(box.say("một hai ba"));
    wait_until([&] { return loud.played() == 1; });
  }
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(20));
}

TEST_CASE("speaker: whoever shows it hears when it begins and when it ends", "[node][speaker]") {
  Loud loud;
  Speaker box(*loud.pair.hamlet.engine, loud.config);
  std::atomic<int> began = 0, ended = 0;
  box.on_change([&] { ++(box.status().speaking ? began : ended); });
  REQUIRE(box.say("một hai ba"));
  wait_until([&] { return began == 1 && ended == 1; });
  box.on_change({});
  REQUIRE(box.say("một hai ba"));
  wait_until([&] { return loud.played() == 2 && !box.status().speaking; });
  CHECK(began == 1);
}

TEST_CASE("speaker: the list tells people where each announcement stands, and why", "[node][speaker]") {
  Loud loud;
  loud.config.enabled = false;
  const sync::Ref late = loud.announce(sync::Urgency::routine, 30);
  const sync::Ref ref = loud.announce(sync::Urgency::emergency);
  loud.contact();
  node::Engine& engine = *loud.pair.hamlet.engine;
  const auto standing = [&](const sync::Ref& which) {
    const auto all = speaker::list_announcements(engine, loud.config.times);
    REQUIRE(all);
    CHECK(all->size() == 2);
    const auto found = std::ranges::find(*all, which, [](const speaker::Listed& one) { return one.entry.ref; });
    REQUIRE(found != all->end());
    return *found;
  };
  CHECK(standing(late).standing == speaker::Standing::expired);
  CHECK(standing(ref).standing == speaker::Standing::waiting);
  const std::string id = standing(ref).entry.id.hex();
  const auto named = speaker::announcement_named(engine, loud.config.times, std::string_view(id).substr(0, 8));
  REQUIRE(named);
  CHECK(named->entry.ref == ref);
  CHECK(speaker::announcement_named(engine, loud.config.times, "abc").error().code == Errc::usage);
  CHECK(speaker::announcement_named(engine, loud.config.times, std::string(32, '0')).error().code == Errc::not_found);
  {
    Speaker box(engine, loud.config);
    REQUIRE(box.play(ref));
    CHECK(standing(ref).standing == speaker::Standing::played);
    wait_until([&] { return loud.played() == 1; });
  }
  loud.pair.hamlet.open();
  const auto afterwards = speaker::list_announcements(*loud.pair.hamlet.engine, loud.config.times);
  REQUIRE(afterwards);
  for (const speaker::Listed& one : *afterwards) {
    if (one.entry.ref != late) continue;
    CHECK(one.standing == speaker::Standing::held);  // nobody told this start the time
    CHECK(one.why == speaker::Why::time_unknown);
  }
}
