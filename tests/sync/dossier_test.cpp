#include "sync/merge/dossier.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "sync/base/rng.h"
#include "tests/sync/record_samples.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {

constexpr std::uint8_t hamlet_box = 1;
constexpr std::uint8_t commune_box = 2;

Ref ref_of(std::uint8_t author, std::uint8_t run, std::uint32_t number) {
  return {NodeId::filled(author), RunId::filled(run), number};
}
Ref by_hamlet(std::uint32_t number) { return ref_of(hamlet_box, 1, number); }
Ref by_commune(std::uint32_t number) { return ref_of(commune_box, 1, number); }

DossierEvent version(Kind kind, Ref ref, std::uint8_t content, std::vector<Ref> seen, std::string instance_id) {
  DossierEvent out;
  out.ref = ref;
  out.kind = kind;
  out.seen = std::move(seen);
  out.content.fill(content);
  out.instance_id = std::move(instance_id);
  return out;
}
DossierEvent submission(Ref ref, std::uint8_t content = 1) {
  return version(Kind::submission, ref, content, {}, "first");
}
DossierEvent edit(Ref ref, std::uint8_t content, std::vector<Ref> seen) {
  return version(Kind::edit, ref, content, std::move(seen), "edit" + std::to_string(content));
}
DossierEvent pick(Ref ref, Ref chosen, std::vector<Ref> seen) {
  DossierEvent out;
  out.ref = ref;
  out.kind = Kind::pick;
  out.chosen = chosen;
  out.seen = std::move(seen);
  return out;
}
DossierEvent state(Ref ref, State set, std::vector<Ref> seen) {
  DossierEvent out;
  out.ref = ref;
  out.kind = Kind::state;
  out.state.state = set;
  out.seen = std::move(seen);
  return out;
}
DossierEvent other(Kind kind, Ref ref, std::vector<Ref> seen = {}) {
  DossierEvent out;
  out.ref = ref;
  out.kind = kind;
  out.seen = std::move(seen);
  return out;
}

using Refs = std::vector<Ref>;

/// The view, after checking that order and repetition do not matter.
DossierView folded(std::vector<DossierEvent> events) {
  const DossierView view = fold(events);
  SeededRng rng(events.size());
  for (int round = 0; round < 8; ++round) {
    events.push_back(events[rng.below(events.size())]);
    for (std::size_t i = events.size(); i > 1; --i) std::swap(events[i - 1], events[rng.below(i)]);
    CHECK(fold(events) == view);
  }
  return view;
}

}  // namespace

TEST_CASE("dossier: nothing folds to nothing", "[sync][dossier]") { CHECK(fold({}) == DossierView{}); }

TEST_CASE("dossier: an edit replaces what it saw", "[sync][dossier]") {
  const Ref a = by_hamlet(2);
  const Ref b = by_hamlet(3);
  const DossierView view = folded({submission(a), edit(b, 2, {a})});
  CHECK(view.heads == Refs{b});
  CHECK(view.current == b);
  CHECK(!view.conflict);
  CHECK(view.seen_now == Refs{b});
}

TEST_CASE("dossier: edits that did not see each other are both kept, and the deeper one is shown", "[sync][dossier]") {
  const Ref a = by_hamlet(2);
  const Ref b = ref_of(hamlet_box, 2, 3);
  const Ref c = ref_of(hamlet_box, 3, 3);
  const Ref d = ref_of(hamlet_box, 2, 4);
  DossierView view = folded({submission(a), edit(b, 2, {a}), edit(c, 3, {a})});
  CHECK(view.heads == Refs{b, c});
  CHECK(view.conflict);
  CHECK(!view.state_conflict);
  CHECK(view.current == c);  // by its content
  view = folded({submission(a), edit(b, 2, {a}), edit(c, 3, {a}), edit(d, 1, {b})});
  CHECK(view.heads == Refs{d, c});
  CHECK(view.current == d);
}

TEST_CASE("dossier: a pick settles a conflict, and a later edit of the chosen one continues", "[sync][dossier]") {
  const Ref a = by_hamlet(2);
  const Ref b = by_hamlet(3);
  const Ref c = by_hamlet(4);
  const Ref p = by_hamlet(5);
  std::vector<DossierEvent> events{submission(a), edit(b, 2, {a}), edit(c, 3, {a}), pick(p, b, {b, c})};
  DossierView view = folded(events);
  CHECK(view.heads == Refs{b});
  CHECK(view.current == b);
  CHECK(!view.conflict);
  CHECK(view.seen_now == Refs{b, p});
  events.push_back(edit(by_hamlet(6), 4, {b}));  // by someone who had not seen the pick
  CHECK(folded(events).heads == Refs{by_hamlet(6)});
  events.back().seen = view.seen_now;
  CHECK(folded(events).heads == Refs{by_hamlet(6)});
}

TEST_CASE("dossier: picks that decided differently leave a conflict, which a third settles", "[sync][dossier]") {
  const Ref a = by_hamlet(2);
  const Ref b = by_hamlet(3);
  std::vector<DossierEvent> events{submission(a, 1), submission(b, 2), pick(by_hamlet(4), a, {a, b}),
                                   pick(by_commune(4), b, {a, b})};
  DossierView view = folded(events);
  CHECK(view.heads == Refs{a, b});
  CHECK(view.conflict);
  CHECK(view.seen_now == Refs{a, b, by_hamlet(4), by_commune(4)});
  events.push_back(pick(by_hamlet(7), b, view.seen_now));
  view = folded(events);
  CHECK(view.heads == Refs{b});
  CHECK(!view.conflict);
}

TEST_CASE("dossier: a pick and an edit of what it decided against are both kept", "[sync][dossier]") {
  const Ref a = by_hamlet(2);
  const Ref b = by_hamlet(3);
  const Ref c = by_hamlet(4);
  const DossierView view =
      folded({submission(a, 1), submission(b, 2), pick(by_commune(4), b, {a, b}), edit(c, 3, {a})});
  CHECK(view.heads == Refs{b, c});
  CHECK(view.current == b);  // a person picked it
}

TEST_CASE("dossier: a pick may go back to a version that an edit had replaced", "[sync][dossier]") {
  const Ref a = by_hamlet(2);
  const Ref b = by_hamlet(3);
  const Ref c = by_hamlet(4);
  const std::vector<DossierEvent> events{submission(a, 1), edit(b, 2, {a}), edit(c, 3, {b}),
                                         pick(by_hamlet(5), a, {c})};
  CHECK(folded(events).heads == Refs{a});
  // While the edit it saw is still on its way, the pick has no reason to give way: b continues a, unknown to it.
  CHECK(folded({events[0], events[1], events[3]}).heads == Refs{b});
}

TEST_CASE("dossier: a pick whose choice is still on its way hides nothing", "[sync][dossier]") {
  const Ref a = by_hamlet(2);
  const Ref b = by_hamlet(3);
  const std::vector<DossierEvent> events{submission(a, 1), pick(by_hamlet(5), b, {a, b})};
  CHECK(folded(events).heads == Refs{a});
  CHECK(folded({events[0], events[1], submission(b, 2)}).heads == Refs{b});
}

TEST_CASE("dossier: picks that all give way to edits they do not know all speak", "[sync][dossier]") {
  const Ref a = ref_of(hamlet_box, 1, 2);
  const Ref b = ref_of(hamlet_box, 2, 2);
  const Ref edit_a = ref_of(hamlet_box, 3, 2);
  const Ref edit_b = ref_of(hamlet_box, 4, 2);
  const DossierView view = folded({submission(a, 1), submission(b, 2), edit(edit_a, 3, {a}), edit(edit_b, 4, {b}),
                                   pick(by_commune(4), a, {a, edit_b}), pick(by_hamlet(9), b, {b, edit_a})});
  CHECK(view.heads == Refs{a, b});
}

TEST_CASE("dossier: one submission sealed twice is one version, under its smallest ref", "[sync][dossier]") {
  const Ref a = ref_of(hamlet_box, 1, 2);
  const Ref again = ref_of(hamlet_box, 7, 3);
  DossierView view = folded({submission(again), submission(a)});
  CHECK(view.heads == Refs{a});
  CHECK(!view.conflict);
  view = folded({submission(again), submission(a), edit(by_hamlet(9), 2, {again})});
  CHECK(view.heads == Refs{by_hamlet(9)});
  view = folded({submission(a, 1), submission(again, 2), pick(by_hamlet(9), again, {a, again}),
                 submission(ref_of(hamlet_box, 0, 1), 2)});
  CHECK(view.heads == Refs{ref_of(hamlet_box, 0, 1)});
  CHECK(!view.conflict);
}

TEST_CASE("dossier: an old form sent again does not undo an edit", "[sync][dossier]") {
  const Ref a = by_hamlet(2);
  const Ref b = by_hamlet(3);
  DossierEvent again = edit(by_hamlet(4), 1, {b});
  again.instance_id = "first";
  const DossierView view = folded({submission(a, 1), edit(b, 2, {a}), again});
  CHECK(view.heads == Refs{b});
}

TEST_CASE("dossier: the same instanceID with other XML is a conflict", "[sync][dossier]") {
  const DossierView view = folded({submission(by_hamlet(2), 1), submission(by_hamlet(3), 2)});
  CHECK(view.heads.size() == 2);
  CHECK(view.conflict);
}

TEST_CASE("dossier: refs that form a loop hide nothing", "[sync][dossier]") {
  const Ref a = by_hamlet(2);
  const Ref b = by_hamlet(3);
  const Ref c = by_hamlet(4);
  DossierView view = folded({edit(a, 1, {b}), edit(b, 2, {a, b})});
  CHECK(view.heads == Refs{a, b});
  view = folded({edit(a, 1, {b}), edit(b, 2, {a}), edit(c, 3, {a, b})});
  CHECK(view.heads == Refs{c});
  view = folded({state(a, State::accepted, {b}), state(b, State::rejected, {a})});
  CHECK(view.state_conflict);
  CHECK(view.history.size() == 2);
}

TEST_CASE("dossier: the state in force is the one that saw the others", "[sync][dossier]") {
  const Ref first = ref_of(commune_box, 9, 4);
  const Ref second = ref_of(commune_box, 1, 2);  // smaller, but later
  const Ref third = ref_of(commune_box, 5, 2);
  DossierView view = folded({state(first, State::accepted, {}), state(second, State::processing, {first}),
                             state(third, State::resolved, {second})});
  REQUIRE(view.state);
  CHECK(view.state->state == State::resolved);
  CHECK(view.state_ref == third);
  CHECK(view.history == Refs{first, second, third});
  CHECK(!view.conflict);
  CHECK(view.seen_now == Refs{third});
  CHECK(!view.current);
}

TEST_CASE("dossier: a state change seen through an edit is seen", "[sync][dossier]") {
  const Ref a = by_hamlet(2);
  const Ref accepted = ref_of(commune_box, 9, 4);
  const Ref processing = ref_of(commune_box, 3, 1);
  const DossierView view =
      folded({submission(a), state(accepted, State::accepted, {a}), edit(by_hamlet(3), 2, {a, accepted}),
              state(processing, State::processing, {by_hamlet(3)})});
  CHECK(view.state_ref == processing);
  CHECK(!view.state_conflict);
}

TEST_CASE("dossier: a state change replaces those before it in its own run", "[sync][dossier]") {
  const DossierView view =
      folded({state(by_commune(4), State::accepted, {}), state(by_commune(9), State::processing, {}),
              state(by_commune(5), State::needs_papers, {})});
  CHECK(view.state_ref == by_commune(9));
  CHECK(!view.state_conflict);
  CHECK(view.history == Refs{by_commune(4), by_commune(5), by_commune(9)});
}

TEST_CASE("dossier: states set without knowing of each other conflict only when they differ", "[sync][dossier]") {
  const Ref base = ref_of(commune_box, 1, 2);
  const Ref left = ref_of(commune_box, 2, 2);
  const Ref right = ref_of(commune_box, 3, 2);
  std::vector<DossierEvent> events{state(base, State::fresh, {}), state(left, State::accepted, {base}),
                                   state(right, State::accepted, {base})};
  DossierView view = folded(events);
  CHECK(!view.conflict);
  CHECK(view.state_ref == right);
  events[2].state.state = State::rejected;
  view = folded(events);
  CHECK(view.state_conflict);
  CHECK(view.conflict);
  CHECK(view.state->state == State::rejected);
  events.push_back(state(ref_of(commune_box, 2, 3), State::processing, {left}));
  view = folded(events);
  CHECK(view.state->state == State::processing);  // the longer chain
  CHECK(view.state_conflict);
  events.push_back(state(ref_of(commune_box, 4, 1), State::accepted, view.seen_now));
  view = folded(events);
  CHECK(view.state_ref == ref_of(commune_box, 4, 1));
  CHECK(!view.conflict);
}

TEST_CASE("dossier: a withdrawal is asked until a state change has seen it", "[sync][dossier]") {
  const Ref a = by_hamlet(2);
  const Ref asked = by_hamlet(3);
  std::vector<DossierEvent> events{submission(a), other(Kind::withdrawal, asked, {a}),
                                   state(by_commune(1), State::accepted, {a})};
  DossierView view = folded(events);
  CHECK(view.withdrawal_asked);
  CHECK(view.heads == Refs{a});
  CHECK(view.seen_now == Refs{a, asked, by_commune(1)});
  events.push_back(state(by_commune(2), State::withdrawn, view.seen_now));
  view = folded(events);
  CHECK(!view.withdrawal_asked);
  CHECK(view.seen_now == Refs{a, by_commune(2)});
}

TEST_CASE("dossier: an erased one shows no versions and no files, but keeps its state", "[sync][dossier]") {
  const Ref a = by_hamlet(2);
  DossierEvent manifest = other(Kind::manifest, by_hamlet(3));
  manifest.file = test::sample_file();
  const DossierView view = folded({submission(a, 1), submission(by_hamlet(4), 2), manifest,
                                   state(by_commune(1), State::returned, {a}), other(Kind::erase, by_commune(2))});
  CHECK(view.erased);
  CHECK(view.heads.empty());
  CHECK(!view.current);
  CHECK(view.files.empty());
  CHECK(!view.conflict);
  REQUIRE(view.state);
  CHECK(view.state->state == State::returned);
}

TEST_CASE("dossier: files are listed by name, equal ones once", "[sync][dossier]") {
  std::vector<DossierEvent> events;
  for (const char* name : {"c.jpg", "a.jpg", "b.jpg", "a.jpg"}) {
    events.push_back(other(Kind::manifest, by_hamlet(static_cast<std::uint32_t>(events.size()))));
    events.back().file = test::sample_file();
    events.back().file.name = name;
  }
  DossierView view = folded(events);
  REQUIRE(view.files.size() == 3);
  CHECK(view.files[0].name == "a.jpg");
  CHECK(view.files[2].name == "c.jpg");
  events[3].file.root = ChunkHash::filled(9);  // the same name with another content
  CHECK(folded(events).files.size() == 4);
}

TEST_CASE("dossier: what a writer must have seen stays within the record's limit", "[sync][dossier]") {
  std::vector<DossierEvent> events;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    events.push_back(edit(by_hamlet(i), static_cast<std::uint8_t>(i), {}));
    events.back().instance_id = std::to_string(i);
  }
  events.push_back(state(by_commune(1), State::accepted, {}));
  const DossierView view = fold(events);
  CHECK(view.heads.size() == 2000);
  CHECK(view.seen_now.size() == seen_max);
  CHECK(std::ranges::binary_search(view.seen_now, by_commune(1)));
}
