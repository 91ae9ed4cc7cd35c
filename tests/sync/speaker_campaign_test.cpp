// Announcements of every wrong kind, mixed with right ones, at boxes whose clocks show 1970, 2099 or the right time, and
// that have no trusted time, one from a stick, or a live one. An oracle of its own judges each word that is spoken.
// KHUOI_CASES says how many; tests/e2e/campaign_speaker.py asks for 100,000.
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "sync/base/check.h"
#include "tests/sync/announcing_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::Announcement;
using sync::AnnouncementContent;
using sync::Sealed;

namespace {

/// What the oracle knows of one text: how it was really made.
struct Truth {
  bool right = false;  ///< the commune signed just this for this hamlet, an emergency with two officers in force
  AnnouncementContent content;
};

enum class MoveKind : std::uint8_t {
  right, right_emergency, replayed, altered, signed_by_a_stranger, by_another_hamlet, of_another_commune, moved_here,
  misdirected, header_altered, from_the_future, times_without_sense, emergency_unsigned, emergency_one_officer,
  emergency_one_officer_twice, emergency_other_words, emergency_forged_officer, emergency_revoked_officer,
  emergency_officers_of_another_commune, sealed_not_public, last
};

class Campaign {
 public:
  explicit Campaign(std::uint64_t seed) : rng_(seed) {
    pair_.join(other_);
    for (const char* name : {"A", "B", "C"}) add_officer(pair_.commune, name);
    stranger_.unlock();
    for (const char* name : {"A", "B"}) add_officer(stranger_, name);
    announce(pair_.commune, routine("đầu tiên"));  // opens the run that the others are numbered in
    run_ = sync_ref_run();
    revoke_officer("C");
    talk(pair_.hamlet, pair_.commune);
    image_ = pair_.hamlet.disk->clone();
  }

  void run(int cases) {
    while (done_ < cases) {
      new_box();
      for (int i = 0; i < 40 && done_ < cases; ++i) one_case();
    }
  }
  int done_ = 0, spoken_ = 0, unheard_ = 0;
  std::map<MoveKind, int> seen_;

 private:
  RunId sync_ref_run() {
    auto txn = pair_.commune.replica->read();
    return pair_.commune.replica->items().list(**txn)->front().ref.run;
  }
  TestNode& box() { return pair_.hamlet; }

  void revoke_officer(std::string_view name) {
    for (const sync::OfficerFacts* officer : pair_.commune.replica->roster().officers()) {
      if (officer->name != name) continue;
      sync::OfficerFacts out = *officer;
      out.revoked = true;
      const Bytes statement = sync::make_officer_statement(out, pair_.commune.replica->self().commune,
                                                           pair_.commune.replica->keys().authority());
      box().work([&](sync::Batch& batch) -> Result<void> {
        const Bytes tagged = sync::tag_statement(sync::StatementType::roster, statement);
        KHUOI_TRY(const bool news, box().replica->accept_statement(batch, tagged, sync::Path::fiber));
        KHUOI_CHECK(news);
        return {};
      });
      return;
    }
  }

  /// A box that had no power until now, its clock wrong in some way, trusted time in some state.
  void new_box() {
    truth_ = morning + static_cast<std::int64_t>(rng_.below(20 * day));
    box().restore(*image_);
    announcer_ = sync::Announcer(sync::SpeakingTimes{});
    played_.clear();
    const std::uint64_t clock = rng_.below(3);
    set_clock(box(), clock == 0 ? static_cast<std::int64_t>(rng_.below(1'000'000)) : clock == 1 ? 4'070'908'800 : truth_);
    set_clock(pair_.commune, truth_);
    trusted_.reset();
    live_ = false;
    const std::uint64_t time = rng_.below(3);
    if (time == 1) {
      talk(box(), pair_.commune);
      trusted_ = truth_;
      live_ = true;
    } else if (time == 2) {
      pair_.commune.work([&](sync::Batch& batch) { return pair_.commune.replica->receipts().tell_time(batch); });
      Stick stick;
      sync_stick(pair_.commune, stick);
      sync_stick(box(), stick);
      REQUIRE(box().replica->since_start().told_time().at(box().now));
      trusted_ = truth_;
    }
    check_words();
  }

  void time_passes() {
    const auto seconds = static_cast<std::int64_t>(rng_.below(6 * hour));
    truth_ += seconds;
    if (trusted_) *trusted_ += seconds;
    pass(box(), seconds);
    if (rng_.below(40) == 0) {  // the power fails
      box().start();
      announcer_ = sync::Announcer(sync::SpeakingTimes{});
      trusted_.reset();
      live_ = false;
    }
  }

  AnnouncementContent content(bool is_emergency) {
    const std::string text = "lời " + std::to_string(++texts_);
    const std::int64_t issued = truth_ - static_cast<std::int64_t>(rng_.below(2 * day));
    const auto lives = 1 + static_cast<std::int64_t>(rng_.below(4 * day));
    AnnouncementContent out = is_emergency ? emergency(text, issued, lives) : routine(text, issued, lives);
    const std::uint64_t slots = rng_.below(4);
    out.noon = slots != 1;
    out.afternoon = slots != 2;
    if (rng_.below(3) == 0) out.to = {box().replica->self().hamlet};
    return out;
  }
  Announcement wrapped(const AnnouncementContent& inner, const std::vector<std::string>& officers, TestNode& of) {
    Announcement out{sync::encode_announcement_content(inner), {}};
    for (const std::string& officer : officers) out.approvals.push_back(approval(of, officer, out.content));
    return out;
  }
  Sealed record(const Announcement& announcement, const sync::Secret& key, const CommuneId& commune, const NodeId& author,
                std::uint32_t number) {
    sync::Plain plain;
    plain.kind = sync::Kind::announcement;
    plain.body = announcement;
    Sealed out;
    out.header = {sync::Class::public_record, sync::Rank::high, commune, author, audience_everyone(), run_, number};
    out.body = sync::encode_plain(plain);
    append(out.body, sync::sign(key, sync::Purpose::public_record, commune, {out.header.encoded(), ByteView(out.body)}));
    return out;
  }
  Sealed by_commune(const Announcement& announcement) {
    const auto& commune = *pair_.commune.replica;
    return record(announcement, commune.keys().sign().secret_key, commune.self().commune, commune.self().node, ++number_);
  }

  Sealed make(MoveKind kind, AnnouncementContent& inner) {
    const auto& commune = *pair_.commune.replica;
    const auto& self = commune.self();
    const std::vector<std::string> two = {"A", "B"};
    const std::uint32_t next = number_ + 1;
    switch (kind) {
      case MoveKind::right: return by_commune(wrapped(inner, {}, pair_.commune));
      case MoveKind::right_emergency: return by_commune(wrapped(inner, two, pair_.commune));
      case MoveKind::replayed: return past_.empty() ? by_commune(wrapped(inner, {}, pair_.commune)) : past_[rng_.below(past_.size())];
      case MoveKind::signed_by_a_stranger:
        return record(wrapped(inner, {}, pair_.commune), stranger_.replica->keys().sign().secret_key, self.commune, self.node, next);
      case MoveKind::by_another_hamlet:
        return record(wrapped(inner, {}, pair_.commune), other_.replica->keys().sign().secret_key, self.commune,
                      rng_.below(2) == 0 ? self.node : other_.replica->self().node, next);
      case MoveKind::of_another_commune: {
        const auto& theirs = *stranger_.replica;
        return record(wrapped(inner, {}, pair_.commune), theirs.keys().sign().secret_key, theirs.self().commune,
                      theirs.self().node, next);
      }
      case MoveKind::moved_here: {
        const auto& theirs = *stranger_.replica;
        Sealed out = record(wrapped(inner, {}, pair_.commune), theirs.keys().sign().secret_key, theirs.self().commune,
                            theirs.self().node, next);
        out.header.commune = self.commune;
        out.header.author = self.node;
        return out;
      }
      case MoveKind::altered: {
        Sealed out = by_commune(wrapped(inner, {}, pair_.commune));
        --number_;  // the right one may still come under that number
        out.body[rng_.below(out.body.size())] ^= static_cast<std::uint8_t>(1U << rng_.below(8));
        return out;
      }
      case MoveKind::header_altered: {
        Sealed out = by_commune(wrapped(inner, {}, pair_.commune));
        out.header.number += 1 + static_cast<std::uint32_t>(rng_.below(3));
        --number_;
        return out;
      }
      case MoveKind::misdirected: inner.to = {other_.replica->self().hamlet}; return by_commune(wrapped(inner, {}, pair_.commune));
      case MoveKind::from_the_future:
        inner.issued = {truth_ + 2 * day};
        inner.expires = {truth_ + 3 * day};
        return by_commune(wrapped(inner, {}, pair_.commune));
      case MoveKind::times_without_sense:
        if (rng_.below(2) == 0) std::swap(inner.issued, inner.expires);
        else inner.expires.value = inner.issued.value + 60 * day;
        return by_commune(wrapped(inner, {}, pair_.commune));
      case MoveKind::emergency_unsigned: return by_commune(wrapped(inner, {}, pair_.commune));
      case MoveKind::emergency_one_officer: return by_commune(wrapped(inner, {"B"}, pair_.commune));
      case MoveKind::emergency_one_officer_twice: return by_commune(wrapped(inner, {"B", "B"}, pair_.commune));
      case MoveKind::emergency_other_words: {
        Announcement out = wrapped(inner, {"A"}, pair_.commune);
        AnnouncementContent others = inner;
        others.text += "!";
        out.approvals.push_back(wrapped(others, {"B"}, pair_.commune).approvals.front());
        return by_commune(out);
      }
      case MoveKind::emergency_forged_officer: {
        Announcement out = wrapped(inner, two, pair_.commune);
        out.approvals[rng_.below(2)].signature[rng_.below(64)] ^= 1U;
        return by_commune(out);
      }
      case MoveKind::emergency_revoked_officer: return by_commune(wrapped(inner, {"A", "C"}, pair_.commune));
      case MoveKind::emergency_officers_of_another_commune: return by_commune(wrapped(inner, two, stranger_));
      case MoveKind::sealed_not_public: {
        Sealed out = by_commune(wrapped(inner, {}, pair_.commune));
        --number_;
        out.header.record_class = sync::Class::sealed;
        return out;
      }
      default: break;
    }
    KHUOI_CHECK(false);
    return {};
  }

  void one_case() {
    ++done_;
    const MoveKind kind = rng_.below(4) == 0 ? static_cast<MoveKind>(rng_.below(2))
                                         : static_cast<MoveKind>(rng_.below(static_cast<std::uint64_t>(MoveKind::last)));
    ++seen_[kind];
    const bool is_emergency = kind == MoveKind::right_emergency || (kind >= MoveKind::emergency_unsigned && kind < MoveKind::sealed_not_public);
    AnnouncementContent inner = content(is_emergency);
    const Sealed made = make(kind, inner);
    const bool is_right = kind == MoveKind::right || kind == MoveKind::right_emergency || kind == MoveKind::from_the_future ||
                          (kind == MoveKind::replayed && past_.empty());
    if (is_right || !truths_.contains(inner.text)) truths_[inner.text] = {is_right, inner};
    // Only the commune itself is at the other end of a live contact.
    const bool by_contact = live_ && is_right && rng_.below(2) == 0;
    const sync::Acceptance accepted = give(box(), made, by_contact || rng_.below(2) == 0);
    if (by_contact && accepted.taken == sync::Taken::stored) box().replica->since_start().note_live(made.header.ref());
    if (is_right) past_.push_back(made);
    if (past_.size() > 500) past_.erase(past_.begin());
    check_words();
    if (rng_.below(3) == 0) {
      time_passes();
      check_words();
    }
  }

  /// The hour that slots go by, worked out anew.
  [[nodiscard]] std::int64_t hour_clock() const {
    const std::int64_t wall = pair_.hamlet.now.wall.value;
    const bool wall_can_be_right = wall >= *trusted_ && wall <= *trusted_ + 31 * day;
    return live_ || !wall_can_be_right ? *trusted_ : wall;
  }
  /// What sounds now; one in six fails before its first sample, and is tried again later.
  std::vector<std::string> sounds() {
    std::vector<std::string> out;
    for (const sync::Announcer::Due& due : plan(box(), announcer_).due) {
      sync::Items::Playing noted;
      auto work = box().replica->begin(box().now);
      REQUIRE(work);
      const auto begun = announcer_.begin(box().replica->bulletin(), work->batch(), due.ref, sync::Announcer::Who::itself, &noted);
      if (!begun) continue;
      REQUIRE(work->commit());
      if (rng_.below(6) != 0) {
        out.push_back(begun->text);
        continue;
      }
      ++unheard_;
      box().work([&](sync::Batch& batch) { return sync::Announcer::not_heard(box().replica->bulletin(), batch, due.ref, noted); });
    }
    return out;
  }
  void check_words() {
    for (const std::string& text : sounds()) {
      ++spoken_;
      CAPTURE(text, done_, truth_, box().now.wall.value);
      if (text == "đầu tiên") continue;
      REQUIRE(truths_.contains(text));
      const Truth& truth = truths_.at(text);
      REQUIRE(truth.right);
      REQUIRE((truth.content.to.empty() || truth.content.to.front() == box().replica->self().hamlet));
      REQUIRE(trusted_);
      REQUIRE(*trusted_ >= truth.content.issued.value);
      REQUIRE(*trusted_ < truth.content.expires.value);
      std::int64_t slot = -1;
      if (truth.content.urgency != sync::Urgency::emergency) {
        const std::int64_t minute = (hour_clock() / 60 + 420) % 1440;
        const bool noon = minute >= 690 && minute < 750, afternoon = minute >= 1020 && minute < 1080;
        REQUIRE(((noon && truth.content.noon) || (afternoon && truth.content.afternoon)));
        slot = (hour_clock() + 7 * hour) / day * 2 + (afternoon ? 1 : 0);
      }
      REQUIRE(played_.insert({text, slot}).second);
    }
  }

  SeededRng rng_;
  AnnouncingPair pair_;
  TestNode other_{sync::Role::hamlet, "Nà Lay", 3};
  TestNode stranger_{sync::Role::commune, "Xã khác", 4};
  std::unique_ptr<sim::MemoryStore> image_;
  sync::Announcer announcer_{sync::SpeakingTimes{}};
  RunId run_;
  std::uint32_t number_ = 1000;
  int texts_ = 0;
  std::int64_t truth_ = morning;
  std::optional<std::int64_t> trusted_;
  bool live_ = false;
  std::map<std::string, Truth> truths_;
  std::set<std::pair<std::string, std::int64_t>> played_;
  std::vector<Sealed> past_;
};

std::uint64_t number_in_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

TEST_CASE("speaker: of forged, altered, replayed, expired and misdirected announcements none is spoken",
          "[sync][announcer][speaker-campaign]") {
  const std::uint64_t seed = number_in_environment("KHUOI_SEED", 5);
  const int cases = static_cast<int>(number_in_environment("KHUOI_CASES", 2000));
  std::cout << "seed=" << seed << " cases=" << cases << '\n';
  Campaign campaign(seed);
  campaign.run(cases);
  std::cout << "spoken=" << campaign.spoken_ << '\n';
  CHECK(campaign.seen_.size() == static_cast<std::size_t>(MoveKind::last));
  CHECK(campaign.spoken_ > cases / 100);  // the right ones are
  CHECK(campaign.unheard_ > cases / 1000);
}
