// Who has a passphrase at a box, whoever asks: page, command line.
#include <catch2/catch.hpp>
#include <set>

#include "node/acts/people.h"
#include "node/acts/person_rows.h"
#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace khuoi::tests;

namespace {

constexpr Capability general = Capability::read_general;
constexpr Capability health = Capability::read_health;

/// A hamlet whose first person, of whom nothing is noted yet, is called 'head'.
struct Village {
  DiskNode hamlet{sync::Role::hamlet, "Khuổi Mèo"};
  Engine& engine = *hamlet.engine;

  void add(const std::string& name, Capabilities opens) const {
    hamlet.work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
      sync::PassphraseParams params;
      params.operations = 1;
      params.memory_kib = 8;
      std::vector<sync::LockKey> keys;
      keys.push_back({sync::Lock::general, sync::Secret::copy_of(Bytes(32, 1))});
      KHUOI_TRY_VOID(sync::Keyring::put_slot(
          batch, sync::make_passphrase_slot(name, params, test_phrase_key(), keys, engine.rng())));
      return put_person_rows(batch, name, opens, true);
    });
  }
};

}  // namespace

TEST_CASE("capabilities: every row stands at its own place, with a bit and a name of its own", "[node][people]") {
  std::set<int> bits;
  std::set<std::string_view> names;
  std::set<std::string_view> roles;
  for (std::size_t i = 0; i < capability_table.size(); ++i) {
    const CapabilityRow& row = capability_table[i];
    CHECK(static_cast<std::size_t>(row.capability) == i);
    CHECK(Capabilities(row.capability).bits() == row.bit);
    if (!row.name.empty()) CHECK(capability_named(row.name) == row.capability);
    CHECK(role_named(row.role) == row.capability);
    CHECK((row.bit & (row.bit - 1)) == 0);
    CHECK(bits.insert(row.bit).second);
    if (!row.name.empty()) CHECK(names.insert(row.name).second);
    CHECK(roles.insert(row.role).second);
  }
  CHECK(capability_named("both").none());
  CHECK(capability_named("").none());
  CHECK(role_named("").none());
  // Rows of the store: what earlier programs wrote, and what a later one may write besides.
  CHECK(Capabilities::from_bits(1) == general);
  CHECK(Capabilities::from_bits(2) == health);
  CHECK(Capabilities::from_bits(0xff) == Capabilities::all());
}

TEST_CASE("capabilities: keys are given away only for what is wanted and there", "[node][people]") {
  std::vector<sync::LockKey> keys;
  keys.push_back({sync::Lock::health, sync::Secret::copy_of(Bytes(32, 2))});
  keys.push_back({sync::Lock::authority, sync::Secret::copy_of(Bytes(32, 3))});
  CHECK(Capabilities::opened_by(keys) == (Capabilities(health) | Capability::administer));
  CHECK(keys_for(keys, general).empty());
  const auto own = keys_for(keys, Capabilities::all_domains());
  REQUIRE(own.size() == 1);
  CHECK(own[0].lock == sync::Lock::health);
  CHECK(equal(own[0].key.view(), keys[0].key.view()));
}

TEST_CASE("people: who was noted, by what, and as whose phrase", "[node][people]") {
  const Village village;
  village.add("y tế", health);
  const auto all = people(village.engine);
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK((*all)[0].may.none());
  CHECK_FALSE((*all)[0].given);
  CHECK((*all)[1].name == "y tế");
  CHECK((*all)[1].may == health);
  CHECK((*all)[1].given);
  CHECK(check_new_person(village.engine, "y tế").error().code == Errc::exists);
  CHECK(check_new_person(village.engine, "").error().code == Errc::usage);
  CHECK(check_new_person(village.engine, std::string(65, 'a')).error().code == Errc::usage);
  CHECK(check_new_person(village.engine, "mới"));
}

TEST_CASE("people: what nobody else opens is told, for who goes and for who stays with less", "[node][people]") {
  const Village village;
  const std::string first = (*people(village.engine))[0].name;
  village.add("trưởng xóm", general);
  village.add("y tế", health);
  CHECK(*orphaned_without(village.engine, "y tế") == health);
  CHECK(*orphaned_without(village.engine, "trưởng xóm") == general);
  CHECK(orphaned_without(village.engine, first)->none());  // may open both, and so do the others
  CHECK(*orphaned_without(village.engine, "y tế", general) == health);
  CHECK(orphaned_without(village.engine, "y tế", Capabilities::all_domains())->none());
  CHECK(orphaned_without(village.engine, "ai đó").error().code == Errc::not_found);
}

TEST_CASE("people: the very last one stays, with all rows", "[node][people]") {
  const Village village;
  const std::string first = (*people(village.engine))[0].name;
  village.add("y tế", health);
  CHECK(remove_person(village.engine, first));
  CHECK(remove_person(village.engine, first).error().code == Errc::not_found);
  CHECK(remove_person(village.engine, "y tế").error().code == Errc::denied);
  CHECK(orphaned_without(village.engine, "y tế").error().code == Errc::denied);
  const auto all = people(village.engine);
  REQUIRE(all->size() == 1);
  CHECK((*all)[0].may == health);
}
