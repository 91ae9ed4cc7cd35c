#include "sync/bulletin/lane_order.h"

#include <algorithm>

#include "tests/support/seed.h"
#include "tests/sync/announcing_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;
using Words = std::vector<std::string>;

namespace {

Words words_listed(AnnouncingPair& pair) {
  auto txn = pair.hamlet.replica->read();
  const auto all = pair.announcer.list(pair.hamlet.replica->reader().board(), **txn, pair.hamlet.now);
  REQUIRE(all);
  Words out;
  for (const sync::AnnouncementEntry& one : *all) out.push_back(one.content.text);
  return out;
}
/// Each in a run of its own, as when every command is a process.
std::vector<sync::Ref> announce_in_runs(AnnouncingPair& pair, const std::vector<sync::AnnouncementContent>& contents) {
  std::vector<sync::Ref> out;
  for (const auto& content : contents) {
    out.push_back(announce(pair.commune, content));
    pair.commune.start();
  }
  return out;
}
void carry(AnnouncingPair& pair, const sync::Ref& ref) {
  auto txn = pair.commune.replica->read();
  give(pair.hamlet, *pair.commune.replica->sealed(**txn, {ref.author, ref.run, 0}), true);
  give(pair.hamlet, *pair.commune.replica->sealed(**txn, ref), true);
}

}  // namespace

TEST_CASE("lane order: announcements stand as the commune wrote them, whatever came first and whatever its clock said",
          "[sync][lane-order]") {
  AnnouncingPair pair;
  const auto refs = announce_in_runs(pair, {routine("một"), routine("hai", 4'070'908'800), routine("ba", 86'400), routine("bốn")});
  for (const std::size_t i : {3U, 1U, 0U, 2U}) carry(pair, refs[i]);
  CHECK(words_listed(pair) == Words{"một", "hai", "ba", "bốn"});
}

TEST_CASE("lane order: the chain tells the order of many runs, not their ids and not what came first", "[sync][lane-order]") {
  AnnouncingPair pair;
  Words written;
  std::vector<sync::AnnouncementContent> contents;
  for (int n = 1; n <= 8; ++n) contents.push_back(routine(written.emplace_back("lần " + std::to_string(n))));
  const auto refs = announce_in_runs(pair, contents);
  const auto run_of = [](const sync::Ref& ref) { return ref.run; };
  REQUIRE_FALSE(std::ranges::is_sorted(refs, {}, run_of));
  REQUIRE_FALSE(std::ranges::is_sorted(refs, std::ranges::greater(), run_of));
  for (std::size_t i = refs.size(); i > 0; --i) carry(pair, refs[i - 1]);  // the last brings all runs to one time of arrival
  CHECK(words_listed(pair) == written);
}

TEST_CASE("lane order: with a gap in the chain what came later stands later", "[sync][lane-order]") {
  AnnouncingPair pair;
  const auto refs = announce_in_runs(pair, {routine("một"), routine("hai"), routine("ba"), routine("bốn")});
  for (const std::size_t i : {3U, 2U, 0U}) carry(pair, refs[i]);
  CHECK(words_listed(pair) == Words{"ba", "bốn", "một"});
  carry(pair, refs[1]);
  CHECK(words_listed(pair) == Words{"một", "hai", "ba", "bốn"});
}

TEST_CASE("lane order: of two branches of a restored commune the one from the older backup is the later",
          "[sync][lane-order]") {
  AnnouncingPair pair;
  announce(pair.commune, routine("chung"));
  const auto backup = pair.commune.disk->clone();
  announce(pair.commune, routine("sau bản sao"));
  pair.commune.start();
  const sync::Ref old_branch = announce(pair.commune, routine("nhánh đã mất"));
  talk(pair.hamlet, pair.commune);
  pair.commune.restore(*backup);
  const sync::Ref new_branch = announce(pair.commune, routine("nhánh mới"));
  talk(pair.hamlet, pair.commune);
  CHECK(old_branch.run != new_branch.run);
  CHECK(words_listed(pair) == Words{"chung", "sau bản sao", "nhánh đã mất", "nhánh mới"});
}

TEST_CASE("lane order: what is read between some runs gives the order that the whole lane gives", "[sync][lane-order]") {
  const std::uint64_t seed = seed_of_run(20'261'130);
  INFO("seed=" << seed);
  SeededRng rng(seed);
  std::size_t read_few = 0;
  for (int round = 0; round < 40; ++round) {
    TestNode node(sync::Role::commune, "Sảng Mộc", 3);
    const NodeId author = node.replica->self().node;
    std::vector<RunId> runs;
    node.work([&](sync::Batch& batch) -> Result<void> {
      for (std::uint32_t i = 0; i < 60; ++i) {
        const RunId run = rng.id<RunId>();
        KHUOI_TRY(sync::RunRow * row, node.replica->runs().edit(batch, {author, run}));
        row->is_public = true;
        row->held = RangeSet(0, 3);
        row->opener.ordinal = rng.below(20) == 0 ? static_cast<std::uint32_t>(rng.below(90)) : i + 1;
        row->opener.previous_last = static_cast<std::uint32_t>(rng.below(4));
        const std::uint64_t kind = rng.below(12);
        if (kind == 0) row->opener.previous = rng.id<RunId>();  // it is not here
        if (kind == 1 && i > 1) row->opener.previous = runs[rng.below(i)];  // a branch
        if (kind > 1 && i > 0) row->opener.previous = runs.back();
        runs.push_back(run);
      }
      return {};
    });
    std::vector<sync::ItemEntry> items;
    for (std::uint64_t order = 1; order <= 8; ++order) {
      sync::ItemEntry item;
      item.order = order;
      item.ref = {author, runs[rng.below(runs.size())], static_cast<std::uint32_t>(1 + rng.below(3))};
      items.push_back(item);
    }
    const auto txn = node.replica->read();
    REQUIRE(txn);
    auto keys = sync::Keyring::load(**txn, sync::Role::commune);
    REQUIRE(keys);
    sync::Core core{{node.replica->self(), std::move(*keys), sync::Roster()}, sync::Runs(node.replica->self().commune), node.rng};
    const auto some = sync::LaneOrder::of_commune(core, **txn, items);
    const auto whole = sync::LaneOrder::of_commune(core, **txn, items, {runs.begin(), runs.end()});
    REQUIRE((some && whole));
    for (const sync::ItemEntry& a : items) {
      for (const sync::ItemEntry& b : items) CHECK(some->before(a.ref, b.ref) == whole->before(a.ref, b.ref));
    }
    read_few += some->size() < whole->size() ? 1 : 0;
  }
  CHECK(read_few > 0);
}
