#include "sync/bulletin/items.h"

#include <algorithm>

#include "sync/peers/untold.h"
#include "sync/seal/hash.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {
constexpr std::size_t playings_max = 128;
constexpr std::size_t heard_max = 16;  // a box

/// By order, an u64, whose first octet is zero: the other keys come after them.
constexpr Rows<std::uint64_t, ItemEntry> item_rows{Table::item, "an announcement, a document or a message"};
/// By kind and order: those of a kind, those that are open, and how many of each.
using OfKind = std::pair<Kind, std::uint64_t>;
constexpr Rows<OfKind, std::tuple<>> kind_rows{Table::item, 'k', "an item of a kind"};
constexpr Rows<OfKind, std::tuple<>> open_rows{Table::item, 'u', "an open item of a kind"};
constexpr Rows<Kind, ItemCounts> count_rows{Table::item, 'c', "how many items of a kind there are"};
constexpr Rows<Ref, std::uint64_t> order_rows{Table::item, 'r', "the order of what a record says"};
constexpr Rows<Ref, std::vector<Items::Playing>> playing_rows{Table::item, 'p', "when an announcement was played"};
constexpr Rows<std::pair<Ref, NodeId>, std::vector<Items::Heard>> heard_rows{Table::item, 'q',
                                                                             "where an announcement was played"};
constexpr Rows<std::pair<Ref, NodeId>, Items::ReadBy> reader_rows{Table::item, 'd', "who read a document"};
constexpr Rows<DossierId, Items::Pending> pending_rows{Note::emergency, "an emergency that lacks approvals"};
}  // namespace

namespace {

bool is_open(const ItemEntry& item) {
  if (item.settled) return false;
  if (item.kind == Kind::announcement) return true;
  return !item.held_back && !(item.kind == Kind::message && item.by_me);
}

void add(const ItemEntry& item, ItemCounts& to, std::uint64_t times) {
  to.all += times;
  to.settled += item.settled ? times : 0;
  to.open += is_open(item) ? times : 0;
}

/// The orders under `before` in one of the look-ups of a kind, from the greatest on down.
Result<std::vector<std::uint64_t>> last_of(const ReadTxn& txn, std::uint8_t family, Kind kind, std::size_t count_max,
                                           std::uint64_t before) {
  const Bytes begin{family, static_cast<std::uint8_t>(kind)};
  std::vector<std::uint64_t> out;
  while (out.size() < count_max && before > 0) {
    Bytes at = begin;
    Writer(at).u64(before - 1);
    KHUOI_TRY(const auto found, txn.last_up_to(Table::item, at));
    if (!found || !starts_with(found->first, begin)) break;
    const auto order = part_of<std::uint64_t>(ByteView(found->first).subspan(begin.size()));
    if (!order) break;
    out.push_back(*order);
    before = *order;
  }
  return out;
}

}  // namespace

void Items::Playing::write(Writer& to) const {
  const unsigned flags = (by_person ? 1U : 0U) | (slot ? 2U : 0U) | (unheard ? 4U : 0U) | (first ? 8U : 0U);
  to.u8(static_cast<std::uint8_t>(flags));
  to.u64(static_cast<std::uint64_t>(slot ? slot->number : 0)).u64(static_cast<std::uint64_t>(at.value));
}

void Items::Playing::read(Reader& from) {
  const std::uint8_t flags = from.u8();
  const SpeakingSlot in{static_cast<std::int64_t>(from.u64())};
  read_part(from, at);
  by_person = (flags & 1U) != 0;
  if ((flags & 2U) != 0) slot = in;
  unheard = (flags & 4U) != 0;
  first = (flags & 8U) != 0;
}

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
      KHUOI_TRY_VOID(note_file(batch, core_, *content.clip, run->audience, ref.author));
    }
  }
  if (const auto* document = std::get_if<Document>(&plain.body)) {
    for (const FileFacts& file : document->files) {
      KHUOI_TRY_VOID(note_file(batch, core_, file, run->audience, ref.author));
    }
  }
  KHUOI_TRY(const std::uint64_t last, meta_number(batch.txn, "item_last"));
  KHUOI_TRY_VOID(put_meta_number(batch, "item_last", last + 1));
  KHUOI_TRY_VOID(order_rows.put(batch, ref, last + 1));
  item.order = last + 1;
  return put(batch, std::nullopt, item);
}

Result<void> Items::put(Batch& batch, const std::optional<ItemEntry>& before, const ItemEntry& item) const {
  const OfKind key{item.kind, item.order};
  KHUOI_TRY(ItemCounts counts, count_rows.get_or_new(batch.txn, item.kind));
  if (before) add(*before, counts, ~std::uint64_t{0});
  add(item, counts, 1);
  KHUOI_TRY_VOID(count_rows.put(batch, item.kind, counts));
  if (!before) KHUOI_TRY_VOID(kind_rows.put(batch, key, {}));
  if (is_open(item)) {
    KHUOI_TRY_VOID(open_rows.put(batch, key, {}));
  } else if (before && is_open(*before)) {
    KHUOI_TRY_VOID(open_rows.erase(batch, key));
  }
  return item_rows.put(batch, item.order, item);
}

Result<std::vector<ItemEntry>> Items::newest(const ReadTxn& txn, Kind kind, std::size_t count_max,
                                             std::uint64_t before) const {
  return newest_in(txn, 'k', kind, count_max, before);
}

Result<std::vector<ItemEntry>> Items::newest_open(const ReadTxn& txn, Kind kind, std::size_t count_max) const {
  return newest_in(txn, 'u', kind, count_max, of_all);
}

Result<std::vector<ItemEntry>> Items::newest_in(const ReadTxn& txn, std::uint8_t family, Kind kind,
                                                std::size_t count_max, std::uint64_t before) const {
  std::vector<ItemEntry> out;
  KHUOI_TRY(const auto kept, core_.runs.totals(txn));
  if (!kept) {
    KHUOI_TRY(auto all, list(txn));
    std::erase_if(all, [&](const ItemEntry& item) {
      return item.kind != kind || item.order >= before || (family == 'u' && !is_open(item));
    });
    std::ranges::reverse(all);
    all.resize(std::min(all.size(), count_max));
    return all;
  }
  KHUOI_TRY(const auto orders, last_of(txn, family, kind, count_max, before));
  for (const std::uint64_t order : orders) {
    auto item = item_rows.get(txn, order);
    if (!item && item.error().code != Errc::damaged) return item.error();
    if (!item || !*item) continue;  // as list() passes it over
    (*item)->order = order;
    out.push_back(std::move(**item));
  }
  return out;
}

Result<ItemCounts> Items::counts(const ReadTxn& txn, Kind kind) const {
  KHUOI_TRY(const auto kept, core_.runs.totals(txn));
  if (kept) return count_rows.get_or_new(txn, kind);
  KHUOI_TRY(const auto all, list(txn));
  ItemCounts out;
  for (const ItemEntry& item : all) {
    if (item.kind == kind) add(item, out, 1);
  }
  return out;
}

Result<void> Items::recount(Batch& batch) const {
  std::vector<Bytes> keys;
  for (const std::uint8_t family : std::array<std::uint8_t, 3>{'k', 'u', 'c'}) {
    KHUOI_TRY_VOID(scan_prefix(batch.txn, Table::item, Bytes{family},
                               [&](ByteView at, ByteView) { keys.push_back(to_bytes(at)); }));
  }
  for (const Bytes& at : keys) KHUOI_TRY_VOID(batch.txn.erase(Table::item, at));
  KHUOI_TRY(const auto all, list(batch.txn));
  for (const ItemEntry& item : all) KHUOI_TRY_VOID(put(batch, std::nullopt, item));
  return {};
}

Result<std::vector<std::string>> Items::miscounts(const ReadTxn& txn) const {
  std::vector<std::string> out;
  KHUOI_TRY(const auto all, list(txn));
  for (const Kind kind : {Kind::announcement, Kind::document, Kind::message}) {
    std::vector<std::uint64_t> of_kind, open;
    ItemCounts there;
    for (const ItemEntry& item : all) {
      if (item.kind != kind) continue;
      add(item, there, 1);
      of_kind.insert(of_kind.begin(), item.order);
      if (is_open(item)) open.insert(open.begin(), item.order);
    }
    KHUOI_TRY(const ItemCounts kept, count_rows.get_or_new(txn, kind));
    KHUOI_TRY(const auto kept_of_kind, last_of(txn, 'k', kind, all.size() + 1, of_all));
    KHUOI_TRY(const auto kept_open, last_of(txn, 'u', kind, all.size() + 1, of_all));
    if (kept != there) out.push_back("the counts of items of the kind " + std::string(name_of(kind)) + " are wrong");
    if (kept_of_kind != of_kind || kept_open != open) {
      out.push_back("the lists of items of the kind " + std::string(name_of(kind)) + " are not what is there");
    }
  }
  return out;
}

Result<std::optional<ItemEntry>> Items::find(const ReadTxn& txn, const Ref& ref) const {
  KHUOI_TRY(const auto order, order_rows.get(txn, ref));
  if (!order) return std::optional<ItemEntry>();
  KHUOI_TRY(auto item, item_rows.get(txn, *order));
  if (item) item->order = *order;
  return item;
}

Result<std::vector<ItemEntry>> Items::list(const ReadTxn& txn, std::uint64_t after, std::size_t count_max) const {
  std::vector<ItemEntry> out;
  KHUOI_TRY_VOID(item_rows.each_from(
      txn, after + 1, std::uint8_t{0},
      [&](std::uint64_t order, ItemEntry& item) {
        item.order = order;
        out.push_back(item);
        return out.size() < count_max ? Walk::on : Walk::stop;
      },
      item_rows.pass_over_damaged));
  return out;
}

Result<void> Items::mark_settled(Batch& batch, const Ref& ref, bool settled) {
  KHUOI_TRY(auto item, find(batch.txn, ref));
  if (!item || item->settled == settled) return {};
  const ItemEntry before = *item;
  item->settled = settled;
  return put(batch, before, *item);
}

Result<void> Items::note_playing(Batch& batch, const Ref& ref, const Playing& playing) {
  KHUOI_TRY(auto all, playings(batch.txn, ref));
  all.push_back(playing);
  if (all.size() > playings_max) {
    // Whether it was ever heard outlives the row that said so.
    all[1].first = all[0].first && all[0].unheard;
    all.erase(all.begin());
  }
  return playing_rows.put(batch, ref, all);
}

Result<void> Items::note_unheard(Batch& batch, const Ref& ref, UnixSeconds at) {
  KHUOI_TRY(auto all, playings(batch.txn, ref));
  const auto last = std::find_if(all.rbegin(), all.rend(), [&](const Playing& one) { return one.at == at && !one.unheard; });
  if (last == all.rend()) return {};
  last->unheard = true;
  KHUOI_TRY_VOID(playing_rows.put(batch, ref, all));
  const bool never = all.front().first && std::ranges::all_of(all, &Playing::unheard);
  return never ? mark_settled(batch, ref, false) : Result<void>();
}

Result<std::vector<Items::Playing>> Items::playings(const ReadTxn& txn, const Ref& ref) const {
  return playing_rows.get_or_new(txn, ref);
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
  KHUOI_TRY(auto all, heard_rows.get_or_new(batch.txn, {ref, heard.box}));
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
  return heard_rows.put(batch, {ref, heard.box}, all);
}

Result<std::vector<Items::Heard>> Items::heard(const ReadTxn& txn, const Ref& ref) const {
  std::vector<Heard> out;
  KHUOI_TRY_VOID(heard_rows.each(txn, ref, [&](const auto& key, std::vector<Heard>& all) {
    for (Heard& one : all) one.box = key.second;
    out.insert(out.end(), all.begin(), all.end());
  }));
  return out;
}

Result<void> Items::note_reader(Batch& batch, const NodeId& box, const DocumentRead& read) {
  KHUOI_TRY(const auto item, find(batch.txn, read.document));
  if (!item || item->kind != Kind::document) return {};
  KHUOI_TRY(const auto present, reader_rows.get(batch.txn, {read.document, box}));
  if (present) return {};  // who read it first stands
  return reader_rows.put(batch, {read.document, box}, {box, read.at, read.person});
}

Result<std::vector<Items::ReadBy>> Items::readers(const ReadTxn& txn, const Ref& document) const {
  std::vector<ReadBy> out;
  KHUOI_TRY_VOID(reader_rows.each(txn, document, [&](const auto& key, ReadBy& read) {
    read.box = key.second;
    out.push_back(std::move(read));
  }));
  return out;
}

Result<void> Items::put_pending(Batch& batch, const Pending& pending) {
  return pending_rows.put(batch, pending.id, pending);
}

Result<std::vector<Items::Pending>> Items::pending(const ReadTxn& txn) const {
  std::vector<Pending> out;
  const auto take = [&](const DossierId& id, Pending& one) {
    one.id = id;
    out.push_back(std::move(one));
  };
  KHUOI_TRY_VOID(pending_rows.each(txn, std::tuple<>(), take, pending_rows.pass_over_damaged));
  return out;
}

Result<void> Items::erase_pending(Batch& batch, const DossierId& id) { return pending_rows.erase(batch, id); }

}  // namespace khuoi::sync
