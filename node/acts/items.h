#pragma once

#include "sync/replica/replica.h"

namespace khuoi::node {

/// Visits what is said and published here and can be read with the keys that are open, in the order in which it became
/// known: Body is sync::Announcement, sync::Document or sync::Message. The visitor gets the item, its record and the
/// record's body. Errors: the store's, the visitor's.
template <typename Body, typename Visit>
Result<void> each_item(sync::ReplicaReader& reader, const sync::ReadTxn& txn, const Visit& visit) {
  static const sync::Kind kind = sync::kind_of(Body{});
  KHUOI_TRY(const auto items, reader.items().list(txn));
  for (const sync::ItemEntry& item : items) {
    if (item.kind != kind) continue;
    const auto plain = reader.run_keys().read(txn, item.ref);
    const auto* body = plain ? std::get_if<Body>(&plain->body) : nullptr;
    if (body != nullptr) KHUOI_TRY_VOID(visit(item, *plain, *body));
  }
  return {};
}

}  // namespace khuoi::node
