#include "sync/log/run_writer.h"
#include "tests/support/second_writer.h"
#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {
/// As communes of earlier versions did, which took other octets under a published id and version.
void publish_same_version(TestNode& commune, const std::string& xml) {
  sync::FormRecord form;
  form.xml = to_bytes(view_of(xml));
  form.id = "test";
  form.version = "1";
  form.title = "Sửa!";
  commune.work([&](sync::Batch& batch) -> Result<void> {
    sync::RunWriter writer = sync::SecondWriter::of(*commune.replica);
    KHUOI_TRY_VOID(writer.append(batch, sync::Recipient::everyone(), sync::Rank::normal, sync::Domain::general, form));
    return commune.replica->library().put_form(batch, form);
  });
  commune.start();
  commune.unlock();
}
}  // namespace

TEST_CASE("library: a form published twice is one record", "[sync][library]") {
  ReplicaPair pair;
  const auto before = status_of(pair.commune).records;
  publish_form(pair.commune, test_form);
  CHECK(status_of(pair.commune).records == before);
}

TEST_CASE("library: a form changed under the same version leaves what was written with the old one readable", "[sync][library]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "Bản cũ"));
  std::string changed = test_form;
  changed.replace(changed.find("Test</h:title>"), 4, "Sửa!");
  publish_same_version(pair.commune, changed);
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(2), "Bản mới"));
  talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    REQUIRE(node->list().size() == 2);
    for (const auto& entry : node->list()) CHECK(entry.instance_id.has_value());
    CHECK(status_of(*node).unopened == 0);
    CHECK(status_of(*node).quarantined == 0);
    node->start();
    CHECK(node->list().size() == 2);
  }
}

TEST_CASE("library: a commune that lost a form in a restore gets it back, and reads what waited for it", "[sync][library]") {
  TestNode hamlet(sync::Role::hamlet, "Khuổi Mèo", 2);
  TestNode commune(sync::Role::commune, "Sảng Mộc", 1);
  commune.unlock();
  join(commune, hamlet);
  const auto image = commune.disk->clone();
  publish_form(commune, test_form);
  talk(hamlet, commune);
  hamlet.submit(test_submission(uuid(1), "An"));
  talk(hamlet, commune);
  commune.restore(*image);
  for (int round = 0; round < 3; ++round) CHECK(talk(hamlet, commune).finished);
  REQUIRE(commune.list().size() == 1);
  CHECK(commune.list().front().instance_id == "uuid:" + uuid(1));
  CHECK(status_of(commune).unopened == 0);
  CHECK(hamlet.list().front().state == "received");
  check_store_is_sound(commune);
}

TEST_CASE("library: a trained dictionary reaches the box, and both ways of coding are read", "[sync][library]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  for (int i = 0; i < 40; ++i) pair.hamlet.submit(test_submission(uuid(i), "Nông Văn " + std::to_string(i % 5)));
  talk(pair.hamlet, pair.commune);
  pair.commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(pair.commune.replica->trainer().at_once(batch));
    return {};
  });
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(99), "Nông Văn 3"));
  talk(pair.hamlet, pair.commune);
  CHECK(pair.commune.list().size() == 41);
  CHECK(status_of(pair.commune).unopened == 0);
  check_store_is_sound(pair.commune);
}
