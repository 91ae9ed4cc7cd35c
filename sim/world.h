#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/ledger.h"
#include "sim/scenario.h"
#include "sim/trace.h"
#include "sync/replica/replica.h"

namespace khuoi::sim {

/// One box, or the commune. Its clock may be wrong by years, its disk may be set back.
struct Node {
  Node(Ledger& ledger, std::string its_name, sync::Role its_role, std::uint64_t seed)
      : name(std::move(its_name)), role(its_role), rng(seed), watch(ledger, name, its_role == sync::Role::commune) {}

  struct Backup {
    std::unique_ptr<MemoryStore> store;
    std::uint64_t event = 0;  ///< when it was made
  };
  std::string name;
  sync::Role role;
  std::size_t hamlet = 0;  ///< which of the world's hamlets; a clone shares it with its twin
  SeededRng rng;
  NodeWatch watch;
  std::unique_ptr<WatchedStore> store;
  std::unique_ptr<sync::Replica> replica;
  std::int64_t clock_error_seconds = 0;
  bool unlocked = false;
  bool is_clone = false;
  bool on = true;  ///< off: a clone that was found out
  bool revoked = false;
  bool set_back = false;  ///< its disk forgot something, or runs in two machines: it need not hold what it once took
  bool touched = false;   ///< worked since the receipts were last judged
  std::vector<Backup> backups;
  [[nodiscard]] bool is_commune() const { return role == sync::Role::commune; }
};

enum class Outcome : std::uint8_t {
  committed,
  refused,  ///< the operation said no; nothing changed
  failed,   ///< its commit did not happen
  crashed,  ///< it may or may not be there, and nobody was told
};

/// The nodes, the time, and chance. Owns every node; what borrows them says so.
class World final {
 public:
  World(const Scenario& scenario, Trace& trace);

  [[nodiscard]] const Scenario& scenario() const { return scenario_; }
  Trace& trace() { return trace_; }
  SeededRng& rng() { return rng_; }
  Ledger& ledger() { return ledger_; }
  Node& commune() { return *nodes_.front(); }
  [[nodiscard]] const std::vector<std::unique_ptr<Node>>& nodes() const { return nodes_; }
  /// Boxes that are on and not revoked.
  std::vector<Node*> boxes();

  void pass(std::int64_t micros);
  /// The same at a moment when nobody has a link or a stick in hand: radios live through it, and nodes may restart.
  void wait(std::int64_t micros);
  /// Who lives through waiting times; it calls reach() as it goes.
  std::function<void(Instant until)> on_wait;
  /// It is at least so late.
  void reach(Instant when);
  [[nodiscard]] Instant time() const { return Instant(Micros(micros_)); }
  [[nodiscard]] Now now(const Node& node) const;

  using Fn = std::function<Result<void>(sync::Batch&)>;
  /// One commit of a node, with the faults that may strike it.
  Outcome work(Node& node, const std::string& what, const Fn& fn);
  /// For sticks, which make their own batches: may strike the next commit.
  void plan_commit_failure(Node& node);
  static void cancel_commit_failure(Node& node);
  /// The process ends here and starts again; `on_restart` hears of it first.
  void restart(Node& node, const std::string& why);
  std::function<void(Node&)> on_restart;

  void unlock(Node& node);
  void lock(Node& node);
  void join(Node& box);
  void make_backup(Node& node);
  /// Faults end: what follows must come to rest.
  void calm_down() { calm_ = true; }
  [[nodiscard]] bool calm() const { return calm_; }
  /// Whether a fault of this kind strikes now.
  bool strikes(OneIn fault) { return !calm_ && fault.hits(rng_); }
  Node& add_clone(Node& of);

 private:
  Node& add(const std::string& name, sync::Role role);
  void open(Node& node);

  Scenario scenario_;
  Trace& trace_;
  SeededRng rng_;
  Ledger ledger_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::int64_t micros_ = 1'000'000;
  bool calm_ = false;
};

/// For a trace: what came in and went out, people's + control.
std::string describe(const sync::Counts& counts);

/// What a village form looks like: two forms, one of them for the health worker only.
std::string form_xml(sync::Domain domain);
std::string submission_xml(sync::Domain domain, const std::string& instance, const std::string& name,
                           const std::string& text, const std::vector<std::string>& files,
                           const std::string& deprecated);

}  // namespace khuoi::sim
