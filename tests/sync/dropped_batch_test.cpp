// What a batch that was not committed costs: nothing where it wrote nothing, and else only what it touched.
#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

/// A pair whose hamlet knows the form.
struct TalkedPair : ReplicaPair {
  TalkedPair() { REQUIRE(talk(hamlet, commune).finished); }
};

std::size_t runs_of(TestNode& node) {
  std::set<RunId> runs;
  for (const sync::Sealed& record : records_of(node, node.replica->self().node)) runs.insert(record.header.run);
  return runs.size();
}

template <typename Fn>
Errc refused(TestNode& node, const Fn& fn) {
  node.now.monotonic += Micros(1000);
  auto work = node.replica->begin(node.now);
  REQUIRE(work);
  const Result<void> done = fn(work->batch());
  REQUIRE_FALSE(done);
  return done.error().code;
}

/// What a stranger's first message costs: the link proved a key that no roster names.
void strangers_hello(TestNode& node, std::uint64_t seed) {
  SeededRng rng(seed);
  const sync::SignKeyPair key = sync::make_sign_key(rng);
  sync::Hello hello;
  hello.commune = node.replica->self().commune;
  hello.node = sync::node_id_of(key.public_key);
  sync::Session session(*node.replica, {}, key.public_key);
  CHECK(refused(node, [&](sync::Batch& batch) { return session.on_message(batch, sync::encode_message(hello)); }) ==
        Errc::denied);
}

/// A hundred submissions, each answered by the commune; before each, so many strangers say hello at both.
struct Answered : TalkedPair {
  explicit Answered(std::uint64_t strangers) {
    for (int i = 0; i < 100; ++i) {
      for (std::uint64_t n = 0; n < strangers; ++n) strangers_hello(n % 10 == 0 ? hamlet : commune, 1000 + n);
      hamlet.submit(test_submission(uuid(i), "Lý"));
      REQUIRE(talk(hamlet, commune).finished);
      commune.work([&](sync::Batch& batch) -> Result<void> {
        KHUOI_TRY(const auto list, commune.replica->views().list(batch.txn));
        for (const sync::DossierEntry& entry : list) {
          if (entry.state == "received") {
            sync::StateChange change;
            change.state = sync::State::accepted;
            KHUOI_TRY_VOID(commune.replica->set_state(batch, {hamlet.replica->self().hamlet, entry.id}, change));
          }
        }
        return {};
      });
      REQUIRE(talk(hamlet, commune).finished);
    }
  }
};

}  // namespace

TEST_CASE("dropped batch: 10,000 strangers' hellos between 100 submissions leave no trace", "[sync][dropped_batch]") {
  Answered alone(0);
  Answered visited(100);
  CHECK(runs_of(visited.hamlet) == runs_of(alone.hamlet));
  CHECK(runs_of(visited.commune) == runs_of(alone.commune));
  const Talk idle_alone = talk(alone.hamlet, alone.commune);
  const Talk idle_visited = talk(visited.hamlet, visited.commune);
  CHECK(idle_visited.dialler.bytes_out == idle_alone.dialler.bytes_out);
  CHECK(idle_visited.dialler.bytes_in == idle_alone.dialler.bytes_in);
  CHECK(visited.commune.list().size() == 100);
  CHECK(status_of(visited.commune).forks == 0);
}

TEST_CASE("dropped batch: a dossier that is not there ends no run, and what was open stays open", "[sync][dropped_batch]") {
  TalkedPair pair;
  pair.hamlet.unlock();
  pair.hamlet.submit(test_submission(uuid(1), "Lý"));
  const sync::DossierKey unknown{pair.hamlet.replica->self().hamlet, DossierId()};
  for (int i = 0; i < 3; ++i) {
    CHECK(refused(pair.hamlet, [&](sync::Batch& batch) {
            return pair.hamlet.replica->withdraw(batch, unknown, "");
          }) == Errc::not_found);
  }
  pair.hamlet.submit(test_submission(uuid(2), "Lò"));
  CHECK(runs_of(pair.hamlet) == 1);
  CHECK_FALSE(pair.hamlet.replica->reader().locked());
}

TEST_CASE("dropped batch: what was sealed in it ends its own run and no other", "[sync][dropped_batch]") {
  TalkedPair pair;
  pair.commune.work([&](sync::Batch& batch) {
    sync::Document document;
    document.title = "Lịch trực";
    return pair.commune.replica->bulletin().add_document(batch, document, true).has_value() ? Result<void>() : fail(Errc::io, "");
  });
  const std::size_t before = runs_of(pair.commune);
  CHECK(refused(pair.commune, [&](sync::Batch& batch) -> Result<void> {
          sync::Message message;
          message.text = "Chào";
          KHUOI_TRY_VOID(pair.commune.replica->bulletin().send_message(batch, message, pair.hamlet.replica->self().hamlet));
          return fail(Errc::io, "the disk failed");
        }) == Errc::io);
  CHECK(runs_of(pair.commune) == before);
  pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    sync::Document document;
    document.title = "Lịch tiêm";
    KHUOI_TRY_VOID(pair.commune.replica->bulletin().add_document(batch, document, true));
    return {};
  });
  CHECK(runs_of(pair.commune) == before);  // the public run went on
  pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    sync::Message message;
    message.text = "Chào";
    KHUOI_TRY_VOID(pair.commune.replica->bulletin().send_message(batch, message, pair.hamlet.replica->self().hamlet));
    return {};
  });
  CHECK(talk(pair.hamlet, pair.commune).finished);
  CHECK(status_of(pair.hamlet).forks == 0);
  CHECK(status_of(pair.hamlet).quarantined == 0);
}

TEST_CASE("dropped batch: a start that was taken in it is taken again, and one taken before stays", "[sync][dropped_batch]") {
  TalkedPair pair;
  pair.hamlet.start();
  const auto submit_and_drop = [&](int id) {
    CHECK(refused(pair.hamlet, [&](sync::Batch& batch) -> Result<void> {
            KHUOI_TRY(const auto prepared,
                      pair.hamlet.replica->reader().submissions().prepare(batch.txn, view_of(test_submission(uuid(id), "Lý"))));
            KHUOI_TRY_VOID(pair.hamlet.replica->intake().submit(batch, prepared, {}));
            return fail(Errc::disk_full, "no room");
          }) == Errc::disk_full);
  };
  const auto starts = [&] {
    const auto txn = pair.hamlet.replica->read();
    const auto count = sync::meta_number(**txn, "starts");
    REQUIRE(count);
    return *count;
  };
  const std::uint64_t before = starts();
  submit_and_drop(1);
  CHECK(starts() == before);
  pair.hamlet.submit(test_submission(uuid(2), "Lò"));
  CHECK(starts() == before + 1);
  for (int i = 3; i < 6; ++i) {
    submit_and_drop(i);
    pair.hamlet.submit(test_submission(uuid(10 + i), "Hoàng"));
  }
  CHECK(starts() == before + 1);
  CHECK(talk(pair.hamlet, pair.commune).finished);
  CHECK(pair.commune.list().size() == 4);
  CHECK(status_of(pair.commune).forks == 0);
  CHECK(status_of(pair.commune).quarantined == 0);
}

TEST_CASE("dropped batch: a grant that was not committed is known to nobody", "[sync][dropped_batch]") {
  TalkedPair pair;
  TestNode box(sync::Role::hamlet, "Nà Lay", 9);
  const auto request = sync::decode_request(box.replica->enrolment().enrol_request());
  REQUIRE(request);
  const auto digest = pair.commune.replica->roster().digest();
  CHECK(refused(pair.commune, [&](sync::Batch& batch) -> Result<void> {
          KHUOI_TRY_VOID(pair.commune.replica->enrolment().grant(batch, {*request, std::nullopt, batch.now.wall}));
          return fail(Errc::disk_full, "no room");
        }) == Errc::disk_full);
  CHECK(pair.commune.replica->roster().digest() == digest);
  CHECK(pair.commune.replica->roster().node(box.replica->self().node) == nullptr);
}

TEST_CASE("dropped batch: a plan for a stick writes nothing, and names what packing then writes", "[sync][dropped_batch]") {
  TalkedPair pair;
  pair.hamlet.submit(test_submission(uuid(1), "Lý"));
  pair.hamlet.now.wall.value += sync::restate_after_seconds;  // its statement is old
  sync::Courier courier(*pair.hamlet.replica);
  std::optional<sync::Parcel> plan;
  {
    const auto txn = pair.hamlet.replica->read();
    plan = *courier.plan(**txn, pair.hamlet.now, {});
  }
  std::optional<sync::Parcel> packed;
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(packed, courier.pack(batch, {}));
    return {};
  });
  REQUIRE(plan->due.size() == 1);
  CHECK(plan->statements.size() + plan->due.size() == packed->statements.size() + packed->receipts.size());
  CHECK(plan->due.front().octets + 1 == packed->receipts.front().size());
  CHECK(plan->records.size() == packed->records.size());
  CHECK(packed->due.empty());
}
