#include "sync/exchange/courier.h"

#include <algorithm>

#include "sync/exchange/block.h"
#include "sync/seal/hash.h"

namespace khuoi::sync {

namespace {
constexpr std::size_t segments_noted_max = 4096;  // a bundle

std::string bundle_name(std::string_view name, std::uint64_t octets) {
  return "bundle/" + std::string(name) + "/" + std::to_string(octets);
}

std::array<std::uint8_t, 16> hash_of(ByteView statement) {
  return hash_id<Id<struct StatementTag, 16>>(statement).value;
}

bool is_statements_fault(Errc code) {
  return code == Errc::unauthenticated || code == Errc::malformed || code == Errc::unsupported || code == Errc::too_large;
}
}  // namespace

Result<bool> Courier::knows(const ReadTxn& txn, std::string_view name, std::uint64_t octets) {
  KHUOI_TRY(const Bytes known, meta_octets(txn, bundle_name(name, octets)));
  if (known.empty()) return false;
  Reader from(known);
  for (from.u8(); from.ok() && !from.rest().empty();) on_stick_.insert(from.array<16>());
  return true;
}

bool Courier::concerns_us(const BundleHeader& header) const {
  const Self& self = replica_.self();
  return self.is_commune() || header.writer == self.commune_node || header.writer == self.node;
}

Result<BundleContent> Courier::take_in(BundleReader& reader, std::string_view name, std::uint64_t octets,
                                       const Begin& begin) {
  return take_in(
      reader.header(), [&] { return read_piece(reader); }, name, octets, begin);
}

Result<BundleContent> Courier::take_in(const BundleHeader& header, const Pieces& pieces, std::string_view name,
                                       std::uint64_t octets, const Begin& begin) {
  BundleContent content;
  content.header = header;
  const Self& self = replica_.self();
  const bool ours = self.granted() && header.commune == self.commune;
  const bool asks = header.commune.is_zero();
  if (!ours && !asks) ++foreign_;
  const bool may_invite = !self.is_commune() && !self.granted() && !asks;
  if (ours && !concerns_us(header)) {
    KHUOI_TRY_VOID(take_custody(pieces, name, octets, begin, content));
  } else if (ours || may_invite || (asks && (self.is_commune() || is_mine(header)))) {
    KHUOI_TRY_VOID(take_own(pieces, name, octets, begin, content));
  }
  return content;
}

Result<void> Courier::each_piece(const Pieces& pieces, const Begin& begin, BundleContent& content,
                                 const TakePiece& take) {
  bool any = false;
  for (bool ended = false; !ended;) {
    KHUOI_TRY(const SegmentPiece piece, pieces());
    ended = piece.last;
    any = any || !piece.segments.empty();
    content.damaged = content.damaged || piece.octets_skipped != 0;
    if (!any) continue;
    KHUOI_TRY(Replica::Work work, begin());
    KHUOI_TRY_VOID(take(work.batch(), piece));
    KHUOI_TRY_VOID(work.commit());
  }
  return {};
}

Result<void> Courier::take_own(const Pieces& pieces, std::string_view name, std::uint64_t octets, const Begin& begin,
                               BundleContent& content) {
  const bool mine = is_mine(content.header);
  const bool of_a_peer = !mine && replica_.self().granted() && content.header.commune == replica_.self().commune;
  return each_piece(pieces, begin, content, [&](Batch& batch, const SegmentPiece& piece) -> Result<void> {
    for (const HeldSegment& held : piece.segments) {
      KHUOI_TRY_VOID(take_segment(batch, held, mine, content));
    }
    if (!piece.last || !of_a_peer || content.damaged) return {};
    counts_.bytes_in += octets;
    return put_meta_octets(batch, bundle_name(name, octets), view_of("1"));
  });
}

/// A bundle of another box of our commune: what it wrote for the commune is kept, and passed on.
Result<void> Courier::take_custody(const Pieces& pieces, std::string_view name, std::uint64_t octets,
                                   const Begin& begin, BundleContent& content) {
  Bytes known = to_bytes(view_of("1"));
  const auto take = [&](Batch& batch, const Segment& segment) -> Result<void> {
    if (segment.type != SegmentType::records || segment.from.commune != replica_.self().commune) return {};
    if (known.size() < 16 * segments_noted_max) append(known, Custody::name_of(segment.whole));
    // This box was restored, and finds here what it had lost; or it is another's, for the commune.
    return segment.from.writer == replica_.self().node ? take_records(batch, segment, true, content)
                                                       : keep_for_another(batch, segment, content);
  };
  return each_piece(pieces, begin, content, [&](Batch& batch, const SegmentPiece& piece) -> Result<void> {
    for (const HeldSegment& held : piece.segments) {
      KHUOI_TRY_VOID(take(batch, held.segment()));
    }
    if (!piece.last || content.damaged) return {};
    return put_meta_octets(batch, bundle_name(name, octets), known);
  });
}

Result<void> Courier::keep_for_another(Batch& batch, const Segment& segment, BundleContent& content) {
  const auto author = keys_of_author(replica_.core(), segment.from.writer);
  const bool by_box = segment.from.writer != replica_.self().commune_node;
  if (!by_box || !author || author->revoked || !verify_segment(segment, segment.from, author->sign)) return {};
  const Custody::Name name = Custody::name_of(segment.whole);
  on_stick_.insert(name);
  KHUOI_TRY(const bool present, Custody::has(batch.txn, name));
  if (present) return {};
  KHUOI_TRY_VOID(Custody::keep(batch, segment, replica_.store_usage().octets_max / Custody::share_of_map));
  KHUOI_TRY(const bool kept, Custody::has(batch.txn, name));
  if (kept) ++counts_.carried_in;
  content.carried.insert(name);
  return {};
}

Result<void> Courier::note_for_another(Batch& batch, ByteView statement) {
  const auto said = decode_holdings(statement);
  const Self& self = replica_.self();
  if (!said || said->from != self.commune_node || said->to == self.node || said->commune != self.commune) return {};
  const auto commune = keys_of_author(replica_.core(), said->from);
  if (!commune || !verify_holdings(statement, *said, commune->sign)) return {};
  return Custody::note_statement(batch, *said, statement);
}

Result<void> Courier::take_segment(Batch& batch, const HeldSegment& held, bool mine, BundleContent& content) {
  const Segment& segment = held.segment();
  switch (segment.type) {
    case SegmentType::records: return take_records(batch, segment, mine, content);
    case SegmentType::statements: return take_statements(batch, segment, mine, content);
    case SegmentType::chunk: return take_chunk(batch, held, mine, content);
    case SegmentType::request:
      content.request = true;
      if (!mine) requests_.push_back(to_bytes(segment.payload));
      return {};
  }
  return {};
}

Result<void> Courier::take_records(Batch& batch, const Segment& segment, bool mine, BundleContent& content) {
  const bool carried = mine && segment.from.writer != replica_.self().node;
  if (carried) {
    content.carried.insert(Custody::name_of(segment.whole));
    return {};
  }
  const auto author = keys_of_author(replica_.core(), segment.from.writer);
  const bool vouches = author && verify_segment(segment, segment.from, author->sign);
  const auto records = decode_block(segment.payload, segment.from.commune);
  if (!vouches || !records || segment.from.commune != replica_.self().commune) {
    content.damaged = true;
    ++counts_.records_rejected;
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
    KHUOI_TRY(const Acceptance accepted, replica_.accept(batch, record, vouched));
    switch (accepted.taken) {
      case Taken::stored:
      case Taken::quarantined: ++(accepted.peoples ? counts_.records_in : counts_.control_in); break;
      case Taken::waiting: break;
      case Taken::duplicate: counts_.records_duplicate += mine ? 0 : 1; break;
      case Taken::rejected:
        ++counts_.records_rejected;
        content.damaged = true;
        break;
    }
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
  for (const Bytes& tagged : *statements) {
    if (tagged.empty()) continue;
    const ByteView octets = ByteView(tagged).subspan(1);
    if (tagged[0] == static_cast<std::uint8_t>(StatementType::roster)) content.roster.insert(hash_of(octets));
    if (mine && tagged[0] == static_cast<std::uint8_t>(StatementType::holdings)) {
      if (const auto said = decode_holdings(octets)) content.holdings.emplace_back(said->to, said->head);
      continue;
    }
    if (!replica_.self().is_commune() && tagged[0] == static_cast<std::uint8_t>(StatementType::holdings)) {
      KHUOI_TRY_VOID(note_for_another(batch, octets));
    }
    const auto news = replica_.accept_statement(batch, tagged, Path::stick);
    if (!news && !is_statements_fault(news.error().code)) return news.error();
    if (!news) {
      ++counts_.records_rejected;
      content.damaged = true;
    }
    if (news && *news) ++counts_.control_in;
  }
  // Each statement proved itself; that its writer was heard from is told by the writer's own signature alone.
  const auto writer = keys_of_author(replica_.core(), segment.from.writer);
  if (mine || !writer || !verify_segment(segment, segment.from, writer->sign)) return {};
  KHUOI_TRY(PeerRow row, replica_.peers().row(batch.txn, segment.from.writer));
  row.heard_at = batch.now.wall;
  row.heard_by = "stick";
  return replica_.peers().put(batch, segment.from.writer, row);
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
  HeldChunks& here = content.chunks[place.file];
  if (here.size() <= place.level) here.resize(place.level + 1U);
  here[place.level].add(place.index);
  if (mine) {
    // A box set back to an old backup finds its own photos again here.
    KHUOI_TRY(const FileStatus status, Files::status(batch.txn, place.file));
    if (status.complete) return {};
  }
  KHUOI_TRY(const ChunkOutcome outcome, replica_.accept_chunk(batch, place, chunk->octets, held.chunk_hash()));
  if (outcome == ChunkOutcome::wrong || outcome == ChunkOutcome::over_quota) {
    ++counts_.records_rejected;
    content.damaged = true;
  }
  const bool news = outcome == ChunkOutcome::stored || outcome == ChunkOutcome::unverified;
  if (news && files_in_.insert(place.file).second) ++counts_.attachments_in;
  return {};
}

Result<bool> Courier::records_arrived(const ReadTxn& txn, const NodeId& peer, const BundleContent& content) {
  const Planner planner = replica_.planner();
  KHUOI_TRY(const PeerRow row, replica_.peers().row(txn, peer));
  for (const auto& [key, numbers] : content.records) {
    RangeSet open;
    if (key.author == peer) {
      for (const auto& [wanted, lost] : row.wants) {
        if (wanted == key) open = numbers.intersect(lost);
      }
    } else {
      KHUOI_TRY(const RunRow* run, replica_.core().runs.find(txn, key));
      if (run == nullptr || !planner.reaches(peer, key.author, run->audience)) continue;
      KHUOI_TRY(const PeerRun has, replica_.peers().run(txn, peer, key));
      open = numbers.minus(has.received);
    }
    if (!open.empty()) return false;
  }
  return true;
}

Result<bool> Courier::files_arrived(const ReadTxn& txn, const NodeId& peer, const BundleContent& content) {
  if (content.chunks.empty()) return true;
  KHUOI_TRY(const auto needs, replica_.planner().files(txn, peer));
  return std::ranges::none_of(needs, [&](const Planner::FileNeed& need) {
    return content.chunks.contains(need.row.file) && !Files::lacking(need.row, need.peer_held, 1).empty();
  });
}

Result<bool> Courier::holdings_settled(const ReadTxn& txn, const NodeId& peer, const Head& head) {
  KHUOI_TRY(const PeerRow row, replica_.peers().row(txn, peer));
  const bool in_force = row.stated == head && row.stated.sequence == row.my_sequence && !row.restored;
  return row.echoed == head || !in_force;
}

Result<bool> Courier::may_drop(const ReadTxn& txn, const BundleContent& content) {
  if (content.request) return replica_.self().granted();
  for (const NodeId& peer : replica_.planner().peers()) {
    KHUOI_TRY(const bool records, records_arrived(txn, peer, content));
    if (!records) return false;
    KHUOI_TRY(const bool files, files_arrived(txn, peer, content));
    if (!files) return false;
    KHUOI_TRY(const PeerRow row, replica_.peers().row(txn, peer));
    if (!content.roster.empty() && row.roster_digest != replica_.roster().digest()) return false;
  }
  for (const Custody::Name& name : content.carried) {
    KHUOI_TRY(const bool still, Custody::has(txn, name));
    if (still) return false;
  }
  for (const auto& [to, head] : content.holdings) {
    KHUOI_TRY(const bool settled, holdings_settled(txn, to, head));
    if (!settled) return false;
  }
  return true;
}

}  // namespace khuoi::sync
