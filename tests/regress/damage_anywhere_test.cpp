// Whatever turns over on a disk, the rest is listed, read, exported, sent and told of by verify; and the box starts.
#include "sync/files/file_intake.h"
#include "sync/files/unverified.h"
#include "tests/regress/handing_in.h"
#include "tests/regress/test_caller.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

constexpr int dossiers_before_damage = 4;

std::string audited(int n, int edits = -1) {
  return test_submission(uuid(n), "Người " + std::to_string(n), "a.jpg", edits < 0 ? "" : uuid(edits));
}

/// Of another form than what is damaged.
std::string later_one(int n) {
  std::string xml = audited(n);
  return xml.replace(xml.find("id=\"test\""), 9, "id=\"later\"");
}

/// Four dossiers, each with a photo; the second has an edit with its own.
struct DamagedPair : ReplicaPair {
  DamagedPair() {
    std::string later = test_form;
    later.replace(later.find("id=\"test\""), 9, "id=\"later\"");
    commune.work([&](sync::Batch& batch) { return commune.replica->add_form(batch, record_of_form(later)); });
    talk(hamlet, commune);
    for (int n = 0; n < dossiers_before_damage; ++n) hand_in(hamlet, audited(n), {{"a.jpg", photo(n)}});
    hand_in(hamlet, audited(11, 1), {{"a.jpg", photo(11)}});
    for (int round = 0; round < 3; ++round) talk(hamlet, commune);
    hamlet.unlock();
  }
  static std::string photo(int n) { return std::string(70'000, 'p') + std::to_string(n); }
  static sync::DossierDetail detail_of(TestNode& node, int n) {
    auto txn = node.replica->read();
    const auto detail = node.replica->views().detail(**txn, key_of_instance(node, n));
    INFO((detail ? std::string() : detail.error().what));
    REQUIRE(detail);
    return *detail;
  }
};

using Damage = std::function<Result<void>(TestNode&, sync::Batch&)>;

sync::FileId photo_of(TestNode& node, int n) {
  return sync::file_id_of(DamagedPair::detail_of(node, n).versions.front().files.front().facts->key);
}

std::map<std::string, Damage> damages() {
  const auto junk = [](sync::Table table, Bytes key) {
    return [table, key](TestNode&, sync::Batch& batch) { return batch.txn.put(table, key, view_of("junk")); };
  };
  std::map<std::string, Damage> out;
  out["the row of a photo"] = [](TestNode& node, sync::Batch& batch) {
    return batch.txn.put(sync::Table::file, photo_of(node, 1).view(), view_of("junk"));
  };
  out["the row of a photo, empty"] = [](TestNode& node, sync::Batch& batch) {
    return batch.txn.put(sync::Table::file, photo_of(node, 1).view(), ByteView());
  };
  const auto first_chunk = [](TestNode& node, const auto& change) {
    return [&node, change](sync::Batch& batch) -> Result<void> {
      std::vector<std::pair<Bytes, Bytes>> chunks;
      KHUOI_TRY_VOID(sync::scan_prefix(
          batch.txn, sync::Table::chunk, photo_of(node, 1).view(),
          [&](ByteView key, ByteView value) { chunks.emplace_back(to_bytes(key), to_bytes(value)); }));
      REQUIRE(chunks.size() == 3);
      return change(batch, chunks);
    };
  };
  using Chunks = std::vector<std::pair<Bytes, Bytes>>;
  out["an octet of a photo"] = [=](TestNode& node, sync::Batch& batch) {
    return first_chunk(node, [](sync::Batch& b, Chunks& chunks) {
      chunks[0].second[100] ^= 1;
      return b.txn.put(sync::Table::chunk, chunks[0].first, chunks[0].second);
    })(batch);
  };
  out["a piece of a photo gone"] = [=](TestNode& node, sync::Batch& batch) {
    return first_chunk(node, [](sync::Batch& b, Chunks& chunks) { return b.txn.erase(sync::Table::chunk, chunks[1].first); })(batch);
  };
  out["the index of a photo"] = [=](TestNode& node, sync::Batch& batch) {
    return first_chunk(node, [](sync::Batch& b, Chunks& chunks) {
      chunks[2].second[0] ^= 1;
      return b.txn.put(sync::Table::chunk, chunks[2].first, chunks[2].second);
    })(batch);
  };
  out["a form's entry"] = junk(sync::Table::form, to_bytes(view_of(std::string_view("etest\0" "1", 7))));
  out["a short number"] = junk(sync::Table::number, Bytes{0, 0, 0, 2});
  out["what an id leads to"] = [](TestNode& node, sync::Batch& batch) {
    return batch.txn.put(sync::Table::alias, key_of_instance(node, 1).id.view(), view_of("junk"));
  };
  out["where a dossier moved"] = [](TestNode& node, sync::Batch& batch) {
    Bytes name{static_cast<std::uint8_t>(sync::Note::moved)};
    append(name, octets_of_part(key_of_instance(node, 11)));
    return batch.txn.put(sync::Table::note, name, view_of("junk"));
  };
  out["a row of a dossier, cut"] = [](TestNode& node, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto row, sync::DossierPlaces::find(batch.txn, key_of_instance(node, 1)));
    Bytes cut = octets_of_part(*row->stored);
    cut.resize(cut.size() / 2);
    return batch.txn.put(sync::Table::dossier, octets_of_part(row->number), cut);
  };
  return out;
}

bool verify_finds(TestNode& node) {
  auto txn = node.replica->read();
  return !node.replica->reader().verify(**txn);
}

}  // namespace

TEST_CASE("damage: of anything leaves the other dossiers listed and read, and new ones come and go", "[regress]") {
  for (const auto& [name, damage] : damages()) {
    for (const bool at_hamlet : {true, false}) {
      INFO(name << (at_hamlet ? " at the hamlet" : " at the commune"));
      DamagedPair pair;
      TestNode& node = at_hamlet ? pair.hamlet : pair.commune;
      node.work([&](sync::Batch& batch) { return damage(node, batch); });
      node.start();
      node.work([](sync::Batch& batch) -> Result<void> {
        KHUOI_TRY_VOID(sync::Files::discard_staged(batch));
        KHUOI_TRY_VOID(sync::sweep_unverified(batch));
        return {};
      });
      pair.hamlet.unlock();
      CHECK(node.list().size() == dossiers_before_damage);
      for (const int n : {0, 2, 3}) {
        const auto detail = DamagedPair::detail_of(node, n);
        CHECK(detail.missing.empty());
        auto txn = node.replica->read();
        CHECK(octets_of_file(**txn, *detail.versions.front().files.front().facts) == DamagedPair::photo(n));
      }
      hand_in(pair.hamlet, later_one(20), {{"a.jpg", DamagedPair::photo(20)}});
      for (int round = 0; round < 3; ++round) CHECK(talk(pair.hamlet, pair.commune).finished);
      CHECK(DamagedPair::detail_of(pair.commune, 20).missing.empty());
      Stick stick;
      hand_in(pair.hamlet, later_one(21), {{"a.jpg", DamagedPair::photo(21)}});
      for (int round = 0; round < 2; ++round) {
        sync_stick(pair.hamlet, stick);
        sync_stick(pair.commune, stick);
      }
      CHECK(DamagedPair::detail_of(pair.commune, 21).missing.empty());
      CHECK(pair.hamlet.list().size() == dossiers_before_damage + 2);
    }
  }
}

TEST_CASE("damage: of a photo is told by verify, shown as missing or unreadable, and stops no erasure", "[regress]") {
  for (const auto& [name, damage] : damages()) {
    if (name.find("photo") == std::string::npos) continue;
    INFO(name);
    DamagedPair pair;
    CHECK_FALSE(verify_finds(pair.hamlet));
    pair.hamlet.work([&](sync::Batch& batch) { return damage(pair.hamlet, batch); });
    CHECK(verify_finds(pair.hamlet));
    const auto detail = DamagedPair::detail_of(pair.hamlet, 1);
    CHECK(detail.versions.size() == 2);
    CHECK(detail.entry.problem.empty());
    auto txn = pair.hamlet.replica->read();
    for (const auto& version : detail.versions) {
      const bool damaged = version.facts.instance_id == "uuid:" + uuid(1);
      const int n = damaged ? 1 : 11;
      const bool whole = octets_of_file(**txn, *version.files.front().facts) == DamagedPair::photo(n);
      if (!damaged) CHECK(whole);
    }
    txn->reset();
    pair.hamlet.work([&](sync::Batch& batch) { return pair.hamlet.replica->erase(batch, key_of_instance(pair.hamlet, 1), "quyền"); });
    CHECK(DamagedPair::detail_of(pair.hamlet, 1).erased);
    CHECK_FALSE(verify_finds(pair.hamlet));
  }
}

TEST_CASE("damage: files of a version that cannot be read come out of the export, and one bad file stops none", "[regress]") {
  DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  const auto key = [](int n) { return sync::DossierKey{HamletId(), sync::dossier_id_of("uuid:" + uuid(n))}; };
  box.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(replica.library().put_built_in(batch, view_of(test_form), sync::Domain::general));
    for (int n = 0; n < 4; ++n) {
      KHUOI_TRY(const auto prepared, replica.reader().submissions().prepare(batch.txn, view_of(audited(n))));
      sync::FileIntake intake(replica.rng());
      KHUOI_TRY_VOID(intake.add(batch, view_of("photo " + std::to_string(n))));
      KHUOI_TRY(const auto facts, intake.finish(batch, "a.jpg", "image/jpeg"));
      KHUOI_TRY_VOID(replica.intake().submit(batch, prepared, {facts}));
    }
    return {};
  });
  box.unlock();
  box.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto lost, replica.dossiers().row(batch.txn, key(1)));
    KHUOI_TRY_VOID(turn_over(batch.txn, lost->items.front().ref));
    KHUOI_TRY(const auto detail, replica.views().detail(batch.txn, key(2)));
    const auto file = sync::file_id_of(detail.versions.front().files.front().facts->key);
    return batch.txn.put(sync::Table::file, file.view(), view_of("junk"));
  });
  box.open();  // a damaged row of a file keeps nobody from starting
  box.unlock();
  TestCaller caller;
  CHECK(caller.run(*box.engine, "export", {{"OUTDIR", {"/out"}}}) == node::exit_failure);
  const auto& written = caller.written;
  CHECK(written.at("/out/" + uuid(0) + "/a.jpg") == "photo 0");
  CHECK(written.at("/out/" + uuid(3) + "/a.jpg") == "photo 3");
  CHECK(written.at("/out/unreadable-" + key(1).id.hex() + "/a.jpg") == "photo 1");
  CHECK(written.contains("/out/" + uuid(2) + "/submission.xml"));
  CHECK(caller.warned.find(uuid(2) + "/a.jpg") != std::string::npos);
  CHECK(caller.warned.find("row of an attachment") != std::string::npos);
}
