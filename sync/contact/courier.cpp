#include "sync/contact/courier.h"

#include <algorithm>

#include "sync/seal/hash.h"
#include "sync/wire/block.h"

namespace khuoi::sync {

namespace {
constexpr std::size_t segments_noted_max = 4096;  // a bundle

constexpr std::size_t hashes_noted_max = 8;       // of one name and length

/// Earlier versions went by this alone.
std::string hint_name(const BundleFile& file) {
  return "bundle/" + std::string(file.name) + "/" + std::to_string(file.octets);
}
std::string known_name(const BundleFile& file, const BundleHash& hash) { return hint_name(file) + "/" + hash.hex(); }
}  // namespace

Result<bool> Courier::may_know(const ReadTxn& txn, const BundleFile& file) {
  bool any = false;
  KHUOI_TRY_VOID(scan_prefix(txn, Table::meta, view_of(hint_name(file) + "/"), [&](ByteView, ByteView) {
    any = true;
    return false;
  }));
  return any;
}

Result<void> Courier::note_known(Batch& batch, const BundleFile& file, const BundleHash& hash, ByteView value) {
  std::vector<Bytes> others;
  KHUOI_TRY_VOID(scan_prefix(batch.txn, Table::meta, view_of(hint_name(file) + "/"), [&](ByteView key, ByteView) {
    others.push_back(to_bytes(key));
    return true;
  }));
  for (std::size_t i = 0; i + hashes_noted_max <= others.size(); ++i) {
    KHUOI_TRY_VOID(batch.txn.erase(Table::meta, others[i]));
  }
  KHUOI_TRY_VOID(batch.txn.erase(Table::meta, view_of(hint_name(file))));
  return put_meta_octets(batch, known_name(file, hash), value);
}

Result<bool> Courier::knows(const ReadTxn& txn, const BundleFile& file) {
  if (!file.hash) return false;
  KHUOI_TRY(const Bytes known, meta_octets(txn, known_name(file, *file.hash)));
  if (known.empty()) return false;
  Reader from(known);
  for (from.u8(); from.ok() && !from.rest().empty();) on_stick_.insert(from.array<16>());
  return true;
}

bool Courier::concerns_us(const BundleHeader& header) const {
  const Self& self = replica_.self();
  return self.is_commune() || header.writer == self.commune_node || header.writer == self.node;
}

Result<BundleContent> Courier::take_in(BundleReader& reader, const BundleFile& file, const Begin& begin) {
  const auto pieces = [&]() -> Result<SegmentPiece> {
    KHUOI_TRY(SegmentPiece piece, read_piece(reader));
    if (piece.last) piece.file_hash = file.hash;
    return piece;
  };
  return take_in(reader.header(), pieces, file, begin);
}

Result<BundleContent> Courier::take_in(const BundleHeader& header, const Pieces& pieces, const BundleFile& file,
                                       const Begin& begin) {
  BundleContent content;
  content.header = header;
  replica_.receipts().begin_visit(header.writer);
  const Self& self = replica_.self();
  const bool ours = self.granted() && header.commune == self.commune;
  const bool asks = header.commune.is_zero();
  if (!ours && !asks) ++foreign_;
  const bool may_invite = !self.is_commune() && !self.granted() && !asks;
  if (ours && !concerns_us(header)) {
    KHUOI_TRY_VOID(take_custody(pieces, file, begin, content));
  } else if (ours || may_invite || (asks && (self.is_commune() || is_mine(header)))) {
    KHUOI_TRY_VOID(take_own(pieces, file, begin, content));
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

Result<void> Courier::take_own(const Pieces& pieces, const BundleFile& file, const Begin& begin,
                               BundleContent& content) {
  const bool mine = is_mine(content.header);
  const bool of_a_peer = !mine && replica_.self().granted() && content.header.commune == replica_.self().commune;
  return each_piece(pieces, begin, content, [&](Batch& batch, const SegmentPiece& piece) -> Result<void> {
    for (const HeldSegment& held : piece.segments) {
      KHUOI_TRY_VOID(take_segment(batch, held, mine, content));
    }
    if (!piece.last || !of_a_peer || content.damaged || !content.proved) return {};
    taker_.counts().bytes_in += file.octets;
    return piece.file_hash ? note_known(batch, file, *piece.file_hash, view_of("1")) : Result<void>();
  });
}

/// A bundle of another box of our commune: what it wrote for the commune is kept, and passed on.
Result<void> Courier::take_custody(const Pieces& pieces, const BundleFile& file, const Begin& begin,
                                   BundleContent& content) {
  Bytes known = to_bytes(view_of("1"));
  const auto take = [&](Batch& batch, const Segment& segment) -> Result<void> {
    if (segment.from.commune != replica_.self().commune) return {};
    if (!content.proved && !segment.signature.empty()) (void)proves(segment, content);
    if (segment.type != SegmentType::records) return {};
    if (known.size() < 16 * segments_noted_max) append(known, Custody::name_of(segment.whole));
    // This box was restored, and finds here what it had lost; or it is another's, for the commune.
    return segment.from.writer == replica_.self().node ? take_records(batch, segment, true, content)
                                                       : keep_for_another(batch, segment, content);
  };
  return each_piece(pieces, begin, content, [&](Batch& batch, const SegmentPiece& piece) -> Result<void> {
    for (const HeldSegment& held : piece.segments) {
      KHUOI_TRY_VOID(take(batch, held.segment()));
    }
    if (!piece.last || content.damaged || !content.proved || !piece.file_hash) return {};
    return note_known(batch, file, *piece.file_hash, known);
  });
}

Result<void> Courier::keep_for_another(Batch& batch, const Segment& segment, BundleContent& content) {
  const auto author = keys_of_author(replica_.membership(), segment.from.writer);
  const bool by_box = segment.from.writer != replica_.self().commune_node;
  if (!by_box || !author || author->revoked || !verify_segment(segment, segment.from, author->sign)) return {};
  const Custody::Name name = Custody::name_of(segment.whole);
  on_stick_.insert(name);
  KHUOI_TRY(const bool present, Custody::has(batch.txn, name));
  if (present) return {};
  KHUOI_TRY_VOID(Custody::keep(batch, segment, replica_.store_usage().octets_max / Custody::share_of_map));
  KHUOI_TRY(const bool kept, Custody::has(batch.txn, name));
  if (kept) ++taker_.counts().carried_in;
  content.carried.insert(name);
  return {};
}

Result<void> Courier::note_for_another(Batch& batch, ByteView statement) {
  const auto said = decode_holdings(statement);
  const Self& self = replica_.self();
  if (!said || said->from != self.commune_node || said->to == self.node || said->commune != self.commune) return {};
  const auto commune = keys_of_author(replica_.membership(), said->from);
  if (!commune || !verify_holdings(statement, *said, commune->sign)) return {};
  return Custody::note_statement(batch, *said, statement);
}

Result<bool> Courier::records_arrived(const ReadTxn& txn, const NodeId& peer, const BundleContent& content) {
  const Planner planner(replica_);
  KHUOI_TRY(const PeerRow row, replica_.peers().row(txn, peer));
  for (const auto& [key, numbers] : content.records) {
    RangeSet open;
    if (key.author == peer) {
      for (const auto& [wanted, lost] : row.wants) {
        if (wanted == key) open = numbers.intersect(lost);
      }
    } else {
      KHUOI_TRY(const RunRow* run, replica_.runs().find(txn, key));
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
  KHUOI_TRY(const auto needs, Planner(replica_).files(txn, peer));
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
  for (const NodeId& peer : Planner(replica_).peers()) {
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

Result<bool> Courier::passed_over(const ReadTxn& txn, const BundleContent& content) {
  const Self& self = replica_.self();
  if (self.is_commune() || !self.granted() || !receipt_came_ || content.request) return false;
  KHUOI_TRY(const bool records, records_arrived(txn, self.commune_node, content));
  if (!records) return true;
  // Of files some chunks may be missing for a while: only when none got there the bundle was of no use.
  bool any_arrived = content.chunks.empty();
  for (const auto& [file, levels] : content.chunks) {
    KHUOI_TRY(const Peers::PeerFile has, replica_.peers().file(txn, self.commune_node, file));
    any_arrived = any_arrived || has.complete ||
                  std::ranges::any_of(has.held, [](const RangeSet& level) { return !level.empty(); });
  }
  return !any_arrived;
}

Result<void> Courier::unmark_sent(Batch& batch, const BundleContent& content) {
  const Self& self = replica_.self();
  for (const auto& [key, numbers] : content.records) {
    if (key.author != self.node) continue;
    KHUOI_TRY(PeerRun run, replica_.peers().run(batch.txn, self.commune_node, key));
    run.sent.remove(numbers.minus(run.received));
    KHUOI_TRY_VOID(replica_.peers().put_run(batch, self.commune_node, key, run));
  }
  return {};
}

}  // namespace khuoi::sync
