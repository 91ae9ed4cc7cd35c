#include "node/acts/submit.h"
#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;
using node::HandedIn;
using node::OfferedFile;

namespace {

const std::string first_id = "00000000-0000-4000-8000-000000000001";
const std::string second_id = "00000000-0000-4000-8000-000000000002";
const std::string third_id = "00000000-0000-4000-8000-000000000003";

struct Hamlet : DiskNode {
  Hamlet() : DiskNode(sync::Role::hamlet, "Khuổi Mèo") {
    unlock();
    work([](sync::Replica& replica, sync::Batch& batch) {
      return replica.library().put_built_in(batch, view_of(test_form), sync::Domain::general);
    });
  }
  [[nodiscard]] sync::DossierDetail detail(const DossierId& id) const {
    sync::DossierDetail out;
    REQUIRE(engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(const auto key, reader.views().resolve(txn, id.hex()));
      KHUOI_TRY(out, reader.views().detail(txn, key));
      return {};
    }));
    return out;
  }
};

std::shared_ptr<OfferedFile> offered(std::vector<std::string> names, const std::string& content) {
  auto out = std::make_shared<OfferedFile>();
  out->names = std::move(names);
  out->source.open = [content]() -> Result<node::FileSource::Pieces> {
    return node::FileSource::Pieces([content, ended = false]() mutable -> Result<ByteView> {
      return std::exchange(ended, true) ? ByteView() : view_of(content);
    });
  };
  out->content = [source = out->source] { return node::content_of(source); };
  out->comes_first = content.empty();
  return out;
}

HandedIn handed(const std::string& xml, std::vector<std::shared_ptr<OfferedFile>> files = {}) {
  return {.xml = to_bytes(view_of(xml)), .files = std::move(files)};
}

}  // namespace

TEST_CASE("submit: a file that the form names is kept with it, others are told", "[node][acts]") {
  const Hamlet hamlet;
  const auto taken =
      node::submit(*hamlet.engine, handed(test_submission(first_id, "An", "a.jpg"),
                                          {offered({"other.jpg"}, "x"), offered({"C:\\dcim\\b.jpg", "a.jpg"}, "y")}));
  REQUIRE(taken);
  CHECK(taken->number == 1);
  CHECK(taken->state == "saved");
  CHECK_FALSE(taken->repeat);
  CHECK(taken->unnamed == std::vector<std::string>{"other.jpg"});
  const auto detail = hamlet.detail(taken->id);
  REQUIRE(detail.files.size() == 1);
  CHECK(detail.files[0].name == "a.jpg");
}

TEST_CASE("submit: handed in again only what is new is stored", "[node][acts]") {
  const Hamlet hamlet;
  const std::string xml = test_submission(first_id, "An", "a.jpg");
  const auto once = node::submit(*hamlet.engine, handed(xml, {offered({"a.jpg"}, "y")}));
  REQUIRE(once);
  const auto again = node::submit(*hamlet.engine, handed(xml, {offered({"a.jpg"}, "y"), offered({"a.jpg"}, "y")}));
  REQUIRE(again);
  CHECK(again->repeat);
  CHECK(again->id == once->id);
  CHECK(hamlet.detail(once->id).files.size() == 1);
  REQUIRE(node::submit(*hamlet.engine, handed(xml, {offered({"a.jpg"}, "z")})));
  CHECK(hamlet.detail(once->id).files.size() == 2);
}

TEST_CASE("submit: the same instanceID with other words is refused, or kept where that was asked for", "[node][acts]") {
  const Hamlet hamlet;
  REQUIRE(node::submit(*hamlet.engine, handed(test_submission(first_id, "An"))));
  HandedIn other = handed(test_submission(first_id, "Bình"));
  const auto refused = node::submit(*hamlet.engine, other);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::conflict);
  CHECK(hamlet.list().size() == 1);
  other.refuse_variant = false;
  REQUIRE(node::submit(*hamlet.engine, other));
}

TEST_CASE("submit: what else was to be done fails, and nothing stays of it", "[node][acts]") {
  const Hamlet hamlet;
  const auto file = offered({"a.jpg"}, std::string(100'000, 'y'));
  HandedIn one = handed(test_submission(first_id, "An", "a.jpg"), {file});
  one.also = [](sync::Replica&, sync::Batch&) { return Result<void>(fail(Errc::io, "no")); };
  REQUIRE_FALSE(node::submit(*hamlet.engine, one));
  CHECK(hamlet.list().empty());
  CHECK_FALSE(file->staged);
  one.also = {};
  REQUIRE(node::submit(*hamlet.engine, one));
  CHECK(hamlet.list().size() == 1);
}

TEST_CASE("submit: a file of two submissions is stored once", "[node][acts]") {
  const Hamlet hamlet;
  const auto file = offered({"a.jpg"}, "y");
  const auto first = node::submit(*hamlet.engine, handed(test_submission(first_id, "An", "a.jpg"), {file}));
  const auto second = node::submit(*hamlet.engine, handed(test_submission(second_id, "Bình", "a.jpg"), {file}));
  REQUIRE(first);
  REQUIRE(second);
  const auto a = hamlet.detail(first->id).files;
  const auto b = hamlet.detail(second->id).files;
  REQUIRE(a.size() == 1);
  REQUIRE(b.size() == 1);
  CHECK(a[0].key == b[0].key);
}

TEST_CASE("submit: of several one that is malformed is refused alone", "[node][acts]") {
  const Hamlet hamlet;
  const std::vector<HandedIn> several{handed(test_submission(first_id, "An")), handed("<data"),
                                      handed(test_submission(second_id, "Bình"))};
  const auto taken = node::submit_together(*hamlet.engine, several);
  REQUIRE(taken);
  REQUIRE(taken->size() == 3);
  CHECK((*taken)[0]);
  REQUIRE_FALSE((*taken)[1]);
  CHECK((*taken)[1].error().code == Errc::malformed);
  CHECK((*taken)[2]);
  CHECK(hamlet.list().size() == 2);
}

TEST_CASE("submit: a call is one commit, however many photos go with it", "[node][acts]") {
  const Hamlet hamlet;
  int commits = 0;
  const auto listener = hamlet.engine->on_commit([&] { ++commits; });
  const auto photo = [](const char* name, char octet) { return offered({name}, std::string(700'000, octet)); };
  const auto alone = node::submit(*hamlet.engine, handed(test_submission(first_id, "An", "a.jpg"), {photo("a.jpg", 'a')}));
  REQUIRE(alone);
  CHECK(commits == 1);
  const auto shared = photo("b.jpg", 'b');
  const std::vector<HandedIn> several{handed(test_submission(second_id, "Bình", "b.jpg"), {shared}),
                                      handed(test_submission(third_id, "Chi", "b.jpg"), {shared}),
                                      handed(test_submission(second_id, "Bình", "b.jpg"), {shared}),
                                      handed(test_submission(first_id, "An", "a.jpg"), {photo("a.jpg", 'z')})};
  const auto taken = node::submit_together(*hamlet.engine, several);
  hamlet.engine->forget(listener);
  REQUIRE(taken);
  CHECK(commits == 2);
  for (const auto& one : *taken) REQUIRE(one);
  CHECK(hamlet.detail((*taken)[0]->id).files.size() == 1);
  CHECK(hamlet.detail((*taken)[1]->id).files.size() == 1);
  CHECK((*taken)[2]->repeat);
  CHECK(hamlet.detail(alone->id).files.size() == 2);
  const auto key = hamlet.detail((*taken)[0]->id).files[0].key;
  CHECK(hamlet.detail((*taken)[1]->id).files[0].key == key);
}

TEST_CASE("submit: when one source of several fails, nothing of them stays", "[node][acts]") {
  const Hamlet hamlet;
  const auto broken = offered({"b.jpg"}, "y");
  broken->source.open = []() -> Result<node::FileSource::Pieces> {
    return node::FileSource::Pieces([]() -> Result<ByteView> { return fail(Errc::io, "the disk it is read from broke"); });
  };
  const auto good = offered({"a.jpg"}, std::string(100'000, 'a'));
  const std::vector<HandedIn> several{handed(test_submission(first_id, "An", "a.jpg"), {good}),
                                      handed(test_submission(second_id, "Bình", "b.jpg"), {broken})};
  const auto refused = node::submit_together(*hamlet.engine, several);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::io);
  CHECK(hamlet.list().empty());
  REQUIRE(node::submit(*hamlet.engine, several[0]));  // each on its own
  CHECK_FALSE(node::submit(*hamlet.engine, several[1]));
  CHECK(hamlet.list().size() == 1);
}

TEST_CASE("submit: a commune takes none", "[node][acts]") {
  const DiskNode commune(sync::Role::commune, "Sảng Mộc");
  const auto refused = node::submit(*commune.engine, handed(test_submission(first_id, "An")));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::denied);
}
