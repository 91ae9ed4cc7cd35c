#include "sync/contact/bundle_taker.h"

#include <algorithm>
#include <span>
#include <tuple>

#include "sync/contact/known_bundles.h"

namespace khuoi::sync {

namespace {
/// One bundle, segment by segment.
class BundleTaker final {
 public:
  BundleTaker(Replica& replica, Taker& taker, StickFinds& finds, const BundleHeader& header)
      : replica_(replica),
        taker_(taker),
        finds_(finds),
        mine_(header.writer == replica.self().node),
        of_our_commune_(replica.self().granted() && header.commune == replica.self().commune) {
    content_.header = header;
  }

  Result<BundleContent> take_in(const BundlePieces& pieces, const BundleFile& file, const BeginBatch& begin) {
    const Self& self = replica_.self();
    replica_.receipts().echoes().begin_visit(content_.header.writer);
    const bool asks = content_.header.commune.is_zero();
    const bool concerns_us = asks ? self.is_commune() || mine_ : of_our_commune_ || (!self.is_commune() && !self.granted());
    finds_.foreign += !of_our_commune_ && !asks ? 1 : 0;
    bool any = false;
    for (bool ended = !concerns_us; !ended;) {
      KHUOI_TRY(const SegmentPiece piece, pieces());
      ended = piece.last;
      any = any || !piece.segments.empty();
      content_.damaged = content_.damaged || piece.octets_skipped != 0;
      if (any) KHUOI_TRY_VOID(take_piece(piece, file, begin));
    }
    return std::move(content_);
  }

 private:
  /// A segment, or some records of a large one.
  struct Part {
    const HeldSegment* held = nullptr;
    std::size_t first = 0;
    std::size_t records = 0;
  };
  using Parts = std::span<const Part>;

  [[nodiscard]] std::vector<Part> parts_of_piece(const SegmentPiece& piece) const {
    std::vector<Part> out;
    for (const HeldSegment& held : piece.segments) {
      const std::size_t records = of_another_box() ? 0 : held.records().size();
      std::size_t first = 0;
      for (; records - first > records_a_commit; first += records_a_commit) out.push_back({&held, first, records_a_commit});
      out.push_back({&held, first, records - first});
    }
    return out;
  }

  /// How many parts go into the next commit.
  static std::size_t fitting(Parts parts) {
    std::size_t count = 1;
    for (std::size_t records = parts[0].records; count < parts.size(); ++count) {
      records += parts[count].records;
      if (records > records_a_commit) break;
    }
    return count;
  }

  /// In a few commits, which costs the least. Where a store has no room for one, one for each of its parts: what fits stays.
  Result<void> take_piece(const SegmentPiece& piece, const BundleFile& file, const BeginBatch& begin) {
    const std::vector<Part> all = parts_of_piece(piece);
    for (Parts left = all; !left.empty();) {
      const std::size_t count = fitting(left);
      const bool is_last = count == left.size();
      const auto together = commit(begin, [&](Batch& batch) -> Result<void> {
        KHUOI_TRY_VOID(take_parts(batch, left.first(count)));
        return is_last ? note_whole(batch, piece, file) : Result<void>();
      });
      const bool is_full = !together && (together.error().code == Errc::store_full || together.error().code == Errc::disk_full);
      if (!together && (!is_full || count < 2)) return together;
      for (std::size_t i = 0; is_full && i < count; ++i) {
        KHUOI_TRY_VOID(commit(begin, [&](Batch& batch) { return take_parts(batch, left.subspan(i, 1)); }));
      }
      if (is_full && is_last) KHUOI_TRY_VOID(commit(begin, [&](Batch& batch) { return note_whole(batch, piece, file); }));
      left = left.subspan(count);
    }
    return all.empty() ? commit(begin, [&](Batch& batch) { return note_whole(batch, piece, file); }) : Result<void>();
  }

  /// A batch that is not committed leaves nothing here either: neither in the counts nor in what the bundle holds.
  template <typename Fn>
  Result<void> commit(const BeginBatch& begin, const Fn& fn) {
    const auto before = std::make_tuple(content_, finds_, brought_, taker_.tally());
    const auto done = [&]() -> Result<void> {
      KHUOI_TRY(Replica::Work work, begin());
      KHUOI_TRY_VOID(fn(work.batch()));
      return work.commit();
    }();
    if (!done) std::tie(content_, finds_, brought_, taker_.tally()) = before;
    return done;
  }

  Result<void> take_parts(Batch& batch, Parts parts) {
    for (const Part& part : parts) {
      KHUOI_TRY_VOID(of_another_box() ? take_in_custody(batch, *part.held) : take(batch, part));
    }
    return {};
  }

  /// After its last segment: the next visit need not read it.
  Result<void> note_whole(Batch& batch, const SegmentPiece& piece, const BundleFile& file) {
    if (!piece.last || !of_our_commune_ || mine_ || content_.damaged || !content_.proved) return {};
    taker_.counts().bytes_in += of_another_box() ? 0 : file.octets;
    return piece.file_hash ? KnownBundles::note(batch, file, *piece.file_hash, brought_) : Result<void>();
  }

  [[nodiscard]] bool of_another_box() const {
    const Self& self = replica_.self();
    return of_our_commune_ && !mine_ && !self.is_commune() && content_.header.writer != self.commune_node;
  }

  Result<void> take(Batch& batch, const Part& part) {
    const Segment& segment = part.held->segment();
    switch (segment.type) {
      case SegmentType::records: return take_records(batch, part);
      case SegmentType::statements:
      case SegmentType::later_statements: return take_statements(batch, segment);
      case SegmentType::chunk: return take_chunk(batch, *part.held);
      case SegmentType::request:
        if (!mine_) finds_.requests.push_back(to_bytes(segment.payload));
        // Another's under this node's name would keep its own off the stick.
        content_.request = !mine_ || replica_.self().granted() || equal(segment.payload, replica_.enrolment().enrol_request());
        return {};
    }
    return {};
  }

  /// A bundle is its writer's once one of its segments is.
  bool proves(const Segment& segment) { return note_proof(segment, taker_.proves(segment)); }
  bool proves(const HeldSegment& held) { return note_proof(held.segment(), taker_.proves(held)); }
  bool note_proof(const Segment& segment, bool proved) {
    content_.proved = content_.proved || (proved && segment.from.writer == content_.header.writer);
    return proved;
  }

  /// Of a bundle of another box of our commune only what it wrote for the commune concerns us.
  Result<void> take_in_custody(Batch& batch, const HeldSegment& held) {
    const Segment& segment = held.segment();
    if (segment.from.commune != replica_.self().commune) return {};
    if (!content_.proved && !segment.signature.empty()) (void)proves(segment);
    if (segment.type != SegmentType::records) return {};
    brought_.insert(Custody::name_of(segment.whole));
    KHUOI_TRY(const bool authentic, taker_.carried(batch, segment));
    if (authentic) finds_.carried.insert(Custody::name_of(segment.whole));
    return {};
  }

  Result<void> take_records(Batch& batch, const Part& part) {
    const HeldSegment& held = *part.held;
    const BundleHeader& from = held.segment().from;
    if (mine_ && from.writer != replica_.self().node) {
      content_.carried.insert(Custody::name_of(held.segment().whole));
      return {};
    }
    if (!proves(held) || from.commune != replica_.self().commune || !held.decodes()) {
      if (part.first == 0) taker_.note_refused();
      content_.damaged = true;
      return {};
    }
    const auto opened = held.opened().empty() ? held.opened() : held.opened().subspan(part.first, part.records);
    KHUOI_TRY(const bool whole, taker_.records(batch, {from.writer, held.records().subspan(part.first, part.records), opened},
                                               &content_.records));
    content_.damaged = content_.damaged || !whole;
    return {};
  }

  void note_grants(const std::vector<Bytes>& statements) {
    std::vector<Bytes> roster;
    for (const Bytes& tagged : statements) {
      if (is_statement(StatementType::roster, tagged)) roster.emplace_back(tagged.begin() + 1, tagged.end());
    }
    if (!roster.empty()) finds_.grants.push_back(std::move(roster));
  }

  Result<void> take_statements(Batch& batch, const Segment& segment) {
    const bool later = segment.type == SegmentType::later_statements;
    const auto statements = decode_statements(segment.payload);
    const bool granted = replica_.self().granted();
    if (!granted && later) return {};
    // What is not its own says in this node's name what stands here: nothing of it counts.
    const bool proved = granted && proves(segment);
    if (!statements || (mine_ && granted && !proved)) {
      content_.damaged = true;
      return {};
    }
    if (!granted) {
      note_grants(*statements);
      return {};
    }
    const NodeId& commune = replica_.self().commune_node;
    KHUOI_TRY(const PeerRow before, replica_.peers().row(batch.txn, commune));
    for (const Bytes& tagged : *statements) {
      KHUOI_TRY_VOID(take_statement(batch, tagged, proved && !mine_ ? segment.from.writer : NodeId(), later));
    }
    // Each statement proved itself; that its writer was heard from is told by the writer's own signature alone. Its grant
    // may have been among them.
    const auto receipt = [](const Bytes& tagged) { return is_statement(StatementType::holdings, tagged); };
    const bool tells = !later || std::ranges::any_of(*statements, receipt);
    if (mine_ || !tells || (!proved && !proves(segment))) return {};
    KHUOI_TRY(const PeerRow after, replica_.peers().row(batch.txn, commune));
    finds_.receipt = finds_.receipt || (proved && segment.from.writer == commune && after.absorbed != before.absorbed);
    return taker_.heard(batch, segment.from.writer);
  }

  /// Whether a statement of mine that stands here is to be taken in: maybe it is of a past that this node lost.
  Result<bool> note_mine(const ReadTxn& txn, ByteView tagged) {
    const auto said = decode_holdings(tagged.subspan(1));
    if (!said || said->from != replica_.self().node) return false;
    // To who reads only version 1, what stands in version 2 is a notice beside it, and says nothing.
    KHUOI_TRY(const bool reads, replica_.receipts().reads_tallies(txn, said->to));
    if (said->version == 1 || reads) content_.holdings.emplace_back(said->to, said->head);
    return true;
  }

  Result<void> take_statement(Batch& batch, ByteView tagged, const NodeId& brought_by, bool later) {
    const bool roster = is_statement(StatementType::roster, tagged);
    const bool holdings = is_statement(StatementType::holdings, tagged);
    if (later && mine_) content_.later.insert(hash_of_statement(tagged));
    if (later) {  // what is not known in here is stepped over: it is for later versions
      if (!holdings && !is_statement(StatementType::start_proof, tagged)) return {};
    } else if (roster) {
      content_.roster.insert(hash_of_statement(tagged.subspan(1)));
    } else if (mine_ && !holdings) {
      return {};
    }
    if (mine_ && holdings) {
      KHUOI_TRY(const bool own, note_mine(batch.txn, tagged));
      if (!own) return {};
    }
    KHUOI_TRY(const auto outcome, taker_.statement(batch, tagged, brought_by));
    const bool unknown = outcome == Taker::Said::of_a_later_version && !later;
    content_.damaged = content_.damaged || outcome == Taker::Said::wrong || unknown;
    return {};
  }

  Result<void> take_chunk(Batch& batch, const HeldSegment& held) {
    const auto chunk = decode_chunk(held.segment().payload);
    if (!chunk || chunk->place.level >= file_levels_max) {
      content_.damaged = true;
      return {};
    }
    const ChunkPlace& place = chunk->place;
    if (mine_) {
      // A box set back to an old backup finds its own photos again here. What it has it must find here octet for octet:
      // nobody signed this segment, and another's under this name would keep the chunk off the stick.
      KHUOI_TRY(const FileStatus status, Files::status(batch.txn, place.file));
      KHUOI_TRY(const auto own, Files::chunk(batch.txn, place));
      const bool same = own && equal(*own, chunk->octets);
      if (status.complete && same) content_.add(place);
      content_.damaged = content_.damaged || (status.complete && !same);
      if (status.complete) return {};
    }
    KHUOI_TRY(const ChunkOutcome outcome, taker_.chunk(batch, place, chunk->octets, held.chunk_hash()));
    const bool no_use = outcome == ChunkOutcome::wrong || outcome == ChunkOutcome::over_quota;
    content_.damaged = content_.damaged || no_use;
    if (!no_use) content_.add(place);
    // Its place in a file that an authentic record names is as good as a signature.
    content_.proved = content_.proved || outcome == ChunkOutcome::stored || outcome == ChunkOutcome::duplicate;
    return {};
  }

  Replica& replica_;
  Taker& taker_;
  StickFinds& finds_;
  BundleContent content_;
  std::set<Custody::Name> brought_;  ///< segments of other boxes, by another box
  bool mine_ = false;
  bool of_our_commune_ = false;
};
}  // namespace

Result<BundleContent> take_bundle(Replica& replica, Taker& taker, StickFinds& finds, const BundleHeader& header,
                                  const BundlePieces& pieces, const BundleFile& file, const BeginBatch& begin) {
  return BundleTaker(replica, taker, finds, header).take_in(pieces, file, begin);
}

}  // namespace khuoi::sync
