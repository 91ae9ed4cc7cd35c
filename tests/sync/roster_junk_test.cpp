#include <catch2/catch.hpp>

#include "sync/membership/roster.h"
#include "tests/support/print_result.h"
#include "tests/sync/roster_samples.h"

using namespace khuoi;
using namespace khuoi::sync;
using khuoi::tests::RosterSamples;

namespace {

bool knows_nothing(const Roster& roster) {
  return roster.statements().empty() && roster.nodes().empty() && roster.officers().empty() &&
         roster.commune() == nullptr;
}

}  // namespace

TEST_CASE("roster: statements of another authority are refused", "[sync][roster]") {
  RosterSamples samples(13);
  RosterSamples foreign(14);
  Roster roster = samples.roster();
  CHECK(roster.add(foreign.grant(foreign.box("Khuổi Mèo", 1))).error().code == Errc::unauthenticated);
  CHECK(roster.add(foreign.statement(foreign.commune(9, {foreign.kem_key()}))).error().code == Errc::unauthenticated);
  // Signed by the right key for another commune, as by a program with a fault.
  const Bytes elsewhere = make_grant(samples.box("Nà Ca", 1), foreign.id, samples.authority.secret_key);
  CHECK(roster.add(elsewhere).error().code == Errc::unauthenticated);
  CHECK(roster.statements().empty());
  Roster nobody;
  CHECK_FALSE(nobody.knows_authority());
  CHECK(nobody.add(samples.grant(samples.box("Nà Ca", 1))).error().code == Errc::unauthenticated);
}

TEST_CASE("roster: a signature for another purpose does not count", "[sync][roster]") {
  RosterSamples samples(15);
  const Bytes grant = samples.grant(samples.box("Nà Lay", 1));
  const Bytes octets(grant.begin(), grant.end() - signature_octets);
  Bytes as_receipt = octets;
  append(as_receipt, sign(samples.authority.secret_key, Purpose::statement, samples.id, {octets}));
  Roster roster = samples.roster();
  CHECK(roster.add(as_receipt).error().code == Errc::unauthenticated);
}

TEST_CASE("roster: every truncated and every flipped statement is refused and changes nothing", "[sync][roster]") {
  RosterSamples samples(16);
  const std::vector<Bytes> statements = {
      samples.grant(samples.box("Khuổi Mèo", 1)),
      samples.revocation(samples.rng.id<NodeId>(), {{samples.rng.id<RunId>(), 4}}, 2),
      samples.statement(samples.commune(1, {samples.kem_key()})),
      samples.statement(samples.officer("Hoa")),
  };
  for (const Bytes& statement : statements) {
    Roster roster = samples.roster();
    for (std::size_t octets = 0; octets < statement.size(); ++octets) {
      REQUIRE_FALSE(roster.add(ByteView(statement).first(octets)));
    }
    for (std::size_t at = 0; at < statement.size(); ++at) {
      Bytes flipped = statement;
      flipped[at] ^= static_cast<std::uint8_t>(1U << samples.rng.below(8));
      REQUIRE_FALSE(roster.add(flipped));
    }
    Bytes longer = statement;
    longer.push_back(0);
    REQUIRE_FALSE(roster.add(longer));
    CHECK(knows_nothing(roster));
  }
}

TEST_CASE("roster: authentic junk is refused, with nothing half taken", "[sync][roster]") {
  RosterSamples samples(17);
  Roster roster = samples.roster();
  const auto refused_as = [&](ByteView octets) {
    const auto added = roster.add(samples.signed_octets(octets));
    REQUIRE_FALSE(added);
    return added.error().code;
  };
  NodeFacts box = samples.box("Khuổi Mèo", 1);
  const auto code_of = [&](const NodeFacts& facts) {
    const auto added = roster.add(samples.grant(facts));
    REQUIRE_FALSE(added);
    return added.error().code;
  };
  for (const char* name : {"", "a\nb", "a\x7f", "\xc2\x85", "\xff",
                           "a\xe2\x80\xae"
                           "b",
                           "\xe2\x81\xa6", "\xe2\x80\xa8"}) {
    box.name = name;
    CHECK(code_of(box) == Errc::malformed);
  }
  box.name = std::string(129, 'a');
  CHECK(code_of(box) == Errc::too_large);
  box.name = std::string(statement_octets_max, 'a');
  CHECK(code_of(box) == Errc::too_large);
  box = samples.box("Khuổi Mèo", 1);
  box.reader_health = {};
  CHECK(code_of(box) == Errc::malformed);
  CHECK_FALSE(roster.add(samples.statement(samples.commune(1, {}))));
  CHECK_FALSE(roster.add(samples.statement(samples.commune(1, std::vector<KemPublic>(257, samples.kem_key())))));

  CHECK(refused_as(Bytes{0}) == Errc::malformed);
  CHECK(refused_as(Bytes(300, 0xff)) == Errc::malformed);
  // A packed bomb: every pair of octets stands for 2 KiB of zeros.
  Bytes bomb;
  for (int i = 0; i < 20'000; ++i) append(bomb, Bytes{0x00, 0xff});
  CHECK(refused_as(bomb) == Errc::too_large);
  CHECK(refused_as(Bytes(statement_octets_max, 0)) == Errc::too_large);
  CHECK(knows_nothing(roster));
}

TEST_CASE("roster: a list that claims half a milliard entries costs nothing", "[sync][roster]") {
  RosterSamples samples(18);
  Roster roster = samples.roster();
  // A revocation (two data words, one pointer) whose list of runs is of 2^29 - 1 elements without any octets.
  const auto added =
      roster.add(samples.signed_octets(*from_hex("1006"
                                                 "500101"
                                                 "0101"
                                                 "500201"
                                                 "0001"
                                                 "f101f8ffffff")));
  REQUIRE_FALSE(added);
  CHECK(added.error().code == Errc::malformed);
}

TEST_CASE("roster: an authentic statement of a later version's kind is kept and passed on", "[sync][roster]") {
  RosterSamples samples(19);
  Roster roster = samples.roster();
  // Segment table, root pointer (1 data word, 1 pointer), which = 9, no pointer.
  const Bytes later =
      samples.signed_octets(*from_hex("1003"
                                      "500101"
                                      "0109"
                                      "0000"));
  const auto added = roster.add(later);
  REQUIRE(added);
  CHECK(*added);
  CHECK(roster.statements().begin()->second == later);
  CHECK(roster.nodes().empty());
  CHECK(roster.commune() == nullptr);
}

TEST_CASE("roster: a commune statement names the authority it is verified with", "[sync][roster]") {
  RosterSamples samples(20);
  const Bytes statement = samples.statement(samples.commune(1, {samples.kem_key()}));
  const auto named = Roster::authority_named_in(statement);
  REQUIRE(named);
  CHECK(*named == samples.authority.public_key);
  for (std::size_t at = 0; at < statement.size(); ++at) {
    Bytes flipped = statement;
    flipped[at] ^= 0x10;
    REQUIRE_FALSE(Roster::authority_named_in(flipped));
    REQUIRE_FALSE(Roster::authority_named_in(ByteView(statement).first(at)));
  }
  CHECK(Roster::authority_named_in(samples.grant(samples.box("Nà Ca", 1))).error().code == Errc::malformed);
}
