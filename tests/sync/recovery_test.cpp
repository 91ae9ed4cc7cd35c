#include "sync/membership/recovery.h"

#include "tests/support/replica_pair.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::LockKey;

namespace {

/// A hamlet that joined with its phrase at hand, so that its keys are sealed to the commune too.
struct Lost : ReplicaPair {
  Bytes request;
  Bytes answer;

  Lost() {
    seal_keys(hamlet);
    request = ask(hamlet);
    answer = answered(request)->octets;
  }
  static void seal_keys(TestNode& box) {
    auto txn = box.replica->read();
    const auto keys = box.replica->reader().open_slots(**txn, "", [](const sync::PassphraseParams&) {
      return Result<sync::Secret>(sync::Secret::copy_of(Bytes(32, 7)));
    });
    REQUIRE(keys);
    txn->reset();
    box.work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(const sync::Slot slot, box.replica->enrolment().recovery_slot(*keys));
      return sync::Keyring::put_slot(batch, slot);
    });
  }
  static Bytes ask(TestNode& box) {
    Bytes out;
    box.work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(out, sync::make_recovery_request(box.replica->membership(), batch, box.rng));
      return {};
    });
    return out;
  }
  Result<sync::RecoveryAnswer> answered(ByteView what) {
    return sync::answer_recovery(commune.replica->membership(), what, commune.rng);
  }
  static Result<std::vector<LockKey>> opened(TestNode& box, ByteView what) {
    const auto txn = box.replica->read();
    return sync::open_recovery_answer(box.replica->membership(), **txn, what);
  }
};

}  // namespace

TEST_CASE("recovery: the commune's answer opens the box again", "[sync][recovery]") {
  Lost lost;
  CHECK(lost.hamlet.replica->reader().locked());
  const auto keys = Lost::opened(lost.hamlet, lost.answer);
  REQUIRE(keys);
  CHECK(keys->size() == 2);
  lost.hamlet.work([&](sync::Batch& batch) { return lost.hamlet.replica->unlock(batch, *keys); });
  CHECK(lost.hamlet.replica->keys().open(sync::Domain::general));
  CHECK(lost.hamlet.replica->keys().open(sync::Domain::health));
}

TEST_CASE("recovery: an answer serves once, for one box and one request", "[sync][recovery]") {
  Lost lost;
  TestNode other(sync::Role::hamlet, "Nà Lay", 3);
  lost.join(other);
  Lost::seal_keys(other);
  CHECK_FALSE(Lost::opened(other, lost.answer));
  (void)Lost::ask(other);
  CHECK_FALSE(Lost::opened(other, lost.answer));
  (void)Lost::ask(lost.hamlet);  // a new question makes answers to the last one useless
  CHECK_FALSE(Lost::opened(lost.hamlet, lost.answer));
  const auto fresh = lost.answered(Lost::ask(lost.hamlet));
  REQUIRE(fresh);
  CHECK(Lost::opened(lost.hamlet, fresh->octets));
  lost.hamlet.work([](sync::Batch& batch) { return sync::forget_recovery_request(batch); });
  CHECK_FALSE(Lost::opened(lost.hamlet, fresh->octets));
}

TEST_CASE("recovery: a damaged or forged request is refused", "[sync][recovery]") {
  Lost lost;
  for (std::size_t i = 0; i < lost.request.size(); ++i) {
    CAPTURE(i);
    Bytes changed = lost.request;
    changed[i] ^= 1U;
    CHECK_FALSE(lost.answered(changed));
    CHECK_FALSE(lost.answered(ByteView(lost.request).first(i)));
  }
  Bytes longer = lost.request;
  longer.push_back(0);
  CHECK_FALSE(lost.answered(longer));
  CHECK_FALSE(lost.answered(Bytes(1U << 20U, 0xff)));
}

TEST_CASE("recovery: a damaged answer opens nothing", "[sync][recovery]") {
  Lost lost;
  for (std::size_t i = 0; i < lost.answer.size(); ++i) {
    CAPTURE(i);
    Bytes changed = lost.answer;
    changed[i] ^= 1U;
    CHECK_FALSE(Lost::opened(lost.hamlet, changed));
    CHECK_FALSE(Lost::opened(lost.hamlet, ByteView(lost.answer).first(i)));
  }
}

TEST_CASE("recovery: only a box in force of this commune is helped", "[sync][recovery]") {
  Lost lost;
  TestNode elsewhere(sync::Role::commune, "Nghinh Tường", 9);
  CHECK_FALSE(sync::answer_recovery(elsewhere.replica->membership(), lost.request, elsewhere.rng));
  CHECK_FALSE(sync::answer_recovery(lost.hamlet.replica->membership(), lost.request, lost.hamlet.rng));
  const NodeId box = lost.hamlet.replica->self().node;
  lost.commune.work([&](sync::Batch& batch) { return lost.commune.replica->enrolment().revoke(batch, box); });
  const auto refused = lost.answered(lost.request);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::denied);
}

TEST_CASE("recovery: the commune's new receiving key still opens what was sealed to the old one", "[sync][recovery]") {
  Lost lost;
  lost.commune.work([&](sync::Batch& batch) { return lost.commune.replica->enrolment().rotate_kem(batch); });
  const auto answer = lost.answered(lost.request);
  REQUIRE(answer);
  CHECK(Lost::opened(lost.hamlet, answer->octets));
}

TEST_CASE("recovery: a box that never sealed its keys is told so", "[sync][recovery]") {
  ReplicaPair pair;
  auto work = pair.hamlet.replica->begin(pair.hamlet.now);
  REQUIRE(work);
  const auto request = sync::make_recovery_request(pair.hamlet.replica->membership(), work->batch(), pair.hamlet.rng);
  REQUIRE_FALSE(request);
  CHECK(request.error().code == Errc::not_found);
}

TEST_CASE("recovery: as a file it is one line of its own kind", "[sync][recovery]") {
  Lost lost;
  const std::string text = sync::recovery_text("request", lost.request);
  CHECK(text.starts_with("khuoi-recovery-request-1:"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(*sync::recovery_octets("request", text) == lost.request);
  CHECK_FALSE(sync::recovery_octets("answer", text));
}
