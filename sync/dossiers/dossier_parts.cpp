#include "sync/dossiers/dossier_parts.h"

#include <algorithm>
#include <map>

#include "sync/record/kinds.h"

namespace khuoi::sync {

namespace {

/// One id for a dossier and its counterpart: within a row, which is of one domain, they mean the same.
DossierId either(const DossierId& id) { return std::min(id, counterpart(id)); }

class Splitting final {
 public:
  Splitting(const DossierId& home, const DossierId& erased) : home_(either(home)), erased_(either(erased)) {
    if (home_ != erased_) parts_[erased_].id = erased;
  }

  void link(const PlacedRecord& record) {
    if (!record.own || !record.named) return;
    const DossierId from = either(*record.own);
    const DossierId to = either(*record.named);
    if (from == to || links_.contains(from)) return;
    const bool is_cut = from == erased_ || (record.later && root(to) == erased_);
    if (is_cut) {
      cut_.insert(from);
    } else {
      links_.emplace(from, to);
    }
  }
  void place_version(const PlacedRecord& record) {
    if (!record.named) return out_.staying.push_back(record.item);
    const DossierId at = root(either(*record.named));
    const bool leads_out = record.own && either(*record.own) == erased_ && at != erased_;
    if (leads_out && home_ != erased_) return out_.apart.push_back(record.item.ref);
    of_version_.emplace(record.item.ref, leads_out ? home_ : at);
    place(record, leads_out ? home_ : at);
  }
  void place_other(const PlacedRecord& record) {
    const auto with = record.version ? of_version_.find(*record.version) : of_version_.end();
    if (with != of_version_.end()) return place(record, with->second);
    place(record, record.named ? root(either(*record.named)) : home_);
  }
  DossierParts finish() && {
    for (const bool first : {true, false}) {
      for (auto& [root, part] : parts_) {
        if ((root == erased_) == first) out_.moved.push_back(std::move(part));
      }
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] DossierId root(DossierId id) const {
    std::set<DossierId> asked;
    for (auto next = links_.find(id); next != links_.end() && asked.insert(id).second; next = links_.find(id)) {
      id = next->second;
    }
    return id;
  }
  /// Where a link is missing for another reason, as that its edit cannot be read, nobody knows better than the row.
  void place(const PlacedRecord& record, const DossierId& root) {
    const bool is_part = root != home_ && (root == erased_ || cut_.contains(root));
    if (!is_part) return out_.staying.push_back(record.item);
    const auto [at, fresh] = parts_.try_emplace(root);
    if (fresh) at->second.id = record.named && either(*record.named) == root ? *record.named : root;
    at->second.items.push_back(record.item);
    at->second.names.insert(record.names.begin(), record.names.end());
  }

  DossierId home_, erased_;
  std::map<DossierId, DossierId> links_;
  std::set<DossierId> cut_;
  std::map<Ref, DossierId> of_version_;
  std::map<DossierId, DossierPart> parts_;
  DossierParts out_;
};

}  // namespace

DossierId counterpart(DossierId id) {
  for (std::uint8_t& octet : id.value) octet = static_cast<std::uint8_t>(~octet);
  return id;
}

DossierParts split_by_erasure(const std::vector<PlacedRecord>& records, const DossierId& home,
                              const DossierId& erased) {
  Splitting splitting(home, erased);
  for (const bool later : {false, true}) {
    for (const PlacedRecord& record : records) {
      if (record.later == later) splitting.link(record);
    }
  }
  for (const bool versions : {true, false}) {
    for (const PlacedRecord& record : records) {
      if (is_version(record.item.kind) != versions) continue;
      versions ? splitting.place_version(record) : splitting.place_other(record);
    }
  }
  return std::move(splitting).finish();
}

}  // namespace khuoi::sync
