#pragma once

#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sync/base/rng.h"
#include "sync/merge/dossier.h"

namespace khuoi::tests {

using sync::DossierEvent;
using sync::DossierView;
using sync::Kind;
using sync::Ref;

using Events = std::vector<DossierEvent>;
using Known = std::map<Ref, DossierEvent>;

inline Events list_of(const Known& known) {
  Events out;
  for (const auto& [ref, event] : known) out.push_back(event);
  return out;
}

inline void shuffle(Events& events, Rng& rng) {
  for (std::size_t i = events.size(); i > 1; --i) std::swap(events[i - 1], events[rng.below(i)]);
}

/// A box that writes about one dossier, knowing only what reached it. Two nodes of one author are a cloned disk.
struct WorldNode {
  NodeId author;
  RunId run;
  bool is_commune = false;
  std::uint32_t next_number = 2;
  Known known;
};

/// A hamlet, its clone, a second phone's box, and a commune that was once restored, exchanging in odd orders.
class World final {
 public:
  explicit World(std::uint64_t seed) : rng_(seed) {
    for (std::uint8_t i = 0; i < 5; ++i) {
      WorldNode node;
      node.is_commune = i >= 3;
      node.author = NodeId::filled(node.is_commune ? 2 : 1);
      node.run = rng_.id<RunId>();
      nodes_.push_back(node);
    }
  }

  void run(std::uint64_t steps) {
    for (std::uint64_t i = 0; i < steps; ++i) {
      WorldNode& node = nodes_[rng_.below(nodes_.size())];
      if (rng_.below(8) == 0) {
        node.run = rng_.id<RunId>();
        node.next_number = 2;
      }
      if (rng_.below(3) == 0) {
        exchange(nodes_[rng_.below(nodes_.size())], node);
      } else {
        write(node);
      }
    }
  }
  /// Called with the place of a node and what it did not know.
  std::function<void(std::size_t, const DossierEvent&)> on_learn;
  [[nodiscard]] Known all() const {
    Known out;
    for (const WorldNode& node : nodes_) out.insert(node.known.begin(), node.known.end());
    return out;
  }
  Rng& rng() { return rng_; }

 private:
  void exchange(const WorldNode& from, WorldNode& to) {
    for (const auto& [ref, event] : from.known) {
      if (rng_.below(4) != 0) learn(to, event);
    }
  }

  void write(WorldNode& node) {
    const DossierView view = fold(list_of(node.known));
    DossierEvent event;
    event.ref = {node.author, node.run, node.next_number++};
    event.seen = view.seen_now;
    if (node.is_commune) {
      write_at_commune(event, view);
    } else {
      write_at_hamlet(event, view, node);
    }
    learn(node, event);
  }
  void learn(WorldNode& node, const DossierEvent& event) {
    const bool is_new = node.known.emplace(event.ref, event).second;
    if (is_new && on_learn) on_learn(static_cast<std::size_t>(&node - nodes_.data()), event);
  }

  void write_at_commune(DossierEvent& event, const DossierView& view) {
    if (view.conflict && !view.heads.empty() && rng_.below(2) == 0) {
      event.kind = Kind::pick;
      event.chosen = view.heads[rng_.below(view.heads.size())];
      return;
    }
    event.kind = Kind::state;
    event.state.state = *sync::state_numbered(static_cast<std::uint8_t>(1 + rng_.below(10)));
  }

  void write_at_hamlet(DossierEvent& event, const DossierView& view, const WorldNode& node) {
    const auto what = rng_.below(10);
    if (view.heads.empty() || what == 0) {
      event.kind = Kind::submission;
      event.seen.clear();
      event.instance_id = "first";
      event.content.fill(static_cast<std::uint8_t>(rng_.below(3)));
    } else if (what == 1) {
      event.kind = Kind::withdrawal;
    } else if (what == 2) {
      event.kind = Kind::manifest;
      event.seen.clear();
      event.file.name = std::string(1, static_cast<char>('a' + rng_.below(4)));
    } else if (what == 3 && view.heads.size() > 1) {
      event.kind = Kind::pick;
      event.chosen = view.heads[rng_.below(view.heads.size())];
    } else if (what == 4) {  // sealed again under another run
      const auto again = node.known.find(view.heads[rng_.below(view.heads.size())]);
      event.kind = again->second.kind;
      event.seen = again->second.seen;
      event.instance_id = again->second.instance_id;
      event.content = again->second.content;
    } else {
      event.kind = Kind::edit;
      event.instance_id = "edit" + event.ref.run.hex() + std::to_string(event.ref.number);
      event.content.fill(static_cast<std::uint8_t>(rng_.below(256)));
      if (rng_.below(2) == 0) event.deprecated_id = node.known.at(*view.current).instance_id;
    }
  }

  SeededRng rng_;
  std::vector<WorldNode> nodes_;
};

/// KHUOI_SEED replays one world.
inline std::vector<std::uint64_t> seeds(std::uint64_t count) {
  if (const char* one = std::getenv("KHUOI_SEED")) return {std::strtoull(one, nullptr, 10)};
  std::vector<std::uint64_t> out;
  for (std::uint64_t seed = 0; seed < count; ++seed) out.push_back(seed);
  return out;
}

}  // namespace khuoi::tests
