#include "sync/merge/dossier.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "sync/merge/causal_graph.h"
#include "sync/record/kinds.h"

namespace khuoi::sync {

namespace {

using Node = CausalGraph::Node;
using Event = const DossierEvent*;

/// Sorted by ref, each once.
std::vector<Event> distinct(std::span<const DossierEvent> events) {
  std::vector<Event> out;
  out.reserve(events.size());
  for (const DossierEvent& event : events) out.push_back(&event);
  std::ranges::sort(out, {}, [](Event event) { return event->ref; });
  out.erase(std::unique(out.begin(), out.end(), [](Event a, Event b) { return a->ref == b->ref; }), out.end());
  return out;
}

/// The events that see and are seen, as nodes; equal versions share one.
class Nodes final {
 public:
  explicit Nodes(const std::vector<Event>& events) {
    add_versions(events);
    for (const Event event : events) {
      const bool sees = event->kind == Kind::pick || event->kind == Kind::state || event->kind == Kind::withdrawal;
      if (sees) add(event, {event});
    }
    std::ranges::sort(by_ref_);
  }

  [[nodiscard]] std::size_t size() const { return first_.size(); }
  /// Of a version, the event with the smallest ref.
  [[nodiscard]] const DossierEvent& event(Node node) const { return *first_[node]; }
  [[nodiscard]] std::optional<Node> find(const Ref& ref) const {
    const auto at = std::ranges::lower_bound(by_ref_, ref, {}, &std::pair<Ref, Node>::first);
    if (at == by_ref_.end() || at->first != ref) return std::nullopt;
    return at->second;
  }
  [[nodiscard]] std::vector<std::vector<Node>> edges() const {
    std::vector<std::vector<Node>> out(size());
    for (Node node = 0; node < size(); ++node) {
      for (const Event event : seers_[node]) {
        for (const Ref& ref : event->seen) {
          if (const auto seen = find(ref)) out[node].push_back(*seen);
        }
      }
    }
    add_deprecated(out);
    add_own_states(out);
    return out;
  }
  [[nodiscard]] bool have_open_ends() const {
    std::set<std::string_view> instances;
    for (const Event event : first_) {
      if (is_version(event->kind)) instances.insert(event->instance_id);
    }
    const auto is_gone = [&](const Ref& ref) { return !find(ref).has_value(); };
    for (Node node = 0; node < size(); ++node) {
      for (const Event event : seers_[node]) {
        const bool edits_what_is_gone =
            is_version(event->kind) && !event->deprecated_id.empty() && !instances.contains(event->deprecated_id);
        const bool chose_what_is_gone = event->kind == Kind::pick && is_gone(event->chosen);
        if (edits_what_is_gone || chose_what_is_gone || std::ranges::any_of(event->seen, is_gone)) return true;
      }
    }
    return false;
  }
  template <typename Test>
  [[nodiscard]] std::vector<bool> marked(Test test) const {
    std::vector<bool> out(size());
    for (Node node = 0; node < size(); ++node) out[node] = test(event(node).kind);
    return out;
  }

 private:
  void add_versions(const std::vector<Event>& events) {
    std::vector<Event> versions;
    std::ranges::copy_if(events, std::back_inserter(versions), [](Event event) { return is_version(event->kind); });
    const auto what = [](Event event) { return std::tie(event->instance_id, event->content); };
    std::ranges::stable_sort(versions, [what](Event a, Event b) { return what(a) < what(b); });
    for (auto from = versions.begin(); from != versions.end();) {
      const auto to = std::find_if(from, versions.end(), [&](Event event) { return what(event) != what(*from); });
      const std::vector<Event> same(from, to);
      const auto is_first = [](Event event) { return event->kind == Kind::submission; };
      add(same.front(), std::ranges::any_of(same, is_first) ? std::vector<Event>{} : same);
      for (const Event event : same) by_ref_.emplace_back(event->ref, static_cast<Node>(size() - 1));
      from = to;
    }
  }
  /// An edit saw what it says that it edits, also when its writer did not have that yet and so could not name its ref. Not
  /// where several versions go by that instanceID and it named none of them: which one it edits, nobody knows.
  void add_deprecated(std::vector<std::vector<Node>>& edges) const {
    std::map<std::string_view, std::vector<Node>> by_instance;
    for (Node node = 0; node < size(); ++node) {
      if (is_version(event(node).kind)) by_instance[event(node).instance_id].push_back(node);
    }
    for (Node node = 0; node < size(); ++node) {
      if (!is_version(event(node).kind) || seers_[node].empty()) continue;
      const auto edited = by_instance.find(event(node).deprecated_id);
      if (edited == by_instance.end() || edited->second.size() != 1) continue;
      edges[node].push_back(edited->second.front());
    }
  }
  /// A state change saw those before it in its own run: one writer wrote both, and asked whether the move is allowed.
  /// Not so for edits, because two phones may hand in two of them at one box without knowing of each other.
  void add_own_states(std::vector<std::vector<Node>>& edges) const {
    std::optional<Node> before;
    for (const auto& [ref, node] : by_ref_) {
      if (event(node).kind != Kind::state) continue;
      const bool is_same_run = before && event(*before).ref.author == ref.author && event(*before).ref.run == ref.run;
      if (is_same_run) edges[node].push_back(*before);
      before = node;
    }
  }
  void add(Event event, std::vector<Event> seers) {
    if (!is_version(event->kind)) by_ref_.emplace_back(event->ref, static_cast<Node>(size()));
    first_.push_back(event);
    seers_.push_back(std::move(seers));
  }

  std::vector<Event> first_;
  std::vector<std::vector<Event>> seers_;  ///< whose `seen` counts for the node
  std::vector<std::pair<Ref, Node>> by_ref_;
};

/// Finds the heads; FOLD.md has the rules.
class Versions final {
 public:
  Versions(const Nodes& nodes, const CausalGraph& graph) : nodes_(nodes), graph_(graph), speaks_for_(nodes.size()) {
    for (Node node = 0; node < nodes.size(); ++node) {
      const DossierEvent& event = nodes.event(node);
      if (is_version(event.kind)) speaks_for_[node] = node;
      if (event.kind != Kind::pick) continue;
      const auto chosen = nodes.find(event.chosen);
      if (chosen && is_version(nodes.event(*chosen).kind)) speaks_for_[node] = *chosen;
    }
    find_tips();
    find_heads();
  }

  [[nodiscard]] const std::vector<Node>& tips() const { return tips_; }
  /// In node order, each once.
  [[nodiscard]] const std::vector<Node>& heads() const { return heads_; }
  [[nodiscard]] bool is_picked(Node head) const { return std::ranges::binary_search(picked_, head); }

 private:
  void find_tips() {
    std::vector<bool> replaced(nodes_.size(), false);
    continued_by_.resize(nodes_.size());
    for (Node node = 0; node < nodes_.size(); ++node) {
      if (!speaks_for_[node]) continue;
      for (const Node seen : graph_.seen_by(node)) {
        if (!graph_.are_apart(node, seen)) continue;
        replaced[seen] = true;
        if (is_version(nodes_.event(node).kind)) continued_by_[seen].push_back(node);
      }
    }
    for (Node node = 0; node < nodes_.size(); ++node) {
      if (speaks_for_[node] && !replaced[node]) tips_.push_back(node);
    }
  }

  void find_heads() {
    std::vector<Node> doubtful;  // picks whose choice somebody edited
    for (const Node tip : tips_) {
      const Node spoken = *speaks_for_[tip];
      if (tip == spoken) {
        heads_.push_back(tip);
      } else if (continued_by_[spoken].empty()) {
        picked_.push_back(spoken);
      } else {
        doubtful.push_back(tip);
      }
    }
    keep_knowing_picks(doubtful);
    std::ranges::copy(picked_, std::back_inserter(heads_));
    if (heads_.empty()) {
      for (const Node tip : tips_) heads_.push_back(*speaks_for_[tip]);
    }
    sort_unique(picked_);
    sort_unique(heads_);
  }

  /// A pick that had seen every edit of what it chose went back on purpose; another one gives way to the edit. The
  /// sweep answers 64 picks at once, so that even thousands cost little.
  void keep_knowing_picks(std::span<const Node> picks) {
    for (; !picks.empty(); picks = picks.subspan(std::min<std::size_t>(64, picks.size()))) {
      const auto some = picks.first(std::min<std::size_t>(64, picks.size()));
      const std::vector<std::uint64_t> seen_by = graph_.seen_masks(some);
      for (std::size_t i = 0; i < some.size(); ++i) {
        const Node spoken = *speaks_for_[some[i]];
        const auto knew = [&](Node edit) { return (seen_by[edit] >> i & 1U) != 0; };
        if (std::ranges::all_of(continued_by_[spoken], knew)) picked_.push_back(spoken);
      }
    }
  }

  static void sort_unique(std::vector<Node>& nodes) {
    std::ranges::sort(nodes);
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  }

  const Nodes& nodes_;
  const CausalGraph& graph_;
  std::vector<std::optional<Node>> speaks_for_;  ///< none for other kinds, and for picks of what is not there
  std::vector<std::vector<Node>> continued_by_;  ///< the versions that directly saw a version
  std::vector<Node> tips_;
  std::vector<Node> heads_;
  std::vector<Node> picked_;
};

void show_versions(const Nodes& nodes, const CausalGraph& graph, const Versions& versions, DossierView& view) {
  const std::vector<std::uint32_t> depth = graph.chain_lengths(nodes.marked(is_version));
  const auto rank = [&](Node node) {
    const DossierEvent& event = nodes.event(node);
    return std::tuple(versions.is_picked(node), depth[node], event.content, event.ref);
  };
  const std::vector<Node>& heads = versions.heads();
  for (const Node head : heads) view.heads.push_back(nodes.event(head).ref);
  std::ranges::sort(view.heads);
  view.conflict = heads.size() > 1;
  if (!heads.empty()) view.current = nodes.event(*std::ranges::max_element(heads, {}, rank)).ref;
}

/// The state changes that no other replaced.
std::vector<Node> show_states(const Nodes& nodes, const CausalGraph& graph, const std::vector<bool>& seen_by_state,
                              DossierView& view) {
  const auto is_state = [](Kind kind) { return kind == Kind::state; };
  const std::vector<std::uint32_t> length = graph.chain_lengths(nodes.marked(is_state));
  std::vector<Node> states;
  for (Node node = 0; node < nodes.size(); ++node) {
    if (is_state(nodes.event(node).kind)) states.push_back(node);
  }
  std::ranges::sort(states, {}, [&](Node node) { return std::pair(length[node], nodes.event(node).ref); });
  std::vector<Node> left;
  for (const Node node : states) {
    view.history.push_back(nodes.event(node).ref);
    if (!seen_by_state[node]) left.push_back(node);
  }
  if (left.empty()) return left;
  const DossierEvent& in_force = nodes.event(left.back());
  view.state = in_force.state;
  view.state_ref = in_force.ref;
  view.state_conflict =
      std::ranges::any_of(left, [&](Node node) { return nodes.event(node).state.state != in_force.state.state; });
  return left;
}

std::vector<FileFacts> files_of(const std::vector<Event>& events) {
  std::vector<FileFacts> out;
  for (const Event event : events) {
    if (event->kind == Kind::manifest) out.push_back(event->file);
  }
  std::ranges::sort(
      out, {}, [](const FileFacts& file) { return std::tie(file.name, file.root, file.key, file.octets, file.type); });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

DossierView fold(std::span<const DossierEvent> events) {
  DossierView view;
  const std::vector<Event> all = distinct(events);
  const Nodes nodes(all);
  const CausalGraph graph(nodes.edges());
  const Versions versions(nodes, graph);
  show_versions(nodes, graph, versions, view);
  const std::vector<bool> seen_by_state =
      graph.seen_later_by(nodes.marked([](Kind kind) { return kind == Kind::state; }));

  // The rarest and most telling first, should a flood of heads ever pass seen_max.
  std::vector<Node> latest = show_states(nodes, graph, seen_by_state, view);
  for (Node node = 0; node < nodes.size(); ++node) {
    const bool is_open = nodes.event(node).kind == Kind::withdrawal && !seen_by_state[node];
    if (!is_open) continue;
    view.withdrawal_asked = true;
    latest.push_back(node);
  }
  std::ranges::copy(versions.heads(), std::back_inserter(latest));
  std::ranges::copy(versions.tips(), std::back_inserter(latest));
  view.conflict = view.conflict || view.state_conflict;
  view.files = files_of(all);
  view.open_ends = nodes.have_open_ends();

  std::vector<bool> taken(nodes.size(), false);
  for (const Node node : latest) {
    if (view.seen_now.size() == seen_max) break;
    if (!taken[node]) view.seen_now.push_back(nodes.event(node).ref);
    taken[node] = true;
  }
  std::ranges::sort(view.seen_now);
  view.erased = std::ranges::any_of(all, [](Event event) { return event->kind == Kind::erase; });
  if (view.erased) {
    view.heads.clear();
    view.current.reset();
    view.files.clear();
    view.conflict = view.state_conflict;
  }
  return view;
}

}  // namespace khuoi::sync
