#include "node/speaker/listing.h"
#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace khuoi::tests;

namespace {

constexpr std::int64_t day_seconds = 86'400, in_2099 = 4'070'908'800;
using Words = std::vector<std::string>;

/// Announced at the commune by one command each, carried, and listed by a command at the hamlet: a start of its own, which
/// nobody told the time.
struct Carried {
  DiskPair pair;
  std::int64_t now = system_now().wall.value;

  void announce(const std::string& text, std::int64_t issued) {
    sync::AnnouncementContent content;
    content.text = text;
    content.issued = {issued};
    content.expires = {issued + 3 * day_seconds};
    pair.commune.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
      KHUOI_TRY_VOID(replica.bulletin().announce(batch, {sync::encode_announcement_content(content), {}}));
      return {};
    });
    pair.commune.open();
  }
  Words listed() {
    {
      Serving serving(*pair.commune.engine);
      contact(pair.hamlet, serving.place());
    }
    pair.hamlet.open();
    const auto all = speaker::list_announcements(*pair.hamlet.engine, {});
    REQUIRE(all);
    Words out;
    for (const speaker::Listed& one : *all) {
      const bool over = one.standing == speaker::Standing::expired;
      out.push_back(one.entry.content.text + (over ? " (ended)" : ""));
    }
    return out;
  }
};

}  // namespace

TEST_CASE("regress: an announcement made while the commune's clock said 2099 hides neither later nor earlier ones",
          "[regress][announcements]") {
  Carried it;
  it.announce("trước", it.now - 60);
  it.announce("sai giờ", in_2099);
  CHECK(it.listed() == Words{"sai giờ", "trước"});
  it.announce("sau", it.now - 30);
  CHECK(it.listed() == Words{"sau", "sai giờ", "trước"});
  it.announce("sau nữa", it.now - 20);
  it.announce("sau nữa nữa", it.now - 10);
  CHECK(it.listed() == Words{"sau nữa nữa", "sau nữa", "sau", "sai giờ", "trước"});
}

TEST_CASE("regress: a commune whose clock said 2099 for a day hides nothing that it says afterwards",
          "[regress][announcements]") {
  Carried it;
  it.announce("trước", it.now - 60);
  for (int i = 0; i < 4; ++i) it.announce("sai giờ", in_2099 + i);
  CHECK(it.listed().size() == 5);
  it.announce("sau", it.now - 30);
  CHECK(it.listed().size() == 6);
  CHECK(it.listed().front() == "sau");
}

TEST_CASE("regress: what the commune said last tells what is over, where nobody told the time", "[regress][announcements]") {
  Carried it;
  it.announce("từ lâu", it.now - 100 * day_seconds);
  it.announce("đã hết", it.now - 10 * day_seconds);
  it.announce("còn hạn", it.now - 120);
  CHECK(it.listed() == Words{"còn hạn", "đã hết"});
  it.announce("mới", it.now - 60);
  it.announce("mới nữa", it.now - 30);
  CHECK(it.listed() == Words{"mới nữa", "mới", "còn hạn", "đã hết (ended)"});
}
