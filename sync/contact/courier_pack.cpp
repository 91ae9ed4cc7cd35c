// What a node puts on a stick.
#include <algorithm>
#include <utility>

#include "sync/contact/courier.h"
#include "sync/seal/hash.h"
#include "sync/wire/block.h"

namespace khuoi::sync {

namespace {
/// Takes one from each list in turn, each thing once: peers get fair shares of what fits.
template <typename T, typename Key>
std::vector<T> take_turns(std::vector<std::vector<T>> lists, const Key& key_of_item) {
  std::vector<T> out;
  std::set<std::decay_t<decltype(key_of_item(std::declval<T>()))>> taken;
  for (std::size_t i = 0; std::ranges::any_of(lists, [&](const auto& list) { return i < list.size(); }); ++i) {
    for (const auto& list : lists) {
      if (i < list.size() && taken.insert(key_of_item(list[i])).second) out.push_back(list[i]);
    }
  }
  return out;
}

std::array<std::uint8_t, 16> hash_of_statement(ByteView octets) {
  return hash_id<Id<struct StatementTag, 16>>(octets).value;
}

void note_statements(std::span<const Bytes> statements, BundleContent& out) {
  out.written.control_out += statements.size();
  for (const Bytes& tagged : statements) {
    const ByteView octets = ByteView(tagged).subspan(1);
    if (tagged[0] == static_cast<std::uint8_t>(StatementType::roster)) out.roster.insert(hash_of_statement(octets));
    else if (const auto said = decode_holdings(octets)) out.holdings.emplace_back(said->to, said->head);
  }
}
}  // namespace

/// Whether a statement for the peer should stand on the stick and does not.
Result<std::optional<Courier::DueStatement>> Courier::due_for(const ReadTxn& txn, const Now& now, const NodeId& peer,
                                                              bool has_records,
                                                              std::span<const BundleContent> present) const {
  const std::optional<DueStatement> none;
  KHUOI_TRY(const PeerRow row, replica_.peers().row(txn, peer));
  const bool stale = Receipts::is_stale(row, now);
  if (row.my_sequence == 0 && !row.restored && !stale) return none;
  KHUOI_TRY(const auto lost, replica_.receipts().lost(txn, peer));
  // What was said and not yet echoed was lost on the way, or answers somebody who does not know yet that it was restored.
  const bool unheard = row.echoed.none() && !row.stated.none();
  const bool worth = replica_.self().is_commune() || stale || unheard || has_records || !lost.empty() || row.restored ||
                     !row.superseded.none() || row.received_octets_unacknowledged >= worth_acknowledging_octets;
  if (!worth) return none;
  KHUOI_TRY(const auto stands, replica_.receipts().head(txn, peer));
  if (stands && !stale) {
    if (*stands == row.echoed) return none;
    const std::pair<NodeId, Head> wanted{peer, *stands};
    for (const BundleContent& bundle : present) {
      if (std::ranges::find(bundle.holdings, wanted) != bundle.holdings.end()) return none;
    }
  }
  KHUOI_TRY(const std::size_t octets, replica_.receipts().statement_octets(txn, peer));
  // One that fits no segment goes by fiber; it must not keep the others off the stick.
  if (octets >= body_octets_max) return none;
  return std::optional(DueStatement{peer, stale, octets});
}

Result<void> Courier::make_statements(Batch& batch, std::span<const BundleContent> present, Parcel& parcel) {
  std::vector<Bytes> made;
  Parcel proofs;
  for (const DueStatement& due : std::exchange(parcel.due, {})) {
    if (due.stale) KHUOI_TRY_VOID(replica_.receipts().restate(batch, due.peer));
    KHUOI_TRY(const auto statement, replica_.receipts().make(batch, due.peer));
    if (statement.octets.size() >= body_octets_max) continue;
    made.push_back(tag_statement(StatementType::holdings, statement.octets));
    KHUOI_TRY(const auto proof, replica_.receipts().proof_of(batch.txn, due.peer, statement.head));
    if (proof) pack_later(tag_statement(StatementType::start_proof, *proof), present, proofs);
  }
  // Before the roster: a reader takes them in in this order.
  parcel.statements.insert(parcel.statements.begin(), std::make_move_iterator(made.begin()),
                           std::make_move_iterator(made.end()));
  parcel.later.insert(parcel.later.begin(), std::make_move_iterator(proofs.later.begin()),
                      std::make_move_iterator(proofs.later.end()));
  return {};
}

void Courier::pack_later(Bytes tagged, std::span<const BundleContent> present, Parcel& parcel) {
  const auto hash = hash_of_statement(tagged);
  const bool there = std::ranges::any_of(present, [&](const BundleContent& bundle) { return bundle.later.contains(hash); });
  const bool packed = std::ranges::find(parcel.later, tagged) != parcel.later.end();
  if (!there && !packed) parcel.later.push_back(std::move(tagged));
}

/// Each peer's latest start that it proved goes along: it may have forgotten it by now.
Result<void> Courier::pack_proofs(const ReadTxn& txn, std::span<const BundleContent> present, Parcel& parcel) const {
  for (const NodeId& peer : Planner(replica_).peers()) {
    KHUOI_TRY(const auto proof, replica_.receipts().kept_proof(txn, peer));
    if (proof) pack_later(tag_statement(StatementType::start_proof, *proof), present, parcel);
  }
  return {};
}

Result<void> Courier::pack_roster(const ReadTxn& txn, std::span<const BundleContent> present, Parcel& parcel) const {
  const std::uint64_t mine = replica_.roster().digest();
  bool wanted = false;
  for (const NodeId& peer : Planner(replica_).peers()) {
    KHUOI_TRY(const PeerRow row, replica_.peers().row(txn, peer));
    const bool heard = replica_.self().is_commune() || !row.absorbed.none();
    wanted = wanted || (heard && row.roster_digest != mine);
  }
  if (!wanted) return {};
  std::vector<Bytes> own;  // the commune's own statements that stand in older bundles
  bool news = false;
  for (const auto& [hash, octets] : replica_.roster().statements()) {
    const auto& wanted_hash = hash;  // clang 14 captures no structured binding
    const bool there = std::ranges::any_of(
        present, [&wanted_hash](const BundleContent& bundle) { return bundle.roster.contains(wanted_hash); });
    if (there && !Roster::authority_named_in(octets)) continue;
    (there ? own : parcel.statements).push_back(tag_statement(StatementType::roster, octets));
    news = news || !there;
  }
  // A grant says nothing to a box that does not know whose it is, and may have passed over the older bundle.
  if (news) parcel.statements.insert(parcel.statements.end(), own.begin(), own.end());
  return {};
}

/// A commune that was restored may have forgotten the box whose records these are: its grant goes with them.
Result<void> Courier::pack_grant(std::span<const BundleContent> present, bool has_own, Parcel& parcel) const {
  const Bytes* grant = replica_.roster().grant_statement(replica_.self().node);
  if (replica_.self().is_commune() || grant == nullptr || !has_own) return {};
  const auto hash = hash_id<Id<struct StatementTag, 16>>(*grant).value;
  const bool there = std::ranges::any_of(present, [&](const BundleContent& bundle) { return bundle.roster.contains(hash); });
  const Bytes tagged = tag_statement(StatementType::roster, *grant);
  const bool packed = std::ranges::find(parcel.statements, tagged) != parcel.statements.end();
  if (!there && !packed) parcel.statements.push_back(tagged);
  return {};
}

Result<std::vector<ChunkPlace>> Courier::pack_chunks(const ReadTxn& txn, const NodeId& peer,
                                                     std::span<const BundleContent> present) const {
  KHUOI_TRY(const auto needs, Planner(replica_).files(txn, peer));
  std::vector<ChunkPlace> out;
  for (const Planner::FileNeed& need : needs) {
    HeldChunks has = need.peer_held;
    for (const BundleContent& bundle : present) {
      const auto there = bundle.chunks.find(need.row.file);
      if (there == bundle.chunks.end()) continue;
      has.resize(std::max(has.size(), there->second.size()));
      for (std::size_t level = 0; level < there->second.size(); ++level) has[level].add(there->second[level]);
    }
    constexpr std::size_t all = 1U << 20U;
    const auto places = Files::lacking(need.row, has, all);
    out.insert(out.end(), places.begin(), places.end());
  }
  return out;
}

/// What is kept for other boxes and does not stand on this stick.
Result<void> Courier::pack_carried(const ReadTxn& txn, std::span<const BundleContent> present, Parcel& parcel) const {
  if (replica_.self().is_commune()) return {};
  KHUOI_TRY(const auto names, Custody::names(txn));
  for (const Custody::Name& name : names) {
    const bool there = on_stick_.contains(name) || std::ranges::any_of(present, [&](const BundleContent& bundle) {
                         return bundle.carried.contains(name);
                       });
    if (!there) parcel.carried.push_back(name);
  }
  return {};
}

Result<Courier::Parcel> Courier::pack(Batch& batch, std::span<const BundleContent> present) {
  KHUOI_TRY(Parcel parcel, plan(batch.txn, batch.now, present));
  KHUOI_TRY_VOID(make_statements(batch, present, parcel));
  return parcel;
}

Result<Courier::Parcel> Courier::plan(const ReadTxn& txn, const Now& now, std::span<const BundleContent> present) const {
  Parcel parcel;
  if (!replica_.self().granted()) {
    const bool there = std::ranges::any_of(present, &BundleContent::request);
    if (!replica_.self().is_commune() && !there) parcel.request = replica_.enrolment().enrol_request();
    return parcel;
  }
  Planner::Gone gone;
  for (const BundleContent& bundle : present) {
    for (const auto& [key, numbers] : bundle.records) gone[key].add(numbers);
  }
  const Planner planner(replica_);
  std::vector<std::vector<Candidate>> records;
  std::vector<std::vector<ChunkPlace>> chunks;
  bool has_own = false;
  for (const NodeId& peer : planner.peers()) {
    KHUOI_TRY(auto wanted, planner.records(txn, peer, gone));
    KHUOI_TRY(auto places, pack_chunks(txn, peer, present));
    const bool has_records = std::ranges::any_of(wanted, &Candidate::peoples) || !places.empty();
    has_own = has_own || !wanted.empty();
    KHUOI_TRY(const auto due, due_for(txn, now, peer, has_records, present));
    if (due) parcel.due.push_back(*due);
    records.push_back(std::move(wanted));
    chunks.push_back(std::move(places));
  }
  KHUOI_TRY_VOID(pack_roster(txn, present, parcel));
  KHUOI_TRY_VOID(pack_grant(present, has_own, parcel));
  parcel.records = take_turns(std::move(records), [](const Candidate& candidate) { return candidate.ref; });
  std::ranges::stable_sort(parcel.records, [](const Candidate& a, const Candidate& b) { return a.rank > b.rank; });
  parcel.chunks = take_turns(std::move(chunks), [](const ChunkPlace& place) { return place; });
  KHUOI_TRY_VOID(pack_carried(txn, present, parcel));
  if (!parcel.empty()) KHUOI_TRY_VOID(pack_proofs(txn, present, parcel));
  return parcel;
}

Result<BundleContent> Courier::write(const ReadTxn& txn, const Parcel& parcel, std::uint64_t octets_max, const Sink& sink) {
  BundleContent out;
  out.header = {replica_.self().commune, replica_.self().node};
  BundleWriter writer(out.header, replica_.keys().sign().secret_key);
  std::uint64_t used = 0;
  const auto put = [&](const Bytes& octets) -> Result<bool> {
    if (used + octets.size() > octets_max) return false;
    KHUOI_TRY_VOID(sink(octets));
    used += octets.size();
    out.written.bytes_out += octets.size();
    return true;
  };
  KHUOI_TRY(bool fits, put(writer.header()));
  if (!parcel.request.empty() && fits) {
    KHUOI_TRY(fits, put(writer.request(parcel.request)));
    out.request = fits;
  }
  if (!parcel.statements.empty() && fits) {
    KHUOI_TRY(fits, put(writer.statements(parcel.statements)));
    if (!fits) return fail(Errc::disk_full, "the stick is too full even for receipts: make room on it");
    note_statements(parcel.statements, out);
  }
  if (!parcel.later.empty() && fits) {
    // Behind the statements, where the grant may be that proves their author. Without room for them the rest goes.
    KHUOI_TRY(const bool went, put(writer.later_statements(parcel.later)));
    for (const Bytes& tagged : parcel.later) {
      if (went) out.later.insert(hash_of_statement(tagged));
    }
  }
  for (std::size_t i = 0; i < parcel.records.size() && fits;) {
    std::vector<Sealed> group;
    std::size_t octets = 0;
    std::size_t next = i;
    for (; next < parcel.records.size() && octets < segment_payload_aim; ++next) {
      KHUOI_TRY(auto record, giver_.record(txn, parcel.records[next]));
      if (!record) continue;
      const std::size_t cost = block_cost(*record);
      if (!group.empty() && octets + cost > segment_payload_aim) break;
      octets += group.empty() ? cost : block_cost(*record, group.back());
      group.push_back(std::move(*record));
    }
    KHUOI_TRY(fits, put(writer.records(group)));
    for (; fits && i < next; ++i) {
      out.records[run_of(parcel.records[i].ref)].add(parcel.records[i].ref.number);
      Giver::count(parcel.records[i], out.written);
    }
  }
  for (std::size_t i = 0; i < parcel.chunks.size() && fits; ++i) {
    const ChunkPlace& place = parcel.chunks[i];
    KHUOI_TRY(const auto octets, Files::chunk(txn, place));
    if (!octets) continue;
    KHUOI_TRY(fits, put(writer.chunk(place, *octets)));
    if (!fits) break;
    add_place(out.chunks[place.file], place);
    giver_.count(place, out.written);
  }
  for (std::size_t i = 0; i < parcel.carried.size() && fits; ++i) {
    KHUOI_TRY(const auto octets, Custody::whole(txn, parcel.carried[i]));
    if (!octets) continue;
    KHUOI_TRY(fits, put(*octets));
    if (!fits) break;
    out.carried.insert(parcel.carried[i]);
    ++out.written.carried_out;
  }
  return out;
}

Result<void> Courier::mark_sent(Batch& batch, const BundleContent& written) {
  taker_.counts().add(written.written);
  Planner::Gone own;
  for (const auto& [key, numbers] : written.records) {
    if (key.author == replica_.self().node) own.emplace(key, numbers);
  }
  return giver_.note_left(batch, own);
}

}  // namespace khuoi::sync
