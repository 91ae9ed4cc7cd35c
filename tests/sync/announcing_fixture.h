#pragma once

#include "sync/bulletin/announcer.h"
#include "tests/sync/hostile_support.h"

namespace khuoi::tests {

inline constexpr std::int64_t hour = 3600, day = 86400;
/// 2026-11-25 08:00 in Vietnam: the clocks of a test begin here.
inline constexpr std::int64_t morning = 1'795'568'400;

inline sync::PassphraseParams cheap_params() {
  sync::PassphraseParams out;
  out.operations = 1;
  out.memory_kib = 8;
  return out;
}
inline Result<sync::Secret> cheap_phrase(const sync::PassphraseParams&) {
  return sync::Secret::copy_of(Bytes(32, 7));
}

inline sync::AnnouncementContent routine(std::string text, std::int64_t issued = morning, std::int64_t lives = 3 * day) {
  sync::AnnouncementContent out;
  out.text = std::move(text);
  out.issued = {issued};
  out.expires = {issued + lives};
  return out;
}
inline sync::AnnouncementContent emergency(std::string text, std::int64_t issued = morning, std::int64_t lives = day) {
  sync::AnnouncementContent out = routine(std::move(text), issued, lives);
  out.urgency = sync::Urgency::emergency;
  return out;
}

inline void add_officer(TestNode& commune, std::string_view name) {
  commune.work([&](sync::Batch& batch) {
    return commune.replica->enrolment().add_officer(batch, name, cheap_params(), sync::Secret::copy_of(Bytes(32, 7)));
  });
}
inline sync::Approval approval(TestNode& commune, std::string_view name, ByteView content) {
  auto txn = commune.replica->read();
  const sync::Announcement announcement{to_bytes(content), {}};
  auto out = commune.replica->bulletin().approve(**txn, name, {sync::announcement_id(content), announcement}, cheap_phrase);
  REQUIRE(out);
  return *out;
}
inline sync::Ref announce(TestNode& commune, const sync::AnnouncementContent& content,
                          const std::vector<std::string>& officers = {}) {
  sync::Announcement announcement{sync::encode_announcement_content(content), {}};
  for (const std::string& officer : officers) {
    announcement.approvals.push_back(approval(commune, officer, announcement.content));
  }
  sync::Ref out;
  commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(out, commune.replica->bulletin().announce(batch, announcement));
    return {};
  });
  return out;
}

inline void set_clock(TestNode& node, std::int64_t wall) { node.now.wall = UnixSeconds{wall}; }

inline sync::Announcer::Plan plan(TestNode& node, sync::Announcer& announcer) {
  auto txn = node.replica->read();
  REQUIRE(txn);
  auto out = announcer.plan(node.replica->reader().board(), **txn, node.now);
  INFO((out ? std::string() : out.error().what));
  REQUIRE(out);
  return *out;
}
/// What a box would say now by itself, each committed as played before it counts; in the order spoken.
inline std::vector<std::string> speak(TestNode& node, sync::Announcer& announcer) {
  std::vector<std::string> out;
  for (const sync::Announcer::Due& due : plan(node, announcer).due) {
    auto work = node.replica->begin(node.now);
    REQUIRE(work);
    const auto content = announcer.begin(node.replica->bulletin(), work->batch(), due.ref, sync::Announcer::Who::itself);
    if (!content) continue;
    REQUIRE(work->commit());
    out.push_back(content->text);
  }
  return out;
}
inline Result<std::string> press_play(TestNode& node, sync::Announcer& announcer, const sync::Ref& ref) {
  auto work = node.replica->begin(node.now);
  REQUIRE(work);
  const auto content = announcer.begin(node.replica->bulletin(), work->batch(), ref, sync::Announcer::Who::person);
  if (!content) return content.error();
  REQUIRE(work->commit());
  return content->text;
}

/// A pair whose clocks show that morning.
struct AnnouncingPair : ReplicaPair {
  sync::Announcer announcer{sync::SpeakingTimes{}};
  AnnouncingPair() {
    set_clock(commune, morning);
    set_clock(hamlet, morning);
  }
  void both_pass(std::int64_t seconds) {
    pass(commune, seconds);
    pass(hamlet, seconds);
  }
};

}  // namespace khuoi::tests
