#include "sync/bulletin/items.h"

#include <algorithm>

#include "sync/seal/hash.h"

namespace khuoi::sync {

namespace {
constexpr std::string_view pending_prefix = "emergency/";
constexpr std::size_t playings_max = 128;
constexpr std::size_t heard_max = 16;  // a box
constexpr unsigned flag_mine = 1, flag_settled = 2, flag_held_back = 4;

Bytes order_key(std::uint64_t order) {
  Bytes out;
  Writer(out).u64(order);
  return out;
}

Bytes playings_key(const Ref& ref) {
  Bytes out = to_bytes(view_of("p"));
  append(out, key_of(ref));
  return out;
}

Bytes readers_key(const Ref& ref) {
  Bytes out = to_bytes(view_of("d"));
  append(out, key_of(ref));
  return out;
}

Bytes heard_key(const Ref& ref) {
  Bytes out = to_bytes(view_of("q"));
  append(out, key_of(ref));
  return out;
}

Bytes encode_item(const ItemEntry& item) {
  Bytes out;
  Writer to(out);
  write_ref(to, item.ref);
  const unsigned flags = (item.by_me ? flag_mine : 0U) | (item.settled ? flag_settled : 0U) |
                         (item.held_back ? flag_held_back : 0U);
  to.u8(static_cast<std::uint8_t>(item.kind)).u8(static_cast<std::uint8_t>(flags));
  return out;
}

std::optional<ItemEntry> decode_item(ByteView key, ByteView value) {
  ItemEntry out;
  Reader order(key);
  out.order = order.u64();
  Reader from(value);
  out.ref = read_ref(from);
  out.kind = static_cast<Kind>(from.u8());
  const std::uint8_t flags = from.u8();
  out.by_me = (flags & flag_mine) != 0;
  out.settled = (flags & flag_settled) != 0;
  out.held_back = (flags & flag_held_back) != 0;
  return order.done() && from.done() ? std::optional(out) : std::nullopt;
}

Error damaged_heard() {
  return fail(Errc::damaged, "the store's row of where an announcement was played is damaged: restore a backup");
}

/// Of one box.
Result<std::vector<Items::Heard>> decode_heard(const NodeId& box, ByteView value) {
  std::vector<Items::Heard> out;
  Reader from(value);
  while (from.ok() && !from.rest().empty()) {
    const std::uint8_t flags = from.u8();
    const UnixSeconds at{static_cast<std::int64_t>(from.u64())};
    out.push_back({box, at, (flags & 1U) != 0, (flags & 2U) != 0});
  }
  if (!from.done()) return damaged_heard();
  return out;
}
}  // namespace

DossierId announcement_id(ByteView content) {
  return *DossierId::from(ByteView(Blake2b(32).add(content).finish()).first(16));
}

bool Items::approved(const Announcement& announcement, const AnnouncementContent& content) const {
  if (content.urgency != Urgency::emergency) return true;
  std::vector<NodeId> signers;
  for (const Approval& approval : announcement.approvals) {
    const OfficerFacts* officer = core_.roster.officer(approval.officer);
    if (officer == nullptr || officer->revoked) continue;
    if (std::ranges::find(signers, approval.officer) != signers.end()) continue;
    if (verify(officer->key, Purpose::officer, core_.self.commune, {announcement.content}, approval.signature)) {
      signers.push_back(approval.officer);
    }
  }
  return signers.size() >= 2;
}

Result<void> Items::index(Batch& batch, const Ref& ref, const Plain& plain) {
  if (const auto* played = std::get_if<Played>(&plain.body)) {
    return take_in_played(batch, *played, ref.author);
  }
  if (const auto* read = std::get_if<DocumentRead>(&plain.body)) {
    if (core_.self.is_commune()) {
      KHUOI_TRY_VOID(note_reader(batch, ref.author, *read));
    }
    return mark_settled(batch, read->document);
  }
  KHUOI_TRY(const auto present, find(batch.txn, ref));
  if (present) return {};
  ItemEntry item;
  item.ref = ref;
  item.kind = plain.kind;
  item.by_me = ref.author == core_.self.node;
  KHUOI_TRY(const RunRow* run, core_.runs.find(batch.txn, run_of(ref)));
  if (const auto* announcement = std::get_if<Announcement>(&plain.body)) {
    KHUOI_TRY(const auto content, decode_announcement_content(announcement->content));
    item.held_back = !approved(*announcement, content);
    if (content.clip) {
      KHUOI_TRY_VOID(Files::note(batch, *content.clip, run->audience, ref.author));
    }
  }
  if (const auto* document = std::get_if<Document>(&plain.body)) {
    for (const FileFacts& file : document->files) {
      KHUOI_TRY_VOID(Files::note(batch, file, run->audience, ref.author));
    }
  }
  KHUOI_TRY(const std::uint64_t last, meta_number(batch.txn, "item_last"));
  KHUOI_TRY_VOID(put_meta_number(batch, "item_last", last + 1));
  Bytes by_ref = to_bytes(view_of("r"));
  append(by_ref, key_of(ref));
  KHUOI_TRY_VOID(batch.txn.put(Table::item, by_ref, order_key(last + 1)));
  return batch.txn.put(Table::item, order_key(last + 1), encode_item(item));
}

Result<std::optional<ItemEntry>> Items::find(const ReadTxn& txn, const Ref& ref) const {
  Bytes by_ref = to_bytes(view_of("r"));
  append(by_ref, key_of(ref));
  KHUOI_TRY(const auto order, txn.get(Table::item, by_ref));
  if (!order) return std::optional<ItemEntry>();
  const Bytes key = to_bytes(*order);
  KHUOI_TRY(const auto value, txn.get(Table::item, key));
  return value ? decode_item(key, *value) : std::nullopt;
}

Result<std::vector<ItemEntry>> Items::list(const ReadTxn& txn, std::uint64_t after) const {
  std::vector<ItemEntry> out;
  KHUOI_TRY_VOID(txn.scan(Table::item, order_key(after + 1), [&](ByteView key, ByteView value) {
    if (key.size() != 8) return false;  // "d…", "p…", "q…" and "r…" entries come after the numbers: orders begin with zeros
    if (const auto item = decode_item(key, value)) out.push_back(*item);
    return true;
  }));
  return out;
}

Result<void> Items::mark_settled(Batch& batch, const Ref& ref, bool settled) {
  KHUOI_TRY(auto item, find(batch.txn, ref));
  if (!item || item->settled == settled) return {};
  item->settled = settled;
  return batch.txn.put(Table::item, order_key(item->order), encode_item(*item));
}

Result<void> Items::note_playing(Batch& batch, const Ref& ref, const Playing& playing) {
  KHUOI_TRY(auto all, playings(batch.txn, ref));
  all.push_back(playing);
  if (all.size() > playings_max) {
    // Whether it was ever heard outlives the row that said so.
    all[1].first = all[0].first && all[0].unheard;
    all.erase(all.begin());
  }
  return put_playings(batch, ref, all);
}

Result<void> Items::note_unheard(Batch& batch, const Ref& ref, UnixSeconds at) {
  KHUOI_TRY(auto all, playings(batch.txn, ref));
  const auto last = std::find_if(all.rbegin(), all.rend(), [&](const Playing& one) { return one.at == at && !one.unheard; });
  if (last == all.rend()) return {};
  last->unheard = true;
  KHUOI_TRY_VOID(put_playings(batch, ref, all));
  const bool never = all.front().first && std::ranges::all_of(all, &Playing::unheard);
  return never ? mark_settled(batch, ref, false) : Result<void>();
}

Result<void> Items::put_playings(Batch& batch, const Ref& ref, const std::vector<Playing>& all) {
  Bytes value;
  Writer to(value);
  for (const Playing& one : all) {
    const unsigned flags = (one.by_person ? 1U : 0U) | (one.slot ? 2U : 0U) | (one.unheard ? 4U : 0U) | (one.first ? 8U : 0U);
    to.u8(static_cast<std::uint8_t>(flags));
    to.u64(static_cast<std::uint64_t>(one.slot ? one.slot->number : 0)).u64(static_cast<std::uint64_t>(one.at.value));
  }
  return batch.txn.put(Table::item, playings_key(ref), value);
}

Result<std::vector<Items::Playing>> Items::playings(const ReadTxn& txn, const Ref& ref) const {
  std::vector<Playing> out;
  KHUOI_TRY(const auto value, txn.get(Table::item, playings_key(ref)));
  if (!value) return out;
  Reader from(*value);
  while (from.ok() && !from.rest().empty()) {
    Playing one;
    const std::uint8_t flags = from.u8();
    const SpeakingSlot slot{static_cast<std::int64_t>(from.u64())};
    one.at = UnixSeconds{static_cast<std::int64_t>(from.u64())};
    one.by_person = (flags & 1U) != 0;
    if ((flags & 2U) != 0) one.slot = slot;
    one.unheard = (flags & 4U) != 0;
    one.first = (flags & 8U) != 0;
    out.push_back(one);
  }
  if (!from.done()) return fail(Errc::damaged, "the store's row of when an announcement was played is damaged: restore a backup");
  return out;
}

/// What a box says of its loudspeaker comes in any order: a word that takes another one back may be the first.
Result<void> Items::take_in_played(Batch& batch, const Played& played, const NodeId& box) {
  if (!core_.self.is_commune()) {
    // What was not heard stands in the row of playings already; of a past that was lost it is not known, and silence is
    // better than saying it twice.
    return played.not_heard ? Result<void>() : mark_settled(batch, played.announcement);
  }
  KHUOI_TRY_VOID(note_heard(batch, played.announcement, {box, played.at, played.by_person, played.not_heard}));
  KHUOI_TRY(const auto all, heard(batch.txn, played.announcement));
  return mark_settled(batch, played.announcement, !std::ranges::all_of(all, &Heard::not_heard));
}

Result<void> Items::note_heard(Batch& batch, const Ref& ref, const Heard& heard) {
  Bytes key = heard_key(ref);
  append(key, heard.box.view());
  KHUOI_TRY(const auto present, batch.txn.get(Table::item, key));
  std::vector<Heard> all;
  if (present) {
    KHUOI_TRY(all, decode_heard(heard.box, *present));
  }
  const auto same = std::ranges::find_if(all, [&](const Heard& one) {
    return one.at == heard.at && (one.not_heard || heard.not_heard);
  });
  if (same != all.end()) {
    same->not_heard = true;
  } else {
    all.push_back(heard);
  }
  if (all.size() > heard_max) {
    // What was heard is the better news: it stays longest.
    const auto oldest_unheard = std::ranges::find_if(all, &Heard::not_heard);
    all.erase(oldest_unheard != all.end() ? oldest_unheard : all.begin());
  }
  Bytes value;
  Writer to(value);
  for (const Heard& one : all) {
    const unsigned flags = (one.by_person ? 1U : 0U) | (one.not_heard ? 2U : 0U);
    to.u8(static_cast<std::uint8_t>(flags)).u64(static_cast<std::uint64_t>(one.at.value));
  }
  return batch.txn.put(Table::item, key, value);
}

Result<std::vector<Items::Heard>> Items::heard(const ReadTxn& txn, const Ref& ref) const {
  std::vector<Heard> out;
  Result<void> outcome;
  const Bytes prefix = heard_key(ref);
  KHUOI_TRY_VOID(scan_prefix(txn, Table::item, prefix, [&](ByteView key, ByteView value) {
    const auto box = NodeId::from(key.subspan(prefix.size()));
    const auto all = box ? decode_heard(*box, value) : Result<std::vector<Heard>>(damaged_heard());
    if (!all) outcome = all.error();
    else out.insert(out.end(), all->begin(), all->end());
    return outcome.has_value();
  }));
  if (!outcome) return outcome.error();
  return out;
}

Result<void> Items::note_reader(Batch& batch, const NodeId& box, const DocumentRead& read) {
  KHUOI_TRY(const auto item, find(batch.txn, read.document));
  if (!item || item->kind != Kind::document) return {};
  Bytes key = readers_key(read.document);
  append(key, box.view());
  KHUOI_TRY(const auto present, batch.txn.get(Table::item, key));
  if (present) return {};  // who read it first stands
  Bytes value;
  Writer(value).u64(static_cast<std::uint64_t>(read.at.value)).counted(view_of(read.person));
  return batch.txn.put(Table::item, key, value);
}

Result<std::vector<Items::ReadBy>> Items::readers(const ReadTxn& txn, const Ref& document) const {
  std::vector<ReadBy> out;
  Result<void> outcome;
  const Bytes prefix = readers_key(document);
  KHUOI_TRY_VOID(scan_prefix(txn, Table::item, prefix, [&](ByteView key, ByteView value) {
    const auto box = NodeId::from(key.subspan(prefix.size()));
    Reader from(value);
    const UnixSeconds at{static_cast<std::int64_t>(from.u64())};
    std::string person(text_of(from.counted(text_octets_max)));
    if (!box || !from.done()) {
      outcome = fail(Errc::damaged, "the store's row of who read a document is damaged: restore a backup");
    } else {
      out.push_back({*box, at, std::move(person)});
    }
    return outcome.has_value();
  }));
  if (!outcome) return outcome.error();
  return out;
}

Result<void> Items::put_pending(Batch& batch, const Pending& pending) {
  Bytes value;
  Writer to(value);
  to.counted(pending.announcement.content).varint(pending.announcement.approvals.size());
  for (const Approval& approval : pending.announcement.approvals) to.raw(approval.officer.view()).raw(approval.signature);
  return put_meta_octets(batch, std::string(pending_prefix) + pending.id.hex(), value);
}

Result<std::vector<Items::Pending>> Items::pending(const ReadTxn& txn) const {
  std::vector<Pending> out;
  KHUOI_TRY_VOID(scan_prefix(txn, Table::meta, view_of(pending_prefix), [&](ByteView key, ByteView value) {
    Pending one;
    const auto id = DossierId::from_hex_text(text_of(key.subspan(pending_prefix.size())));
    Reader from(value);
    one.announcement.content = to_bytes(from.counted(record_octets_max));
    const std::uint64_t approvals = from.varint();
    for (std::uint64_t i = 0; i < approvals && from.ok(); ++i) {
      Approval approval;
      approval.officer = NodeId(from.array<8>());
      approval.signature = from.array<64>();
      one.announcement.approvals.push_back(approval);
    }
    if (id && from.done()) {
      one.id = *id;
      out.push_back(std::move(one));
    }
    return true;
  }));
  return out;
}

Result<void> Items::erase_pending(Batch& batch, const DossierId& id) {
  return batch.txn.erase(Table::meta, view_of(std::string(pending_prefix) + id.hex()));
}

}  // namespace khuoi::sync
