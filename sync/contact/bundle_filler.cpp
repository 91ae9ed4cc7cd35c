#include "sync/contact/bundle_filler.h"

#include "sync/wire/block.h"

namespace khuoi::sync {

namespace {
class BundleFiller final {
 public:
  BundleFiller(Replica& replica, const ReadTxn& txn, Giver& giver, std::uint64_t octets_max, const BundleSink& sink)
      : txn_(txn), giver_(giver), room_(octets_max), sink_(sink),
        writer_({replica.self().commune, replica.self().node}, replica.keys().sign().secret_key) {
    out_.header = {replica.self().commune, replica.self().node};
  }

  Result<BundleContent> fill(Parcel parcel) {
    KHUOI_TRY_VOID(put(writer_.header()));
    if (!parcel.request.empty()) {
      KHUOI_TRY_VOID(put(writer_.request(parcel.request)));
      out_.request = fits_;
    }
    if (!parcel.statements.empty() && fits_) KHUOI_TRY_VOID(put_statements(parcel.statements, writer_.statements(parcel.statements)));
    // Behind the statements, where the grant may be that proves their author.
    if (!parcel.receipts.empty() && fits_) KHUOI_TRY_VOID(put_statements(parcel.receipts, writer_.later_statements(parcel.receipts)));
    // Without room for these the rest goes.
    const Bytes later = writer_.later_statements(parcel.later);
    if (fits_ && !later.empty() && later.size() <= room_) {
      KHUOI_TRY_VOID(put(later));
      for (const Bytes& tagged : parcel.later) out_.later.insert(hash_of_statement(tagged));
    }
    while (fits_ && !parcel.records.empty()) KHUOI_TRY_VOID(put_records(parcel.records));
    while (fits_) {
      KHUOI_TRY(const auto chunk, giver_.next_chunk(txn_, parcel, out_));
      if (!chunk) break;
      KHUOI_TRY_VOID(put(writer_.chunk(chunk->first, chunk->second)));
      if (fits_) giver_.gave(chunk->first, out_);
    }
    while (fits_) {
      KHUOI_TRY(const auto carried, giver_.next_carried(txn_, parcel));
      if (!carried) break;
      KHUOI_TRY_VOID(put(carried->second));
      if (fits_) Giver::gave(carried->first, out_);
    }
    return std::move(out_);
  }

 private:
  Result<void> put(const Bytes& octets) {
    fits_ = fits_ && octets.size() <= room_;
    if (!fits_) return {};
    room_ -= octets.size();
    out_.counts.bytes_out += octets.size();
    return sink_(octets);
  }

  Result<void> put_statements(const std::vector<Bytes>& statements, const Bytes& segments) {
    KHUOI_TRY_VOID(put(segments));
    if (!fits_) return fail(Errc::disk_full, "the stick is too full even for receipts: make room on it");
    out_.counts.control_out += statements.size();
    for (const Bytes& tagged : statements) {
      const ByteView octets = ByteView(tagged).subspan(1);
      if (is_statement(StatementType::roster, tagged)) out_.roster.insert(hash_of_statement(octets));
      else if (const auto said = decode_holdings(octets)) out_.holdings.emplace_back(said->to, said->head);
    }
    return {};
  }

  Result<void> put_records(std::deque<Candidate>& records) {
    std::vector<Sealed> group;
    std::size_t octets = 0;
    std::size_t next = 0;
    for (; next < records.size() && octets < segment_payload_aim; ++next) {
      KHUOI_TRY(auto record, giver_.record(txn_, records[next]));
      if (!record) continue;
      const std::size_t cost = block_cost(*record);
      if (!group.empty() && octets + cost > segment_payload_aim) break;
      octets += group.empty() ? cost : block_cost(*record, group.back());
      group.push_back(std::move(*record));
    }
    KHUOI_TRY_VOID(put(writer_.records(group)));
    for (; fits_ && next > 0; --next) {
      Giver::gave(records.front(), out_);
      records.pop_front();
    }
    return {};
  }

  const ReadTxn& txn_;
  Giver& giver_;
  std::uint64_t room_;
  const BundleSink& sink_;
  BundleContent out_;
  BundleWriter writer_;
  bool fits_ = true;  ///< all so far: nothing goes after what did not
};
}  // namespace

Result<BundleContent> fill_bundle(Replica& replica, const ReadTxn& txn, Giver& giver, Parcel parcel,
                                  std::uint64_t octets_max, const BundleSink& sink) {
  return BundleFiller(replica, txn, giver, octets_max, sink).fill(std::move(parcel));
}

}  // namespace khuoi::sync
