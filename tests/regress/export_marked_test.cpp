// Commands go on past what cannot be read.
#include "tests/regress/planting.h"
#include "tests/regress/test_caller.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

/// An unlocked hamlet's box with the form of tests and so many submissions.
struct FilledBox {
  DiskNode box{sync::Role::hamlet, "Khuổi Mèo"};
  TestCaller caller;
  explicit FilledBox(std::size_t count) {
    box.work([](sync::Replica& replica, sync::Batch& batch) {
      return replica.library().put_built_in(batch, view_of(test_form), sync::Domain::general);
    });
    box.submit(0, count);
    box.unlock();
  }
  static sync::DossierKey key(int n) { return {HamletId(), sync::dossier_id_of("uuid:" + uuid(n))}; }
  sync::Ref first_record(int n) const {
    sync::Ref out;
    box.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(const auto row, replica.dossiers().row(batch.txn, key(n)));
      out = row->items.front().ref;
      return {};
    });
    return out;
  }
};

}  // namespace

TEST_CASE("export: what cannot be read is named, the XML that can be is written, and the rest is written whole", "[regress]") {
  FilledBox filled(5);
  const sync::Ref broken = filled.first_record(1);
  filled.box.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(turn_over(batch.txn, broken));
    KHUOI_TRY_VOID(break_row(batch.txn, FilledBox::key(2)));
    KHUOI_TRY(const sync::Ref half, write_anything(replica, batch, sync::commune_recipient(replica.membership(), sync::Domain::general),
                                                   sync::Submission{bare_payload("<data id=\"test\"><name>dở</name>")}));
    return put_into_row(replica, batch, FilledBox::key(3), half, sync::Kind::submission);
  });
  CHECK(filled.caller.run(*filled.box.engine, "export", {{"OUTDIR", {"/out"}}}) == node::exit_failure);
  const auto& written = filled.caller.written;
  for (const int n : {0, 3, 4}) CHECK(written.contains("/out/" + uuid(n) + "/submission.xml"));
  CHECK(written.size() == 4);
  const auto half = std::ranges::find_if(written, [](const auto& one) { return one.first.starts_with("/out/unreadable-"); });
  REQUIRE(half != written.end());
  CHECK(half->second == "<data id=\"test\"><name>dở</name>");
  const std::string& warned = filled.caller.warned;
  CHECK(warned.find(FilledBox::key(1).id.hex()) != std::string::npos);
  CHECK(warned.find(FilledBox::key(2).id.hex()) != std::string::npos);
  CHECK(warned.find(FilledBox::key(3).id.hex()) != std::string::npos);
  CHECK(warned.find("3 records") != std::string::npos);
  CHECK(warned.find("exported 4") == std::string::npos);
}

TEST_CASE("list and show: a record that cannot be read is a row with its number, state and a sentence", "[regress]") {
  FilledBox filled(3);
  const sync::Ref broken = filled.first_record(1);
  filled.box.work([&](sync::Replica&, sync::Batch& batch) { return turn_over(batch.txn, broken); });
  CHECK(filled.caller.run(*filled.box.engine, "list", {{"--json", {""}}}) == node::exit_success);
  const auto rows = boost::json::parse(filled.caller.said).as_array();
  REQUIRE(rows.size() == 3);
  for (const auto& row : rows) {
    const bool is_broken = row.at("id").as_string() == FilledBox::key(1).id.hex();
    CHECK(row.as_object().contains("problem") == is_broken);
    CHECK(row.at("form").is_null() == is_broken);
    CHECK_FALSE(row.at("number").is_null());
    CHECK(row.at("state").as_string() == "saved");
  }
  CHECK(filled.caller.run(*filled.box.engine, "list", {}) == node::exit_success);
  CHECK(filled.caller.said.find("problem: its submission cannot be read") != std::string::npos);
  CHECK(filled.caller.run(*filled.box.engine, "show", {{"ID", {FilledBox::key(1).id.hex()}}}) == node::exit_success);
  CHECK(filled.caller.said.find("problem  its submission") != std::string::npos);
  CHECK(filled.caller.run(*filled.box.engine, "show", {{"ID", {FilledBox::key(1).id.hex()}}, {"--json", {""}}}) == node::exit_success);
  CHECK(boost::json::parse(filled.caller.said).at("unreadable").as_array().size() == 1);
}
