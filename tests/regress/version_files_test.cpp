// Files belong to the version that brought them, at every place.
#include "sync/files/file_intake.h"
#include "tests/regress/planting.h"
#include "tests/regress/test_caller.h"
#include "tests/support/second_writer.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

Result<sync::FileFacts> file_of(sync::Replica& replica, sync::Batch& batch, const std::string& name, const std::string& octets) {
  sync::FileIntake intake(replica.rng());
  KHUOI_TRY_VOID(intake.add(batch, view_of(octets)));
  return intake.finish(batch, name, "text/csv");
}

/// Hands in with a file, as a phone does.
Result<void> hand_in_with(sync::Replica& replica, sync::Batch& batch, const std::string& xml, const std::string& name,
                          const std::string& octets) {
  KHUOI_TRY(const auto prepared, replica.reader().submissions().prepare(batch.txn, view_of(xml)));
  KHUOI_TRY(const bool here, replica.reader().submissions().has_name(batch.txn, prepared, name));
  if (here) return {};
  KHUOI_TRY(const auto facts, file_of(replica, batch, name, octets));
  KHUOI_TRY_VOID(replica.intake().submit(batch, prepared, {facts}));
  return {};
}

std::string octets_of_file(const sync::ReadTxn& txn, const sync::VersionFile& file) {
  std::string out;
  if (!file.facts) return "(nothing came)";
  const auto read = sync::Files::read(txn, *file.facts, [&](ByteView piece) -> Result<void> {
    out += text_of(piece);
    return {};
  });
  return read ? out : "(" + read.error().what + ")";
}

std::string audit_of(TestNode& node, int instance) {
  const auto key = only_key(node);
  auto txn = node.replica->read();
  const auto detail = node.replica->views().detail(**txn, key);
  REQUIRE(detail);
  for (const auto& version : detail->versions) {
    if (version.facts.instance_id != "uuid:" + uuid(instance)) continue;
    REQUIRE(version.files.size() == 1);
    return octets_of_file(**txn, version.files.front());
  }
  return "(no such version)";
}

}  // namespace

TEST_CASE("files: ten edits with a file of one name each keep their own, on both sides and before the grant", "[regress]") {
  TestNode commune(sync::Role::commune, "Sảng Mộc", 1);
  TestNode hamlet(sync::Role::hamlet, "Khuổi Mèo", 2);
  commune.unlock();
  for (TestNode* node : {&hamlet, &commune}) {
    node->work([&](sync::Batch& batch) { return node->replica->library().put_built_in(batch, view_of(test_form), sync::Domain::general); });
  }
  const auto write = [&](int n) {
    hamlet.work([&](sync::Batch& batch) {
      const std::string xml = test_submission(uuid(n), "Lần " + std::to_string(n), "audit.csv", n == 0 ? "" : uuid(n - 1));
      return hand_in_with(*hamlet.replica, batch, xml, "audit.csv", "audit of " + std::to_string(n));
    });
  };
  for (int n = 0; n < 4; ++n) write(n);
  join(commune, hamlet);
  hamlet.unlock();  // what was written before the grant is sealed again, under new refs
  for (int n = 4; n <= 10; ++n) write(n);
  for (int round = 0; round < 4; ++round) talk(hamlet, commune);
  for (TestNode* node : {&hamlet, &commune}) {
    for (int n = 0; n <= 10; ++n) CHECK(audit_of(*node, n) == "audit of " + std::to_string(n));
    CHECK(node->list().front().attachments->have == 1);
  }
}

TEST_CASE("files: an edit without a file of its own shows that of the version it edits, and never a sibling's", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    sync::Replica& replica = *pair.hamlet.replica;
    KHUOI_TRY_VOID(hand_in_with(replica, batch, test_submission(uuid(1), "Gốc", "audit.csv"), "audit.csv", "first"));
    KHUOI_TRY_VOID(hand_in_with(replica, batch, test_submission(uuid(2), "Một", "audit.csv", uuid(1)), "audit.csv", "second"));
    return {};
  });
  pair.hamlet.submit(test_submission(uuid(3), "Hai, không kèm tệp", "audit.csv", uuid(1)));
  pair.hamlet.submit(test_submission(uuid(4), "Ba, sửa bản Hai", "audit.csv", uuid(3)));
  // The same instanceID with other XML is a version of its own too.
  pair.hamlet.work([&](sync::Batch& batch) {
    return hand_in_with(*pair.hamlet.replica, batch, test_submission(uuid(2), "Một, khác chữ", "audit.csv", uuid(1)), "audit.csv", "other");
  });
  for (int round = 0; round < 3; ++round) talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    CHECK(audit_of(*node, 1) == "first");
    CHECK(audit_of(*node, 3) == "first");
    CHECK(audit_of(*node, 4) == "first");
    auto txn = node->replica->read();
    const auto detail = node->replica->views().detail(**txn, only_key(*node));
    REQUIRE(detail);
    std::set<std::string> of_two;
    for (const auto& version : detail->versions) {
      if (version.facts.instance_id != "uuid:" + uuid(2)) continue;
      of_two.insert(octets_of_file(**txn, version.files.front()));
      CHECK_FALSE(version.files.front().inherited);
    }
    CHECK(of_two == std::set<std::string>{"second", "other"});
    CHECK(detail->files.size() == 3);
  }
}

TEST_CASE("files: manifests of earlier programs, which name no version, go to the version they were written after", "[regress]") {
  ReplicaPair pair;
  talk(pair.hamlet, pair.commune);
  for (int n = 0; n < 3; ++n) {
    pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
      sync::Replica& replica = *pair.hamlet.replica;
      const std::string xml = test_submission(uuid(n), "Lần " + std::to_string(n), "audit.csv", n == 0 ? "" : uuid(n - 1));
      KHUOI_TRY(const auto prepared, replica.reader().submissions().prepare(batch.txn, view_of(xml)));
      KHUOI_TRY(const auto facts, file_of(replica, batch, "audit.csv", "old " + std::to_string(n)));
      sync::RunWriter writer = sync::SecondWriter::of(replica);
      const sync::Recipient to = sync::commune_recipient(replica.membership(), sync::Domain::general);
      KHUOI_TRY(const auto model, replica.library().model_for(batch.txn, prepared.form.hash));
      const Bytes payload = sync::encode_payload(*model, prepared.xml);
      sync::Body body = sync::Submission{payload};
      if (n > 0) body = sync::Edit{prepared.key.id, {}, payload};
      KHUOI_TRY(const sync::Ref ref, writer.append(batch, to, sync::Rank::high, sync::Domain::general, body));
      sync::DossierIndex& index = sync::SecondWriter::index_of(replica);
      const sync::DossierIndex::Version version{ref, sync::kind_of(body), sync::Domain::general, {},
                                                prepared.facts.instance_id, prepared.facts.deprecated_id, {}};
      KHUOI_TRY_VOID(index.index_version(batch, {HamletId(), sync::dossier_id_of("uuid:" + uuid(0))}, version));
      const sync::Manifest manifest{sync::dossier_id_of("uuid:" + uuid(0)), facts};
      KHUOI_TRY(const sync::Ref at, writer.append(batch, to, sync::Rank::low, sync::Domain::general, manifest));
      sync::Plain plain;
      plain.kind = sync::Kind::manifest;
      plain.body = manifest;
      return index.index(batch, at, plain);
    });
  }
  pair.hamlet.start();
  for (int round = 0; round < 3; ++round) talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  for (TestNode* node : {&pair.hamlet, &pair.commune}) {
    for (int n = 0; n < 3; ++n) CHECK(audit_of(*node, n) == "old " + std::to_string(n));
  }
}

TEST_CASE("files: export writes each version with its own", "[regress]") {
  DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  box.work([](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(replica.library().put_built_in(batch, view_of(test_form), sync::Domain::general));
    for (int n = 0; n <= 10; ++n) {
      const std::string xml = test_submission(uuid(n), "Lần " + std::to_string(n), "audit.csv", n == 0 ? "" : uuid(n - 1));
      KHUOI_TRY_VOID(hand_in_with(replica, batch, xml, "audit.csv", "audit of " + std::to_string(n)));
    }
    return {};
  });
  box.unlock();
  TestCaller caller;
  CHECK(caller.run(*box.engine, "export", {{"OUTDIR", {"/out"}}}) == node::exit_success);
  for (int n = 0; n <= 10; ++n) CHECK(caller.written["/out/" + uuid(n) + "/audit.csv"] == "audit of " + std::to_string(n));
}
