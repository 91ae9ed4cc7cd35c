#pragma once

#include "sync/bulletin/items.h"
#include "sync/dossiers/dossier_index.h"
#include "sync/log/indexer.h"
#include "sync/peers/peers.h"

namespace khuoi::sync {

/// Brings each record to the room that it concerns.
class Rooms final : public Indexer {
 public:
  Rooms(Core& core, Library& library, Dossiers& dossiers, DossierIndex& index, Items& items, Peers& peers)
      : core_(core), library_(library), dossiers_(dossiers), index_(index), items_(items), peers_(peers) {}
  Result<bool> index(Batch& batch, const Ref& ref, const Plain& plain, const DecodedVersion* decoded) override;
  Result<bool> after_opening(Batch& batch, std::uint32_t& place, std::size_t records_max) override {
    return dossiers_.refold_some(batch, place, records_max);
  }
  Result<void> publish(Batch& batch, News news) override;

 private:
  Result<void> add_givers(const ReadTxn& txn, News& news) const;

  Core& core_;
  Library& library_;
  Dossiers& dossiers_;
  DossierIndex& index_;
  Items& items_;
  Peers& peers_;
};

}  // namespace khuoi::sync
