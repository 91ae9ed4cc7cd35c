// Who a hamlet belongs to is decided by people who compare digits, and a wrong commune can be left again.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "node/acts/joining.h"
#include "sync/seal/slot.h"
#include "tests/node/links_fixture.h"
#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace khuoi::tests;

namespace {

Bytes invitation_of(TestNode& commune, const TestNode& box) {
  const auto request = sync::decode_request(box.replica->enrolment().enrol_request());
  REQUIRE(request);
  Bytes grant;
  commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(grant, commune.replica->enrolment().grant(batch, {*request, std::nullopt, batch.now.wall}));
    return {};
  });
  return grant;
}

Bytes invitation_of(TestNode& commune, const DiskNode& box) {
  Bytes octets;
  REQUIRE(box.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    octets = reader.membership().enrol_request();
    return {};
  }));
  const auto request = sync::decode_request(octets);
  REQUIRE(request);
  Bytes grant;
  commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(grant, commune.replica->enrolment().grant(batch, {*request, std::nullopt, batch.now.wall}));
    return {};
  });
  return grant;
}

Result<void> take_invitation(TestNode& box, ByteView grant) {
  const auto statements = sync::decode_grant_file(grant);
  REQUIRE(statements);
  Result<void> done;
  box.work([&](sync::Batch& batch) -> Result<void> {
    done = box.replica->enrolment().accept_grant(batch, *statements);
    return {};
  });
  return done;
}

std::string spoken_digits_of(const TestNode& commune) {
  return sync::fingerprint_digits(commune.replica->keys().authority_public());
}

/// A commune of the courier's own, under the real one's name, that knows the hamlet's form.
struct FalseCommune {
  TestNode node;
  explicit FalseCommune(std::uint64_t seed = 77) : node(sync::Role::commune, "Sảng Mộc", seed) {
    node.unlock();
    node.work([&](sync::Batch& batch) {
      sync::FormRecord form;
      form.xml = to_bytes(view_of(test_form));
      return node.replica->add_form(batch, form);
    });
  }
};

/// A hamlet with the test form that belongs to nobody yet.
TestNode lonely_hamlet() {
  TestNode hamlet(sync::Role::hamlet, "Nà Lay", 5);
  hamlet.work([&](sync::Batch& batch) {
    return hamlet.replica->library().put_built_in(batch, view_of(test_form), sync::Domain::general);
  });
  return hamlet;
}

std::vector<std::pair<std::uint32_t, std::string>> numbers_of(TestNode& node) {
  std::vector<std::pair<std::uint32_t, std::string>> out;
  for (const auto& one : node.list()) out.emplace_back(one.number, one.instance_id.value_or(""));
  return out;
}

void go_away(TestNode& hamlet) {
  hamlet.work([&](sync::Batch& batch) { return hamlet.replica->resealing().leave_commune(batch); });
}

}  // namespace

TEST_CASE("joining: a hamlet leaves a false commune with all that it wrote and joins the real one", "[regress]") {
  ReplicaPair real;
  FalseCommune courier;
  TestNode hamlet = lonely_hamlet();
  hamlet.unlock();
  hamlet.submit(test_submission(uuid(1), "before the grant"));
  REQUIRE(take_invitation(hamlet, invitation_of(courier.node, hamlet)));
  hamlet.submit(test_submission(uuid(2), "for the courier"));
  hamlet.submit(test_submission(uuid(3), "an edit", "", uuid(2)));
  hamlet.submit(test_submission(uuid(4), "withdrawn"));
  hamlet.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto key, hamlet.replica->views().resolve(batch.txn, sync::dossier_id_of("uuid:" + uuid(4)).hex()));
    return hamlet.replica->withdraw(batch, key, "entered twice");
  });
  // The courier read it all, from a stick; no receipt came back. He sends an announcement and a state, too.
  Stick stick;
  sync_stick(hamlet, stick);
  sync_stick(courier.node, stick);
  CHECK(courier.node.list().size() == 3);
  const auto before = numbers_of(hamlet);
  REQUIRE(before.size() == 3);
  go_away(hamlet);
  CHECK_FALSE(hamlet.replica->self().granted());
  CHECK(numbers_of(hamlet) == before);
  for (const auto& one : hamlet.list()) CHECK(one.state == "saved");
  check_store_is_sound(hamlet);
  hamlet.start();
  hamlet.unlock();
  CHECK(numbers_of(hamlet) == before);
  // A repeat is still known as one.
  CHECK(hamlet.submit(test_submission(uuid(2), "for the courier")).repeat);
  REQUIRE(take_invitation(hamlet, invitation_of(real.commune, hamlet)));
  REQUIRE(talk(hamlet, real.commune).finished);
  const auto theirs = real.commune.list();
  REQUIRE(theirs.size() == 3);
  auto txn = real.commune.replica->read();
  for (const auto& one : theirs) {
    const auto key = real.commune.replica->views().resolve(**txn, one.id.hex());
    REQUIRE(key);
    const auto detail = real.commune.replica->views().detail(**txn, *key);
    REQUIRE(detail);
    CHECK(one.conflict == false);
    CHECK(detail->withdrawal_asked == (one.instance_id == "uuid:" + uuid(4)));
    CHECK(detail->versions.size() == (one.instance_id == "uuid:" + uuid(3) ? 2U : 1U));
  }
  txn->reset();
  for (const auto& one : hamlet.list()) CHECK(one.state == "received");
  check_store_is_sound(hamlet);
}

TEST_CASE("joining: a commune that signed a receipt is not left, and nothing has changed", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  pair.hamlet.submit(test_submission(uuid(1), "a"));
  REQUIRE(talk(pair.hamlet, pair.commune).finished);
  Result<void> left;
  {
    auto work = pair.hamlet.replica->begin(pair.hamlet.now);
    left = pair.hamlet.replica->resealing().leave_commune(work->batch());
  }
  REQUIRE_FALSE(left);
  CHECK(left.error().code == Errc::denied);
  CHECK(pair.hamlet.replica->self().granted());
  pair.hamlet.unlock();
  CHECK(pair.hamlet.list().front().state == "received");
  check_store_is_sound(pair.hamlet);
}

TEST_CASE("joining: a locked box does not leave, since it could not seal again what it wrote", "[regress]") {
  FalseCommune courier;
  TestNode hamlet = lonely_hamlet();
  REQUIRE(take_invitation(hamlet, invitation_of(courier.node, hamlet)));
  hamlet.submit(test_submission(uuid(1), "a"));
  hamlet.start();
  Result<void> left;
  {
    auto work = hamlet.replica->begin(hamlet.now);
    left = hamlet.replica->resealing().leave_commune(work->batch());
  }
  REQUIRE_FALSE(left);
  CHECK(left.error().code == Errc::locked);
  CHECK(hamlet.replica->self().granted());
}

TEST_CASE("joining: of all grants that sticks brought a person chooses one by its digits", "[regress]") {
  ReplicaPair real;
  FalseCommune courier;
  DiskNode hamlet(sync::Role::hamlet, "Nà Lay");
  const std::filesystem::path papers = hamlet.folder.path() / "papers";
  std::filesystem::create_directories(papers);
  const auto put = [&](const std::string& name, ByteView grant) {
    std::ofstream(papers / name) << sync::armour("grant", grant) << "\n";
  };
  put("0.grant", invitation_of(courier.node, hamlet));
  put("1.grant", invitation_of(real.commune, hamlet));
  FalseCommune third(78);
  put("2.grant", invitation_of(third.node, real.hamlet));  // another box's
  std::ofstream(papers / "3.grant") << "khuoi-grant-1:AAAA";
  std::ofstream(papers / "notes.txt") << "x";
  auto found = grants_from_sticks(*hamlet.engine);
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK((*found)[0].invitation.commune == "Sảng Mộc");
  CHECK((*found)[1].invitation.commune == "Sảng Mộc");
  CHECK((*found)[0].invitation.fingerprint == spoken_digits_of(courier.node));
  CHECK((*found)[1].invitation.fingerprint == spoken_digits_of(real.commune));
  const auto wrong = compare((*found)[0].invitation, spoken_digits_of(real.commune));
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().what.find_first_of("0123456789") == std::string::npos);  // it does not tell the right ones
  CHECK_FALSE(compare((*found)[1].invitation, ""));
  std::string spoken;
  for (const char digit : sync::only_digits(spoken_digits_of(real.commune))) spoken += std::string(1, digit) + ", ";
  CHECK(compare((*found)[1].invitation, spoken));
  const auto joined = take_grant(*hamlet.engine, {}, (*found)[1].armoured);
  REQUIRE(joined);
  CHECK(*joined == "Sảng Mộc");
  CHECK(hamlet.self().commune == real.commune.replica->self().commune);
}

TEST_CASE("joining: a file that names two communes shows one and joins none", "[regress]") {
  ReplicaPair real;
  FalseCommune courier;
  DiskNode hamlet(sync::Role::hamlet, "Nà Lay");
  const auto ours = sync::decode_grant_file(invitation_of(real.commune, hamlet));
  const auto theirs = sync::decode_grant_file(invitation_of(courier.node, hamlet));
  REQUIRE((ours && theirs));
  std::vector<Bytes> both = *ours;
  both.insert(both.end(), theirs->begin(), theirs->end());
  const std::string text = sync::armour("grant", sync::encode_grant_file(both));
  const auto joined = take_grant(*hamlet.engine, {}, view_of(text));
  REQUIRE_FALSE(joined);
  CHECK(joined.error().code == Errc::unauthenticated);
  CHECK_FALSE(hamlet.self().granted());
}
