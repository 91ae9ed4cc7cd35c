#include "sync/dossiers/dossiers.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "sync/dossiers/kept_summaries.h"
#include "sync/log/quarantine.h"
#include "sync/record/kinds.h"

namespace khuoi::sync {

namespace {

DossierRow row_of(std::uint32_t number, StoredDossier&& stored) {
  stored.row.number = number;
  return std::move(stored.row);
}

constexpr std::size_t ref_octets = 20;
constexpr std::size_t damaged_met_max = 1024;  // who reads on meets the others

bool is_ref(const std::uint8_t* item, const Bytes& ref) { return std::memcmp(item, ref.data(), ref_octets) == 0; }

/// Each item that stands in a chunk: ref 20 | kind 1. They are not decoded, for there may be thousands.
template <typename Visit>
Result<void> each_item_before(const ReadTxn& txn, const DossierRow& row, const Visit& visit) {
  if (row.items_before == 0) return {};
  constexpr std::size_t item_octets = ref_octets + 1;
  Bytes prefix{static_cast<std::uint8_t>(Note::dossier_items)};
  append(prefix, octets_of_part(row.number));
  return scan_prefix(txn, Table::note, prefix, [&](ByteView, ByteView chunk) {
    const std::uint8_t* const end = chunk.data() + chunk.size() / item_octets * item_octets;
    for (const std::uint8_t* item = chunk.data(); item != end; item += item_octets) visit(item);
  });
}

/// Those that begin at the item `first` or later.
Result<void> erase_chunks(Batch& batch, std::uint32_t number, std::uint32_t first) {
  KHUOI_TRY(const auto places, item_chunks.keys(batch.txn, number));
  for (const auto& place : places) {
    if (place.second >= first) KHUOI_TRY_VOID(item_chunks.erase(batch, place));
  }
  return {};
}

}  // namespace

HamletId Dossiers::hamlet_of(const NodeId& author) const {
  if (!core_.self.is_commune()) return {};
  const NodeFacts* facts = core_.roster.node(author);
  return facts != nullptr ? facts->hamlet : HamletId(author.value);
}

Result<std::optional<DossierRow>> Dossiers::row(const ReadTxn& txn, const DossierKey& key) const {
  KHUOI_TRY(auto out, brief(txn, key));
  if (out) KHUOI_TRY_VOID(load_items(txn, *out));
  return out;
}

Result<std::optional<DossierRow>> Dossiers::brief(const ReadTxn& txn, const DossierKey& key) const {
  KHUOI_TRY(auto found, DossierPlaces::find(txn, key));
  if (!found) return std::optional<DossierRow>();
  if (!found->stored) return found->stored.error();
  return std::optional(row_of(found->number, std::move(*found->stored)));
}

Result<void> Dossiers::load_items(const ReadTxn& txn, DossierRow& row) const {
  if (row.items_before == 0) return {};
  std::vector<DossierRow::Item> items;
  items.reserve(row.items_before + row.items.size());
  KHUOI_TRY_VOID(item_chunks.each(txn, row.number, [&](const auto&, const std::vector<DossierRow::Item>& chunk) {
    items.insert(items.end(), chunk.begin(), chunk.end());
  }));
  if (items.size() != row.items_before) {
    return fail(Errc::damaged, "store: parts of the records of dossier number " + std::to_string(row.number) +
                                   " are missing; restore a backup");
  }
  items.insert(items.end(), row.items.begin(), row.items.end());
  row.items = std::move(items);
  row.items_before = 0;
  return {};
}

Result<Dossiers::LookBack> Dossiers::look_back(const ReadTxn& txn, const DossierRow& row, const DossierRow::Item& item) const {
  LookBack out;
  const bool is_state = item.kind == Kind::state;
  for (const DossierRow::Item& one : row.items) {
    out.is_here = out.is_here || one.ref == item.ref;
    const bool is_later = one.kind == Kind::state && run_of(one.ref) == run_of(item.ref) && one.ref.number > item.ref.number;
    out.has_later_state = out.has_later_state || is_later;
  }
  const Bytes ref = key_of(item.ref);
  KHUOI_TRY_VOID(each_item_before(txn, row, [&](const std::uint8_t* one) {
    if (is_ref(one, ref)) out.is_here = true;
    if (!is_state || one[ref_octets] != static_cast<std::uint8_t>(Kind::state)) return;
    const auto other = ref_from_key({one, ref_octets});
    const bool is_later = other && run_of(*other) == run_of(item.ref) && other->number > item.ref.number;
    out.has_later_state = out.has_later_state || is_later;
  }));
  return out;
}

Result<std::optional<Kind>> Dossiers::kind_of(const ReadTxn& txn, const DossierRow& row, const Ref& ref) const {
  const auto item = std::ranges::find(row.items, ref, &DossierRow::Item::ref);
  if (item != row.items.end()) return std::optional(item->kind);
  std::optional<Kind> out;
  const Bytes wanted = key_of(ref);
  KHUOI_TRY_VOID(each_item_before(txn, row, [&](const std::uint8_t* one) {
    if (is_ref(one, wanted)) out = static_cast<Kind>(one[ref_octets]);
  }));
  return out;
}

Result<void> Dossiers::put(Batch& batch, const DossierKey& key, const DossierRow& row) {
  using Items = std::vector<DossierRow::Item>;
  StoredDossier stored{key, row};
  Items& tail = stored.row.items;
  const bool is_whole = row.items_before == 0;
  while (tail.size() > items_a_chunk) {
    const auto end = tail.begin() + items_a_chunk;
    const Items chunk(tail.begin(), end);
    const std::pair place(row.number, stored.row.items_before);
    // Of a row that was read whole most chunks stand there already.
    const auto present = is_whole ? item_chunks.get(batch.txn, place) : Result<std::optional<Items>>(std::nullopt);
    if (!present || !*present || **present != chunk) KHUOI_TRY_VOID(item_chunks.put(batch, place, chunk));
    tail.erase(tail.begin(), end);
    stored.row.items_before += items_a_chunk;
  }
  const DossierMark mark = DossierMarks::of(row);
  // Of a new one nothing else can stand here yet.
  if (row.is_new && mark.none()) return dossier_rows.put(batch, row.number, stored);
  if (is_whole) KHUOI_TRY_VOID(erase_chunks(batch, row.number, stored.row.items_before));
  KHUOI_TRY_VOID(dossier_rows.put(batch, row.number, stored));
  KHUOI_TRY_VOID(KeptSummaries::erase(batch, row.number));
  return DossierMarks::put(batch, row.number, mark);
}

Result<void> Dossiers::erase_row(Batch& batch, const DossierRow& row, std::optional<std::uint32_t> instead) {
  KHUOI_TRY_VOID(KeptSummaries::erase(batch, row.number));
  KHUOI_TRY_VOID(erase_chunks(batch, row.number, 0));
  KHUOI_TRY_VOID(DossierMarks::put(batch, row.number, {}));
  if (instead) KHUOI_TRY_VOID(number_rows.put(batch, row.number, *instead));
  return dossier_rows.erase(batch, row.number);
}

Result<bool> Dossiers::was_written_before(const ReadTxn& txn, const Ref& ref, const Ref& other) const {
  if (ref.author != other.author) return false;
  if (ref.run == other.run) return ref.number < other.number;
  KHUOI_TRY(const RunRow* one, core_.runs.find(txn, run_of(ref)));
  KHUOI_TRY(const RunRow* two, core_.runs.find(txn, run_of(other)));
  return one != nullptr && two != nullptr && one->opener.ordinal < two->opener.ordinal;
}

Result<void> Dossiers::name_apart(Batch& batch, const DossierRow& row, const Ref& ref) {
  return quarantine(batch, {"an edit of an erased dossier (number " + std::to_string(row.number) +
                                "): it is kept apart, for a person to decide what becomes of it",
                            ref, batch.now.wall, {}});
}

Result<DossierRow> Dossiers::row_or_new(Batch& batch, const DossierKey& key, std::string_view instance_id) {
  KHUOI_TRY(auto present, brief(batch.txn, key));
  if (present) {
    // What came before its submission could not tell how it is shown beside another hamlet's dossier of that id.
    const bool provisional = present->shown == DossierPlaces::provisional_id(key) && !instance_id.empty();
    if (provisional) {
      present->shown = dossier_id_of(instance_id, key.hamlet);
      KHUOI_TRY_VOID(DossierPlaces::lead(batch, present->shown, present->number));
    }
    return std::move(*present);
  }
  return new_row(batch, key, instance_id);
}

Result<DossierRow> Dossiers::new_row(Batch& batch, const DossierKey& key, std::string_view instance_id) {
  DossierRow out;
  KHUOI_TRY(const std::uint64_t last, meta_number(batch.txn, "dossier_number"));
  KHUOI_TRY_VOID(put_meta_number(batch, "dossier_number", last + 1));
  out.number = static_cast<std::uint32_t>(last + 1);
  out.is_new = true;
  out.shown = key.id;
  KHUOI_TRY(const auto taken, batch.txn.get(Table::alias, key.id.view()));
  if (!taken) {
    KHUOI_TRY_VOID(alias_rows.put(batch, out.shown, out.number));
    return out;
  }
  // Another hamlet's dossier has this id already: this one is shown under an id that names its hamlet too.
  const DossierId provisional = DossierPlaces::provisional_id(key);
  out.shown = instance_id.empty() ? provisional : dossier_id_of(instance_id, key.hamlet);
  KHUOI_TRY_VOID(DossierPlaces::lead(batch, provisional, out.number));
  KHUOI_TRY_VOID(DossierPlaces::lead(batch, out.shown, out.number));
  return out;
}

bool Dossiers::fold_into(const ReadTxn& txn, DossierRow& row) {
  const DossierReader::Content content = reader_.read(txn, row);
  if (content.has_locked()) return false;
  const DossierView folded = fold_of(content);
  row.heads = folded.heads;
  row.seen = folded.seen_now;
  row.conflict = folded.conflict || folded.state_conflict;
  row.erased = folded.erased;
  row.withdrawal_asked = folded.withdrawal_asked;
  const bool lacks_state = std::ranges::any_of(content.unreadable, [](const Unreadable& one) { return one.kind == Kind::state; });
  if (folded.state || !lacks_state) row.state = folded.state ? std::optional(folded.state->state) : std::nullopt;
  row.open_ends = folded.open_ends;
  row.stale = content.may_be_read_later();
  row.unreadable = content.has_damaged();
  return true;
}

Result<void> Dossiers::forget_bodies(Batch& batch, const DossierRow& row) {
  for (const DossierRow::Item& item : row.items) {
    if (item.kind == Kind::manifest) {
      const auto plain = run_keys_.read(batch.txn, item.ref);
      const auto* manifest = plain ? std::get_if<Manifest>(&plain->body) : nullptr;
      if (manifest != nullptr) {
        KHUOI_TRY_VOID(Files::erase(batch, file_id_of(manifest->file.key)));
      }
    }
    const bool of_the_person = item.kind != Kind::erase && item.kind != Kind::state;
    if (of_the_person) {
      KHUOI_TRY_VOID(core_.runs.erase_body(batch, item.ref));
    }
  }
  return {};
}

Result<DossierView> Dossiers::view(const ReadTxn& txn, const DossierRow& row) {
  if (row.erased) {
    DossierView gone;
    gone.erased = true;
    return gone;
  }
  const DossierReader::Content content = reader_.read(txn, row);
  if (content.has_locked()) return fail(Errc::locked, "locked: give the passphrase to read this dossier");
  return fold_of(content);
}

Result<Dossiers::Standing> Dossiers::standing(const ReadTxn& txn, DossierRow& row) {
  const bool row_tells = !row.erased && !row.stale && !row.unreadable && !row.conflict && row.seen.size() < seen_max;
  std::vector<Ref> states;
  for (const Ref& ref : row_tells ? row.seen : std::vector<Ref>()) {
    KHUOI_TRY(const auto kind, kind_of(txn, row, ref));
    if (kind == Kind::state) states.push_back(ref);
  }
  // Of several nobody knows from the row which is in force.
  if (row_tells && states.size() <= 1 && states.empty() == !row.state) {
    Standing out{row.seen, {}};
    if (states.empty()) return out;
    const auto plain = run_keys_.read(txn, states.front());
    const auto* in_force = plain ? std::get_if<StateChange>(&plain->body) : nullptr;
    if (in_force != nullptr) out.code = in_force->code;
    if (in_force != nullptr) return out;
  }
  KHUOI_TRY_VOID(load_items(txn, row));
  KHUOI_TRY(const DossierView folded, view(txn, row));
  return Standing{folded.seen_now, folded.state ? folded.state->code : std::string()};
}

/// Gives how many records were read.
Result<std::size_t> Dossiers::refold(Batch& batch, std::uint32_t number) {
  KHUOI_TRY(auto stored, whole_at(batch.txn, number));
  if (!stored) return std::size_t{1};
  // What is locked still, or not readable yet, waits on.
  const std::size_t records = 1 + stored->row.items.size();
  const Bytes before = octets_of_part(*stored);
  if (!fold_into(batch.txn, stored->row)) return records;
  const bool is_other = octets_of_part(*stored) != before;
  KHUOI_TRY_VOID(is_other ? put(batch, stored->key, stored->row)
                          : DossierMarks::put(batch, number, DossierMarks::of(stored->row)));
  return records;
}

Result<bool> Dossiers::refold_some(Batch& batch, std::uint32_t& number, std::size_t records_max) {
  KHUOI_TRY(const auto kept, dossier_counts_rows.get(batch.txn, {}));
  if (kept && kept->stale == 0 && kept->fold_again == 0) return false;
  // A conflict may be of a time before edits were linked by what they say that they edit.
  std::vector<std::uint32_t> to_fold;
  const auto take = [&](std::uint32_t one, const DossierMark& mark) {
    const bool folds = mark.stale || mark.fold_again || mark.none();
    if (one > number && folds) to_fold.push_back(one);
    return to_fold.size() <= records_max ? Walk::on : Walk::stop;
  };
  KHUOI_TRY_VOID(
      dossier_mark_rows.each_from(batch.txn, number, std::tuple<>(), take, dossier_mark_rows.pass_over_damaged));
  std::size_t records = 0;
  for (const std::uint32_t one : to_fold) {
    if (records >= records_max) return true;
    KHUOI_TRY(const std::size_t read, refold(batch, one));
    records += read;
    number = one;
  }
  return false;
}

/// With all its items; nothing where there is none, or a damaged one.
Result<std::optional<StoredDossier>> Dossiers::whole_at(const ReadTxn& txn, std::uint32_t number) const {
  auto stored = dossier_rows.get(txn, number);
  if (stored && *stored) {
    (*stored)->row.number = number;
    const auto loaded = load_items(txn, (*stored)->row);
    if (!loaded) stored = loaded.error();
  }
  if (!stored && stored.error().code == Errc::damaged) return std::optional<StoredDossier>();
  return stored;
}

Result<std::map<std::uint32_t, DossierMark>> Dossiers::marks_there(const ReadTxn& txn) const {
  std::map<std::uint32_t, DossierMark> out;
  KHUOI_TRY_VOID(each_from(txn, 0, [&](std::uint32_t number, const DossierKey&, const Result<DossierRow>& row) {
    DossierMark mark{.damaged = true};
    if (row) mark = DossierMarks::of(*row);
    if (!mark.none()) out.emplace(number, mark);
  }));
  return out;
}

Result<DossierCounts> Dossiers::counts(const ReadTxn& txn) const {
  KHUOI_TRY(const auto kept, DossierMarks::counts(txn));
  if (kept) return *kept;
  DossierCounts out;
  KHUOI_TRY(const auto there, marks_there(txn));
  for (const auto& [number, mark] : there) out.add(mark);
  return out;
}

Result<void> Dossiers::note_damaged(Batch& batch, const std::set<std::uint32_t>& numbers) {
  for (const std::uint32_t number : numbers) {
    KHUOI_TRY(const auto there, batch.txn.get(Table::dossier, octets_of_part(number)));
    KHUOI_TRY(const auto whole, whole_at(batch.txn, number));
    DossierMark mark{.damaged = there.has_value()};
    if (whole) mark = DossierMarks::of(whole->row);
    KHUOI_TRY_VOID(DossierMarks::put(batch, number, mark));
  }
  return {};
}

Result<void> Dossiers::refold_stale(Batch& batch) {
  std::uint32_t number = 0;
  KHUOI_TRY_VOID(refold_some(batch, number, std::numeric_limits<std::size_t>::max()));
  return {};
}

Result<void> Dossiers::each_from(const ReadTxn& txn, std::uint32_t number, const EachVisitor& visit) const {
  const auto tell_damaged = [&](std::uint32_t at, const Error& why) -> Result<Walk> {
    const auto mark = dossier_mark_rows.get(txn, at);
    const bool is_noted = mark && *mark && (*mark)->damaged;
    if (!is_noted && damaged_met_.size() < damaged_met_max) damaged_met_.insert(at);
    KHUOI_TRY(const DossierKey key, DossierPlaces::key_at(txn, at));
    return visit(at, key, why);
  };
  const auto look = [&](std::uint32_t at, StoredDossier& stored) -> Result<Walk> {
    DossierRow row = row_of(at, std::move(stored));
    const auto loaded = load_items(txn, row);
    if (loaded) return visit(at, stored.key, std::move(row));
    return loaded.error().code == Errc::damaged ? tell_damaged(at, loaded.error()) : Result<Walk>(loaded.error());
  };
  return dossier_rows.each_from(txn, number, std::tuple<>(), look, [&](ByteView at, const Error& why) {
    return tell_damaged(khuoi::part_of<std::uint32_t>(at).value_or(0), why);
  });
}

Result<void> Dossiers::each_key(const ReadTxn& txn, const RowVisitor& visit, const DamagedVisitor& damaged) const {
  return each_from(txn, 0, [&](std::uint32_t, const DossierKey& key, const Result<DossierRow>& row) {
    return row ? visit(key, *row) : damaged(key, row.error());
  });
}

Result<void> Dossiers::replace_refs(Batch& batch, const std::map<Ref, Ref>& replaced) {
  // Once in a box's life, when it is granted or leaves: of nearly every row something changes.
  std::vector<std::pair<DossierKey, DossierRow>> changed;
  const auto renew = [&](Ref& ref) {
    const auto found = replaced.find(ref);
    if (found == replaced.end()) return false;
    ref = found->second;
    return true;
  };
  KHUOI_TRY_VOID(each_key(batch.txn, [&](const DossierKey& key, const DossierRow& row) {
    DossierRow next = row;
    bool any = false;
    for (DossierRow::Item& item : next.items) any = renew(item.ref) || any;
    for (Ref& head : next.heads) any = renew(head) || any;
    for (Ref& ref : next.seen) any = renew(ref) || any;
    for (DossierRow::First& first : next.firsts) any = renew(first.ref) || any;
    if (any) changed.emplace_back(key, std::move(next));
  }));
  for (const auto& [key, row] : changed) {
    KHUOI_TRY_VOID(put(batch, key, row));
  }
  return {};
}

}  // namespace khuoi::sync
