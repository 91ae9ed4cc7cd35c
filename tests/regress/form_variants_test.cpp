// Forms that are nearly the same, that come in any order, that nobody here has, and that an earlier program shipped.
#include "tests/regress/handing_in.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

std::string swapped(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}
std::string version_of_test(const std::string& version) { return swapped(test_form, "version=\"1\"", "version=\"" + version + "\""); }

Result<void> publish_at(TestNode& commune, const sync::FormRecord& form) {
  auto work = commune.replica->begin(commune.now);
  REQUIRE(work);
  auto done = commune.replica->add_form(work->batch(), form);
  if (done) REQUIRE(work->commit());
  return done;
}

void take_shipped(TestNode& node, const std::vector<std::string>& forms) {
  std::vector<sync::Replica::BuiltIn> shipped;
  for (const std::string& form : forms) shipped.push_back({view_of(form), sync::Domain::general});
  auto txn = node.replica->read();
  CHECK(*node.replica->reader().lacks_built_in(**txn, shipped));
  txn->reset();
  node.work([&](sync::Batch& batch) { return node.replica->put_built_in(batch, shipped); });
  txn = node.replica->read();
  CHECK_FALSE(*node.replica->reader().lacks_built_in(**txn, shipped));
}

std::string newest_version(TestNode& node) {
  auto txn = node.replica->read();
  const auto newest = node.replica->library().form(**txn, "test", "(unknown)");
  REQUIRE((newest && *newest));
  return (*newest)->version + ((*newest)->closed ? " closed" : "");
}

/// A commune and a hamlet that join after their programs brought forms of their own.
struct ShippedPair {
  TestNode commune{sync::Role::commune, "Sảng Mộc", 1};
  TestNode hamlet{sync::Role::hamlet, "Khuổi Mèo", 2};
  void join() {
    commune.unlock();
    tests::join(commune, hamlet);
    talk(hamlet, commune);
  }
  void check_read_at_commune(std::size_t dossiers) {
    for (int round = 0; round < 3; ++round) talk(hamlet, commune);
    const auto rows = commune.list();
    CHECK(rows.size() == dossiers);
    for (const auto& row : rows) CHECK(row.problem.empty());
    CHECK(status_of(commune).unopened == 0);
    check_store_is_sound(commune);
  }
};

}  // namespace

TEST_CASE("forms: however little differs under one id and version it is refused, and what is another form is taken", "[regress]") {
  const std::vector<std::pair<std::string, bool>> variants{
      {"\xef\xbb\xbf" + test_form, false},
      {test_form + "\n", false},
      {"<?xml version=\"1.0\"?>" + test_form, false},
      {"<!-- bản sửa -->" + test_form, false},
      {swapped(test_form, "><", ">\r\n<"), false},
      {swapped(test_form, "version=\"1\"", "version=' 1 '"), false},
      {swapped(swapped(test_form, "h:", "x:"), "xmlns:h=", "xmlns:x="), false},
      {swapped(test_form, "id=\"test\" version=\"1\"", "version=\"1\" id=\"test\""), false},
      {swapped(test_form, "<name/>", "<name></name>"), false},
      {swapped(test_form, "id=\"test\"", "id=\" test \""), false},
      {swapped(test_form, "id=\"test\"", "id=\"Test\""), true},
      {swapped(test_form, "id=\"test\"", "id=\"te\xcc\x82st\""), true},
      {swapped(test_form, "id=\"test\"", "id=\"t\xc3\xaast\""), true},
      {swapped(test_form, "version=\"1\"", "version=\"01\""), true},
      {swapped(test_form, "version=\"1\"", ""), true},
      {swapped(test_form, "id=\"test\"", "id=\"" + std::string(600, 't') + "1\""), true},
      {swapped(test_form, "id=\"test\"", "id=\"" + std::string(600, 't') + "2\""), true}};
  ReplicaPair pair;
  std::size_t taken = 1;
  for (const auto& [xml, is_other] : variants) {
    INFO(xml.substr(0, 300));
    const auto done = publish_at(pair.commune, record_of_form(xml));
    CHECK(done.has_value() == is_other);
    taken += is_other ? 1 : 0;
    if (!done) CHECK(done.error().what.find("raise the version") != std::string::npos);
  }
  talk(pair.hamlet, pair.commune);
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    auto txn = node->replica->read();
    CHECK(node->replica->library().forms(**txn)->size() == taken);
  }
  int n = 0;
  for (const auto& [xml, is_other] : variants) {
    if (!is_other) continue;
    const auto facts = sync::read_form(view_of(xml));
    hand_in(pair.hamlet, swapped(swapped(test_submission(uuid(++n), "An", "a.jpg"), "id=\"test\"", "id=\"" + facts->id + "\""),
                                 "version=\"1\"", "version=\"" + facts->version + "\""), {{"a.jpg", std::to_string(n)}});
  }
  carry(pair.hamlet, pair.commune, Way::stick);
  pair.hamlet.unlock();
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    CHECK(versions_at(*node).size() == taken - 1);
    for (const auto& [instance, version] : versions_at(*node)) {
      CHECK(version.form_known);
      CHECK(version.files.size() == 1);
    }
  }
}

TEST_CASE("forms: in whatever order their records arrive, the one published last is the newest, and closed stays closed", "[regress]") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    INFO("seed " << seed);
    ReplicaPair pair;
    for (const std::string version : {"2", "3"}) CHECK(publish_at(pair.commune, record_of_form(version_of_test(version))));
    if (seed % 2 == 0) pair.commune.start();  // the rest goes into another run
    sync::FormRecord closed = record_of_form(version_of_test("2"));
    if (seed % 3 == 0) {
      closed.closed = true;
      CHECK(publish_at(pair.commune, closed));
    }
    const std::string newest = newest_version(pair.commune);
    CHECK(newest == (seed % 3 == 0 ? "2 closed" : "3"));
    auto records = records_of(pair.commune, pair.commune.replica->self().node);
    SeededRng rng(seed);
    for (std::size_t i = records.size(); i > 1; --i) std::swap(records[i - 1], records[rng.below(i)]);
    if (seed <= 2) std::ranges::reverse(records);
    for (int round = 0; round < 3; ++round) {
      for (const auto& record : records) {
        if (record.header.audience == audience_everyone()) give(pair.hamlet, record, true);
      }
    }
    CHECK(newest_version(pair.hamlet) == newest);
    talk(pair.hamlet, pair.commune);
    CHECK(newest_version(pair.hamlet) == newest);
    hand_in(pair.hamlet, test_submission(uuid(1), "Theo bản 1", "a.jpg"), {{"a.jpg", "1"}});
    carry(pair.hamlet, pair.commune, Way::fiber);
    CHECK(versions_at(pair.commune).begin()->second.form_known);
  }
}

TEST_CASE("forms: two programs ship other octets under one id and version, and each reads what the other wrote", "[regress]") {
  ShippedPair pair;
  const std::string respelt = swapped(test_form, "Name</label>", "Tên</label>");
  take_shipped(pair.hamlet, {test_form});
  take_shipped(pair.commune, {test_form});
  take_shipped(pair.commune, {respelt});  // upgraded first
  pair.join();
  hand_in(pair.hamlet, test_submission(uuid(1), "Máy xóm còn bản cũ", "a.jpg"), {{"a.jpg", "1"}});
  pair.check_read_at_commune(1);
  take_shipped(pair.hamlet, {respelt});
  hand_in(pair.hamlet, test_submission(uuid(2), "Máy xóm đã có bản mới", "a.jpg"), {{"a.jpg", "2"}});
  pair.check_read_at_commune(2);
}

TEST_CASE("forms: what an older box fills in with a form of an earlier program is read by a commune that began later", "[regress]") {
  for (const bool same_version : {true, false}) {
    ShippedPair pair;
    const std::string later = same_version ? swapped(test_form, "Name</label>", "Tên</label>") : version_of_test("2");
    take_shipped(pair.hamlet, {test_form});
    take_shipped(pair.hamlet, {later});
    take_shipped(pair.commune, {later});
    pair.join();
    hand_in(pair.hamlet, test_submission(uuid(1), "Điện thoại còn bản 1", "a.jpg"), {{"a.jpg", "1"}});
    pair.check_read_at_commune(1);
  }
}

TEST_CASE("forms: what waited for a form that the commune's next program ships is opened when that starts", "[regress]") {
  ShippedPair pair;
  take_shipped(pair.hamlet, {test_form});
  pair.join();
  hand_in(pair.hamlet, test_submission(uuid(1), "Đến trước mẫu"));
  for (int round = 0; round < 3; ++round) talk(pair.hamlet, pair.commune);
  CHECK(pair.commune.list().empty());
  CHECK(status_of(pair.commune).unopened > 0);
  take_shipped(pair.commune, {test_form});
  pair.check_read_at_commune(1);
}

TEST_CASE("forms: a commune's own edition of a shipped form stands, and what others fill in with the shipped one is read", "[regress]") {
  ShippedPair pair;
  const std::string own = swapped(test_form, "Test</", "Của xã</");
  take_shipped(pair.hamlet, {test_form});
  pair.commune.unlock();
  publish_unasked(pair.commune, own);
  take_shipped(pair.commune, {test_form});
  hand_in(pair.hamlet, test_submission(uuid(1), "Trước khi gặp xã", "a.jpg"), {{"a.jpg", "1"}});
  pair.join();
  pair.hamlet.unlock();
  hand_in(pair.hamlet, test_submission(uuid(2), "Sau khi gặp xã", "a.jpg"), {{"a.jpg", "2"}});
  pair.check_read_at_commune(2);
  auto txn = pair.commune.replica->read();
  CHECK((*pair.commune.replica->library().form(**txn, "test", "1"))->title == "Của xã");
}
