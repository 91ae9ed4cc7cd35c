#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

TEST_CASE("intake: a repeat is told while locked, and other XML under the name is kept and marked", "[sync][intake]") {
  MetPair pair;
  const auto first = pair.hamlet.submit(test_submission(uuid(1), "An"));
  const auto again = pair.hamlet.submit(test_submission(uuid(1), "An"));
  CHECK(again.repeat);
  CHECK(again.shown == first.shown);
  const auto variant = pair.hamlet.submit(test_submission(uuid(1), "Bình"));
  CHECK(variant.variant);
  CHECK(pair.hamlet.list().size() == 1);
  talk(pair.hamlet, pair.commune);
  REQUIRE(pair.commune.list().size() == 1);
  CHECK(pair.commune.list().front().conflict == true);
  pair.hamlet.unlock();
  CHECK(pair.hamlet.list().front().conflict == true);
}

TEST_CASE("intake: edits made at two clones of one box are both kept until a person picks", "[sync][intake]") {
  MetPair pair;
  pair.hamlet.submit(test_submission(uuid(1), "Gốc"));
  talk(pair.hamlet, pair.commune);
  REQUIRE(pair.hamlet.replica->close(pair.hamlet.now));
  TestNode twin(pair.hamlet.disk->clone(), 77);
  twin.now = pair.hamlet.now;
  pair.hamlet.start();
  pair.hamlet.submit(test_submission(uuid(2), "Một", "", uuid(1)));
  twin.submit(test_submission(uuid(3), "Hai", "", uuid(1)));
  for (int round = 0; round < 4; ++round) {
    talk(pair.hamlet, pair.commune);
    talk(twin, pair.commune);
  }
  pair.hamlet.unlock();
  twin.unlock();
  for (TestNode* node : {&pair.hamlet, &twin, &pair.commune}) {
    REQUIRE(node->list().size() == 1);
    CHECK(node->list().front().conflict == true);
  }
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    const sync::DossierKey key = only_key(pair.hamlet);
    KHUOI_TRY(const auto row, pair.hamlet.replica->dossiers().row(batch.txn, key));
    KHUOI_TRY(const auto view, pair.hamlet.replica->dossiers().view(batch.txn, *row));
    return pair.hamlet.replica->pick(batch, key, view.heads.front());
  });
  for (int round = 0; round < 4; ++round) {
    talk(pair.hamlet, pair.commune);
    talk(twin, pair.commune);
  }
  std::set<std::string> shown;
  for (TestNode* node : {&pair.hamlet, &twin, &pair.commune}) {
    REQUIRE(node->list().size() == 1);
    CHECK(node->list().front().conflict == false);
    shown.insert(*node->list().front().instance_id);
  }
  CHECK(shown.size() == 1);
}

TEST_CASE("intake: what was handed in comes out byte for byte on both sides", "[sync][intake]") {
  MetPair pair;
  const std::string xml = test_submission(uuid(1), "Bế Thị <!-- &amp; --> Đức &#10; ");
  pair.hamlet.submit(xml);
  talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    const sync::DossierKey key = only_key(*node);
    auto txn = node->replica->read();
    const auto detail = node->replica->views().detail(**txn, key);
    REQUIRE(detail);
    REQUIRE(detail->versions.size() == 1);
    CHECK(text_of(detail->versions.front().xml) == xml);
  }
}

TEST_CASE("intake: what is no submission of a known form is refused and leaves no trace", "[sync][intake]") {
  MetPair pair;
  const std::string good = test_submission(uuid(1), "An");
  auto txn = pair.hamlet.replica->read();
  const auto refused = [&](const std::string& xml) { return !pair.hamlet.replica->reader().submissions().prepare(**txn, view_of(xml)); };
  for (std::size_t size = 0; size < good.size(); ++size) CHECK(refused(good.substr(0, size)));
  CHECK(refused("<!DOCTYPE a [<!ENTITY x \"y\">]>" + good));
  std::string other = good;
  other.replace(other.find("\"test\""), 6, "\"lạ\"");
  CHECK(refused(other));
  CHECK_FALSE(refused(good));
}

TEST_CASE("intake: past 80 % of the store new dossiers are refused, and receipts still come in", "[sync][intake]") {
  MetPair pair;
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  pair.hamlet.replica->intake().set_usage({81, 100});
  auto work = pair.hamlet.replica->begin(pair.hamlet.now);
  REQUIRE(work);
  const auto prepared = pair.hamlet.replica->reader().submissions().prepare(work->batch().txn, view_of(test_submission(uuid(2), "Bình")));
  REQUIRE(prepared);
  const auto refused = pair.hamlet.replica->intake().submit(work->batch(), *prepared, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::store_full);
  { auto dropped = std::move(*work); }
  talk(pair.hamlet, pair.commune);
  CHECK(pair.hamlet.list().front().state == "received");
}

TEST_CASE("intake: what is filled in with an urgent form leaves before all that was written earlier", "[sync][intake]") {
  MetPair pair;
  std::string form = test_form;
  form.replace(form.find("<h:html "), 8, R"(<h:html xmlns:khuoi="urn:khuoi:form" khuoi:urgency="urgent" )");
  form.replace(form.find("id=\"test\""), 9, "id=\"fire\"");
  pair.commune.work([&](sync::Batch& batch) {
    sync::FormRecord record;
    record.xml = to_bytes(view_of(form));
    return pair.commune.replica->add_form(batch, record);
  });
  talk(pair.hamlet, pair.commune);
  const auto urgent = [](std::string xml) { return xml.replace(xml.find("id=\"test\""), 9, "id=\"fire\""); };
  pair.hamlet.submit(test_submission(uuid(1), "An"));
  CHECK(pair.hamlet.submit(test_submission(uuid(2), "Bình")).rank == sync::Rank::high);
  CHECK(pair.hamlet.submit(urgent(test_submission(uuid(3), "Cháy"))).rank == sync::Rank::urgent);
  CHECK(pair.hamlet.submit(urgent(test_submission(uuid(4), "Cháy to", "", uuid(3)))).rank == sync::Rank::urgent);
  auto txn = pair.hamlet.replica->read();
  REQUIRE(txn);
  const auto leaving = sync::Planner(*pair.hamlet.replica).records(**txn, pair.commune.replica->self().node, {});
  REQUIRE(leaving);
  std::vector<sync::Rank> peoples;
  for (const sync::Candidate& one : *leaving) {
    if (one.peoples) peoples.push_back(one.rank);
  }
  CHECK(peoples == std::vector{sync::Rank::urgent, sync::Rank::urgent, sync::Rank::high, sync::Rank::high});
}
