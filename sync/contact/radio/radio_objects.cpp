#include "sync/contact/radio/radio_objects.h"

#include <algorithm>

namespace khuoi::sync {

namespace {
/// What hamlets have to say waits while an object is sent; a larger record goes by itself.
constexpr std::size_t object_octets_max = 4096;
}  // namespace

Result<std::vector<RadioObjects::Wanted>> RadioObjects::wanted(const ReadTxn& txn,
                                                               const std::vector<Listener>& listeners) {
  const Planner planner(replica_);
  std::vector<Wanted> out;
  std::map<Ref, std::size_t> places;
  for (const Listener& listener : listeners) {
    std::map<RunKey, RangeSet> refused = alone_[listener.node];
    KHUOI_TRY_VOID(RadioMarks::each(txn, listener.node,
                                    [&](const RunKey& run, const RadioMark& mark) { refused[run].add(mark.refused); }));
    KHUOI_TRY(const auto lacked, planner.records(txn, listener.node, refused));
    for (const Candidate& one : lacked) {
      const bool small = one.rank >= Rank::normal && one.octets <= radio_record_octets_max;
      if (one.ref.author != replica_.self().node || !small) continue;
      KHUOI_TRY(const RunRow* row, replica_.runs().find(txn, run_of(one.ref)));
      if (row == nullptr || row->audience != audience_everyone()) continue;
      const auto [place, added] = places.try_emplace(one.ref, out.size());
      if (added) out.push_back({one, {}});
      out[place->second].lacked_by.insert(listener.alias);
    }
  }
  std::ranges::stable_sort(out, [](const Wanted& a, const Wanted& b) { return a.candidate.rank > b.candidate.rank; });
  return out;
}

Result<std::optional<RadioWorkDone::Object>> RadioObjects::load(const ReadTxn& txn,
                                                                const std::vector<Listener>& listeners) {
  KHUOI_TRY(const auto all, wanted(txn, listeners));
  records_.clear();
  RadioWorkDone::Object out;
  std::set<RadioAlias> lacking;
  std::size_t octets = 0;
  for (const Wanted& one : all) {
    octets += one.candidate.octets + 2;
    if (octets > object_octets_max && !records_.empty()) break;
    records_[run_of(one.candidate.ref)].add(one.candidate.ref.number);
    out.urgent = out.urgent || one.candidate.rank == Rank::urgent;
    lacking.insert(one.lacked_by.begin(), one.lacked_by.end());
  }
  if (records_.empty()) return std::nullopt;
  out.id = ++id_;
  out.listeners.assign(lacking.begin(), lacking.end());
  KHUOI_TRY(out.octets, elements(txn, records_));
  return out;
}

Result<Bytes> RadioObjects::elements(const ReadTxn& txn, const std::map<RunKey, RangeSet>& records) const {
  Bytes out;
  std::uint8_t slot = 0;
  for (const auto& [run, numbers] : records) {
    const std::uint8_t own = slot++ % radio_slots;
    if (!numbers.contains(0)) append(out, encode_element(RadioRun{own, run.run}));
    for (const auto& [first, last] : numbers.ranges()) {
      for (std::uint32_t number = first; number <= last; ++number) {
        KHUOI_TRY(const Sealed record, replica_.sealed(txn, {run.author, run.run, number}));
        if (number != 0) {
          append(out, encode_element(RadioRecord{own, number, record.header.rank, record.body}));
          continue;
        }
        KHUOI_TRY(const RadioOpener opener, radio_opener(record, own));
        append(out, encode_element(opener));
      }
    }
  }
  return out;
}

Result<void> RadioObjects::told(Batch& batch, const RadioWork::Told& told, const NodeId& node,
                                const RadioMarks::Start& start) {
  if (told.object != id_ || told.how == RadioWork::Told::How::unreached) return {};
  for (const auto& [run, numbers] : records_) {
    if (told.how == RadioWork::Told::How::alone) {
      alone_[node][run].add(numbers);
      continue;
    }
    KHUOI_TRY(const PeerRun stated, replica_.peers().run(batch.txn, node, run));
    const RangeSet news = numbers.minus(stated.received);
    if (!news.empty()) KHUOI_TRY_VOID(RadioMarks::add_received(batch, node, run, news, start, true));
  }
  return {};
}

}  // namespace khuoi::sync
