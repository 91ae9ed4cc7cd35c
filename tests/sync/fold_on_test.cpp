#include "sync/merge/fold_on.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "sync/record/kinds.h"
#include "tests/sync/dossier_world.h"

namespace khuoi::tests {
namespace {

/// Keeps a row as a node does: each record that comes is folded on where that is told to do, and checked against the fold
/// of them all.
class Follower final {
 private:
  /// What a row keeps, but the state.
  static auto row_part(const DossierView& view) {
    return std::tuple(view.heads, view.seen_now, view.conflict, view.state_conflict, view.withdrawal_asked, view.erased,
                      view.open_ends);
  }

 public:
  void learn(const DossierEvent& event) {
    if (known_.contains(event.ref)) return;
    const sync::Newcomer newcomer = newcomer_of(event);
    const bool was_begun = !known_.empty();
    known_.emplace(event.ref, event);
    const bool is_whole = was_begun && !view_.conflict && !view_.erased && !view_.open_ends;
    const bool is_folded = is_whole && sync::fold_on(row_, newcomer);
    const bool is_file = was_begun && event.kind == Kind::manifest;
    const DossierView before = view_;
    view_ = sync::fold(list_of(known_));
    if (is_file) {
      CHECK(row_part(view_) == row_part(before));
    } else if (is_folded) {
      ++folded_on;
      DossierView row;
      row.heads = row_.heads;
      for (const auto& one : row_.seen) row.seen_now.push_back(one.ref);
      row.withdrawal_asked = row_.withdrawal_asked;
      CHECK(row_part(view_) == row_part(row));
      CHECK((view_.state ? std::optional(view_.state->state) : std::nullopt) == row_.state);
      for (const auto& one : row_.seen) CHECK(known_.at(one.ref).kind == one.kind);
    }
    put_row();
  }
  [[nodiscard]] const DossierView& view() const { return view_; }
  int folded_on = 0;

 private:
  void put_row() {
    row_.heads = view_.heads;
    row_.seen.clear();
    for (const Ref& ref : view_.seen_now) row_.seen.push_back({ref, known_.at(ref).kind});
    row_.state = view_.state ? std::optional(view_.state->state) : std::nullopt;
    row_.withdrawal_asked = view_.withdrawal_asked;
  }
  [[nodiscard]] sync::Newcomer newcomer_of(const DossierEvent& event) const {
    sync::Newcomer out{.ref = event.ref, .kind = event.kind, .seen = event.seen, .state = event.state.state};
    out.is_new_instance = true;
    out.edits_what_is_here = event.deprecated_id.empty();
    out.is_last_of_its_run = true;
    for (const auto& [ref, other] : known_) {
      const bool is_version = sync::is_version(other.kind);
      if (is_version && other.instance_id == event.instance_id) out.is_new_instance = false;
      if (is_version && other.instance_id == event.deprecated_id) out.edits_what_is_here = true;
      const bool is_later = other.kind == Kind::state && ref.author == event.ref.author && ref.run == event.ref.run &&
                            ref.number > event.ref.number;
      if (is_later) out.is_last_of_its_run = false;
    }
    return out;
  }

  Known known_;
  DossierView view_;
  sync::FoldedRow row_;
};

}  // namespace

TEST_CASE("fold on: a row and a record tell what the fold of all records tells, at every node of real histories",
          "[sync][dossier]") {
  int folded_on = 0;
  for (const std::uint64_t seed : seeds(400)) {
    INFO("seed=" << seed);
    World world(seed);
    std::vector<Follower> followers(5);
    world.on_learn = [&](std::size_t node, const DossierEvent& event) { followers.at(node).learn(event); };
    world.run(10 + world.rng().below(80));
    for (const Follower& one : followers) folded_on += one.folded_on;
  }
  if (std::getenv("KHUOI_SEED") == nullptr) CHECK(folded_on > 3000);
}

TEST_CASE("fold on: refs made up at random never make a row say other than the fold", "[sync][dossier]") {
  int folded_on = 0;
  for (const std::uint64_t seed : seeds(2000)) {
    INFO("seed=" << seed);
    SeededRng rng(seed);
    Follower follower;
    const auto any_ref = [&] {
      return Ref{NodeId::filled(static_cast<std::uint8_t>(rng.below(2))), RunId{}, static_cast<std::uint32_t>(rng.below(14))};
    };
    for (std::uint64_t n = 3 + rng.below(20); n > 0; --n) {
      DossierEvent event;
      event.ref = any_ref();
      event.kind = static_cast<Kind>(2 + rng.below(6));
      event.instance_id = std::string(1, static_cast<char>('a' + rng.below(8)));
      if (rng.below(3) == 0) event.deprecated_id = std::string(1, static_cast<char>('a' + rng.below(8)));
      event.content.fill(static_cast<std::uint8_t>(rng.below(2)));
      event.chosen = any_ref();
      event.state.state = *sync::state_numbered(static_cast<std::uint8_t>(1 + rng.below(10)));
      event.seen = follower.view().seen_now;
      if (rng.below(4) == 0) event.seen.push_back(any_ref());
      if (rng.below(4) == 0 && !event.seen.empty()) event.seen.pop_back();
      follower.learn(event);
    }
    folded_on += follower.folded_on;
  }
  if (std::getenv("KHUOI_SEED") == nullptr) CHECK(folded_on > 500);
}

}  // namespace khuoi::tests
