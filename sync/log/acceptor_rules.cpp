// What is refused or set aside before its content is looked at, and who may write what.
#include "sync/log/acceptor.h"
#include "sync/log/lane.h"
#include "sync/seal/hash.h"

namespace khuoi::sync {

namespace {
std::string quota_name(const NodeId& author) { return "quota/" + author.hex(); }
}  // namespace

Bytes whole_octets(const Sealed& record) {
  Bytes out = to_bytes(record.header.encoded());
  append(out, record.body);
  return out;
}

NodeId Acceptor::peer_for(const NodeId& author) const {
  return core_.self.is_commune() && author != core_.self.node ? author : core_.self.commune_node;
}

std::string Acceptor::refusal(const Sealed& record) const {
  const Header& header = record.header;
  if (header.commune != core_.self.commune) return "a record of another commune";
  const bool sealed = header.record_class == Class::sealed;
  const std::size_t octets_max = record_octets_max + (sealed ? aead_tag_octets : signature_octets);
  if (record.body.size() > octets_max) return "larger than a record may be";
  if (sealed && record.body.size() % 4 != 0) return "not padded as a sealed record is";
  if (!keys_of_author(core_, header.author)) return "its author is not in the roster";
  const bool own = header.author == core_.self.node;
  const bool by_commune = header.author == core_.self.commune_node;
  if (header.record_class == Class::public_record && !by_commune) return "only the commune writes to everyone";
  if (own) return {};
  const bool to_everyone = header.audience == audience_everyone();
  if (core_.self.is_commune()) return core_.keys.has_public(header.audience) ? "" : "sealed to a key that is not ours";
  if (!by_commune) return "not from our commune";
  return to_everyone || core_.keys.has_public(header.audience) ? "" : "sealed to somebody else";
}

Result<bool> Acceptor::past_revocation(Batch& batch, const Sealed& record, bool vouched, Acceptance& out) {
  const NodeFacts* facts = core_.roster.node(record.header.author);
  if (facts == nullptr || !facts->revoked) return false;
  const auto counted = facts->counted_up_to.find(record.header.run);
  if (counted != facts->counted_up_to.end() && record.header.number <= counted->second) return false;
  // Nobody else can prove what it wrote, since its later openers are not taken in.
  if (!vouched) {
    out = {Taken::rejected, false, "its author was revoked"};
    return true;
  }
  KHUOI_TRY(const bool first, first_time(batch, record));
  if (first) {
    KHUOI_TRY_VOID(charge(batch, record));
    KHUOI_TRY_VOID(quarantine(batch, {"written by a revoked box after its last receipt", record.header.ref(),
                                      batch.now.wall, whole_octets(record)}));
  }
  out = {first ? Taken::quarantined : Taken::duplicate, false, "its author was revoked"};
  return true;
}

Result<Acceptor::Today*> Acceptor::today(Batch& batch, const NodeId& author) {
  const auto day = static_cast<std::uint64_t>(batch.now.wall.value / 86'400);
  if (!today_.contains(author)) {
    KHUOI_TRY(const Bytes stored, meta_octets(batch.txn, quota_name(author)));
    Reader from(stored);
    const std::uint64_t stored_day = from.u64();
    today_[author] = {stored_day, from.u64()};
  }
  Today& out = today_[author];
  if (out.day != day) out = {day, 0};
  return &out;
}

Result<bool> Acceptor::over_quota(Batch& batch, const Sealed& record, bool vouched) {
  const NodeId& author = record.header.author;
  if (!core_.self.is_commune() || author == core_.self.node) return false;
  KHUOI_TRY(Today* const so_far, today(batch, author));
  if (so_far->octets > author_quota_) return true;
  if (so_far->octets + record.body.size() <= author_quota_) return false;
  // What somebody else says in its name may not close its day.
  if (vouched) {
    so_far->octets = author_quota_ + 1;
    KHUOI_TRY_VOID(quarantine(batch, {"its author wrote more than a day's quota: the rest is refused until tomorrow",
                                      record.header.ref(), batch.now.wall, {}}));
  }
  return true;
}

Result<void> Acceptor::charge(Batch& batch, const Sealed& record) {
  if (!core_.self.is_commune() || record.header.author == core_.self.node) return {};
  KHUOI_TRY(Today* const so_far, today(batch, record.header.author));
  so_far->octets += record.body.size();
  return {};
}

Result<bool> Acceptor::first_time(Batch& batch, const Sealed& record) {
  Bytes name = to_bytes(view_of("judged/"));
  append(name, hash_id<Id<struct JudgedTag, 16>>(whole_octets(record)).view());
  KHUOI_TRY(const auto present, batch.txn.get(Table::meta, name));
  if (present) return false;
  KHUOI_TRY_VOID(batch.txn.put(Table::meta, name, view_of("1")));
  return true;
}

Result<Acceptance> Acceptor::second_under_one_number(Batch& batch, const Sealed& record, std::string why) {
  KHUOI_TRY(const bool first, first_time(batch, record));
  if (!first) return Acceptance{Taken::duplicate, false, {}};
  KHUOI_TRY_VOID(charge(batch, record));
  KHUOI_TRY_VOID(quarantine(batch, {why, record.header.ref(), batch.now.wall, whole_octets(record)}));
  return Acceptance{Taken::quarantined, false, std::move(why)};
}

Result<void> Acceptor::check_rollback(Batch& batch, const RunKey& key) {
  KHUOI_TRY(const RunRow* touched, core_.runs.find(batch.txn, key));
  if (touched == nullptr || touched->local) return {};
  const Lane lane = lane_of(core_, key.author, touched->audience, touched->is_public);
  KHUOI_TRY(const auto next, successor_of(batch.txn, lane, key.run));
  std::vector<std::pair<RunId, RunId>> neighbours{{touched->opener.previous, key.run}};
  if (next) neighbours.emplace_back(key.run, *next);
  for (const auto& [before, after] : neighbours) {
    KHUOI_TRY(const RunRow* first, core_.runs.find(batch.txn, {key.author, before}));
    KHUOI_TRY(const RunRow* second, core_.runs.find(batch.txn, {key.author, after}));
    if (first == nullptr || second == nullptr || first->held.empty() || second->forked) continue;
    // Runs of one start grow side by side: the head's and the health worker's. A node that healed goes on with lower
    // ordinals, so only whether they differ counts.
    const bool of_another_start = second->opener.ordinal != first->opener.ordinal;
    if (!of_another_start || first->held.last() <= second->opener.previous_last) continue;
    KHUOI_TRY(RunRow* flagged, core_.runs.edit(batch, {key.author, after}));
    flagged->forked = true;
    KHUOI_TRY_VOID(quarantine(batch, {"a run went on after the next one began: the box was restored from a backup or its disk was cloned",
                                      Ref{key.author, after, 0}, batch.now.wall, {}}));
  }
  return {};
}

Result<void> Acceptor::save_today(Batch& batch) {
  for (const auto& [author, so_far] : today_) {
    Bytes value;
    Writer(value).u64(so_far.day).u64(so_far.octets);
    KHUOI_TRY_VOID(put_meta_octets(batch, quota_name(author), value));
  }
  return {};
}

bool Acceptor::may_write(const Plain& plain, const NodeId& author) const {
  const bool by_commune = core_.self.granted() && author == core_.self.commune_node;
  switch (plain.kind) {
    case Kind::submission:
    case Kind::edit:
    case Kind::withdrawal:
    case Kind::manifest:
    case Kind::pick:
    case Kind::played:
    case Kind::document_read: return !by_commune;
    case Kind::state:
    case Kind::announcement:
    case Kind::document:
    case Kind::form:
    case Kind::dictionary:
    case Kind::group_key: return by_commune;
    case Kind::erase: break;
    default: return true;
  }
  if (by_commune) return true;
  const NodeFacts* facts = core_.roster.node(author);
  const HamletId& named = std::get<Erase>(plain.body).hamlet;
  // Written before the grant it names the box itself.
  return named == HamletId(author.value) || (facts != nullptr && named == facts->hamlet);
}

}  // namespace khuoi::sync
