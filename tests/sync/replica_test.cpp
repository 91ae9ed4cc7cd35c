#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {
bool moves_nothing(const sync::Counts& c) {
  return c.records_in + c.records_out + c.records_duplicate + c.records_rejected + c.control_in + c.control_out + c.bytes_in +
             c.bytes_out + c.attachments_in + c.attachments_out == 0;
}
}  // namespace

TEST_CASE("replica: a submission goes to the commune by a session, and its receipt comes back", "[sync][replica]") {
  ReplicaPair pair;
  const Talk first = talk(pair.hamlet, pair.commune);
  CHECK(first.finished);
  CHECK(first.dialler.records_in == 1);  // the form
  pair.hamlet.submit(test_submission(uuid(1), "Bế Thị An"));
  CHECK(pair.hamlet.list().front().state == "saved");
  const Talk second = talk(pair.hamlet, pair.commune);
  CHECK(second.finished);
  CHECK(second.listener.records_in == 1);
  CHECK(pair.hamlet.list().front().state == "received");
  REQUIRE(pair.commune.list().size() == 1);
  CHECK(pair.commune.list().front().instance_id == "uuid:" + uuid(1));
  const Talk third = talk(pair.hamlet, pair.commune);
  CHECK(third.finished);
  CHECK(third.rounds == 2);  // the second is the dialler reading the answer: one round trip
  CHECK(third.dialler.bytes_in + third.dialler.bytes_out <= 256);
  CHECK(third.dialler.control_in + third.dialler.control_out + third.dialler.records_in == 0);
}

TEST_CASE("replica: a stick carries forms out, submissions back, and receipts out again; then it moves nothing", "[sync][replica]") {
  ReplicaPair pair;
  Stick stick;
  sync_stick(pair.commune, stick);
  CHECK(sync_stick(pair.hamlet, stick).records_in == 1);
  for (int i = 0; i < 50; ++i) pair.hamlet.submit(test_submission(uuid(i), "Số " + std::to_string(i)));
  REQUIRE(pair.hamlet.replica->close(pair.hamlet.now));
  CHECK(sync_stick(pair.hamlet, stick).records_out == 50);
  CHECK(pair.hamlet.list().front().state == "sent");
  CHECK(sync_stick(pair.commune, stick).records_in == 50);
  sync_stick(pair.hamlet, stick);
  for (const auto& entry : pair.hamlet.list()) CHECK(entry.state == "received");
  auto txn = pair.hamlet.replica->read();
  CHECK(pair.hamlet.replica->reader().status(**txn)->waiting == 0);
  txn->reset();
  const Stick before = stick;
  CHECK(moves_nothing(sync_stick(pair.commune, stick)));
  CHECK(moves_nothing(sync_stick(pair.hamlet, stick)));
  CHECK(stick == before);
}

TEST_CASE("replica: the commune's answer reaches an unlocked hamlet, and shows as its state", "[sync][replica]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  talk(pair.hamlet, pair.commune);
  pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto key, pair.commune.replica->views().resolve(batch.txn, pair.commune.list().front().id.hex()));
    sync::StateChange change;
    change.state = sync::State::accepted;
    change.code = "H14.01-261121-0001";
    return pair.commune.replica->set_state(batch, key, change);
  });
  talk(pair.hamlet, pair.commune);
  CHECK(pair.hamlet.list().front().state == "received");
  pair.hamlet.unlock();
  CHECK(pair.hamlet.list().front().state == "accepted");
  CHECK(pair.hamlet.list().front().code == "H14.01-261121-0001");
}

TEST_CASE("replica: what was written before the grant is sealed again to the commune", "[sync][replica]") {
  TestNode early(sync::Role::hamlet, "Nà Lay", 9);
  early.work([&](sync::Batch& batch) {
    return early.replica->library().put_built_in(batch, view_of(test_form), sync::Domain::general);
  });
  early.submit(test_submission(uuid(7), "Trước"));
  CHECK(early.list().front().state == "saved");
  ReplicaPair pair;
  pair.join(early);
  talk(early, pair.commune);
  CHECK(pair.commune.list().empty());
  early.unlock();
  talk(early, pair.commune);
  REQUIRE(pair.commune.list().size() == 1);
  CHECK(early.list().front().state == "received");
  CHECK(early.list().front().instance_id == "uuid:" + uuid(7));
}

TEST_CASE("replica: an author over its quota of a day is refused without a receipt, and heard again tomorrow", "[sync][replica]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.commune.replica->set_author_quota(2000);
  for (int i = 0; i < 60; ++i) pair.hamlet.submit(test_submission(uuid(i), "Số " + std::to_string(i)));
  talk(pair.hamlet, pair.commune);
  auto txn = pair.hamlet.replica->read();
  CHECK(pair.hamlet.replica->reader().status(**txn)->waiting > 0);
  txn->reset();
  CHECK(pair.commune.list().size() > 10);
  pair.commune.now.wall.value += 86'400;
  talk(pair.hamlet, pair.commune);
  txn = pair.hamlet.replica->read();
  CHECK(pair.hamlet.replica->reader().status(**txn)->waiting == 0);
}

TEST_CASE("replica: an erased dossier loses its body on both sides, and nobody asks for it again", "[sync][replica]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "Người xin xoá"));
  talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto key, pair.hamlet.replica->views().resolve(batch.txn, pair.hamlet.list().front().id.hex()));
    return pair.hamlet.replica->erase(batch, key, "theo yêu cầu");
  });
  talk(pair.hamlet, pair.commune);
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    auto txn = node->replica->read();
    const auto key = node->replica->views().resolve(**txn, node->list().front().id.hex());
    const auto detail = node->replica->views().detail(**txn, *key);
    REQUIRE(detail);
    CHECK(detail->erased);
    CHECK(detail->versions.empty());
    CHECK(node->replica->reader().verify(**txn));
  }
  const Talk again = talk(pair.hamlet, pair.commune);
  CHECK(again.dialler.records_in + again.dialler.records_out + again.listener.records_rejected == 0);
}

TEST_CASE("replica: a restored commune gives official codes once the last one was confirmed", "[sync][replica]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  talk(pair.hamlet, pair.commune);
  const auto set = [&](const std::string& code) {
    auto work = pair.commune.replica->begin(pair.commune.now);
    const auto key = pair.commune.replica->views().resolve(work->batch().txn, pair.commune.list().front().id.hex());
    sync::StateChange change;
    change.state = sync::State::accepted;
    change.code = code;
    const auto done = pair.commune.replica->set_state(work->batch(), *key, change);
    return done ? std::optional<Errc>() : done.error().code;
  };
  const auto confirm = [&](TestNode& node, std::string_view code) {
    auto work = node.replica->begin(node.now);
    const auto done = node.replica->confirm_last_code(work->batch(), code);
    if (done) REQUIRE(work->commit());
    return done ? std::optional<Errc>() : done.error().code;
  };
  CHECK_FALSE(set("H1"));
  CHECK(confirm(pair.commune, "H1") == Errc::usage);  // nothing to confirm
  pair.commune.work([&](sync::Batch& batch) { return pair.commune.replica->note_restored(batch); });
  CHECK(set("H2") == Errc::denied);
  CHECK_FALSE(set(""));  // other answers go out
  CHECK(confirm(pair.commune, "") == Errc::usage);
  CHECK(confirm(pair.hamlet, "H1") == Errc::denied);
  CHECK_FALSE(confirm(pair.commune, "H1"));
  CHECK_FALSE(set("H2"));
}

TEST_CASE("replica: what came by stick is not sent again at the next contact", "[sync][replica]") {
  ReplicaPair pair;
  Stick stick;
  sync_stick(pair.commune, stick);
  sync_stick(pair.hamlet, stick);
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  sync_stick(pair.hamlet, stick);
  sync_stick(pair.commune, stick);
  pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto key, pair.commune.replica->views().resolve(batch.txn, pair.commune.list().front().id.hex()));
    sync::StateChange change;
    change.state = sync::State::accepted;
    return pair.commune.replica->set_state(batch, key, change);
  });
  sync_stick(pair.commune, stick);
  CHECK(sync_stick(pair.hamlet, stick).records_in == 1);
  const Talk contact = talk(pair.hamlet, pair.commune);
  CHECK(contact.finished);
  CHECK(contact.dialler.records_duplicate + contact.listener.records_duplicate == 0);
  CHECK(contact.dialler.records_in + contact.listener.records_in == 0);
  CHECK(pair.hamlet.list().front().state == "received");
}

TEST_CASE("replica: a commune put back to before it knew a box learns of it from the box's own bundle", "[sync][replica]") {
  TestNode commune(sync::Role::commune, "Sảng Mộc", 1);
  commune.unlock();
  const auto before = commune.disk->clone();
  TestNode hamlet(sync::Role::hamlet, "Khuổi Mèo", 2);
  const auto request = sync::decode_request(hamlet.replica->enrolment().enrol_request());
  REQUIRE(request);
  Bytes grant;
  commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(grant, commune.replica->enrolment().grant(batch, {*request, std::nullopt, batch.now.wall}));
    return {};
  });
  hamlet.work([&](sync::Batch& batch) { return hamlet.replica->enrolment().accept_grant(batch, *sync::decode_grant_file(grant)); });
  hamlet.work([&](sync::Batch& batch) {
    return hamlet.replica->library().put_built_in(batch, view_of(test_form), sync::Domain::general);
  });
  hamlet.submit(test_submission(uuid(1), "An"));
  Stick stick;
  sync_stick(hamlet, stick);
  commune.restore(*before);
  commune.work([&](sync::Batch& batch) {
    return commune.replica->library().put_built_in(batch, view_of(test_form), sync::Domain::general);
  });
  sync_stick(commune, stick);
  CHECK(commune.list().size() == 1);
  sync_stick(hamlet, stick);
  CHECK(hamlet.list().front().state == "received");
}
