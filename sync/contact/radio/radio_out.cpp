#include "sync/contact/radio/radio_out.h"

#include <algorithm>
#include <utility>

#include "sync/contact/radio/hamlet_sum.h"
#include "sync/peers/hastened.h"
#include "sync/peers/unreceipted.h"

namespace khuoi::sync {

namespace {

constexpr std::uint32_t author_copy_number = 1;

/// Of the sender's audiences, which; audience_in_octets for any other.
std::uint8_t which_audience(Replica& replica, const NodeId& peer, const AudienceId& audience) {
  if (!replica.self().is_commune()) {
    const auto& kem = replica.roster().commune()->kem;
    for (std::size_t i = 0; i < kem.size() && i < audience_in_octets; ++i) {
      if (audience_id_of(kem[i]) == audience) return static_cast<std::uint8_t>(i);
    }
    return audience_in_octets;
  }
  if (audience == audience_everyone()) return 0;
  const NodeFacts* facts = replica.roster().node(peer);
  if (facts == nullptr) return audience_in_octets;
  if (audience == audience_id_of(facts->auth)) return 1;
  if (audience == audience_id_of(facts->reader_general)) return 2;
  return audience == audience_id_of(facts->reader_health) ? 3 : audience_in_octets;
}

}  // namespace

void RadioOut::add_piece(Bytes octets, std::vector<StreamPiece>& to, const Sealed* record) {
  StreamPiece piece{std::move(octets), 0, false};
  if (record != nullptr) {
    piece.name = name_next_++;
    piece.urgent = record->header.rank == Rank::urgent;
    named_.emplace(piece.name, record->header.ref());
  }
  to.push_back(std::move(piece));
}

Result<RadioGreeting> RadioOut::greeting(Batch& batch) {
  RadioGreeting out;
  KHUOI_TRY(const Starts::Start start, replica_.starts().current(batch));
  out.ordinal = start.ordinal;
  std::copy_n(start.id.begin(), out.start.size(), out.start.begin());
  KHUOI_TRY(const PeerRow row, replica_.peers().row(batch.txn, peer_.node));
  peer_.start = {row.absorbed.ordinal, row.absorbed.start, static_cast<std::uint8_t>(row.absorbed.start.size())};
  std::copy_n(row.absorbed.start.begin(), out.commune_start.size(), out.commune_start.begin());
  out.serial = serial_mark(replica_.roster().commune()->serial);
  out.wants_time = !replica_.since_start().told_time().is_live();
  KHUOI_TRY(out.sum, HamletSum::believed(batch.txn, replica_));
  return out;
}

bool RadioOut::goes_by_radio(const Candidate& candidate) const {
  if (candidate.ref.author != replica_.self().node) return false;  // given back: whoever asked gets it by another path
  const bool asked_for = candidate.opener && unknown_.contains(run_of(candidate.ref));
  if ((candidate.rank < Rank::normal && !asked_for) || candidate.octets > radio_record_octets_max) return false;
  const auto refused = refused_.find(run_of(candidate.ref));
  return refused == refused_.end() || !refused->second.contains(candidate.ref.number);
}

/// What everyone may read goes to all hamlets at once. Of the rest a commune sends nothing at leisure (documents for one
/// hamlet): that waits for a stick or a fiber.
bool RadioOut::waits_for_all(const Sealed& record) const {
  if (!replica_.self().is_commune()) return false;
  if (record.header.audience != audience_everyone()) return record.header.rank < Rank::high;
  if (alone_) return false;
  const auto run = peer_.alone == nullptr ? std::map<RunKey, RangeSet>::const_iterator()
                                          : peer_.alone->find(run_of(record.header.ref()));
  return peer_.alone == nullptr || run == peer_.alone->end() || !run->second.contains(record.header.number);
}

/// An opener goes with what a person asked for of its run.
bool RadioOut::waits(const Candidate& candidate, RadioGoes goes) const {
  if (goes == RadioGoes::all || candidate.rank == Rank::urgent) return false;
  const auto hastened = hastened_.find(candidate.ref.run);
  return hastened == hastened_.end() || !(candidate.opener || hastened->second.contains(candidate.ref.number));
}

Result<std::vector<RadioOut::Group>> RadioOut::choose(const ReadTxn& txn, std::size_t octets_max, RadioGoes goes) {
  std::vector<Group> out;
  left_ = {};
  refused_.clear();
  KHUOI_TRY_VOID(RadioMarks::each(txn, peer_.node, [&](const RunKey& run, const RadioMark& mark) {
    if (!mark.refused.empty()) refused_.emplace(run, mark.refused);
  }));
  KHUOI_TRY(const Load load, giver_.plan(txn, {peer_.node}, given_, false));
  std::size_t octets = 0;
  for (const Candidate& candidate : load.records) {
    if (!goes_by_radio(candidate)) continue;
    const bool held = waits(candidate, goes);
    if (held || octets >= octets_max) {
      if (replica_.self().is_commune()) break;  // of its records many go to all hamlets at once, and none wait here
      (held ? left_.held : left_.behind) += candidate.octets;
      continue;
    }
    KHUOI_TRY(auto record, giver_.record(txn, candidate));
    if (!record) continue;
    const bool author_copy =
        record->header.number == author_copy_number && record->header.audience != audience_everyone();
    if (author_copy || waits_for_all(*record)) continue;
    Giver::gave(candidate, given_);
    octets += record->body.size() + 2;
    const RunKey run = run_of(candidate.ref);
    const bool follows = !out.empty() && out.back().run == run && !candidate.opener &&
                         out.back().records.back().header.number != 0 &&
                         out.back().records.back().header.number + 1 == candidate.ref.number;
    if (!follows) out.push_back({run, {}});
    out.back().records.push_back(std::move(*record));
  }
  return out;
}

std::uint8_t RadioOut::take_slot(const RunKey& run) {
  const std::uint8_t slot = slot_next_;
  slot_next_ = static_cast<std::uint8_t>((slot_next_ + 1U) % radio_slots);
  if (slot_holds_[slot]) slots_.erase(*slot_holds_[slot]);
  slot_holds_[slot] = run;
  slots_[run] = slot;
  return slot;
}

Result<RadioOpener> radio_opener(const Sealed& record, std::uint8_t slot) {
  KHUOI_TRY(const Opener opener, decode_opener(record.body));
  RadioOpener out;
  out.slot = slot;
  out.run = record.header.run;
  out.rank = record.header.rank;
  out.which = 0;
  out.audience = record.header.audience;
  out.has_enc = record.header.audience != audience_everyone();
  out.enc = opener.enc;
  out.previous = opener.previous;
  out.previous_last = opener.previous_last;
  out.ordinal = opener.ordinal;
  out.wall = opener.wall;
  out.wall_trusted = opener.wall_trusted;
  std::copy_n(record.body.end() - static_cast<std::ptrdiff_t>(out.signature.size()), out.signature.size(),
              out.signature.begin());
  return out;
}

Result<Bytes> RadioOut::opener(const ReadTxn& txn, const Sealed& record, std::uint8_t slot) const {
  KHUOI_TRY(RadioOpener out, radio_opener(record, slot));
  out.which = which_audience(replica_, peer_.node, record.header.audience);
  // A run that the peer is known to have opened is found by two octets of its name.
  const RunKey previous{record.header.author, out.previous};
  KHUOI_TRY(const RangeSet received, received_of(txn, replica_.peers(), peer_.node, previous));
  out.previous_whole = !received.contains(0) || unknown_.contains(run_of(record.header.ref()));
  return encode_element(out);
}

/// What its records stand on: the run's name, or, where that means nothing to the peer, its opener.
Result<void> RadioOut::add_run(const ReadTxn& txn, const RunKey& run, std::vector<StreamPiece>& to) {
  if (!unknown_.contains(run)) {
    add_piece(encode_element(RadioRun{take_slot(run), run.run}), to);
    return {};
  }
  KHUOI_TRY(const Sealed record, replica_.sealed(txn, {run.author, run.run, 0}));
  KHUOI_TRY(Bytes octets, opener(txn, record, take_slot(run)));
  add_piece(std::move(octets), to, &record);
  return {};
}

Result<void> RadioOut::add_group(const ReadTxn& txn, const Group& group, std::vector<StreamPiece>& to) {
  const Sealed& first = group.records.front();
  if (first.header.number == 0) {
    KHUOI_TRY(Bytes octets, opener(txn, first, take_slot(group.run)));
    add_piece(std::move(octets), to, &first);
    return {};
  }
  if (!slots_.contains(group.run)) KHUOI_TRY_VOID(add_run(txn, group.run, to));
  const std::uint8_t slot = slots_.at(group.run);
  const auto element = [&](const Sealed& record) {
    return RadioRecord{slot, record.header.number, record.header.rank, record.body};
  };
  if (group.records.size() == 1) {
    add_piece(encode_element(element(first)), to, &first);
    return {};
  }
  Bytes head = encode_group_head(slot, first.header.number, group.records.size());
  for (const Sealed& record : group.records) {
    append(head, encode_grouped(element(record)));
    add_piece(std::move(head), to, &record);
    head.clear();
  }
  return {};
}

/// A hamlet opens what is sealed to it with the commune's KEM keys, which the commune's own statement names: a newer one
/// goes ahead of records. A locked box could not tell that it lacks the key, and would lose them at its unlock.
void RadioOut::add_roster(std::vector<StreamPiece>& to) {
  const Bytes* statement = replica_.roster().commune_statement();
  if (!replica_.self().is_commune() || !peer_.serial || statement == nullptr) return;
  const std::uint8_t newest = serial_mark(replica_.roster().commune()->serial);
  if (*peer_.serial == newest || statement->size() > radio_record_octets_max) return;
  peer_.serial = newest;
  add_piece(encode_element(RadioRoster{*statement}), to);
}

Result<std::vector<StreamPiece>> RadioOut::load(Batch& batch, std::size_t octets_max, RadioGoes goes, bool alone) {
  std::vector<StreamPiece> out;
  alone_ = alone;
  left_ = {};
  if (!greeted_ && !replica_.self().is_commune()) {
    KHUOI_TRY(const RadioGreeting hello, greeting(batch));
    add_piece(encode_element(hello), out);
  }
  greeted_ = true;
  for (Bytes& element : std::exchange(peer_.owed, {})) add_piece(std::move(element), out);
  if (!replica_.self().is_commune()) {
    KHUOI_TRY(hastened_, Hastened::keep_open(batch, replica_.self().node, peer_.node));
  }
  if (goes == RadioGoes::nothing) return out;
  add_roster(out);
  KHUOI_TRY(const auto groups, choose(batch.txn, octets_max, goes));
  for (const Group& group : groups) KHUOI_TRY_VOID(add_group(batch.txn, group, out));
  return out;
}

Result<void> RadioOut::confirmed(Batch& batch, const std::vector<std::uint64_t>& names) {
  // An answer in this association proves that the hamlet lives under the start of its greeting; a JOIN alone may be an
  // old one.
  if (replica_.self().is_commune() && !std::exchange(peer_lives_, true)) {
    KHUOI_TRY_VOID(RadioMarks::forget_later(batch, peer_.node, peer_.start));
  }
  std::map<RunKey, RangeSet> numbers;
  for (const std::uint64_t name : names) {
    const auto found = named_.find(name);
    if (found == named_.end()) continue;
    numbers[run_of(found->second)].add(found->second.number);
    peer_.confirmed[run_of(found->second)].add(found->second.number);
    named_.erase(found);
  }
  Passages::Numbers own;
  for (const auto& [run, committed] : numbers) {
    KHUOI_TRY(const PeerRun told, replica_.peers().run(batch.txn, peer_.node, run));
    const RangeSet news = committed.minus(told.received);
    if (news.empty()) continue;
    KHUOI_TRY_VOID(RadioMarks::add_received(batch, peer_.node, run, news, peer_.start, replica_.self().is_commune()));
    own.emplace(run.run, news);
  }
  if (replica_.self().is_commune() || own.empty()) return {};
  KHUOI_TRY_VOID(giver_.note_left(batch, Given{numbers, {}, {}, {}}));
  const auto moment = Passages::moment(replica_.since_start().told_time(), batch.now);
  return Passages::note(batch, Passages::Kind::received, Path::radio, moment, own);
}

Result<void> RadioOut::noted(Batch& batch, ByteView octets, bool fresh) {
  const auto note = decode_note(octets);
  if (!note) return {};
  for (const auto& [first, last] : note->refused.ranges()) {
    for (auto one = named_.lower_bound(first); one != named_.end() && one->first <= last; one = named_.erase(one)) {
      KHUOI_TRY_VOID(RadioMarks::add_refused(batch, peer_.node, run_of(one->second), one->second.number));
    }
  }
  for (const auto& [first, last] : note->unknown.ranges()) {
    for (auto one = named_.lower_bound(first); one != named_.end() && one->first <= last; one = named_.erase(one)) {
      const RunKey run = run_of(one->second);
      given_.records[run].remove(RangeSet(one->second.number, one->second.number));
      if (unknown_.insert(run).second) slots_.erase(run);
    }
  }
  if (replica_.self().is_commune()) return {};
  if (note->start)
    peer_.start = {note->start->ordinal, note->start->id, static_cast<std::uint8_t>(note->start->id.size())};
  if (note->time && fresh) replica_.since_start().told_time().tell(*note->time, batch.now, true);
  return {};
}

}  // namespace khuoi::sync
