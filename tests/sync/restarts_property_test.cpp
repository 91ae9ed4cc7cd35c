// Two nodes, each with restarts, restores and copies of old sticks, one of them maybe of an earlier version until it is
// brought up to date, or for good: nobody
// believes what is not so, and once nothing goes wrong any more everything arrives and nothing moves.
#include <cstdlib>
#include <set>

#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

using Place = std::pair<RunId, std::uint32_t>;

/// As an earlier version reads and writes: without what it does not know.
Bytes without_later_segments(const Bytes& bundle) {
  const auto source = [&](std::uint64_t at, std::size_t count) -> Result<Bytes> {
    const ByteView rest = ByteView(bundle).subspan(std::min<std::size_t>(bundle.size(), at));
    return to_bytes(rest.first(std::min(count, rest.size())));
  };
  auto reader = sync::BundleReader::open(source, bundle.size());
  REQUIRE(reader);
  Bytes out = to_bytes(ByteView(bundle).first(sync::bundle_header_octets));
  for (;;) {
    const auto segment = reader->next();
    REQUIRE(segment);
    if (!*segment) return out;
    if ((*segment)->type != sync::SegmentType::later_statements) append(out, (*segment)->whole);
  }
}
Bytes without_later_capability(const Bytes& message) {
  auto decoded = sync::decode_message(message);
  REQUIRE(decoded);
  auto* hello = std::get_if<sync::Hello>(&*decoded);
  if (hello == nullptr) return message;
  hello->capabilities &= ~(sync::takes_later_statements | sync::takes_tallies);
  return sync::encode_message(*decoded);
}

class History final {
 public:
  explicit History(std::uint64_t seed) : rng_(seed), old_peer_(rng_.below(3) == 0), by_stick_(rng_.below(2) == 0) {
    talk_once(0);
  }

  void run() {
    const std::size_t upgraded_at = rng_.below(60);
    for (std::size_t step = 0; step < 30; ++step) {
      old_peer_ = old_peer_ && step < upgraded_at;
      act();
      check_beliefs();
    }
  }

  /// Rounds until nothing moves; none if it never stops.
  std::optional<std::size_t> come_to_rest() {
    hamlet().unlock();
    for (TestNode* node : {&hamlet(), &commune()}) node->now.wall.value += sync::restate_after_seconds + 1;
    for (std::size_t round = 0; round < 8; ++round) {
      const bool moved = meet();
      check_beliefs();
      if (!moved) return round;
    }
    return std::nullopt;
  }

  void check_rest() {
    for (TestNode* author : {&hamlet(), &commune()}) {
      const NodeId id = author->replica->self().node;
      CHECK(places(hamlet(), id) == places(commune(), id));
    }
    lost_.clear();
    check_beliefs();
    check_store_is_sound(hamlet());
    check_store_is_sound(commune());
    for (const auto& entry : hamlet().list()) CHECK(entry.state == "received");
  }

 private:
  TestNode& hamlet() { return pair_.hamlet; }
  TestNode& commune() { return pair_.commune; }
  TestNode& other_of(const TestNode& node) { return &node == &hamlet() ? commune() : hamlet(); }

  static std::set<Place> places(TestNode& node, const NodeId& author) {
    std::set<Place> out;
    auto txn = node.replica->read();
    REQUIRE(node.replica->runs().each(**txn, [&](const sync::RunKey& key, const sync::RunRow& row) {
      if (key.author != author || row.local) return;
      for (const auto& [first, last] : row.held.ranges()) {
        for (std::uint64_t n = first; n <= last; ++n) out.emplace(key.run, static_cast<std::uint32_t>(n));
      }
    }));
    return out;
  }

  void check_beliefs() {
    for (TestNode* node : {&hamlet(), &commune()}) {
      TestNode& peer = other_of(*node);
      const NodeId self = node->replica->self().node;
      const std::set<Place> there = places(peer, self);
      auto txn = node->replica->read();
      REQUIRE(node->replica->peers().each_run(**txn, peer.replica->self().node,
                                              [&](const sync::RunKey& key, const sync::PeerRun& run) {
                                                if (key.author != self) return;
                                                for (const auto& [first, last] : run.received.ranges()) {
                                                  for (std::uint64_t n = first; n <= last; ++n) {
                                                    const Place place{key.run, static_cast<std::uint32_t>(n)};
                                                    if (!there.contains(place) && !lost_.contains(place))
                                                      FAIL("a receipt lies");
                                                  }
                                                }
                                              }));
    }
  }

  void restore(TestNode& node) {
    auto& backups = &node == &hamlet() ? hamlet_backups_ : commune_backups_;
    if (backups.empty()) return;
    const NodeId peer = other_of(node).replica->self().node;
    const std::set<Place> before = places(node, peer);
    node.restore(*backups[rng_.below(backups.size())]);
    const std::set<Place> after = places(node, peer);
    for (const Place& place : before) {
      if (!after.contains(place)) lost_.insert(place);
    }
    if (rng_.below(2) == 0) {
      node.work([&](sync::Batch& batch) { return node.replica->receipts().note_restored(batch); });
    }
  }

  void act() {
    TestNode& node = rng_.below(2) == 0 ? hamlet() : commune();
    switch (rng_.below(10)) {
      case 0:
      case 1: return write();
      case 2: return node.start();
      case 3: {
        auto& backups = &node == &hamlet() ? hamlet_backups_ : commune_backups_;
        if (backups.size() < 4) backups.push_back(node.disk->clone());
        return;
      }
      case 4: return restore(node);
      case 5: {
        if (attic_.size() < 6) attic_.push_back(stick_);
        else stick_ = attic_[rng_.below(attic_.size())];
        return;
      }
      case 6: {
        if (!attic_.empty()) stick_ = attic_[rng_.below(attic_.size())];
        return;
      }
      default: break;
    }
    if (by_stick_ || rng_.below(2) == 0) {
      plug_in(node);
    } else {
      talk_once(1 + rng_.below(6));
    }
  }

  void write() {
    ++written_;
    if (rng_.below(3) != 0) {
      hamlet().submit(test_submission(uuid(written_), "Số " + std::to_string(written_)));
      return;
    }
    commune().work([&](sync::Batch& batch) {
      std::string xml = test_form;
      xml.replace(xml.find("id=\"test\""), 9, "id=\"f" + std::to_string(written_) + "\"");
      sync::FormRecord form;
      form.xml = to_bytes(view_of(xml));
      return commune().replica->add_form(batch, form);
    });
  }

  sync::Counts plug_in(TestNode& node) {
    const sync::Counts counts = sync_stick(node, stick_);
    if (!old_peer_) return counts;
    for (auto& [name, octets] : stick_) octets = without_later_segments(octets);
    return counts;
  }

  /// `cut`: after so many turns the line breaks; zero: never.
  bool talk_once(std::size_t cut) {
    sync::Session a(*hamlet().replica, {.dials = true}, commune().replica->keys().sign().public_key);
    sync::Session b(*commune().replica, {}, hamlet().replica->keys().sign().public_key);
    std::vector<Bytes> to_b;
    std::vector<Bytes> to_a;
    const auto turn = [&](TestNode& node, sync::Session& session, std::vector<Bytes>& in, std::vector<Bytes>& to) {
      node.work([&](sync::Batch& batch) -> Result<void> {
        for (const Bytes& message : in) {
          KHUOI_TRY_VOID(session.on_message(batch, old_peer_ ? without_later_capability(message) : message));
        }
        KHUOI_TRY(to, session.transmit(batch, 1U << 20U));
        return {};
      });
      in.clear();
    };
    for (std::size_t turns = 0; turns < 60; ++turns) {
      if (cut != 0 && turns == cut) return true;
      if (turns % 2 == 0) turn(hamlet(), a, to_a, to_b);
      else turn(commune(), b, to_b, to_a);
      if (a.finished() && to_a.empty() && to_b.empty()) break;
    }
    CHECK((cut != 0 || a.finished()));
    const sync::Counts& one = a.counts();
    const sync::Counts& two = b.counts();
    return one.records_in + one.records_out + one.control_in + one.control_out + two.control_in + two.control_out != 0;
  }

  bool meet() {
    if (!by_stick_) return talk_once(0);
    const Stick before = stick_;
    plug_in(hamlet());
    plug_in(commune());
    plug_in(hamlet());
    return stick_ != before;
  }

  SeededRng rng_;
  bool old_peer_;
  bool by_stick_;
  ReplicaPair pair_;
  Stick stick_;
  std::vector<Stick> attic_;
  std::vector<std::unique_ptr<sim::MemoryStore>> hamlet_backups_, commune_backups_;
  std::set<Place> lost_;  ///< held once, and lost by a restore
  int written_ = 0;
};

std::uint64_t number_of(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace

TEST_CASE("restarts: in no history of two nodes a receipt lies, or anything is stuck for good", "[sync][property]") {
  const std::uint64_t first = number_of("KHUOI_SEED", 1);
  const std::uint64_t seeds = number_of("KHUOI_HISTORIES", std::getenv("KHUOI_SEED") != nullptr ? 1 : 60);
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    INFO("seed=" << seed);
    History history(seed);
    history.run();
    const auto rounds = history.come_to_rest();
    REQUIRE(rounds);
    history.check_rest();
  }
}
