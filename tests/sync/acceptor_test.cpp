#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::Taken;

namespace {
const sync::Body a_message = sync::Message{"xin chào", "Nông Văn B"};

/// A pair that has met once, so that the hamlet knows the form.
std::size_t waiting_entries(TestNode& node) {
  auto txn = node.replica->read();
  std::size_t count = 0;
  REQUIRE((*txn)->scan(sync::Table::waiting, {}, [&](ByteView, ByteView) { ++count; }));
  return count;
}
}  // namespace

TEST_CASE("acceptor: junk under a real author's next number is refused, and the real record still gets in", "[sync][acceptor]") {
  MetPair pair;
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  CHECK(give(pair.commune, run.opener(), false).taken == Taken::stored);
  const sync::Sealed real = run.record(2, a_message);
  for (const bool vouched : {false, true}) {
    sync::Sealed junk = real;
    junk.body.assign(64, 0x5a);
    CHECK(give(pair.commune, junk, vouched).taken == Taken::rejected);
    junk = real;
    junk.body.back() ^= 1U;
    CHECK(give(pair.commune, junk, vouched).taken == Taken::rejected);
    junk = real;
    junk.header.rank = sync::Rank::urgent;  // the header is associated data
    CHECK(give(pair.commune, junk, vouched).taken == Taken::rejected);
    junk = real;
    junk.body.clear();
    CHECK(give(pair.commune, junk, vouched).taken == Taken::rejected);
  }
  CHECK(give(pair.commune, real, false).taken == Taken::stored);
  CHECK(give(pair.commune, real, false).taken == Taken::duplicate);
  CHECK(status_of(pair.commune).quarantined == 0);
  check_store_is_sound(pair.commune);
}

TEST_CASE("acceptor: junk that came before the opener does not keep the real record out", "[sync][acceptor]") {
  MetPair pair;
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  sync::Sealed junk = run.record(2, a_message);
  junk.body.back() ^= 1U;
  CHECK(give(pair.commune, junk, false).taken == Taken::waiting);
  CHECK(give(pair.commune, run.record(2, a_message), false).taken == Taken::waiting);
  CHECK(give(pair.commune, run.opener(), false).taken == Taken::stored);
  CHECK(status_of(pair.commune).records == 2);  // the form, and the message
  CHECK(waiting_entries(pair.commune) == 0);
  CHECK(give(pair.commune, run.record(2, a_message), false).taken == Taken::duplicate);
}

TEST_CASE("acceptor: records before their opener wait up to a mebibyte an author, and are not held meanwhile", "[sync][acceptor]") {
  MetPair pair;
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  std::uint32_t number = 2;
  Bytes noise(60'000);
  pair.hamlet.rng.fill(noise);
  const sync::Body large = sync::Submission{noise};
  while (give(pair.commune, run.record(number, large), false).taken == Taken::waiting) {
    REQUIRE(number < 30);
    ++number;
  }
  CHECK(number == 2 + (1U << 20U) / 60'063);
  auto txn = pair.commune.replica->read();
  CHECK(*pair.commune.replica->runs().find(**txn, run.key()) == nullptr);
  txn->reset();
  CHECK(give(pair.commune, run.opener(), false).taken == Taken::stored);
  CHECK(waiting_entries(pair.commune) == 0);
  CHECK(status_of(pair.commune).records == 1 + number - 2);
  // The counter is free again.
  const CraftedRun next(pair.hamlet, kem_of(pair.commune), run.run());
  CHECK(give(pair.commune, next.record(2, large), false).taken == Taken::waiting);
}

TEST_CASE("acceptor: an opener that is changed anywhere is refused", "[sync][acceptor]") {
  MetPair pair;
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  const sync::Sealed good = run.opener();
  for (std::size_t i = 0; i < good.body.size(); ++i) {
    sync::Sealed bad = good;
    bad.body[i] ^= 0x10U;
    CHECK(give(pair.commune, bad, true).taken == Taken::rejected);
  }
  for (std::size_t size = 0; size < good.body.size(); ++size) {
    sync::Sealed bad = good;
    bad.body.resize(size);
    CHECK(give(pair.commune, bad, true).taken == Taken::rejected);
  }
  sync::Sealed sealed_zero = run.octets(0, Bytes(32, 1));
  CHECK(give(pair.commune, sealed_zero, true).taken == Taken::rejected);
  CHECK(give(pair.commune, good, false).taken == Taken::stored);
}

TEST_CASE("acceptor: a second authentic record under one number is quarantined once, and the first one stays", "[sync][acceptor]") {
  MetPair pair;
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  give(pair.commune, run.opener(), false);
  const sync::Sealed first = run.record(2, a_message);
  const sync::Sealed second = run.record(2, sync::Message{"khác hẳn", ""});
  CHECK(give(pair.commune, first, false).taken == Taken::stored);
  CHECK(give(pair.commune, second, false).taken == Taken::quarantined);
  CHECK(give(pair.commune, second, false).taken == Taken::duplicate);
  CHECK(give(pair.commune, first, false).taken == Taken::duplicate);
  CHECK(status_of(pair.commune).quarantined == 1);
  auto txn = pair.commune.replica->read();
  CHECK(pair.commune.replica->sealed(**txn, first.header.ref())->body == first.body);
}

TEST_CASE("acceptor: a second opener of one run is quarantined once", "[sync][acceptor]") {
  MetPair pair;
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  give(pair.commune, run.opener(), false);
  sync::Sealed other = run.opener();
  other.header.rank = sync::Rank::low;
  other.body.resize(other.body.size() - 64);
  const auto octets = other.header.encoded();
  append(other.body, sync::sign(pair.hamlet.replica->keys().sign().secret_key, sync::Purpose::opener, other.header.commune,
                                {octets, ByteView(other.body)}));
  CHECK(give(pair.commune, other, false).taken == Taken::quarantined);
  CHECK(give(pair.commune, other, false).taken == Taken::duplicate);
  CHECK(status_of(pair.commune).quarantined == 1);
}

TEST_CASE("acceptor: a run full of holes cannot make the store undecodable", "[sync][acceptor][regress]") {
  MetPair pair;
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  std::size_t refused = 0;
  pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(pair.commune.replica->accept(batch, run.opener(), true));
    for (std::uint32_t i = 1; i <= RangeSet::ranges_max + 10; ++i) {
      KHUOI_TRY(const auto taken, pair.commune.replica->accept(batch, run.record(2 * i, a_message), true));
      refused += taken.taken == Taken::rejected ? 1 : 0;
    }
    return {};
  });
  CHECK(refused > 0);
  check_store_is_sound(pair.commune);
  // What fills a hole is still welcome.
  CHECK(give(pair.commune, run.record(3, a_message), true).taken == Taken::stored);
  CHECK(talk(pair.hamlet, pair.commune).finished);
}

TEST_CASE("acceptor: what is not for this commune, not by its people, or of another class is refused", "[sync][acceptor]") {
  MetPair pair;
  TestNode stranger(sync::Role::hamlet, "Người lạ", 8);
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  give(pair.commune, run.opener(), false);
  sync::Sealed record = run.record(2, a_message);
  record.header.commune = CommuneId::filled(9);
  CHECK(give(pair.commune, record, true).taken == Taken::rejected);
  record = run.record(2, a_message);
  record.header.author = stranger.replica->self().node;
  CHECK(give(pair.commune, record, true).taken == Taken::rejected);
  record = run.record(2, a_message);
  record.header.audience = audience_everyone();
  CHECK(give(pair.commune, record, true).taken == Taken::rejected);
  record = run.record(2, a_message);
  record.header.record_class = sync::Class::public_record;
  CHECK(give(pair.commune, record, true).taken == Taken::rejected);
  record = run.record(2, a_message);
  record.header.record_class = sync::Class::opener;
  CHECK(give(pair.commune, record, true).taken == Taken::rejected);
  record.header.author = pair.hamlet.replica->self().node;
  CHECK(give(pair.hamlet, run.record(2, a_message), false).taken == Taken::waiting);  // its own: a run it may have lost
  CHECK(give(pair.commune, run.record(2, a_message), true).taken == Taken::stored);
}

TEST_CASE("acceptor: a sealed body that no link could carry on is refused", "[sync][acceptor][regress]") {
  MetPair pair;
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  give(pair.commune, run.opener(), false);
  CHECK(give(pair.commune, run.octets(3, Bytes(33, 1)), true).taken == Taken::rejected);
  sync::Sealed copy{run.header(1, sync::Class::sealed, sync::Rank::low), Bytes(33, 1)};
  CHECK(give(pair.commune, copy, true).taken == Taken::rejected);
}

TEST_CASE("acceptor: a kind of a later version is kept and receipted, and never safe", "[sync][acceptor]") {
  MetPair pair;
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  give(pair.commune, run.opener(), false);
  Bytes later = sync::encode_plain({});
  later[0] = static_cast<std::uint8_t>((later[0] & 0xe0U) | 31U);
  CHECK(give(pair.commune, run.octets(2, later), false).taken == Taken::stored);
  CHECK(status_of(pair.commune).unopened == 1);
  pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->mark_all_safe(batch); });
  auto txn = pair.commune.replica->read();
  const auto row = pair.commune.replica->runs().find(**txn, run.key());
  CHECK((*row)->held.contains(2));
  CHECK_FALSE((*row)->safe.contains(2));
  CHECK((*row)->safe.contains(0));
}

TEST_CASE("acceptor: a submission under an unknown model is received and not safe, until its model comes", "[sync][acceptor]") {
  MetPair pair;
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  give(pair.commune, run.opener(), false);
  Bytes payload(40, 0x77);
  CHECK(give(pair.commune, run.record(2, sync::Submission{payload}), false).taken == Taken::stored);
  CHECK(status_of(pair.commune).unopened == 1);
  CHECK(pair.commune.list().empty());
  pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->mark_all_safe(batch); });
  auto txn = pair.commune.replica->read();
  const auto row = pair.commune.replica->runs().find(**txn, run.key());
  CHECK((*row)->held.contains(2));
  CHECK_FALSE((*row)->safe.contains(2));
}

TEST_CASE("acceptor: an author copy counts only when its author vouches for it", "[sync][acceptor]") {
  MetPair pair;
  const CraftedRun run(pair.hamlet, kem_of(pair.commune));
  give(pair.commune, run.opener(), false);
  sync::Sealed copy{run.header(1, sync::Class::sealed, sync::Rank::low), Bytes(124, 1)};
  CHECK(give(pair.commune, copy, false).taken == Taken::waiting);
  CHECK(give(pair.commune, copy, true).taken == Taken::stored);
  copy.body[0] ^= 1U;
  CHECK(give(pair.commune, copy, true).taken == Taken::rejected);
}

TEST_CASE("acceptor: a hamlet cannot set states or erase for another hamlet", "[sync][acceptor][regress]") {
  MetPair pair;
  TestNode thief(sync::Role::hamlet, "Nà Lay", 5);
  pair.join(thief);
  talk(thief, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  talk(pair.hamlet, pair.commune);
  const sync::DossierKey key = only_key(pair.commune);
  thief.work([&](sync::Batch& batch) -> Result<void> {
    sync::StateChange change;
    change.hamlet = key.hamlet;
    change.dossier = key.id;
    change.state = sync::State::rejected;
    KHUOI_TRY_VOID(thief.replica->bulletin().tell(batch, sync::Rank::high, change));
    KHUOI_TRY_VOID(thief.replica->bulletin().tell(batch, sync::Rank::high, sync::Erase{key.hamlet, key.id, "phá"}));
    return {};
  });
  CHECK(talk(thief, pair.commune).finished);
  auto txn = pair.commune.replica->read();
  const auto row = pair.commune.replica->dossiers().row(**txn, key);
  REQUIRE(*row);
  CHECK_FALSE((*row)->state.has_value());
  CHECK_FALSE((*row)->erased);
  const auto detail = pair.commune.replica->views().detail(**txn, key);
  REQUIRE(detail);
  CHECK(detail->versions.size() == 1);
  txn->reset();
  CHECK(status_of(pair.commune).quarantined >= 1);  // somebody has to look at that box
}

TEST_CASE("acceptor: the same instanceID from two hamlets makes two dossiers that both can be found", "[sync][acceptor]") {
  MetPair pair;
  TestNode thief(sync::Role::hamlet, "Nà Lay", 5);
  pair.join(thief);
  talk(thief, pair.commune);
  thief.submit(test_submission(uuid(1), "Kẻ đến trước"));
  talk(thief, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "Người thật"));
  talk(pair.hamlet, pair.commune);
  const auto entries = pair.commune.list();
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].id != entries[1].id);
  auto txn = pair.commune.replica->read();
  for (const auto& entry : entries) {
    const auto key = pair.commune.replica->views().resolve(**txn, entry.id.hex());
    REQUIRE(key);
    const auto detail = pair.commune.replica->views().detail(**txn, *key);
    REQUIRE(detail);
    CHECK(detail->versions.size() == 1);
    CHECK(detail->entry.id == entry.id);
  }
}

TEST_CASE("acceptor: what a hamlet says of another one's dossier does not take its id away", "[sync][acceptor][regress]") {
  MetPair pair;
  TestNode thief(sync::Role::hamlet, "Nà Lay", 5);
  pair.join(thief);
  talk(thief, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  talk(pair.hamlet, pair.commune);
  const sync::DossierKey key = only_key(pair.commune);
  sync::FileFacts file;
  file.name = "a.jpg";
  file.octets = 1;
  thief.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(thief.replica->bulletin().tell(batch, sync::Rank::high, sync::Manifest{key.id, file}));
    return {};
  });
  talk(thief, pair.commune);
  auto txn = pair.commune.replica->read();
  const auto found = pair.commune.replica->views().resolve(**txn, key.id.hex());
  REQUIRE(found);
  CHECK(*found == key);
  txn->reset();
  // And when the submission of that name comes after all, it is shown under the id of its own.
  thief.submit(test_submission(uuid(1), "Kẻ đến sau"));
  talk(thief, pair.commune);
  const auto entries = pair.commune.list();
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].id != entries[1].id);
  txn = pair.commune.replica->read();
  for (const auto& entry : entries) CHECK(pair.commune.replica->views().resolve(**txn, entry.id.hex()));
}
