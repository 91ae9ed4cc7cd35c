#include "node/people/backoff.h"

#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;
using people::Backoff;

namespace {
void wrong(people::Backoff& backoff, const people::Backoff::Try& attempt, int times = 1) {
  for (int i = 0; i < times; ++i) {
    REQUIRE(backoff.count(attempt));
    backoff.failed(attempt);
  }
}
std::uint64_t waits(people::Backoff& backoff, const people::Backoff::Try& attempt) {
  const auto wait = backoff.wait(attempt);
  REQUIRE(wait);
  return *wait;
}
}  // namespace

TEST_CASE("backoff: wrong tries from one address do not make another wait, nor does a restart give them back",
          "[node][backoff]") {
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  people::Backoff backoff(*box.engine);
  const people::Backoff::Try guesser{"phone/may-1", "192.168.1.66"};
  const people::Backoff::Try owner{"phone/may-1", "192.168.1.7"};
  CHECK(waits(backoff, guesser) == 0);
  wrong(backoff, guesser, 12);
  CHECK(waits(backoff, guesser) > 800);
  CHECK(waits(backoff, owner) == 0);
  CHECK(waits(backoff, {"phone/may-2", guesser.from}) == 0);
  REQUIRE(backoff.succeeded(owner));
  CHECK(waits(backoff, guesser) > 800);
  people::Backoff again(*box.engine);
  CHECK(waits(again, guesser) > 800);
  CHECK(waits(again, owner) == 0);
  REQUIRE(again.succeeded(guesser));
  CHECK(waits(again, guesser) == 0);
}

TEST_CASE("backoff: past the free tries strangers wait together, and who came in before does not", "[node][backoff]") {
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  people::Backoff backoff(*box.engine);
  const auto from = [](const std::string& address) { return people::Backoff::Try{"phrase/Mỷ", address, 20}; };
  REQUIRE(backoff.succeeded(from("192.168.1.7")));
  for (int i = 0; i < 40; ++i) wrong(backoff, from("10.0.0." + std::to_string(i)));
  CHECK(waits(backoff, from("10.0.1.1")) > 800);
  CHECK(waits(backoff, from("192.168.1.7")) == 0);
  wrong(backoff, from("192.168.1.7"));
  CHECK(waits(backoff, from("192.168.1.7")) <= 1);
  people::Backoff again(*box.engine);
  CHECK(waits(again, from("10.0.1.1")) > 800);
  CHECK(waits(again, from("192.168.1.7")) <= 1);
  REQUIRE(again.succeeded(from("192.168.1.7")));
  CHECK(waits(again, from("10.0.1.1")) == 0);
  CHECK(waits(again, from("10.0.0.3")) <= 1);
}

TEST_CASE("backoff: a thousand addresses fill no table, and push out nobody who came in before", "[node][backoff]") {
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  people::Backoff backoff(*box.engine);
  const auto from = [](int number) { return people::Backoff::Try{"phrase/Mỷ", "fe80::" + std::to_string(number), 20}; };
  for (int i = 0; i < 10; ++i) REQUIRE(backoff.succeeded(from(i)));
  for (int i = 1000; i < 1200; ++i) wrong(backoff, from(i));
  CHECK(*backoff.failures("phrase/Mỷ") == 200);
  REQUIRE(box.engine->look([](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const people::Tries tries, people::tries_rows.get_or_new(txn, "phrase/Mỷ"));
    CHECK(octets_of_part(tries).size() < 24 * people::tried_from_max);
    return {};
  }));
  CHECK(waits(backoff, from(9)) == 0);   // one of the eight latest
  CHECK(waits(backoff, from(0)) > 800);  // a stranger again
  REQUIRE(backoff.forgive("phrase/Mỷ"));
  CHECK(*backoff.failures("phrase/Mỷ") == 0);
  CHECK(waits(backoff, from(0)) == 0);
}

TEST_CASE("backoff: what a version before this one counted is still counted", "[node][backoff]") {
  const DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  REQUIRE(box.engine->work([](sync::Replica&, sync::Batch& batch) {
    return node::NodeRows<std::string, std::uint64_t>(node::NodeRow::tries, "tries").put(batch, "pin/Mỷ", 7);
  }));
  people::Backoff backoff(*box.engine);
  CHECK(*backoff.failures("pin/Mỷ") == 7);
}
