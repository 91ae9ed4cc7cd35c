#include "sync/contact/giver.h"

#include <algorithm>
#include <utility>

namespace khuoi::sync {

namespace {
constexpr std::size_t places_at_once = 256;

/// Takes one from each list in turn, each record once, then the best first.
std::deque<Candidate> take_turns(const std::vector<std::vector<Candidate>>& lists) {
  if (lists.size() == 1) return {lists[0].begin(), lists[0].end()};  // each once, and the best first, already
  std::deque<Candidate> out;
  std::set<Ref> taken;
  for (std::size_t i = 0; std::ranges::any_of(lists, [&](const auto& list) { return i < list.size(); }); ++i) {
    for (const auto& list : lists) {
      if (i < list.size() && taken.insert(list[i].ref).second) out.push_back(list[i]);
    }
  }
  std::ranges::stable_sort(out, [](const Candidate& a, const Candidate& b) { return a.rank > b.rank; });
  return out;
}

bool contains(const Given& given, const ChunkPlace& place) {
  const auto file = given.chunks.find(place.file);
  return file != given.chunks.end() && place.level < file->second.size() &&
         file->second[place.level].contains(place.index);
}

void add_place(HeldChunks& held, const ChunkPlace& place) {
  if (held.size() <= place.level) held.resize(place.level + 1U);
  held[place.level].add(place.index);
}

std::optional<ChunkPlace> next_place(FileQueue& from, const Given& given) {
  while (!from.places.empty() || !from.files.empty()) {
    if (from.places.empty()) {
      Planner::FileNeed& need = from.files.front();
      const auto places = Files::lacking(need.row, need.peer_held, places_at_once);
      for (const ChunkPlace& place : places) add_place(need.peer_held, place);
      if (places.empty()) from.files.pop_front();
      from.places.assign(places.begin(), places.end());
      continue;
    }
    const ChunkPlace place = from.places.front();
    from.places.pop_front();
    if (!contains(given, place)) return place;
  }
  return std::nullopt;
}
}  // namespace

void Given::add(const Given& other) {
  for (const auto& [key, numbers] : other.records) records[key].add(numbers);
  for (const auto& [file, held] : other.chunks) add_chunks(chunks[file], held);
  carried.insert(other.carried.begin(), other.carried.end());
}

void Given::add(const ChunkPlace& place) { add_place(chunks[place.file], place); }

Result<Load> Giver::plan(const ReadTxn& txn, const std::vector<NodeId>& peers, const Given& given, bool carries) const {
  const Planner planner(replica_);
  Load out;
  std::vector<std::vector<Candidate>> records;
  for (const NodeId& peer : peers) {
    KHUOI_TRY(records.emplace_back(), planner.records(txn, peer, given.records));
    KHUOI_TRY(auto files, planner.files(txn, peer, given.chunks));
    if (!files.empty()) out.files.push_back({{files.begin(), files.end()}, {}});
  }
  out.records = take_turns(records);
  if (!carries) return out;
  KHUOI_TRY(const auto kept, Custody::names(txn));
  std::ranges::copy_if(kept, std::back_inserter(out.carried),
                       [&](const Custody::Name& name) { return !given.carried.contains(name); });
  return out;
}

Result<std::optional<Sealed>> Giver::record(const ReadTxn& txn, const Candidate& candidate) const {
  auto record = replica_.sealed(txn, candidate.ref);
  if (record) return std::optional(std::move(*record));
  if (record.error().code == Errc::not_found) return std::optional<Sealed>();
  return record.error();
}

Result<std::optional<std::pair<ChunkPlace, Bytes>>> Giver::next_chunk(const ReadTxn& txn, Load& load,
                                                                      const Given& given) const {
  std::optional<std::pair<ChunkPlace, Bytes>> out;
  while (!out && !load.files.empty()) {
    FileQueue turn = std::move(load.files.front());
    load.files.pop_front();
    const auto place = next_place(turn, given);
    if (!place) continue;
    load.files.push_back(std::move(turn));
    KHUOI_TRY(auto octets, Files::chunk(txn, *place));
    if (octets) out.emplace(*place, std::move(*octets));
  }
  return out;
}

Result<std::optional<std::pair<Custody::Name, Bytes>>> Giver::next_carried(const ReadTxn& txn, Load& load) const {
  std::optional<std::pair<Custody::Name, Bytes>> out;
  while (!out && !load.carried.empty()) {
    KHUOI_TRY(auto whole, Custody::whole(txn, load.carried.front()));
    if (whole) out.emplace(load.carried.front(), std::move(*whole));
    load.carried.pop_front();
  }
  return out;
}

void Giver::gave(const Candidate& candidate, Given& to) {
  to.records[run_of(candidate.ref)].add(candidate.ref.number);
  ++(candidate.peoples ? to.counts.records_out : to.counts.control_out);
}

void Giver::gave(const ChunkPlace& place, Given& to) {
  to.add(place);
  if (files_.insert(place.file).second) ++to.counts.attachments_out;
}

void Giver::gave(const Custody::Name& carried, Given& to) {
  to.carried.insert(carried);
  ++to.counts.carried_out;
}

Result<void> Giver::note_left(Batch& batch, const Given& given) {
  const Self& self = replica_.self();
  if (self.is_commune()) return {};
  Planner::Gone own;
  std::ranges::copy_if(given.records, std::inserter(own, own.end()),
                       [&](const auto& run) { return run.first.author == self.node; });
  KHUOI_TRY(const auto first, replica_.peers().mark_sent(batch, self.commune_node, own));
  return note_passage(batch, first);
}

Result<void> Giver::note_taken(Batch& batch, const NodeId& peer, Given& given, bool all) {
  for (const Custody::Name& name : all ? std::exchange(given.carried, {}) : std::set<Custody::Name>()) {
    KHUOI_TRY_VOID(Custody::drop(batch, name));
  }
  if (replica_.self().is_commune()) return {};
  Passages::Numbers news;
  Planner::Gone without_receipt;
  for (const auto& [key, numbers] : given.records) {
    if (key.author != replica_.self().node) continue;
    KHUOI_TRY(const PeerRun has, replica_.peers().run(batch.txn, peer, key));
    RangeSet taken = (all ? numbers : numbers.intersect(has.received)).minus(taken_[key.run]);
    if (const RangeSet open = taken.minus(has.received); !open.empty()) without_receipt.emplace(key, open);
    taken_[key.run].add(taken);
    news.emplace(key.run, std::move(taken));
  }
  KHUOI_TRY_VOID(replica_.peers().mark_sent(batch, peer, without_receipt));
  return note_passage(batch, news);
}

Result<void> Giver::note_passage(Batch& batch, const Passages::Numbers& told) const {
  return Passages::note(batch, Passages::Kind::sent, path_, Passages::moment(replica_.since_start().told_time(), batch.now), told);
}

Result<bool> Giver::owes_statement(const ReadTxn& txn, const NodeId& peer, const Head& has) const {
  KHUOI_TRY(const PeerRow row, replica_.peers().row(txn, peer));
  KHUOI_TRY(const auto stands, replica_.receipts().head(txn, peer));
  return (row.my_sequence != 0 || row.restored) && stands != has;
}

Result<Giver::Stated> Giver::state(Batch& batch, const NodeId& peer) const {
  KHUOI_TRY(auto made, replica_.receipts().make(batch, peer, path_ == Path::stick ? Receipts::Lists::more : Receipts::Lists::changes));
  KHUOI_TRY(auto proof, replica_.receipts().proof_of(batch.txn, peer, made.head));
  if (proof) proof = tag_statement(StatementType::start_proof, *proof);
  const auto tagged = [](const Bytes& octets) { return octets.empty() ? Bytes() : tag_statement(StatementType::holdings, octets); };
  return Stated{made.head, tagged(made.octets), std::move(proof), made.later, tagged(made.notice)};
}

}  // namespace khuoi::sync
