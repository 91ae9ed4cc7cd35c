// Who opens health on a box that a browser started: nobody, until a health worker begins with a phrase of their own.
#include "tests/support/replica_pair.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::Domain;
using sync::Keyring;
using sync::Lock;
using sync::LockKey;

namespace {

const sync::PassphraseParams cheap_slot{{}, 1, 8};
sync::Secret key_of(std::uint8_t fill) { return sync::Secret::copy_of(Bytes(32, fill)); }

/// Makes a node on an empty disk in another way than TestNode does.
std::unique_ptr<sim::MemoryStore> made(Keyring::Health when, bool with_worker) {
  auto disk = std::make_unique<sim::MemoryStore>();
  SeededRng rng(11);
  const sync::Secret head = key_of(1), worker_key = key_of(2);
  const sync::FirstSlot worker{"nurse", cheap_slot, worker_key};
  const Now now{Instant(Micros(1)), UnixSeconds{1'790'000'000}};
  REQUIRE(sync::Replica::create(*disk, sync::Role::hamlet, "Nà Lay", {"head", cheap_slot, head}, rng, now,
                                {when, with_worker ? &worker : nullptr}));
  return disk;
}

Result<std::vector<LockKey>> opened_by(TestNode& box, std::uint8_t fill) {
  auto txn = box.replica->read();
  return box.replica->reader().open_slots(
      **txn, "", [&](const sync::PassphraseParams&) { return Result<sync::Secret>(key_of(fill)); });
}

const std::string visit = test_submission("00000000-0000-4000-8000-000000000001", "Bí mật");

Errc refusal(TestNode& box) {
  auto txn = box.replica->read();
  const auto prepared = box.replica->reader().submissions().prepare(**txn, view_of(visit));
  REQUIRE_FALSE(prepared);
  return prepared.error().code;
}

LockKey begin_health(TestNode& box) {
  const auto head = opened_by(box, 1);
  REQUIRE(head);
  std::optional<LockKey> out;
  box.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(out, box.replica->enrolment().open_health(batch, *head));
    return {};
  });
  return std::move(*out);
}

}  // namespace

TEST_CASE("health start: init's box opens both with one phrase, as ever", "[sync][health]") {
  TestNode box(made(Keyring::Health::open, false), 1);
  const auto keys = opened_by(box, 1);
  REQUIRE(keys);
  CHECK(keys->size() == 2);
  CHECK(box.replica->reader().health_open());
}

TEST_CASE("health start: a head and a health worker each open their own and nothing else", "[sync][health]") {
  TestNode box(made(Keyring::Health::after_grant, true), 1);
  const auto head = opened_by(box, 1);
  const auto nurse = opened_by(box, 2);
  REQUIRE(head);
  REQUIRE(nurse);
  REQUIRE(head->size() == 1);
  REQUIRE(nurse->size() == 1);
  CHECK(head->front().lock == Lock::general);
  CHECK(nurse->front().lock == Lock::health);
  CHECK_FALSE(box.replica->reader().health_open());  // not before the grant
}

TEST_CASE("health start: without a health worker nothing of health is taken in, granted or not", "[sync][health]") {
  ReplicaPair pair;
  TestNode box(made(Keyring::Health::waits, false), 1);
  REQUIRE(opened_by(box, 1));
  CHECK(opened_by(box, 1)->size() == 1);
  pair.join(box);
  publish_form(pair.commune, test_form, Domain::health);
  CHECK(talk(box, pair.commune).finished);
  CHECK_FALSE(box.replica->reader().health_open());
  CHECK(refusal(box) == Errc::not_ready);
  (void)begin_health(box);
  CHECK(box.replica->reader().health_open());
  box.start();
  CHECK(box.replica->reader().health_open());  // and after a restart
}

TEST_CASE("health start: what is taken in opens to the health worker's key, not the head's", "[sync][health]") {
  ReplicaPair pair;
  TestNode box(made(Keyring::Health::waits, false), 1);
  const auto before = box.disk->clone();  // a backup of the time when the head alone had a phrase
  pair.join(box);
  publish_form(pair.commune, test_form, Domain::health);
  REQUIRE(talk(box, pair.commune).finished);
  std::vector<LockKey> nurse;
  nurse.push_back(begin_health(box));
  const auto taken = box.submit(visit);
  box.start();
  const auto opens = [&] {
    auto txn = box.replica->read();
    const auto row = box.replica->dossiers().row(**txn, taken.key);
    REQUIRE((row && *row && !(*row)->heads.empty()));
    return box.replica->run_keys().read(**txn, (*row)->heads.front()).has_value();
  };
  const auto head = opened_by(box, 1);
  REQUIRE(head);
  box.work([&](sync::Batch& batch) { return box.replica->unlock(batch, *head); });
  CHECK_FALSE(box.replica->keys().open(Domain::health));
  CHECK_FALSE(opens());
  box.replica->lock();
  box.work([&](sync::Batch& batch) { return box.replica->unlock(batch, nurse); });
  CHECK(opens());
  // The old copy with the head's phrase gives another key than the one that records are sealed to now.
  TestNode old(before->clone(), 3);
  const auto reader = [](TestNode& one) {
    return sync::audience_id_of(one.replica->keys().reader_public(Domain::health));
  };
  CHECK(reader(old) != reader(box));
  const auto key = begin_health(old);
  CHECK(reader(old) != reader(box));
  std::vector<LockKey> stolen;
  stolen.push_back({key.lock, key.key.duplicate()});
  auto txn = box.replica->read();
  CHECK_FALSE(box.replica->open(**txn, stolen));
}

TEST_CASE("health start: the commune's answers open after the health worker began, and its request stays the same",
          "[sync][health]") {
  TestNode box(made(Keyring::Health::waits, false), 1);
  const auto asked = sync::decode_request(box.replica->enrolment().enrol_request());
  const LockKey key = begin_health(box);
  const auto again = sync::decode_request(box.replica->enrolment().enrol_request());
  REQUIRE(asked);
  REQUIRE(again);
  CHECK(asked->reader_health == again->reader_health);
  std::vector<LockKey> nurse;
  nurse.push_back({key.lock, key.key.duplicate()});
  const auto answers = sync::audience_id_of(asked->reader_health);
  CHECK(box.replica->keys().has_public(answers));
  CHECK(box.replica->keys().secret_of(answers) == nullptr);
  auto txn = box.replica->read();
  REQUIRE(box.replica->open(**txn, nurse));
  CHECK(box.replica->keys().secret_of(answers) != nullptr);
  box.replica->lock();
  CHECK(box.replica->keys().secret_of(answers) == nullptr);
}

TEST_CASE("health start: only once, only beside somebody of the box; a lost commit leaves it waiting",
          "[sync][health]") {
  TestNode box(made(Keyring::Health::waits, false), 1);
  const auto head = opened_by(box, 1);
  REQUIRE(head);
  {
    auto work = box.replica->begin(box.now);
    REQUIRE(work);
    const auto denied = box.replica->enrolment().open_health(work->batch(), {});
    REQUIRE_FALSE(denied);
    CHECK(denied.error().code == Errc::denied);
    REQUIRE(box.replica->enrolment().open_health(work->batch(), *head));
    CHECK_FALSE(box.replica->keys().health_waits());
  }  // no commit
  CHECK(box.replica->keys().health_waits());
  (void)begin_health(box);
  auto work = box.replica->begin(box.now);
  REQUIRE(work);
  const auto twice = box.replica->enrolment().open_health(work->batch(), *head);
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == Errc::exists);
}
