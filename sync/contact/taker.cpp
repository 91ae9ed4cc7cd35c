#include "sync/contact/taker.h"

#include "sync/wire/block.h"
#include "sync/wire/bundle.h"

namespace khuoi::sync {

Result<Taken> Taker::record(Batch& batch, const Sealed& record, bool vouched) {
  KHUOI_TRY(const Acceptance accepted, replica_.accept(batch, record, vouched));
  switch (accepted.taken) {
    case Taken::stored:
    case Taken::quarantined: ++(accepted.peoples ? counts_.records_in : counts_.control_in); break;
    case Taken::waiting: counts_.control_in += path_ == Path::stick ? 0 : 1; break;  // a stick brings it again
    case Taken::duplicate: ++counts_.records_duplicate; break;
    case Taken::rejected: ++counts_.records_rejected; break;
  }
  return accepted.taken;
}

Result<bool> Taker::carried(Batch& batch, ByteView whole) {
  const auto segment = decode_segment(whole);
  const auto author = segment ? keys_of_author(replica_.membership(), segment->from.writer) : std::nullopt;
  const bool proved = author && segment->type == SegmentType::records &&
                      segment->from.commune == replica_.self().commune &&
                      verify_segment(*segment, segment->from, author->sign);
  const auto records = proved ? decode_block(segment->payload, segment->from.commune)
                              : Result<std::vector<Sealed>>(fail(Errc::unauthenticated, "nobody of ours signed it"));
  if (!records) {
    reject();
    return false;
  }
  for (const Sealed& one : *records) {
    KHUOI_TRY_VOID(record(batch, one, segment->from.writer));
  }
  return true;
}

Result<Taker::Said> Taker::statement(Batch& batch, ByteView tagged, const NodeId& brought_by) {
  const auto news = replica_.accept_statement(batch, tagged, path_, brought_by);
  if (news) return *news ? Said::news : Said::nothing_new;
  switch (news.error().code) {
    case Errc::unsupported: return Said::of_a_later_version;
    case Errc::unauthenticated:
    case Errc::malformed:
    case Errc::too_large: return Said::wrong;
    default: return news.error();
  }
}

Result<ChunkOutcome> Taker::chunk(Batch& batch, const ChunkPlace& place, ByteView octets,
                                  const std::optional<ChunkHash>& hash) {
  KHUOI_TRY(const ChunkOutcome outcome, replica_.accept_chunk(batch, place, octets, hash));
  if (outcome == ChunkOutcome::wrong || outcome == ChunkOutcome::over_quota) reject();
  const bool news = outcome == ChunkOutcome::stored || outcome == ChunkOutcome::unverified;
  if (news && files_.insert(place.file).second) ++counts_.attachments_in;
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
