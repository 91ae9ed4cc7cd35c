#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <set>

#include "tests/sync/dossier_world.h"

using namespace khuoi;
using namespace khuoi::sync;
using namespace khuoi::tests;

namespace {

void check_any_order(const Events& events, Rng& rng) {
  const DossierView view = fold(events);
  Events again = events;
  for (std::size_t i = 0; i < events.size(); i += 3) again.push_back(events[i]);
  for (int round = 0; round < 3; ++round) {
    shuffle(again, rng);
    CHECK(fold(again) == view);
  }
}

bool has_versions(const Events& events) {
  return std::ranges::any_of(
      events, [](const DossierEvent& event) { return event.kind == Kind::submission || event.kind == Kind::edit; });
}

/// True of every fold, whatever it was given.
void check_always(const Events& events, const DossierView& view) {
  CHECK(view.heads.empty() == (!has_versions(events) || view.erased));
  CHECK(view.current.has_value() == !view.heads.empty());
  if (view.current) CHECK(std::ranges::binary_search(view.heads, *view.current));
  CHECK(view.conflict == (view.heads.size() > 1 || view.state_conflict));
  CHECK(std::ranges::is_sorted(view.heads));
  CHECK(view.state.has_value() == !view.history.empty());
  CHECK(view.seen_now.size() <= seen_max);
}

/// What a slow reader of the definitions would say when there are neither picks nor equal versions: a version is a head
/// unless some version saw it, directly or through others.
std::set<Ref> naive_heads(const Known& known) {
  std::map<Ref, std::set<Ref>> seen;  // transitively
  const auto visit = [&](const auto& self, const Ref& ref) -> const std::set<Ref>& {
    const auto [at, is_new] = seen.try_emplace(ref);
    if (!is_new || !known.contains(ref)) return at->second;
    std::set<Ref> below;
    for (const Ref& next : known.at(ref).seen) {
      below.insert(next);
      const std::set<Ref>& further = self(self, next);
      below.insert(further.begin(), further.end());
    }
    return seen[ref] = std::move(below);
  };
  std::set<Ref> heads;
  std::set<Ref> replaced;
  for (const auto& [ref, event] : known) {
    if (event.kind != Kind::submission && event.kind != Kind::edit) continue;
    heads.insert(ref);
    const std::set<Ref>& below = visit(visit, ref);
    replaced.insert(below.begin(), below.end());
  }
  for (const Ref& ref : replaced) heads.erase(ref);
  return heads;
}

}  // namespace

TEST_CASE("dossier: any order, repetition, split or delay of real records gives one view", "[sync][dossier]") {
  for (const std::uint64_t seed : seeds(600)) {
    INFO("seed=" << seed);
    World world(seed);
    world.run(10 + world.rng().below(80));
    const Known all = world.all();
    Events events = list_of(all);
    if (events.empty()) continue;
    check_always(events, fold(events));
    check_any_order(events, world.rng());

    Known first;
    Known second;
    for (const auto& [ref, event] : all) {
      const auto side = world.rng().below(3);
      if (side != 1) first.emplace(ref, event);
      if (side != 0) second.emplace(ref, event);
    }
    check_always(list_of(first), fold(list_of(first)));
    check_always(list_of(second), fold(list_of(second)));
    Known merged = second;
    merged.insert(first.begin(), first.end());
    CHECK(fold(list_of(merged)) == fold(events));
  }
}

TEST_CASE("dossier: whoever holds everything and decides settles every conflict", "[sync][dossier]") {
  for (const std::uint64_t seed : seeds(600)) {
    INFO("seed=" << seed);
    World world(seed);
    world.run(10 + world.rng().below(80));
    Events events = list_of(world.all());
    DossierView view = fold(events);
    if (view.heads.empty()) continue;
    const Ref chosen = view.heads[world.rng().below(view.heads.size())];
    DossierEvent event;
    event.ref = {NodeId::filled(1), world.rng().id<RunId>(), 2};
    event.kind = Kind::pick;
    event.chosen = chosen;
    event.seen = view.seen_now;
    events.push_back(event);
    view = fold(events);
    CHECK(view.heads == std::vector<Ref>{chosen});

    event.ref.number = 3;
    event.kind = Kind::edit;
    event.instance_id = "the last";
    event.seen = view.seen_now;
    events.push_back(event);
    view = fold(events);
    CHECK(view.heads == std::vector<Ref>{event.ref});

    event.ref = {NodeId::filled(2), world.rng().id<RunId>(), 2};
    event.kind = Kind::state;
    event.state.state = State::resolved;
    event.seen = view.seen_now;
    events.push_back(event);
    view = fold(events);
    CHECK(view.state_ref == event.ref);
    CHECK(view.history.back() == event.ref);
    CHECK(!view.conflict);
    CHECK(!view.withdrawal_asked);
    CHECK(view.seen_now.size() <= 3);
    check_any_order(events, world.rng());
  }
}

TEST_CASE("dossier: without picks and equal versions the heads are those of the definition", "[sync][dossier]") {
  int checked = 0;
  for (const std::uint64_t seed : seeds(400)) {
    INFO("seed=" << seed);
    World world(seed);
    world.run(5 + world.rng().below(15));
    const Known all = world.all();
    std::set<std::pair<std::string, std::array<std::uint8_t, 16>>> texts;
    bool is_plain = true;
    for (const auto& [ref, event] : all) {
      const bool is_version = event.kind == Kind::submission || event.kind == Kind::edit;
      if (is_version && !texts.emplace(event.instance_id, event.content).second) is_plain = false;
      if (event.kind == Kind::pick) is_plain = false;
    }
    if (!is_plain) continue;
    ++checked;
    const DossierView view = fold(list_of(all));
    CHECK(std::set<Ref>(view.heads.begin(), view.heads.end()) == naive_heads(all));
  }
  if (std::getenv("KHUOI_SEED") == nullptr) CHECK(checked > 50);
}

TEST_CASE("dossier: refs made up at random give one view and hide no dossier", "[sync][dossier]") {
  for (const std::uint64_t seed : seeds(400)) {
    INFO("seed=" << seed);
    SeededRng rng(seed);
    Events events(1 + rng.below(14));
    const auto any_ref = [&rng, &events] {
      return Ref{NodeId::filled(static_cast<std::uint8_t>(rng.below(2))), RunId{},
                 static_cast<std::uint32_t>(rng.below(events.size() + 2))};
    };
    std::set<Ref> used;
    for (DossierEvent& event : events) {
      do event.ref = any_ref();
      while (!used.insert(event.ref).second);
      event.kind = static_cast<Kind>(2 + rng.below(6));
      event.instance_id = std::string(1, static_cast<char>('a' + rng.below(3)));
      event.content.fill(static_cast<std::uint8_t>(rng.below(4)));
      event.chosen = any_ref();
      event.state.state = *state_numbered(static_cast<std::uint8_t>(1 + rng.below(10)));
      for (std::uint64_t i = rng.below(4); i > 0; --i) event.seen.push_back(any_ref());
    }
    const DossierView view = fold(events);
    check_always(events, view);
    check_any_order(events, rng);
  }
}

TEST_CASE("dossier: ten thousand records of every shape fold", "[sync][dossier]") {
  constexpr std::uint32_t count = 10'000;
  const auto ref = [](std::uint32_t n) {
    return Ref{NodeId::filled(1), RunId::filled(static_cast<std::uint8_t>(n % 7)), n};
  };
  const auto make = [&](std::uint32_t n, Kind kind) {
    DossierEvent out;
    out.ref = ref(n);
    out.kind = kind;
    out.instance_id = std::to_string(n);
    out.state.state = State::accepted;
    return out;
  };
  Events chain;
  Events picks{make(0, Kind::submission), make(1, Kind::submission)};
  Events dense;
  Events states;
  for (std::uint32_t n = 0; n < count; ++n) {
    chain.push_back(make(n, n == 0 ? Kind::submission : Kind::edit));
    dense.push_back(make(n, Kind::edit));
    states.push_back(make(n, Kind::state));
    if (n > 0) chain.back().seen = {ref(n - 1)};
    for (std::uint32_t back = 1; back <= std::min(n, 100U); ++back) dense.back().seen.push_back(ref(n - back));
    if (n < 2) continue;
    // Half are picks that nobody saw, half edits of what they chose.
    picks.push_back(make(n, n % 2 == 0 ? Kind::pick : Kind::edit));
    picks.back().chosen = ref(0);
    picks.back().seen = {ref(0)};
  }
  CHECK(fold(chain).heads == std::vector<Ref>{ref(count - 1)});
  CHECK(fold(dense).heads == std::vector<Ref>{ref(count - 1)});
  CHECK(fold(states).history.size() == count);
  CHECK(fold(picks).heads.size() == 5000);
}
