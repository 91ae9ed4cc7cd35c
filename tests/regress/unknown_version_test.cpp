// A version of a form, or a root element, that the box does not know: the phone was updated first.
#include "sync/files/file_intake.h"
#include "tests/regress/planting.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

constexpr std::string_view newer_form =
    R"(<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Test 2</h:title>)"
    R"(<model><instance><phieu id="test" version="2"><nhom><anh_moi/></nhom><name/><meta><instanceID/></meta></phieu></instance>)"
    R"(<bind nodeset="/phieu/nhom/anh_moi" type="binary"/></model></h:head>)"
    R"(<h:body><upload ref="/phieu/nhom/anh_moi" mediatype="image/*"/></h:body></h:html>)";

std::string newer_submission(int n) {
  return R"(<phieu id="test" version="2"><nhom><anh_moi>moi.jpg</anh_moi></nhom><name>Nông Thị Mỷ</name>)"
         "<meta><instanceID>uuid:" + uuid(n) + "</instanceID></meta></phieu>";
}

void check_has_its_photo(TestNode& node, bool form_known) {
  INFO(node.replica->self().name);
  const auto rows = node.list();
  REQUIRE(rows.size() == 1);
  CHECK(rows.front().problem.empty());
  CHECK(rows.front().version == "2");
  CHECK(rows.front().attachments->of == 1);
  CHECK(rows.front().attachments->have == 1);
  auto txn = node.replica->read();
  const auto detail = node.replica->views().detail(**txn, only_key(node));
  REQUIRE(detail);
  REQUIRE(detail->versions.size() == 1);
  CHECK(detail->versions.front().facts.form_known == form_known);
  REQUIRE(detail->versions.front().files.size() == 1);
  CHECK(detail->versions.front().files.front().name == "moi.jpg");
  CHECK(detail->missing.empty());
}

}  // namespace

TEST_CASE("version: what a newer form or root element brings is taken, with every file it names, and paired when the form comes",
          "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    sync::Replica& replica = *pair.hamlet.replica;
    KHUOI_TRY(const auto prepared, replica.reader().submissions().prepare(batch.txn, view_of(newer_submission(1))));
    CHECK_FALSE(prepared.facts.form_known);
    CHECK(std::ranges::find(prepared.facts.attachments, "moi.jpg") != prepared.facts.attachments.end());
    sync::FileIntake file(replica.rng());
    KHUOI_TRY_VOID(file.add(batch, view_of("octets of a photo")));
    KHUOI_TRY(const auto facts, file.finish(batch, "moi.jpg", "image/jpeg"));
    KHUOI_TRY_VOID(replica.intake().submit(batch, prepared, {facts}));
    return {};
  });
  for (int round = 0; round < 3; ++round) talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  check_has_its_photo(pair.hamlet, false);
  check_has_its_photo(pair.commune, false);
  CHECK(status_of(pair.commune).unopened == 0);
  pair.commune.work([&](sync::Batch& batch) {
    sync::FormRecord form;
    form.xml = to_bytes(view_of(newer_form));
    return pair.commune.replica->add_form(batch, form);
  });
  for (int round = 0; round < 2; ++round) talk(pair.hamlet, pair.commune);
  check_has_its_photo(pair.hamlet, true);
  check_has_its_photo(pair.commune, true);
  check_store_is_sound(pair.commune);
}

TEST_CASE("version: of an unknown version only the known uploads are told missing, not every word", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  std::string xml = test_submission(uuid(1), "An", "a.jpg");
  xml.replace(xml.find("version=\"1\""), 11, "version=\"9\"");
  pair.hamlet.submit(xml);
  pair.hamlet.unlock();
  const auto rows = pair.hamlet.list();
  REQUIRE(rows.size() == 1);
  CHECK(rows.front().attachments->of == 1);
  auto txn = pair.hamlet.replica->read();
  const auto detail = pair.hamlet.replica->views().detail(**txn, only_key(pair.hamlet));
  REQUIRE(detail);
  CHECK(detail->missing == std::vector<std::string>{"a.jpg"});
}

TEST_CASE("version: another root element under a version that is here is refused, as it always was", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  std::string xml = newer_submission(1);
  xml.replace(xml.find("version=\"2\""), 11, "version=\"1\"");
  auto txn = pair.hamlet.replica->read();
  const auto refused = pair.hamlet.replica->reader().submissions().prepare(**txn, view_of(xml));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what.find("root element") != std::string::npos);
}
