#include "sync/contact/taker.h"

#include "sync/contact/custody.h"
#include "sync/peers/file_paths.h"
#include "sync/wire/block.h"

namespace khuoi::sync {

Result<Taken> Taker::record(Batch& batch, const Sealed& record, bool vouched, const OpenedRecord* opened) {
  KHUOI_TRY(const Acceptance accepted, replica_.accept(batch, record, vouched, opened));
  switch (accepted.taken) {
    case Taken::stored:
    case Taken::quarantined: ++(accepted.peoples ? tally_.counts.records_in : tally_.counts.control_in); break;
    case Taken::waiting: tally_.counts.control_in += path_ == Path::stick ? 0 : 1; break;  // a stick brings it again
    case Taken::duplicate: ++tally_.counts.records_duplicate; break;
    case Taken::rejected: ++tally_.counts.records_rejected; break;
  }
  return accepted.taken;
}

bool Taker::proves(const Segment& segment) const {
  const auto writer = keys_of_author(replica_.membership(), segment.from.writer);
  return writer && verify_segment(segment, segment.from, writer->sign);
}

bool Taker::proves(const HeldSegment& held) const {
  const auto writer = keys_of_author(replica_.membership(), held.segment().from.writer);
  return writer && (held.is_verified_with(writer->sign) || verify_segment(held.segment(), held.segment().from, writer->sign));
}

Result<bool> Taker::records(Batch& batch, const Part& part, Planner::Gone* stands) {
  const Self& self = replica_.self();
  const bool mine = part.writer == self.node;
  bool whole = true;
  for (std::size_t i = 0; i < part.records.size(); ++i) {
    const Sealed& one = part.records[i];
    const Header& header = one.header;
    const bool is_opened = i < part.opened.size() && part.opened[i];
    if (stands != nullptr) (*stands)[run_of(header.ref())].add(header.number);
    const bool for_others = !self.is_commune() && header.author != self.node && header.audience != audience_everyone() &&
                            !replica_.keys().has_public(header.audience);
    if (for_others) continue;
    // What this node itself gave back before it was restored it had judged then.
    const OpenedRecord* const opened = is_opened ? &*part.opened[i] : nullptr;
    KHUOI_TRY(const Taken taken, record(batch, one, mine || header.author == part.writer, opened));
    if (mine && taken == Taken::duplicate) --tally_.counts.records_duplicate;  // it only comes home
    whole = whole && taken != Taken::rejected;
  }
  return whole;
}

Result<bool> Taker::carried(Batch& batch, const Segment& segment) {
  const Self& self = replica_.self();
  const bool proved = proves(segment);
  if (self.is_commune() || segment.from.writer == self.node) {
    const bool ours = proved && segment.type == SegmentType::records && segment.from.commune == self.commune;
    const auto block = ours ? decode_block(segment.payload, self.commune)
                            : Result<std::vector<Sealed>>(fail(Errc::unauthenticated, "nobody of ours signed it"));
    if (!block) note_refused();
    return block ? records(batch, {segment.from.writer, *block, {}}) : Result<bool>(false);
  }
  const auto author = keys_of_author(replica_.membership(), segment.from.writer);
  if (!proved || author->revoked || segment.from.writer == self.commune_node) return false;
  KHUOI_TRY(const bool kept,
            Custody::keep(batch, segment, replica_.store_usage().octets_max / Custody::share_of_map));
  tally_.counts.carried_in += kept ? 1 : 0;
  return true;
}

Result<void> Taker::end_custody(Batch& batch, ByteView statement) {
  const auto said = decode_holdings(statement);
  const Self& self = replica_.self();
  const bool to_another = said && said->from == self.commune_node && said->to != self.node && said->commune == self.commune;
  if (!to_another) return {};
  const auto commune = keys_of_author(replica_.membership(), said->from);
  if (!commune || !verify_holdings(statement, *said, commune->sign)) return {};
  return Custody::note_statement(batch, *said);
}

Result<Taker::Said> Taker::statement(Batch& batch, ByteView tagged, const NodeId& brought_by) {
  const bool keeps = !replica_.self().is_commune();
  if (keeps && is_statement(StatementType::holdings, tagged)) KHUOI_TRY_VOID(end_custody(batch, tagged.subspan(1)));
  const auto news = replica_.accept_statement(batch, tagged, path_, brought_by);
  const bool counts = news && *news && !is_statement(StatementType::start_proof, tagged);
  tally_.counts.control_in += counts ? 1 : 0;
  if (news) return *news ? Said::news : Said::nothing_new;
  switch (news.error().code) {
    case Errc::unsupported: return Said::of_a_later_version;
    case Errc::unauthenticated:
    case Errc::malformed:
    case Errc::too_large: ++tally_.counts.records_rejected; return Said::wrong;
    default: return news.error();
  }
}

Result<ChunkOutcome> Taker::chunk(Batch& batch, const ChunkPlace& place, ByteView octets,
                                  const std::optional<ChunkHash>& hash) {
  KHUOI_TRY(const ChunkOutcome outcome, replica_.accept_chunk(batch, place, octets, hash));
  if (outcome == ChunkOutcome::wrong || outcome == ChunkOutcome::over_quota) ++tally_.counts.records_rejected;
  const bool news = outcome == ChunkOutcome::stored || outcome == ChunkOutcome::unverified;
  if (news && tally_.files.insert(place.file).second) ++tally_.counts.attachments_in;
  if (outcome == ChunkOutcome::stored && tally_.told_path.insert(place.file).second) {
    KHUOI_TRY(const auto author, Files::author_of(batch.txn, place.file));
    if (author) KHUOI_TRY_VOID(FilePaths::note(batch, *author, path_));
  }
  return outcome;
}

Result<void> Taker::heard(Batch& batch, const NodeId& peer, const std::optional<std::uint64_t>& roster_digest) {
  KHUOI_TRY(PeerRow row, replica_.peers().row(batch.txn, peer));
  if (roster_digest) row.roster_digest = *roster_digest;
  row.heard_at = batch.now.wall;
  row.heard_by = name_of(path_);
  return replica_.peers().put(batch, peer, row);
}

}  // namespace khuoi::sync
