#include "sync/contact/packer.h"

#include <algorithm>
#include <utility>

#include "sync/wire/block.h"

namespace khuoi::sync {

namespace {
/// Unless it stands on the stick.
void add_later(Bytes tagged, const BundleContent& standing, std::vector<Bytes>& to) {
  const bool there = standing.later.contains(hash_of_statement(tagged)) || std::ranges::find(to, tagged) != to.end();
  if (!there) to.push_back(std::move(tagged));
}
}  // namespace

/// Whether a statement for the peer should stand on the stick and does not.
Result<std::optional<DueStatement>> Packer::due_for(const ReadTxn& txn, const Now& now, const NodeId& peer,
                                                    bool has_records, const BundleContent& standing) const {
  const std::optional<DueStatement> none;
  KHUOI_TRY(const PeerRow row, replica_.peers().row(txn, peer));
  const bool stale = Receipts::is_stale(row, now);
  KHUOI_TRY(const bool owes, giver_.owes_statement(txn, peer, row.echoed));
  if (!owes && !stale) return none;
  KHUOI_TRY(const auto lost, replica_.receipts().lost(txn, peer));
  // What was said and not yet echoed was lost on the way, or answers somebody who does not know yet that it was restored.
  const bool unheard = row.echoed.none() && !row.stated.none();
  KHUOI_TRY(const bool asks, replica_.receipts().asks_whole(txn, peer));
  const bool worth = replica_.self().is_commune() || asks || stale || unheard || has_records || !lost.empty() || row.restored ||
                     !row.superseded.none() || row.received_octets_unacknowledged >= worth_acknowledging_octets;
  if (!worth) return none;
  KHUOI_TRY(const auto stands, replica_.receipts().head(txn, peer));
  const bool there = stands && std::ranges::find(standing.holdings, std::pair(peer, *stands)) != standing.holdings.end();
  if (there && !stale) return none;
  KHUOI_TRY(const std::size_t octets, replica_.receipts().statement_octets(txn, peer));
  // One that fits no segment goes by fiber; it must not keep the others off the stick.
  if (octets >= body_octets_max) return none;
  return std::optional(DueStatement{peer, stale, octets});
}

Result<void> Packer::add_roster(const ReadTxn& txn, const BundleContent& standing, Parcel& parcel) const {
  const std::uint64_t mine = replica_.roster().digest();
  bool wanted = false;
  for (const NodeId& peer : Planner(replica_).peers()) {
    KHUOI_TRY(const PeerRow row, replica_.peers().row(txn, peer));
    const bool heard = replica_.self().is_commune() || !row.absorbed.none();
    wanted = wanted || (heard && row.roster_digest != mine);
  }
  if (!wanted) return {};
  std::vector<Bytes> own;  // the commune's own statements that stand in older bundles
  for (const auto& [hash, octets] : replica_.roster().statements()) {
    const bool there = standing.roster.contains(hash);
    if (there && !Roster::authority_named_in(octets)) continue;
    (there ? own : parcel.statements).push_back(tag_statement(StatementType::roster, octets));
  }
  // A grant says nothing to a box that does not know whose it is, and may have passed over the older bundle.
  if (!parcel.statements.empty()) parcel.statements.insert(parcel.statements.end(), own.begin(), own.end());
  return {};
}

/// A commune that was restored may have forgotten the box whose records these are: its grant goes with them.
void Packer::add_grant(const BundleContent& standing, Parcel& parcel) const {
  const Bytes* grant = replica_.roster().grant_statement(replica_.self().node);
  if (replica_.self().is_commune() || grant == nullptr || parcel.records.empty()) return;
  const Bytes tagged = tag_statement(StatementType::roster, *grant);
  const bool packed = std::ranges::find(parcel.statements, tagged) != parcel.statements.end();
  if (!standing.roster.contains(hash_of_statement(*grant)) && !packed) parcel.statements.push_back(tagged);
}

Result<Parcel> Packer::plan(const ReadTxn& txn, const Now& now, const BundleContent& standing) const {
  Parcel parcel;
  const Self& self = replica_.self();
  if (!self.granted()) {
    if (!self.is_commune() && !standing.request) parcel.request = replica_.enrolment().enrol_request();
    return parcel;
  }
  const auto peers = Planner(replica_).peers();
  KHUOI_TRY(static_cast<Load&>(parcel), giver_.plan(txn, peers, standing, !self.is_commune()));
  const bool has_records = std::ranges::any_of(parcel.records, &Candidate::peoples) || !parcel.files.empty();
  for (const NodeId& peer : peers) {
    KHUOI_TRY(const auto due, due_for(txn, now, peer, has_records, standing));
    if (due) parcel.due.push_back(*due);
  }
  KHUOI_TRY_VOID(add_roster(txn, standing, parcel));
  add_grant(standing, parcel);
  // Each peer's latest start that it proved goes along: it may have forgotten it by now.
  for (const NodeId& peer : parcel.empty() ? std::vector<NodeId>() : peers) {
    KHUOI_TRY(const auto proof, KeptProofs::of(txn, peer));
    if (proof) add_later(tag_statement(StatementType::start_proof, *proof), standing, parcel.later);
  }
  return parcel;
}

Result<Parcel> Packer::pack(Batch& batch, const BundleContent& standing) const {
  KHUOI_TRY(Parcel parcel, plan(batch.txn, batch.now, standing));
  // Before the roster and others' proofs: a reader takes them in in this order.
  std::vector<Bytes> made;
  std::vector<Bytes> proofs;
  for (const DueStatement& due : std::exchange(parcel.due, {})) {
    if (due.stale) KHUOI_TRY_VOID(replica_.receipts().restate(batch, due.peer));
    KHUOI_TRY(auto stated, giver_.state(batch, due.peer));
    if (stated.holdings.size() > body_octets_max) continue;
    (stated.later ? parcel.receipts : made).push_back(std::move(stated.holdings));
    if (!stated.notice.empty()) add_later(std::move(stated.notice), standing, proofs);
    if (stated.proof) add_later(std::move(*stated.proof), standing, proofs);
  }
  parcel.statements.insert(parcel.statements.begin(), made.begin(), made.end());
  parcel.later.insert(parcel.later.begin(), proofs.begin(), proofs.end());
  return parcel;
}

}  // namespace khuoi::sync
