#include "sync/membership/roster.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

#include "tests/support/print_result.h"
#include "tests/support/seed.h"
#include "tests/sync/roster_samples.h"

using namespace khuoi;
using namespace khuoi::sync;
using khuoi::tests::RosterSamples;

namespace {

std::string describe(const NodeFacts& node) {
  std::string out = "node " + node.node.hex() + " " + node.hamlet.hex() + " " + node.name;
  for (const auto& key : {node.sign, node.auth, node.reader_general, node.reader_health}) out += " " + to_hex(key);
  out += " " + std::to_string(node.radio_alias) + " " + std::to_string(node.granted.value);
  if (node.revoked) out += " revoked " + std::to_string(node.revoked_at.value);
  for (const auto& [run, number] : node.counted_up_to) out += " " + run.hex() + ":" + std::to_string(number);
  return out + "\n";
}

/// Everything a roster tells, as text.
std::string picture(const Roster& roster) {
  std::string out = "digest " + std::to_string(roster.digest()) + "\n";
  if (const CommuneFacts* commune = roster.commune()) {
    out += "commune " + commune->commune.hex() + " " + commune->name + " " + std::to_string(commune->serial);
    out += " " + commune->node.hex() + " " + to_hex(commune->sign) + " " + to_hex(commune->radio);
    for (const auto& key : commune->kem) out += " " + to_hex(key);
    out += "\n";
  }
  for (const NodeFacts* node : roster.nodes()) {
    out += describe(*node) + "granted by " + to_hex(*roster.grant_statement(node->node)) + "\n";
    const NodeFacts* box = roster.box_of(node->hamlet);
    out += "hamlet " + node->hamlet.hex() + " is " + (box == nullptr ? "nobody" : box->node.hex()) + "\n";
  }
  for (const OfficerFacts* officer : roster.officers()) {
    out += "officer " + officer->officer.hex() + " " + officer->name + (officer->revoked ? " revoked\n" : "\n");
  }
  return out;
}

void add_all(Roster& to, const std::vector<Bytes>& statements) {
  for (const Bytes& statement : statements) {
    const auto added = to.add(statement);
    REQUIRE(added);
  }
}

/// Statements that clash in every way that the rules speak of.
std::vector<Bytes> clashing_statements(RosterSamples& samples) {
  Rng& rng = samples.rng;
  std::vector<Bytes> out;
  const auto take_sometimes = [&rng] { return rng.below(2) == 0; };
  const std::vector<RunId> runs = {rng.id<RunId>(), rng.id<RunId>(), rng.id<RunId>()};
  HamletId last_hamlet;
  for (int i = 0; i < 4; ++i) {
    NodeFacts box = samples.box("Khuổi " + std::to_string(i / 2), 0);
    if (i > 0 && take_sometimes()) box.hamlet = last_hamlet;
    last_hamlet = box.hamlet;
    for (std::uint64_t n = rng.below(4); n > 0; --n) {
      box.granted.value = static_cast<std::int64_t>(rng.below(2));
      box.auth = samples.kem_key();
      out.push_back(samples.grant(box));
    }
    for (std::uint64_t n = rng.below(3); n > 0; --n) {
      std::map<RunId, std::uint32_t> counted;
      for (const RunId& run : runs) {
        if (take_sometimes()) counted[run] = static_cast<std::uint32_t>(rng.below(9));
      }
      out.push_back(samples.revocation(box.node, counted, static_cast<std::int64_t>(rng.below(9))));
    }
    OfficerFacts officer = samples.officer("Chị " + std::to_string(i));
    for (std::uint64_t n = rng.below(3); n > 0; --n) {
      officer.name += "a";
      officer.revoked = take_sometimes();
      out.push_back(samples.statement(officer));
    }
  }
  const std::vector<KemPublic> keys = {samples.kem_key(), samples.kem_key(), samples.kem_key(), samples.kem_key()};
  for (std::uint64_t n = 1 + rng.below(5); n > 0; --n) {
    std::vector<KemPublic> named = {keys[rng.below(keys.size())]};
    if (take_sometimes()) named.push_back(keys[rng.below(keys.size())]);
    out.push_back(samples.statement(samples.commune(static_cast<std::uint32_t>(rng.below(3)), named)));
  }
  out.push_back(
      samples.signed_octets(*from_hex("1003500101010900"
                                      "00")));
  return out;
}

void shuffle(std::vector<Bytes>& items, Rng& rng) {
  for (std::size_t left = items.size(); left > 1; --left) std::swap(items[left - 1], items[rng.below(left)]);
}

}  // namespace

TEST_CASE("roster: what the authority stated is told again", "[sync][roster]") {
  RosterSamples samples(1);
  Roster roster = samples.roster();
  CHECK(roster.commune() == nullptr);
  const CommuneFacts commune = samples.commune(1, {samples.kem_key(), samples.kem_key()});
  const NodeFacts box = samples.box("Khuổi Mèo", 1'700'000'000);
  const OfficerFacts officer = samples.officer("Nông Thị Hoa");
  CHECK(*roster.add(samples.statement(commune)));
  CHECK(*roster.add(samples.grant(box)));
  CHECK(*roster.add(samples.statement(officer)));

  REQUIRE(roster.commune() != nullptr);
  CHECK(roster.commune()->commune == samples.id);
  CHECK(roster.commune()->name == commune.name);
  CHECK(roster.commune()->authority == commune.authority);
  CHECK(roster.commune()->sign == commune.sign);
  CHECK(roster.commune()->node == commune.node);
  CHECK(roster.commune()->radio == commune.radio);
  CHECK(roster.commune()->serial == 1);
  CHECK(roster.commune()->kem == commune.kem);
  CHECK(roster.commune()->kem_id() == audience_id_of(commune.kem[1]));
  REQUIRE(roster.node(box.node) != nullptr);
  CHECK(describe(*roster.node(box.node)) == describe(box));
  CHECK(roster.node(box.node)->reader(Domain::health) == box.reader_health);
  CHECK(roster.box_of(box.hamlet) == roster.node(box.node));
  CHECK(roster.radio_alias_used(box.radio_alias));
  CHECK_FALSE(roster.radio_alias_used(static_cast<std::uint16_t>(box.radio_alias + 1)));
  REQUIRE(roster.grant_statement(box.node) != nullptr);
  CHECK(*roster.grant_statement(box.node) == samples.grant(box));
  REQUIRE(roster.officer(officer.officer) != nullptr);
  CHECK(roster.officer(officer.officer)->name == officer.name);
  CHECK(roster.officer(officer.officer)->key == officer.key);
  CHECK_FALSE(roster.officer(officer.officer)->revoked);

  CHECK(roster.node(officer.officer) == nullptr);
  CHECK(roster.officer(box.node) == nullptr);
  CHECK(roster.grant_statement(officer.officer) == nullptr);
  CHECK(roster.box_of(HamletId{}) == nullptr);
  CHECK(roster.statements().size() == 3);
}

TEST_CASE("roster: a statement that comes again changes nothing", "[sync][roster]") {
  RosterSamples samples(2);
  Roster roster = samples.roster();
  const Bytes grant = samples.grant(samples.box("Nà Lay", 5));
  CHECK(*roster.add(grant));
  const std::string before = picture(roster);
  CHECK_FALSE(*roster.add(grant));
  CHECK(picture(roster) == before);
}

TEST_CASE("roster: any order and repetition of statements gives one picture and digest", "[sync][roster]") {
  const std::uint64_t first_seed = tests::seed_of_run(1000);
  for (std::uint64_t seed = first_seed; seed < first_seed + 60; ++seed) {
    INFO("seed=" << seed);
    RosterSamples samples(seed);
    std::vector<Bytes> statements = clashing_statements(samples);
    Roster in_order = samples.roster();
    add_all(in_order, statements);
    const std::string expected = picture(in_order);
    for (int round = 0; round < 6; ++round) {
      std::vector<Bytes> repeated = statements;
      for (std::size_t n = samples.rng.below(statements.size()); n > 0; --n) {
        repeated.push_back(statements[samples.rng.below(statements.size())]);
      }
      shuffle(repeated, samples.rng);
      Roster other = samples.roster();
      add_all(other, repeated);
      REQUIRE(picture(other) == expected);
      REQUIRE(other.statements() == in_order.statements());
    }
    const CommuneFacts* commune = in_order.commune();
    REQUIRE(commune != nullptr);
    auto distinct = commune->kem;
    std::ranges::sort(distinct);
    CHECK(std::ranges::adjacent_find(distinct) == distinct.end());
  }
}

TEST_CASE("roster: different sets of statements have different digests", "[sync][roster]") {
  RosterSamples samples(3);
  std::set<std::uint64_t> digests;
  Roster roster = samples.roster();
  digests.insert(roster.digest());
  for (int i = 0; i < 20; ++i) {
    REQUIRE(roster.add(samples.grant(samples.box("Phú Cốc", i))));
    digests.insert(roster.digest());
  }
  CHECK(digests.size() == 21);
}

TEST_CASE("roster: of two grants for one box the later is in force, and of equal times the greater hash",
          "[sync][roster]") {
  RosterSamples samples(4);
  NodeFacts box = samples.box("Tân Lập", 100);
  const Bytes early = samples.grant(box);
  box.name = "Tân Lập 2";
  box.granted.value = 200;
  const Bytes late = samples.grant(box);
  box.name = "Tân Lập 3";
  const Bytes as_late = samples.grant(box);
  Roster roster = samples.roster();
  add_all(roster, {late, early});
  CHECK(roster.node(box.node)->name == "Tân Lập 2");
  add_all(roster, {as_late});
  const auto greatest = std::prev(roster.statements().end());
  const Bytes& winner = greatest->second == early ? std::prev(greatest)->second : greatest->second;
  CHECK(roster.node(box.node)->name == (winner == late ? "Tân Lập 2" : "Tân Lập 3"));
  CHECK(*roster.grant_statement(box.node) == winner);
}

TEST_CASE("roster: a box from before 1970 is as good as another", "[sync][roster]") {
  RosterSamples samples(5);
  const NodeFacts box = samples.box("Nà Ca", -1);
  Roster roster = samples.roster();
  add_all(roster, {samples.grant(box)});
  CHECK(roster.node(box.node)->granted.value == -1);
}

TEST_CASE("roster: a revocation is never undone, whatever is granted after it", "[sync][roster]") {
  RosterSamples samples(6);
  NodeFacts box = samples.box("Khuổi Chạo", 100);
  const RunId run = samples.rng.id<RunId>();
  const RunId other_run = samples.rng.id<RunId>();
  Roster roster = samples.roster();
  add_all(roster, {samples.revocation(box.node, {{run, 7}}, 300)});  // the grant is still on its way
  CHECK(roster.node(box.node) == nullptr);
  add_all(roster, {samples.grant(box)});
  box.granted.value = 1000;
  add_all(roster, {samples.grant(box)});
  REQUIRE(roster.node(box.node) != nullptr);
  CHECK(roster.node(box.node)->granted.value == 1000);
  CHECK(roster.node(box.node)->revoked);
  CHECK(roster.node(box.node)->revoked_at.value == 300);
  CHECK(roster.box_of(box.hamlet) == nullptr);

  // A commune restored from a backup revokes again, knowing less of one run and another run besides.
  add_all(roster, {samples.revocation(box.node, {{run, 3}, {other_run, 1}}, 200)});
  CHECK(roster.node(box.node)->revoked_at.value == 200);
  CHECK(roster.node(box.node)->counted_up_to == std::map<RunId, std::uint32_t>{{run, 7}, {other_run, 1}});
}

TEST_CASE("roster: a revocation of more runs than one statement holds is cut into several", "[sync][roster]") {
  RosterSamples samples(7);
  const NodeFacts box = samples.box("Khuổi Mèo", 1);
  std::map<RunId, std::uint32_t> counted;
  while (counted.size() < 2 * revocation_runs_max + 1) {
    counted[samples.rng.id<RunId>()] = static_cast<std::uint32_t>(samples.rng.below(1ULL << 32U));
  }
  const auto statements = make_revocations(box.node, counted, UnixSeconds{5}, samples.id, samples.authority.secret_key);
  CHECK(statements.size() == 3);
  Roster roster = samples.roster();
  add_all(roster, statements);
  add_all(roster, {samples.grant(box)});
  CHECK(roster.node(box.node)->counted_up_to == counted);
  CHECK(make_revocations(box.node, {}, UnixSeconds{5}, samples.id, samples.authority.secret_key).size() == 1);
}

TEST_CASE("roster: a hamlet's box is the newest that is not revoked", "[sync][roster]") {
  RosterSamples samples(8);
  const NodeFacts first = samples.box("Nà Lay", 100);
  NodeFacts second = samples.box("Nà Lay", 200);
  second.hamlet = first.hamlet;
  Roster roster = samples.roster();
  add_all(roster, {samples.grant(second), samples.grant(first)});
  CHECK(roster.box_of(first.hamlet)->node == second.node);
  add_all(roster, {samples.revocation(second.node, {}, 300)});
  CHECK(roster.box_of(first.hamlet)->node == first.node);
  CHECK(roster.nodes().size() == 2);
}

TEST_CASE("roster: boxes and officers are listed by name, then id", "[sync][roster]") {
  RosterSamples samples(9);
  Roster roster = samples.roster();
  for (const char* name : {"b", "c", "a", "b"}) {
    add_all(roster, {samples.grant(samples.box(name, 1)), samples.statement(samples.officer(name))});
  }
  const auto nodes = roster.nodes();
  CHECK(std::ranges::is_sorted(nodes, {}, [](const NodeFacts* node) { return std::pair(node->name, node->node); }));
  const auto officers = roster.officers();
  CHECK(
      std::ranges::is_sorted(officers, {}, [](const OfficerFacts* one) { return std::pair(one->name, one->officer); }));
}

TEST_CASE("roster: the greatest serial speaks for the commune, and every KEM key stays known", "[sync][roster]") {
  RosterSamples samples(10);
  const std::vector<KemPublic> keys = {samples.kem_key(), samples.kem_key(), samples.kem_key()};
  const CommuneFacts first = samples.commune(1, {keys[0]});
  const CommuneFacts second = samples.commune(2, {keys[0], keys[1]});
  const CommuneFacts third = samples.commune(3, {keys[2]});
  Roster roster = samples.roster();
  add_all(roster, {samples.statement(third), samples.statement(first), samples.statement(second)});
  CHECK(roster.commune()->serial == 3);
  CHECK(roster.commune()->node == third.node);
  CHECK(roster.commune()->kem == keys);
}

TEST_CASE("roster: what the statement in force seals to stands last, also after a restore", "[sync][roster]") {
  RosterSamples samples(11);
  const std::vector<KemPublic> keys = {samples.kem_key(), samples.kem_key(), samples.kem_key()};
  // The commune lost serial 2 with its key 1, made another serial 2 with key 2, learnt of the first, and settled it.
  const CommuneFacts lost = samples.commune(2, {keys[0], keys[1]});
  const CommuneFacts again = samples.commune(2, {keys[0], keys[2]});
  const CommuneFacts settled = samples.commune(3, {keys[0], keys[1], keys[2]});
  Roster roster = samples.roster();
  add_all(roster,
          {samples.statement(samples.commune(1, {keys[0]})), samples.statement(again), samples.statement(lost)});
  const bool lost_wins = roster.commune()->node == lost.node;
  CHECK(roster.commune()->kem == (lost_wins ? std::vector{keys[0], keys[2], keys[1]} : keys));
  add_all(roster, {samples.statement(settled)});
  CHECK(roster.commune()->kem == keys);
}

TEST_CASE("roster: a revoked officer stays revoked", "[sync][roster]") {
  RosterSamples samples(12);
  OfficerFacts officer = samples.officer("Lý Văn Tài");
  Roster roster = samples.roster();
  officer.revoked = true;
  add_all(roster, {samples.statement(officer)});
  for (int i = 0; i < 8; ++i) {
    officer.revoked = false;
    officer.name += "x";
    add_all(roster, {samples.statement(officer)});
    CHECK(roster.officer(officer.officer)->revoked);
  }
}

TEST_CASE("roster: a new grant is dated after all others, though a clock once ran ahead", "[sync][roster]") {
  RosterSamples samples(22);
  Roster roster = samples.roster();
  CHECK(roster.next_granted(UnixSeconds{-5}).value == -5);
  add_all(roster, {samples.grant(samples.box("Nà Ca", 4'000'000'000)), samples.grant(samples.box("Nà Ca", 7))});
  CHECK(roster.next_granted(UnixSeconds{1'760'000'000}).value == 4'000'000'001);
  CHECK(roster.next_granted(UnixSeconds{4'000'000'000}).value == 4'000'000'001);
  CHECK(roster.next_granted(UnixSeconds{4'000'000'001}).value == 4'000'000'001);
  constexpr std::int64_t end_of_time = std::numeric_limits<std::int64_t>::max();
  add_all(roster, {samples.grant(samples.box("Nà Ca", end_of_time))});
  CHECK(roster.next_granted(UnixSeconds{5}).value == 5);
}

TEST_CASE("roster: a copy stands alone", "[sync][roster]") {
  RosterSamples samples(21);
  const NodeFacts box = samples.box("Nà Ca", 1);
  Roster copy;
  {
    Roster roster = samples.roster();
    add_all(roster, {samples.grant(box)});
    copy = roster;
  }
  add_all(copy, {samples.revocation(box.node, {}, 2)});
  CHECK(copy.node(box.node)->revoked);
}
