// The random traces of tests/model/statements.pml, replayed on real replicas: after each event either has to hold of
// the other what the model says. tests/e2e/campaign_model.py makes the traces and runs this.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

constexpr unsigned form = 8;  ///< of the model: what the commune itself wrote

/// Names on either side that go with each other: each has one partner for good.
template <typename Real>
class Pairs final {
 public:
  bool agree(int model, const Real& real) {
    const auto [there, new_there] = to_real_.try_emplace(model, real);
    const auto [back, new_back] = to_model_.try_emplace(real, model);
    return there->second == real && back->second == model;
  }

 private:
  std::map<int, Real> to_real_;
  std::map<Real, int> to_model_;
};
using HeadName = std::tuple<std::uint32_t, std::uint64_t, sync::StartId>;
HeadName name_of(const sync::Head& head) { return {head.ordinal, head.sequence, head.start}; }

struct Statement {
  std::size_t from = 0;
  Bytes octets;
  std::optional<Bytes> proof;
};

class Replay final {
 public:
  Replay() {
    nodes_[0] = std::make_unique<TestNode>(sync::Role::hamlet, "Khuổi Mèo", 2);
    nodes_[1] = std::make_unique<TestNode>(sync::Role::commune, "Sảng Mộc", 1);
    commune().unlock();
    join(commune(), hamlet());
    publish_form(commune(), test_form);
    REQUIRE(commune().replica->close(commune().now));
    take_records(hamlet(), records_of(commune(), id(1)), true);
    for (std::size_t x = 0; x < 2; ++x) {
      node(x).work(
          [&](sync::Batch& batch) { return node(x).replica->receipts().note_reads_tallies(batch, peer(x), true); });
      start(x);
      backups_[x] = node(x).disk->clone();
    }
  }

  void event(std::istringstream line) {
    std::string what;
    line >> what;
    std::array<int, 12> given{};
    for (std::size_t n = 0; line >> given.at(n); ++n) {
    }
    const auto x = static_cast<std::size_t>(given[0]);
    const auto second = static_cast<std::size_t>(given[1]);
    if (what == "write")
      write(x);
    else if (what == "arrive")
      take_records(commune(), runs_.at(x).records, true);
    else if (what == "back")
      take_records(node(x), runs_.at(second).records, false);
    else if (what == "state")
      state(given);
    else if (what == "take")
      take(x, second, given[2] != 0, given[3] != 0);
    else if (what == "hello")
      hello(x, second);
    else if (what == "restart")
      start(x);
    else if (what == "backup")
      backups_.at(x) = node(x).disk->clone();
    else if (what == "restore")
      restore(x);
    else if (what == "clone")
      clone();
    else if (what == "hour")
      let_an_hour_pass();
    else if (what == "lie")
      note_echo(x, {1000, 1, {9, 9, 9}});
    else if (what == "fault")
      spoil_tally(x);
    else if (what == "rest")
      come_to_rest(x, given[1] != 0);
    else
      FAIL("the model tells of an event that is not known here: " << what);
  }

  /// `x absorbed echoed stated aside restored asks owes stands said mine held wants proof`
  void compare(std::istringstream line) {
    std::array<int, 14> is{};
    for (int& one : is) line >> one;
    REQUIRE(line);
    const auto x = static_cast<std::size_t>(is[0]);
    auto txn = node(x).replica->read();
    const sync::PeerRow row = *node(x).replica->peers().row(**txn, peer(x));
    const sync::ToldOf told = *sync::told_of_rows.get_or_new(**txn, peer(x));
    CHECK(heads_of_peer(x).agree(is[1], name_of(row.absorbed)));
    CHECK(own_heads(x).agree(is[2], name_of(row.echoed)));
    CHECK(own_heads(x).agree(is[3], name_of(row.stated)));
    CHECK(own_heads(x).agree(is[4], name_of(row.superseded)));
    CHECK(row.restored == (is[5] != 0));
    CHECK(told.asks_whole == (is[6] != 0));
    CHECK((row.echoed.sequence < told.owes_whole) == (is[7] != 0));
    CHECK((row.stated.sequence == row.my_sequence) == (is[8] != 0));
    CHECK(said_to_be_at_peer(x, **txn) == static_cast<unsigned>(is[9]));
    if (x != 1) CHECK(held_at(x, id(0), **txn) == static_cast<unsigned>(is[10]));
    CHECK(held_at(x, peer(x), **txn) == static_cast<unsigned>(is[11]));
    CHECK(wanted(row.wants) == static_cast<unsigned>(is[12]));
    const auto kept = sync::KeptProofs::of(**txn, peer(x));
    REQUIRE(kept);
    HeadName proved{};
    if (*kept) {
      const auto proof = sync::decode_start_proof(**kept);
      REQUIRE(proof);
      proved = {proof->ordinal, 0, proof->start};
    }
    CHECK(heads_of_peer(x).agree(is[13], proved));
  }

 private:
  TestNode& node(std::size_t x) { return *nodes_.at(x); }
  TestNode& hamlet() { return node(0); }
  TestNode& commune() { return node(1); }
  NodeId id(std::size_t x) { return node(x).replica->self().node; }
  NodeId peer(std::size_t x) { return id(x == 1 ? 0 : 1); }
  Pairs<HeadName>& own_heads(std::size_t x) { return heads_.at(x % 2); }
  Pairs<HeadName>& heads_of_peer(std::size_t x) { return heads_.at(1 - x % 2); }

  struct Run {
    RunId run;
    std::vector<sync::Sealed> records;
  };

  void start(std::size_t x) {
    node(x).start();
    node(x).unlock();
  }
  static void take_records(TestNode& to, const std::vector<sync::Sealed>& records, bool vouched) {
    to.work([&](sync::Batch& batch) -> Result<void> {
      for (const sync::Sealed& record : records) KHUOI_TRY_VOID(to.replica->accept(batch, record, vouched));
      return {};
    });
  }

  void write(std::size_t x) {
    std::set<RunId> before;
    for (const auto& record : records_of(node(x), id(0))) before.insert(record.header.run);
    node(x).submit(test_submission(uuid(static_cast<int>(runs_.size())), "An"));
    REQUIRE(node(x).replica->close(node(x).now));
    Run written;
    for (const auto& record : records_of(node(x), id(0))) {
      if (before.contains(record.header.run)) continue;
      REQUIRE((written.records.empty() || written.run == record.header.run));
      written.run = record.header.run;
      written.records.push_back(record);
    }
    REQUIRE_FALSE(written.records.empty());
    runs_.push_back(std::move(written));
  }

  /// `x k head echo aside whole say proof lists all wants`
  void state(const std::array<int, 12>& is) {
    const auto x = static_cast<std::size_t>(is[0]);
    Statement& out = statements_[is[1]];
    out.from = x;
    node(x).work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(auto made, node(x).replica->receipts().make(batch, peer(x)));
      KHUOI_TRY(out.proof, node(x).replica->receipts().proof_of(batch.txn, peer(x), made.head));
      out.octets = std::move(made.octets);
      return {};
    });
    const auto said = sync::decode_holdings(out.octets);
    REQUIRE(said);
    CHECK(own_heads(x).agree(is[2], name_of(said->head)));
    CHECK(heads_of_peer(x).agree(is[3], name_of(said->echo)));
    CHECK(own_heads(x).agree(is[4], name_of(said->supersedes.value_or(sync::Head()))));
    CHECK(said->whole == (is[5] != 0));
    CHECK(said->say_whole == (is[6] != 0));
    CHECK(out.proof.has_value() == (is[7] != 0));
    unsigned lists = 0;
    for (const auto& run : said->runs) lists |= x == 1 ? bit_of(run.run) : form;
    CHECK(lists == static_cast<unsigned>(is[8]));
    unsigned wants = 0;
    for (const auto& want : said->wants) wants |= bit_of(want.run);
    CHECK(wants == static_cast<unsigned>(is[10]));
  }

  void take(std::size_t x, std::size_t k, bool bare, bool applies) {
    const Statement& said = statements_.at(static_cast<int>(k));
    const bool own = said.from % 2 == x % 2;
    sync::Receipts::Absorbed absorbed{};
    node(x).work([&](sync::Batch& batch) -> Result<void> {
      sync::Receipts& receipts = node(x).replica->receipts();
      receipts.echoes().begin_visit(peer(x));
      if (said.proof && !own && !bare) KHUOI_TRY_VOID(receipts.absorb_proof(batch, *said.proof, peer(x)));
      KHUOI_TRY(absorbed, receipts.absorb(batch, said.octets, sync::Path::stick));
      return {};
    });
    CHECK((absorbed == sync::Receipts::Absorbed::applied) == applies);
  }

  /// As a session begins: what x says first, and what y reminds it of at once.
  void hello(std::size_t x, std::size_t y) {
    sync::Head head, echo;
    bool asks = false;
    std::uint32_t sum = 0;
    node(x).work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(const sync::PeerRow row, node(x).replica->peers().row(batch.txn, peer(x)));
      echo = row.absorbed;
      KHUOI_TRY(asks, node(x).replica->receipts().asks_whole(batch.txn, peer(x)));
      KHUOI_TRY(sum, node(x).replica->receipts().echo_sum(batch.txn, peer(x)));
      if (row.my_sequence != 0 || row.restored) {
        KHUOI_TRY(head, node(x).replica->receipts().take_head(batch, peer(x)));
      }
      return {};
    });
    note_echo(y, echo);
    std::optional<Bytes> reminder;
    node(y).work([&](sync::Batch& batch) -> Result<void> {
      if (asks) KHUOI_TRY_VOID(node(y).replica->receipts().note_asks_whole(batch, id(x)));
      KHUOI_TRY_VOID(node(y).replica->receipts().note_echo_sum(batch, id(x), echo, sum));
      KHUOI_TRY(reminder, sync::KeptProofs::forgotten(batch.txn, id(x), head));
      return reminder ? sync::KeptProofs::note_told(batch, id(x), head) : Result<void>();
    });
    if (!reminder) return;
    node(x).work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY_VOID(node(x).replica->receipts().absorb_proof(batch, *reminder, id(y)));
      return {};
    });
  }

  void note_echo(std::size_t x, const sync::Head& echo) {
    node(x).work([&](sync::Batch& batch) {
      node(x).replica->receipts().echoes().begin_visit(peer(x));
      return node(x).replica->receipts().echoes().note(batch, peer(x), echo);
    });
  }

  void restore(std::size_t x) {
    node(x).restore(*backups_.at(x));
    node(x).unlock();
  }

  void clone() {
    nodes_[2] = std::make_unique<TestNode>(hamlet().disk->clone(), 77);
    nodes_[2]->now = hamlet().now;
    nodes_[2]->unlock();
  }

  void let_an_hour_pass() {
    for (const auto& one : nodes_) {
      if (one) pass(*one, 3601);
    }
  }

  void spoil_tally(std::size_t x) {
    node(x).work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(auto told, sync::told_of_rows.get_or_new(batch.txn, peer(x)));
      told.counted = true;
      told.tally.sum[2] ^= 1U;  // which a hello shows
      return sync::told_of_rows.put(batch, peer(x), told);
    });
  }

  /// As the model's own end of a history, by real sessions.
  void come_to_rest(std::size_t x, bool by_stick) {
    for (const std::size_t one : {x, std::size_t{1}}) pass(node(one), sync::restate_after_seconds + 1);
    Stick stick;
    const auto meet = [&] {  // gives whether anything moved
      if (by_stick) {
        const Stick before = stick;
        for (const std::size_t one : {x, std::size_t{1}, x}) sync_stick(node(one), stick);
        return stick != before;
      }
      const Talk said = talk(node(x), commune());
      return said.dialler.records_out + said.dialler.control_out + said.listener.records_out +
                 said.listener.control_out !=
             0;
    };
    int rounds = 0;
    while (rounds < 8 && meet()) ++rounds;
    CHECK(rounds < 8);
    auto here = node(x).replica->read();
    auto there = commune().replica->read();
    const unsigned held = held_at(1, id(0), **there);
    CHECK(said_to_be_at_peer(x, **here) == held);
    CHECK(held_at(x, id(0), **here) == held);
    CHECK(said_to_be_at_peer(1, **there) == form);
  }

  unsigned bit_of(const RunId& run) const {
    for (std::size_t n = 0; n < runs_.size(); ++n) {
      if (runs_[n].run == run) return 1U << n;
    }
    FAIL("a run that nobody wrote in this trace");
    return 0;
  }
  unsigned held_at(std::size_t x, const NodeId& author, const ReadTxn& txn) {
    unsigned out = 0;
    REQUIRE(node(x).replica->runs().each(txn, [&](const sync::RunKey& key, const sync::RunRow& row) {
      if (key.author == author && !row.local && !row.held.empty()) out |= author == id(1) ? form : bit_of(key.run);
    }));
    return out;
  }
  unsigned said_to_be_at_peer(std::size_t x, const ReadTxn& txn) {
    unsigned out = 0;
    REQUIRE(node(x).replica->peers().each_run(txn, peer(x), [&](const sync::RunKey& key, const sync::PeerRun& run) {
      if (key.author == id(x) && !run.received.empty()) out |= x == 1 ? form : bit_of(key.run);
    }));
    return out;
  }
  unsigned wanted(const std::vector<std::pair<sync::RunKey, RangeSet>>& wants) const {
    unsigned out = 0;
    for (const auto& [key, numbers] : wants) out |= bit_of(key.run);
    return out;
  }

  std::array<std::unique_ptr<TestNode>, 3> nodes_;
  std::array<std::unique_ptr<sim::MemoryStore>, 2> backups_;
  std::array<Pairs<HeadName>, 2> heads_;
  std::vector<Run> runs_;
  std::map<int, Statement> statements_;
};

void replay(const std::filesystem::path& trace) {
  std::ifstream lines(trace);
  Replay replay;
  bool ended = false;
  std::string history;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find_first_not_of(' ');
    if (at == std::string::npos || line.size() < at + 3) continue;
    const std::string rest = line.substr(at + 2);
    if (line[at] == '>') history += rest + "\n";
    INFO(trace.filename().string() << ":\n" << history << "= " << rest);
    ended = ended || (line[at] == '>' && rest == "end");
    if (line[at] == '>' && !ended) replay.event(std::istringstream(rest));
    if (line[at] == '=') replay.compare(std::istringstream(rest));
  }
  INFO(trace.filename().string());
  REQUIRE(ended);
}

}  // namespace

TEST_CASE("statement model: what its random traces say is what real replicas hold of each other",
          "[.][statement-model]") {
  const char* folder = std::getenv("KHUOI_MODEL_TRACES");
  REQUIRE(folder != nullptr);
  std::set<std::filesystem::path> traces;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) traces.insert(entry.path());
  REQUIRE_FALSE(traces.empty());
  for (const auto& trace : traces) replay(trace);
  WARN(traces.size() << " traces replayed");
}
