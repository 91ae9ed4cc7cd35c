#include "sync/log/outgoing.h"

namespace khuoi::sync {

namespace {
constexpr Rows<std::uint64_t, Outgoing> in_order{Note::outgoing, "what of this node's own changed"};
constexpr Rows<Outgoing, std::uint64_t> places{Note::outgoing_at, "when something of this node's own changed"};
/// The greatest order that anybody was told of.
constexpr Rows<std::tuple<>, std::uint64_t> looked_row{Note::outgoing_looked, "how far this node's own was looked at"};
}  // namespace

Result<void> Outgoing::note(Batch& batch, const Outgoing& one) {
  KHUOI_TRY(const std::uint64_t last_now, last(batch.txn));
  KHUOI_TRY(const auto place, places.get(batch.txn, one));
  KHUOI_TRY(const std::uint64_t looked, looked_row.get_or_new(batch.txn, {}));
  // The run that is written now is the last nearly always: it stays where it is while nobody heard of it there.
  if (place && *place == last_now && last_now > looked) return {};
  if (place) KHUOI_TRY_VOID(in_order.erase(batch, *place));
  KHUOI_TRY_VOID(in_order.put(batch, last_now + 1, one));
  return places.put(batch, one, last_now + 1);
}

Result<void> Outgoing::note_looked(Batch& batch, std::uint64_t order) {
  KHUOI_TRY(const std::uint64_t looked, looked_row.get_or_new(batch.txn, {}));
  return order > looked ? looked_row.put(batch, {}, order) : Result<void>();
}

Result<std::uint64_t> Outgoing::last(const ReadTxn& txn) {
  KHUOI_TRY(const auto key, in_order.last(txn));
  return key.value_or(0);
}

Result<void> Outgoing::each_after(const ReadTxn& txn, std::uint64_t after, const Visitor<const Outgoing&>& visit) {
  return in_order.each_from(txn, after + 1, std::tuple<>(), [&](std::uint64_t, const Outgoing& one) { return visit(one); });
}

Result<bool> Outgoing::known(const ReadTxn& txn, const Outgoing& one) {
  KHUOI_TRY(const auto place, places.get(txn, one));
  return place.has_value();
}

}  // namespace khuoi::sync
