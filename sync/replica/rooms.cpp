#include "sync/replica/rooms.h"

#include "sync/bulletin/lane_order.h"
#include "sync/membership/group_keys.h"
#include "sync/peers/untold.h"
#include "sync/record/kinds.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {
constexpr Rows<NodeId, Ref> newest_reports{Note::health, "a box's newest report"};
}  // namespace

Result<bool> Rooms::index(Batch& batch, const Ref& ref, const Plain& plain, const DecodedVersion* decoded) {
  const bool by_commune = core_.self.granted() && ref.author == core_.self.commune_node;
  if (const auto* form = std::get_if<FormRecord>(&plain.body); form != nullptr && by_commune) {
    for (const FileFacts& media : form->media) {
      KHUOI_TRY_VOID(note_file(batch, core_, media, audience_everyone(), ref.author));
    }
    const auto before = [&](const Ref& a, const Ref& b) -> Result<bool> {
      if (a.author == b.author && a.run == b.run) return a.number < b.number;
      KHUOI_TRY(const LaneOrder lane, LaneOrder::of_commune(core_, batch.txn, {}, {a.run, b.run}));
      return lane.before(a, b);
    };
    KHUOI_TRY_VOID(library_.put_form(batch, *form, ref, before));
    return true;
  }
  if (const auto* dictionary = std::get_if<DictionaryRecord>(&plain.body); dictionary != nullptr && by_commune) {
    // Only when it could be used: a dictionary that waits for its form changes nothing.
    KHUOI_TRY_VOID(library_.put_dictionary(batch, *dictionary));
    return true;
  }
  if (const auto* key = std::get_if<GroupKey>(&plain.body); key != nullptr && by_commune) {
    KHUOI_TRY_VOID(GroupKeys::keep(batch, *key));
    return false;
  }
  switch (facts_of(plain.kind).room) {
    case Room::bulletin: KHUOI_TRY_VOID(items_.index(batch, ref, plain)); break;
    case Room::health:
      KHUOI_TRY_VOID(newest_reports.put(batch, ref.author, ref));
      break;
    case Room::dossiers: KHUOI_TRY_VOID(index_.index(batch, ref, plain, decoded)); break;
    default: break;  // what only a commune may say to hamlets, and somebody else said
  }
  return false;
}

/// Hamlets that were asked for what a commune had lost must hear that it is back, or they send it for ever.
Result<void> Rooms::add_givers(const ReadTxn& txn, News& news) const {
  if (!core_.self.is_commune() || news.octets.erase(core_.self.node) == 0) return {};
  return asked_back.each(txn, [&](const NodeId& peer, const Bytes& asked) {
    if (!asked.empty()) news.octets[peer] += 0;  // empty: a row of format 1
  });
}

Result<void> Rooms::publish(Batch& batch, News news) {
  KHUOI_TRY_VOID(add_givers(batch.txn, news));
  for (const auto& [peer, octets] : news.octets) {
    KHUOI_TRY(PeerRow row, peers_.row(batch.txn, peer));
    // A statement made earlier in this batch may bear this sequence or a later one, and may lack what came after it.
    if (row.my_sequence >= news.sequence) {
      KHUOI_TRY(row.my_sequence, next_holdings_sequence(batch));
    } else {
      row.my_sequence = news.sequence;
    }
    row.received_octets_unacknowledged += octets;
    KHUOI_TRY_VOID(peers_.put(batch, peer, row));
  }
  return {};
}

}  // namespace khuoi::sync
