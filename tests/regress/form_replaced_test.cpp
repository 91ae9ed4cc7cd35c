// A form published again under the same id and version with other octets.
#include "tests/regress/planting.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// The same id and version with another root element.
std::string other_root(const std::string& text) {
  return replaced(replaced(replaced(text, "<data ", "<phieu "), "</data>", "</phieu>"), "/data/", "/phieu/");
}

}  // namespace

TEST_CASE("form: other octets under a published id and version are refused with what to do", "[regress]") {
  ReplicaPair pair;
  const auto publish = [&](sync::FormRecord form) {
    auto work = pair.commune.replica->begin(pair.commune.now);
    REQUIRE(work);
    const auto done = pair.commune.replica->add_form(work->batch(), std::move(form));
    if (done) REQUIRE(work->commit());
    return done;
  };
  const auto refused = publish(record_of_form(other_root(test_form)));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::exists);
  CHECK(refused.error().what.find("raise the version") != std::string::npos);
  CHECK(publish(record_of_form(test_form)));
  sync::FormRecord closed = record_of_form(test_form);
  closed.closed = true;
  CHECK(publish(closed));
  CHECK(publish(record_of_form(replaced(other_root(test_form), "version=\"1\"", "version=\"2\""))));
  const std::string bare = replaced(replaced(test_form, " version=\"1\"", ""), "id=\"test\"", "id=\"bare\"");
  CHECK(publish(record_of_form(bare)));
  CHECK(publish(record_of_form(replaced(bare, "Test</", "Khác</"))).error().what.find("without a version") != std::string::npos);
}

TEST_CASE("form: what an older commune published over another form leaves every list and dossier readable", "[regress]") {
  ReplicaPair pair;
  pair.commune.work([&](sync::Batch& batch) {
    return pair.commune.replica->add_form(batch, record_of_form(replaced(test_form, "id=\"test\"", "id=\"other\"")));
  });
  talk(pair.hamlet, pair.commune);
  pair.hamlet.submit(test_submission(uuid(1), "Bản cũ", "cu.jpg"));
  pair.hamlet.submit(replaced(test_submission(uuid(2), "Mẫu khác"), "id=\"test\"", "id=\"other\""));
  talk(pair.hamlet, pair.commune);
  publish_unasked(pair.commune, other_root(test_form));
  talk(pair.hamlet, pair.commune);
  // A phone that still has the old form, one that has the new one, and an edit of what the old one wrote.
  pair.hamlet.submit(test_submission(uuid(3), "Máy còn mẫu cũ", "cu3.jpg"));
  pair.hamlet.submit(other_root(test_submission(uuid(4), "Máy có mẫu mới", "moi.jpg")));
  pair.hamlet.submit(test_submission(uuid(5), "Bản cũ, đã sửa", "cu.jpg", uuid(1)));
  for (int round = 0; round < 2; ++round) CHECK(talk(pair.hamlet, pair.commune).finished);
  pair.hamlet.unlock();
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    const auto rows = node->list();
    REQUIRE(rows.size() == 4);
    for (const auto& row : rows) {
      CHECK(row.problem.empty());
      CHECK(row.form.has_value());
      CHECK(row.conflict == false);
    }
    CHECK(rows.front().instance_id == "uuid:" + uuid(5));
    for (const int n : {1, 3, 4}) {
      auto txn = node->replica->read();
      const auto detail = node->replica->views().detail(**txn, key_of_instance(*node, n));
      REQUIRE(detail);
      for (const auto& version : detail->versions) {
        CHECK(version.facts.form_known);
        CHECK(version.facts.attachments.size() == 1);
      }
    }
    CHECK(status_of(*node).unopened == 0);
    CHECK(status_of(*node).quarantined == 0);
    check_store_is_sound(*node);
  }
}
