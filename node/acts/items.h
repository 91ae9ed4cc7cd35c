#pragma once

#include "sync/replica/replica.h"

namespace khuoi::node {

/// Visits the newest of what is said and published here, at most so many, the newest first: as each_item().
template <typename Body, typename Visit>
Result<void> each_newest_item(sync::ReplicaReader& reader, const sync::ReadTxn& txn, std::size_t count_max,
                              const Visit& visit) {
  KHUOI_TRY(const auto items, reader.items().newest(txn, sync::kind_of(Body{}), count_max));
  for (const sync::ItemEntry& item : items) {
    const auto plain = reader.run_keys().read(txn, item.ref);
    const auto* body = plain ? std::get_if<Body>(&plain->body) : nullptr;
    if (body != nullptr) KHUOI_TRY_VOID(visit(item, *plain, *body));
  }
  return {};
}

/// Of all kinds, in one page.
inline constexpr std::size_t items_at_once = 500;
/// How far a list has got that is made in pages, each of its own picture of the store.
struct ItemsPage {
  std::uint64_t after = 0;  ///< order of the last that was looked at
  bool over = false;
};
/// Visits the next items of such a body, as each_item().
template <typename Body, typename Visit>
Result<void> each_item_of_page(sync::ReplicaReader& reader, const sync::ReadTxn& txn, ItemsPage& page, const Visit& visit) {
  static const sync::Kind kind = sync::kind_of(Body{});
  KHUOI_TRY(const auto items, reader.items().list(txn, page.after, items_at_once));
  page.over = items.size() < items_at_once;
  for (const sync::ItemEntry& item : items) {
    page.after = item.order;
    if (item.kind != kind) continue;
    const auto plain = reader.run_keys().read(txn, item.ref);
    const auto* body = plain ? std::get_if<Body>(&plain->body) : nullptr;
    if (body != nullptr) KHUOI_TRY_VOID(visit(item, *plain, *body));
  }
  return {};
}

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
