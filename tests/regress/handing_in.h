#pragma once

#include "sync/files/file_intake.h"
#include "sync/record/file_name.h"
#include "sync/seal/hash.h"
#include "tests/regress/planting.h"

namespace khuoi::tests {

/// A file beside a submission: its name as it is said, and what is in it.
struct HandedFile {
  std::string name;
  std::string octets;
};

/// Hands in as page, phone and command line do: files that the XML does not name are passed over.
inline sync::Prepared hand_in(TestNode& node, const std::string& xml, const std::vector<HandedFile>& files = {}) {
  std::optional<sync::Prepared> out;
  node.work([&](sync::Batch& batch) -> Result<void> {
    sync::Replica& replica = *node.replica;
    KHUOI_TRY(out, replica.reader().submissions().prepare(batch.txn, view_of(xml)));
    const std::vector<std::string>& named = out->facts.attachments;
    std::vector<sync::FileFacts> taken;
    std::vector<Bytes> contents;
    for (const HandedFile& file : files) {
      const std::string name = sync::kept_name(file.name);
      if (std::ranges::find(named, name) == named.end()) continue;
      const Bytes content = sync::Blake2b(sync::file_content_octets).add(view_of(file.octets)).finish();
      KHUOI_TRY(const bool here, replica.reader().submissions().has_file(batch.txn, *out, name, content));
      if (here) continue;
      sync::FileIntake intake(replica.rng());
      KHUOI_TRY_VOID(intake.add(batch, view_of(file.octets)));
      KHUOI_TRY(taken.emplace_back(), intake.finish(batch, name, "image/jpeg"));
      contents.push_back(content);
    }
    return replica.intake().submit(batch, *out, taken, contents) ? Result<void>() : fail(Errc::io, "not taken");
  });
  return *out;
}

inline std::string octets_of_file(const sync::ReadTxn& txn, const sync::FileFacts& file) {
  std::string out;
  const auto read = sync::Files::read(txn, file, [&](ByteView piece) -> Result<void> {
    out += text_of(piece);
    return {};
  });
  return read ? out : "(" + read.error().what + ")";
}

/// What people see of one version.
struct SeenVersion {
  sync::DossierKey key;
  std::string xml;
  bool current = false;
  bool form_known = false;
  std::multimap<std::string, std::string> files;  ///< by name: what is in them
};

/// Of all dossiers that a node shows: by instanceID.
inline std::multimap<std::string, SeenVersion> versions_at(TestNode& node) {
  std::multimap<std::string, SeenVersion> out;
  auto txn = node.replica->read();
  std::vector<sync::DossierKey> keys;
  REQUIRE(node.replica->dossiers().each_key(**txn, [&](const sync::DossierKey& key, const sync::DossierRow&) {
    keys.push_back(key);
  }));
  for (const sync::DossierKey& key : keys) {
    const auto detail = node.replica->views().detail(**txn, key);
    INFO((detail ? std::string() : detail.error().what));
    REQUIRE(detail);
    for (const auto& version : detail->versions) {
      SeenVersion seen{key, std::string(text_of(version.xml)), version.current, version.facts.form_known, {}};
      for (const auto& file : version.files) {
        seen.files.emplace(file.name, file.facts ? octets_of_file(**txn, *file.facts) : "(nothing came)");
      }
      out.emplace(version.facts.instance_id, std::move(seen));
    }
  }
  return out;
}

enum class Way { fiber, stick, shuffled };
inline constexpr std::array every_way{Way::fiber, Way::stick, Way::shuffled};

/// What each side wrote reaches the other.
inline void carry(TestNode& hamlet, TestNode& commune, Way way, std::uint64_t seed = 1) {
  if (way == Way::stick) {
    Stick stick;
    for (int round = 0; round < 3; ++round) {
      sync_stick(hamlet, stick);
      sync_stick(commune, stick);
    }
  }
  if (way == Way::shuffled) {
    SeededRng rng(seed);
    auto records = records_of(hamlet, hamlet.replica->self().node);
    for (std::size_t i = records.size(); i > 1; --i) std::swap(records[i - 1], records[rng.below(i)]);
    for (int round = 0; round < 3; ++round) {
      for (const auto& record : records) give(commune, record, true);
    }
  }
  for (int round = 0; round < 3; ++round) talk(hamlet, commune);
}

}  // namespace khuoi::tests
