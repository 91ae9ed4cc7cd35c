// What a node takes in from a stick, segment by segment.
#include "sync/contact/courier.h"
#include "sync/seal/hash.h"
#include "sync/wire/block.h"

namespace khuoi::sync {

namespace {
std::array<std::uint8_t, 16> hash_of_taken(ByteView statement) {
  return hash_id<Id<struct StatementTag, 16>>(statement).value;
}

std::uint8_t tag_of(StatementType type) { return static_cast<std::uint8_t>(type); }

}  // namespace

Result<void> Courier::take_segment(Batch& batch, const HeldSegment& held, bool mine, BundleContent& content) {
  const Segment& segment = held.segment();
  switch (segment.type) {
    case SegmentType::records: return take_records(batch, segment, mine, content);
    case SegmentType::statements: return take_statements(batch, segment, mine, content);
    case SegmentType::later_statements: return take_later(batch, segment, mine, content);
    case SegmentType::chunk: return take_chunk(batch, held, mine, content);
    case SegmentType::request:
      if (!mine) requests_.push_back(to_bytes(segment.payload));
      // Another's under this node's name would keep its own off the stick.
      content.request = !mine || replica_.self().granted() || equal(segment.payload, replica_.enrolment().enrol_request());
      return {};
  }
  return {};
}

/// Whether the segment's own writer signed it. A bundle is its writer's once one of its segments is.
bool Courier::proves(const Segment& segment, BundleContent& content) const {
  const auto writer = keys_of_author(replica_.membership(), segment.from.writer);
  const bool proved = writer && verify_segment(segment, segment.from, writer->sign);
  content.proved = content.proved || (proved && segment.from.writer == content.header.writer);
  return proved;
}

Result<void> Courier::take_records(Batch& batch, const Segment& segment, bool mine, BundleContent& content) {
  const bool carried = mine && segment.from.writer != replica_.self().node;
  if (carried) {
    content.carried.insert(Custody::name_of(segment.whole));
    return {};
  }
  const bool vouches = proves(segment, content);
  const auto records = decode_block(segment.payload, segment.from.commune);
  if (!vouches || !records || segment.from.commune != replica_.self().commune) {
    content.damaged = true;
    ++taker_.counts().records_rejected;
    return {};
  }
  for (const Sealed& record : *records) {
    const Header& header = record.header;
    content.records[run_of(header.ref())].add(header.number);
    const bool for_others = !replica_.self().is_commune() && header.author != replica_.self().node &&
                            header.audience != audience_everyone() && !replica_.keys().has_public(header.audience);
    if (for_others) continue;
    // What this node itself gave back before it was restored it had judged then.
    const bool vouched = header.author == segment.from.writer || mine;
    KHUOI_TRY(const Taken taken, taker_.record(batch, record, vouched));
    if (mine && taken == Taken::duplicate) --taker_.counts().records_duplicate;  // it only comes home
    content.damaged = content.damaged || taken == Taken::rejected;
  }
  return {};
}

Result<void> Courier::take_statements(Batch& batch, const Segment& segment, bool mine, BundleContent& content) {
  const auto statements = decode_statements(segment.payload);
  if (!statements) {
    content.damaged = true;
    return {};
  }
  if (!replica_.self().granted()) {
    std::vector<Bytes> roster;
    for (const Bytes& tagged : *statements) {
      if (!tagged.empty() && tagged[0] == static_cast<std::uint8_t>(StatementType::roster)) {
        roster.emplace_back(tagged.begin() + 1, tagged.end());
      }
    }
    if (!roster.empty()) grants_.push_back(std::move(roster));
    return {};
  }
  const bool proved = proves(segment, content);
  if (mine && !proved) {  // it says what stands here in this node's name: nothing of it counts
    content.damaged = true;
    return {};
  }
  for (const Bytes& tagged : *statements) {
    KHUOI_TRY_VOID(mine ? take_own_statement(batch, tagged, content)
                        : take_statement(batch, tagged, proved ? segment.from.writer : NodeId(), content));
  }
  // Each statement proved itself; that its writer was heard from is told by the writer's own signature alone. Its grant
  // may have been among them.
  if (mine || (!proved && !proves(segment, content))) return {};
  return taker_.heard(batch, segment.from.writer);
}

/// A statement in a bundle that this node wrote, maybe in a past that it lost.
Result<void> Courier::take_own_statement(Batch& batch, ByteView tagged, BundleContent& content) {
  const ByteView octets = tagged.subspan(1);
  if (tagged[0] == tag_of(StatementType::roster)) {
    content.roster.insert(hash_of_taken(octets));
    return take_statement(batch, tagged, NodeId(), content);
  }
  const auto said = decode_holdings(octets);
  const bool holdings = tagged[0] == tag_of(StatementType::holdings) && said && said->from == replica_.self().node;
  if (!holdings) return {};
  content.holdings.emplace_back(said->to, said->head);
  return replica_.receipts().note_own_statement(batch, *said, octets);
}

Result<void> Courier::take_statement(Batch& batch, ByteView tagged, const NodeId& brought_by, BundleContent& content) {
  const ByteView octets = tagged.subspan(1);
  const bool holdings = tagged[0] == tag_of(StatementType::holdings);
  if (tagged[0] == tag_of(StatementType::roster)) content.roster.insert(hash_of_taken(octets));
  if (!replica_.self().is_commune() && holdings) {
    KHUOI_TRY_VOID(note_for_another(batch, octets));
  }
  KHUOI_TRY(const auto outcome, taker_.statement(batch, tagged, brought_by));
  if (outcome == Taker::Said::wrong || outcome == Taker::Said::of_a_later_version) {
    taker_.reject();
    content.damaged = true;
    return {};
  }
  if (outcome != Taker::Said::news) return {};
  ++taker_.counts().control_in;
  const auto said = holdings && brought_by == replica_.self().commune_node ? decode_holdings(octets)
                                                                           : Result<Holdings>(fail(Errc::not_found, ""));
  receipt_came_ = receipt_came_ || (said && said->from == brought_by);
  return {};
}

/// What is not known in here is stepped over: it is for later versions.
Result<void> Courier::take_later(Batch& batch, const Segment& segment, bool mine, BundleContent& content) {
  const auto statements = decode_statements(segment.payload);
  if (!replica_.self().granted()) return {};
  const bool proved = proves(segment, content);
  if (!statements || (mine && !proved)) {
    content.damaged = true;
    return {};
  }
  for (const Bytes& tagged : *statements) {
    if (mine) content.later.insert(hash_of_taken(tagged));
    if (tagged[0] != tag_of(StatementType::start_proof)) continue;
    KHUOI_TRY(const auto outcome, taker_.statement(batch, tagged, proved ? segment.from.writer : NodeId()));
    if (outcome == Taker::Said::wrong) {
      taker_.reject();
      content.damaged = true;
    }
  }
  return {};
}

Result<void> Courier::take_chunk(Batch& batch, const HeldSegment& held, bool mine, BundleContent& content) {
  const auto chunk = decode_chunk(held.segment().payload);
  if (!chunk) {
    content.damaged = true;
    return {};
  }
  const ChunkPlace& place = chunk->place;
  if (place.level >= file_levels_max) {
    content.damaged = true;
    return {};
  }
  if (mine) {
    // A box set back to an old backup finds its own photos again here. What it has it must find here octet for octet:
    // nobody signed this segment, and another's under this name would keep the chunk off the stick.
    KHUOI_TRY(const FileStatus status, Files::status(batch.txn, place.file));
    KHUOI_TRY(const auto own, Files::chunk(batch.txn, place));
    const bool same = own && equal(*own, chunk->octets);
    if (status.complete && same) add_place(content.chunks[place.file], place);
    content.damaged = content.damaged || (status.complete && !same);
    if (status.complete) return {};
  }
  KHUOI_TRY(const ChunkOutcome outcome, taker_.chunk(batch, place, chunk->octets, held.chunk_hash()));
  const bool no_use = outcome == ChunkOutcome::wrong || outcome == ChunkOutcome::over_quota;
  if (no_use) {
    content.damaged = true;
  } else {
    add_place(content.chunks[place.file], place);
  }
  // Its place in a file that an authentic record names is as good as a signature.
  content.proved = content.proved || outcome == ChunkOutcome::stored || outcome == ChunkOutcome::duplicate;
  return {};
}

}  // namespace khuoi::sync
