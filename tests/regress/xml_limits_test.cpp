// Small records that unpack to megabytes: what is handed in, what a commune takes in, and what an older version took.
#include "node/acts/auto_training.h"
#include "node/acts/summary.h"
#include "sync/base/nfc.h"
#include "tests/node/links_fixture.h"
#include "tests/support/second_writer.h"
#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::node;
using namespace khuoi::tests;

namespace {

constexpr std::size_t MiB = std::size_t{1} << 20U;

/// A submission of the test form whose name is that long; it compresses to next to nothing.
std::string long_submission(int n, std::size_t octets, const std::string& word = "Nà Lay ") {
  const std::string empty = test_submission(uuid(n), "");
  std::string name;
  while (empty.size() + name.size() + word.size() <= octets) name += word;
  return test_submission(uuid(n), name + std::string(octets - empty.size() - name.size(), 'a'));
}

/// As a version without the limit took it: prepared small, written long.
sync::Ref plant_long(sync::Replica& replica, sync::Batch& batch, int n, const std::string& xml) {
  auto prepared = replica.reader().submissions().prepare(batch.txn, view_of(test_submission(uuid(n), "")));
  REQUIRE(prepared);
  prepared->xml = to_bytes(view_of(xml));
  REQUIRE(replica.intake().submit(batch, *prepared, {}));
  const auto row = replica.dossiers().row(batch.txn, prepared->key);
  REQUIRE((row && *row));
  return (*row)->items.front().ref;
}

std::vector<sync::Quarantined> what_is_quarantined(TestNode& node) {
  auto txn = node.replica->read();
  auto out = sync::quarantined(**txn);
  REQUIRE(out);
  return *out;
}

/// Of an older version's commune: what waits in quarantine now was taken in then.
void take_in_as_before(TestNode& commune) {
  const auto items = what_is_quarantined(commune);
  for (const sync::Quarantined& item : items) {
    commune.work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(const Bytes xml, commune.replica->views().xml(batch.txn, item.ref));
      KHUOI_TRY(const auto instance, sync::Instance::parse(xml));
      KHUOI_TRY(const auto form, commune.replica->library().form(batch.txn, "test", "1"));
      KHUOI_TRY(const auto* facts, commune.replica->library().facts(batch.txn, form->hash));
      KHUOI_TRY(const auto named, instance.facts(*facts));
      const sync::DossierKey key{commune.replica->dossiers().hamlet_of(item.ref.author),
                                 sync::dossier_id_of(named.instance_id)};
      return sync::SecondWriter::index_of(*commune.replica)
          .index_version(batch, key, {item.ref, sync::Kind::submission, sync::Domain::general, {}, named.instance_id, {}, {}});
    });
  }
}

}  // namespace

TEST_CASE("xml limits: a submission of 1 MiB is taken and one octet more is refused, at every way in", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(long_submission(1, MiB));
  auto txn = pair.hamlet.replica->read();
  const auto refused = pair.hamlet.replica->reader().submissions().prepare(**txn, view_of(long_submission(2, MiB + 1)));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::too_large);
  CHECK(refused.error().what.find("1 MiB") != std::string::npos);
  txn->reset();
  talk(pair.hamlet, pair.commune);
  CHECK(pair.commune.list().size() == 1);
  CHECK(what_is_quarantined(pair.commune).empty());
}

TEST_CASE("xml limits: a record that unpacks to 16 MiB is kept for a person and takes nothing else with it", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    plant_long(*pair.hamlet.replica, batch, 1, long_submission(1, 15 * MiB));
    return {};
  });
  pair.hamlet.submit(test_submission(uuid(2), "Nông Văn A"));
  REQUIRE(talk(pair.hamlet, pair.commune).finished);
  const auto list = pair.commune.list();
  REQUIRE(list.size() == 1);
  CHECK(list.front().instance_id == "uuid:" + uuid(2));
  const auto items = what_is_quarantined(pair.commune);
  REQUIRE(items.size() == 1);
  CHECK(items.front().why.find("1 MiB") != std::string::npos);
  // It is not asked for again, and a copy of it is no second row.
  CHECK(talk(pair.hamlet, pair.commune).listener.records_in == 0);
  CHECK(what_is_quarantined(pair.commune).size() == 1);
  // Its own hamlet reads it as before.
  pair.hamlet.unlock();
  REQUIRE(pair.hamlet.list().size() == 2);
  auto txn = pair.hamlet.replica->read();
  const auto key = pair.hamlet.replica->views().resolve(**txn, sync::dossier_id_of("uuid:" + uuid(1)).hex());
  REQUIRE(key);
  const auto detail = pair.hamlet.replica->views().detail(**txn, *key);
  REQUIRE(detail);
  CHECK(detail->versions.front().xml.size() == 15 * MiB);
  txn->reset();
  check_store_is_sound(pair.hamlet);
  check_store_is_sound(pair.commune);
}

TEST_CASE("xml limits: what a commune took in before the limit is listed, read and not learned from", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    for (int n = 1; n < 6; ++n) plant_long(*pair.hamlet.replica, batch, n, long_submission(n, 4 * MiB));
    return {};
  });
  talk(pair.hamlet, pair.commune);
  take_in_as_before(pair.commune);
  for (int n = 10; n < 15; ++n) pair.hamlet.submit(test_submission(uuid(n), "Nông Văn A"));
  talk(pair.hamlet, pair.commune);
  const auto list = pair.commune.list();
  REQUIRE(list.size() == 10);
  CHECK(list.front().form == "test");
  auto txn = pair.commune.replica->read();
  const auto set = pair.commune.replica->reader().lessons().set(**txn);
  REQUIRE(set);
  REQUIRE(set->forms.size() == 1);
  CHECK(set->forms.begin()->second.submissions.size() == 5);
  const auto key = pair.commune.replica->views().resolve(**txn, list.front().id.hex());
  REQUIRE(key);
  const auto facts = pair.commune.replica->views().detail(**txn, *key, sync::DossierReader::Keep::facts);
  REQUIRE(facts);
  CHECK(facts->versions.front().xml.empty());
  const auto xml = pair.commune.replica->views().xml(**txn, facts->versions.front().ref);
  REQUIRE(xml);
  CHECK(xml->size() == 4 * MiB);
}

TEST_CASE("xml limits: training is bounded by octets, takes the newest, and ends when it is told to", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  for (int n = 0; n < 40; ++n) pair.hamlet.submit(long_submission(n, 60'000, "Họ tên " + std::to_string(n) + " "));
  talk(pair.hamlet, pair.commune);
  REQUIRE(pair.commune.list().size() == 40);
  auto txn = pair.commune.replica->read();
  const auto set = pair.commune.replica->reader().lessons().set(**txn);
  REQUIRE(set);
  const auto& form = set->forms.begin()->second;
  CHECK(form.submissions.size() == sync::learned_octets_max / 60'000);
  CHECK(set->octets <= sync::learned_octets_max);
  CHECK(text_of(form.submissions.back()).find(uuid(39)) != std::string_view::npos);
  CHECK(text_of(form.submissions.front()).find(uuid(23)) != std::string_view::npos);
  std::size_t asked = 0;
  const auto at_once = [&] { return ++asked > 0; };
  CHECK(pair.commune.replica->reader().lessons().set(**txn, at_once).error().code == Errc::closed);
  // Wherever it stands when it is told: nothing is published, and it ends within a few more questions.
  for (std::size_t when : {1U, 3U, 20U, 40U}) {
    asked = 0;
    const auto stopped = sync::learn(*set, sync::Training::at_once, [&] { return ++asked >= when; });
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == Errc::closed);
    CHECK(asked < when + 200);
  }
}

TEST_CASE("xml limits: training that never ended is not begun again at every start", "[regress]") {
  DiskPair pair;
  Serving server(*pair.commune.engine);
  contact(pair.hamlet, server.place());
  pair.hamlet.submit(0, 40);
  contact(pair.hamlet, server.place());
  const auto stopped = train_when_due(*pair.commune.engine, [] { return true; });
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().code == Errc::closed);
  bool due = true;
  REQUIRE(pair.commune.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(due, reader.lessons().due(txn));
    return {};
  }));
  CHECK_FALSE(due);
  // Once more has come in it is tried again.
  pair.hamlet.submit(40, 4);
  contact(pair.hamlet, server.place());
  const auto trained = train_when_due(*pair.commune.engine);
  REQUIRE(trained);
  CHECK(*trained == 1);
}

TEST_CASE("xml limits: a dossier's row in lists is small whatever was handed in, and says where it begins", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  pair.hamlet.submit(long_submission(1, MiB, "Nông Thị Mỷ "));
  auto version = test_submission(uuid(2), "a");
  version.replace(version.find("\"1\""), 3, "\"" + std::string(300'000, '9') + "\"");
  pair.hamlet.submit(version);
  // What folds to eleven times its length.
  std::string wide;
  while (wide.size() < 100'000) wide += "\xef\xb7\xba";
  pair.hamlet.submit(test_submission(uuid(3), wide));
  auto txn = pair.hamlet.replica->read();
  std::size_t rows = 0;
  REQUIRE(pair.hamlet.replica->dossiers().each_key(**txn, [&](const auto& key, const auto& row) {
    const auto one = node::Summaries(pair.hamlet.replica->reader(), **txn).of(key, row);
    REQUIRE(one);
    CHECK(one->searched.size() <= 8192);
    CHECK(node::found_always(*one).size() <= 8192);
    CHECK(one->label.size() <= 210);
    CHECK(sync::is_utf8(view_of(one->searched)));
    if (row.number == 1) CHECK(one->searched.find("nong thi my") != std::string::npos);
    ++rows;
  }));
  CHECK(rows == 3);
}
