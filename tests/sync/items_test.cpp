#include "tests/sync/announcing_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {
sync::Announcement urgent(std::string text) {
  sync::AnnouncementContent content;
  content.text = std::move(text);
  content.urgency = sync::Urgency::emergency;
  content.issued = {1'790'000'000};
  content.expires = {1'790'086'400};
  return {sync::encode_announcement_content(content), {}};
}
sync::Approval approve(TestNode& commune, std::string_view name, const sync::Announcement& announcement) {
  auto txn = commune.replica->read();
  auto out = commune.replica->bulletin().approve(**txn, name, {sync::announcement_id(announcement.content), announcement}, cheap_phrase);
  REQUIRE(out);
  return *out;
}
Result<sync::Ref> try_to_announce(TestNode& commune, const sync::Announcement& announcement) {
  auto work = commune.replica->begin(commune.now);
  REQUIRE(work);
  auto out = commune.replica->bulletin().announce(work->batch(), announcement);
  if (out) REQUIRE(work->commit());
  return out;
}
}  // namespace

TEST_CASE("items: an emergency leaves only with two different officers' signatures over these very words", "[sync][items]") {
  ReplicaPair pair;
  add_officer(pair.commune, "Chủ tịch");
  add_officer(pair.commune, "Công an");
  const sync::Announcement bare = urgent("Lũ quét!");
  CHECK_FALSE(try_to_announce(pair.commune, bare));
  sync::Announcement one = bare;
  one.approvals = {approve(pair.commune, "Chủ tịch", bare)};
  CHECK_FALSE(try_to_announce(pair.commune, one));
  one.approvals.push_back(one.approvals.front());
  CHECK_FALSE(try_to_announce(pair.commune, one));
  sync::Announcement other_words = urgent("Mọi người ra quảng trường!");
  other_words.approvals = {approve(pair.commune, "Chủ tịch", bare), approve(pair.commune, "Công an", bare)};
  CHECK_FALSE(try_to_announce(pair.commune, other_words));
  sync::Announcement both = bare;
  both.approvals = other_words.approvals;
  CHECK(try_to_announce(pair.commune, both));
  talk(pair.hamlet, pair.commune);
  auto txn = pair.hamlet.replica->read();
  const auto items = pair.hamlet.replica->items().list(**txn);
  REQUIRE(items);
  REQUIRE(items->size() == 1);
  CHECK_FALSE(items->front().held_back);
}

TEST_CASE("items: an announcement changed on the way is refused", "[sync][items]") {
  ReplicaPair pair;
  sync::AnnouncementContent content;
  content.text = "Họp xóm tối nay";
  REQUIRE(try_to_announce(pair.commune, {sync::encode_announcement_content(content), {}}));
  const auto records = records_of(pair.commune, pair.commune.replica->self().node);
  for (const sync::Sealed& record : records) {
    if (record.header.number == 0) give(pair.hamlet, record, false);
  }
  for (const sync::Sealed& record : records) {
    if (record.header.number == 0 || record.header.audience != audience_everyone()) continue;
    for (std::size_t i = 0; i < record.body.size(); i += 3) {
      sync::Sealed bad = record;
      bad.body[i] ^= 0x20U;
      CHECK(give(pair.hamlet, bad, true).taken == sync::Taken::rejected);
    }
  }
}

TEST_CASE("items: what a hamlet calls an announcement is never one", "[sync][items][regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  sync::AnnouncementContent content;
  content.text = "Tin giả";
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(pair.hamlet.replica->bulletin().tell(batch, sync::Rank::high, sync::Announcement{sync::encode_announcement_content(content), {}}));
    return {};
  });
  talk(pair.hamlet, pair.commune);
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    auto txn = node->replica->read();
    CHECK(node->replica->items().list(**txn)->empty());
  }
}
