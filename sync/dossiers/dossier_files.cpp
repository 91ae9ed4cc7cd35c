#include "sync/dossiers/dossier_files.h"

#include <algorithm>
#include <set>

namespace khuoi::sync {

namespace {

struct Came {
  FileFacts facts;
  bool complete = false;
};
/// What came under one name. An empty file gives way to a full one.
using AllCame = std::vector<Came>;
void add_to(AllCame& all, Came came) {
  if (came.facts.octets == 0 && !all.empty()) return;
  if (all.size() == 1 && all.front().facts.octets == 0) all.clear();
  all.push_back(std::move(came));
}

bool names_file(const DossierRecord& version, const std::string& file) {
  return std::ranges::find(version.facts.attachments, file) != version.facts.attachments.end();
}

class FilePairing final {
 public:
  explicit FilePairing(const DossierReader::Content& content) {
    std::map<std::pair<std::string, std::array<std::uint8_t, 16>>, Ref> first;
    for (const DossierRecord& record : content.records) {
      if (!record.is_version()) continue;
      const auto [same, fresh] =
          first.emplace(std::pair(record.facts.instance_id, record.content), record.ref);
      versions_.push_back(&record);
      group_.emplace(record.ref, same->second);
      by_instance_[record.facts.instance_id].insert(same->second);
      if (fresh) deprecates_.emplace(record.ref, record.facts.deprecated_id);
    }
  }

  /// A file whose row is damaged is one that is not all here; who reads it is told why.
  void take(const ReadTxn& txn, const DossierRecord& record) {
    const auto& manifest = std::get<Manifest>(record.plain.body);
    const auto status = Files::status(txn, file_id_of(manifest.file.key));
    const auto owner = owner_of(record.ref, manifest);
    add_to(owner ? brought_[*owner][manifest.file.name] : loose_[manifest.file.name],
           {manifest.file, status && status->complete});
  }

  [[nodiscard]] std::vector<VersionFile> files_of(const DossierRecord& version) const {
    const Ref group = group_.at(version.ref);
    std::vector<VersionFile> out;
    for (const std::string& name : version.facts.attachments) {
      const AllCame* own = brought(group, name);
      const AllCame* all = own != nullptr ? own : inherited(group, name);
      if (all == nullptr) {
        out.push_back({name, std::nullopt, false, false});
        continue;
      }
      for (const Came& came : *all) out.push_back({name, came.facts, came.complete, own == nullptr});
    }
    const auto own = brought_.find(group);
    if (own == brought_.end()) return out;
    for (const auto& [name, all] : own->second) {
      if (names_file(version, name)) continue;
      for (const Came& came : all) out.push_back({name, came.facts, came.complete, false});
    }
    return out;
  }
  [[nodiscard]] const std::vector<const DossierRecord*>& versions() const { return versions_; }

 private:
  [[nodiscard]] std::optional<Ref> owner_of(const Ref& ref, const Manifest& manifest) const {
    if (manifest.version) {
      const auto known = group_.find(*manifest.version);
      return known != group_.end() ? known->second : *manifest.version;
    }
    std::optional<Ref> nearest;
    for (const DossierRecord* version : versions_) {
      const Ref& at = version->ref;
      const bool before = at.author == ref.author && at.run == ref.run && at.number < ref.number;
      if (before && names_file(*version, manifest.file.name) && (!nearest || *nearest < at)) nearest = at;
    }
    return nearest ? std::optional(group_.at(*nearest)) : std::nullopt;
  }
  [[nodiscard]] const AllCame* brought(const Ref& group, const std::string& name) const {
    const auto own = brought_.find(group);
    if (own == brought_.end()) return nullptr;
    const auto file = own->second.find(name);
    return file != own->second.end() ? &file->second : nullptr;
  }
  /// Of the nearest version, along what edits what, that brought one; else one that belongs to none.
  [[nodiscard]] const AllCame* inherited(const Ref& group, const std::string& name) const {
    std::set<Ref> asked{group};
    std::vector<Ref> next{group};
    while (!next.empty()) {
      std::vector<Ref> older;
      for (const Ref& version : next) {
        const auto edited = by_instance_.find(deprecates_.at(version));
        if (edited == by_instance_.end()) continue;
        for (const Ref& one : edited->second) {
          if (!asked.insert(one).second) continue;
          if (const AllCame* all = brought(one, name)) return all;
          older.push_back(one);
        }
      }
      next = std::move(older);
    }
    const auto any = loose_.find(name);
    return any != loose_.end() ? &any->second : nullptr;
  }

  std::vector<const DossierRecord*> versions_;
  std::map<Ref, Ref> group_;  ///< equal versions stand under the first of them
  std::map<std::string, std::set<Ref>> by_instance_;
  std::map<Ref, std::string> deprecates_;
  std::map<Ref, std::map<std::string, AllCame>> brought_;
  std::map<std::string, AllCame> loose_;
};

}  // namespace

std::map<Ref, std::vector<VersionFile>> files_of_versions(const ReadTxn& txn, const DossierReader::Content& content) {
  FilePairing pairing(content);
  for (const DossierRecord& record : content.records) {
    if (record.plain.kind == Kind::manifest) pairing.take(txn, record);
  }
  std::map<Ref, std::vector<VersionFile>> out;
  for (const DossierRecord* version : pairing.versions()) out.emplace(version->ref, pairing.files_of(*version));
  return out;
}

}  // namespace khuoi::sync
