#include "node/speaker/listing.h"
#include "node/speaker/speaker.h"

#include <poll.h>

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
        return replica.add_officer(batch, name, cheap(), test_phrase_key());
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
                    replica.approve(batch.txn, name, {sync::announcement_id(announcement.content), announcement},
                                    [](const sync::PassphraseParams&) { return Result<sync::Secret>(test_phrase_key()); }));
          announcement.approvals.push_back(approval);
        }
      }
      KHUOI_TRY(ref, replica.announce(batch, announcement));
      return {};
    });
    return ref;
  }
  void contact() { tests::contact(pair.hamlet, serving.place()); }
  std::size_t playings(const sync::Ref& ref) {
    std::size_t out_count = 0;
    REQUIRE(pair.hamlet.engine->look([&](sync::Replica& replica, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(const auto all, replica.items().playings(txn, ref));
      out_count = all.size();
      return {};
    }));
    return out_count;
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

TEST_CASE("speaker: a player that fails is told, and the announcement stays recorded as played", "[node][speaker]") {
  Loud loud;
  loud.config.player = {"/bin/sh", "-c", "echo cannot find card 0 >&2; exit 1", "{}"};
  Speaker box(*loud.pair.hamlet.engine, loud.config);
  const sync::Ref ref = loud.announce(sync::Urgency::emergency);
  loud.contact();
  wait_until([&] { return !box.status().problem.empty(); });
  CHECK(box.status().problem.ends_with("cannot find card 0"));
  CHECK(loud.playings(ref) == 1);
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
