#include "sync/contact/radio/radio_in.h"

#include <algorithm>

#include "sync/contact/radio/hamlet_sum.h"
#include "sync/log/waiting_records.h"

namespace khuoi::sync {

namespace {
constexpr std::size_t have_octets_max = 200;
}  // namespace

Result<void> RadioIn::take(Batch& batch, ByteView octets, Taker& taker) {
  if (spoilt_) return {};
  elements_.add(octets);
  peer_.note.reset();
  while (true) {
    auto element = elements_.next(!replica_.self().is_commune());
    if (!element) {
      spoilt_ = true;
      ++taker.counts().records_rejected;
      return {};
    }
    if (!*element) return {};
    const bool of_a_pair = std::holds_alternative<RadioGreeting>(**element) ||
                           std::holds_alternative<RadioHave>(**element) ||
                           std::holds_alternative<RadioRoster>(**element);
    if (to_all_ && of_a_pair) {
      spoilt_ = true;
      return {};
    }
    KHUOI_TRY_VOID(std::visit([&](const auto& it) { return on(batch, it, taker); }, **element));
  }
}

bool RadioIn::whole() const {
  return !spoilt_ && elements_.at_rest() && (!peer_.note || peer_.note->empty());
}

RadioNote& RadioIn::note() {
  if (!peer_.note) peer_.note.emplace();
  return *peer_.note;
}

Result<void> RadioIn::accept(Batch& batch, const Sealed& record, Taker& taker) {
  KHUOI_TRY(const Taken taken, taker.record(batch, record, false));
  if (taken == Taken::rejected) refuse();
  // A box that is locked cannot try whether it knows the key yet that this is sealed with.
  if (taken == Taken::waiting) KHUOI_TRY_VOID(WaitingRecords::note_acknowledged(batch, record));
  return {};
}

Result<void> RadioIn::on(Batch& batch, const RadioRoster& roster, Taker& taker) {
  KHUOI_TRY(const auto said, taker.statement(batch, tag_statement(StatementType::roster, roster.statement), peer_.node));
  if (said == Taker::Said::wrong) spoilt_ = true;
  return {};
}

/// What the hamlet is to know of this commune, in few octets where it knows most of it.
Result<void> RadioIn::on(Batch& batch, const RadioGreeting& greeting, Taker&) {
  if (!replica_.self().is_commune()) return {};
  peer_.start = {greeting.ordinal, {}, static_cast<std::uint8_t>(greeting.start.size())};
  std::ranges::copy(greeting.start, peer_.start.id.begin());
  peer_.serial = greeting.serial;
  KHUOI_TRY(const Starts::Start mine, replica_.starts().current(batch));
  RadioNote note;
  const bool known = std::equal(greeting.commune_start.begin(), greeting.commune_start.end(), mine.id.begin());
  if (!known) note.start = RadioNote::Start{mine.ordinal, mine.id};
  if (greeting.wants_time) note.time = batch.now.wall;
  KHUOI_TRY(const std::uint32_t sum, HamletSum::held(batch.txn, replica_, peer_.node));
  note.sums_differ = sum != greeting.sum;
  note.refused = peer_.note ? peer_.note->refused : RangeSet();
  note.unknown = peer_.note ? peer_.note->unknown : RangeSet();
  peer_.note = note;
  if (!note.sums_differ) return {};
  KHUOI_TRY(const RadioHave told, have(batch.txn, sum));
  peer_.owed.push_back(encode_element(told));
  return {};
}

/// The newest runs, as far as they fit.
Result<RadioHave> RadioIn::have(const ReadTxn& txn, std::uint32_t sum) const {
  struct Held {
    std::uint32_t ordinal = 0;
    RunId run;
    RangeSet numbers;
  };
  std::vector<Held> runs;
  KHUOI_TRY_VOID(replica_.runs().each_of(txn, peer_.node, [&](const RunKey& key, const RunRow& row) {
    if (!row.held.empty()) runs.push_back({row.opener.ordinal, key.run, row.held});
  }));
  std::ranges::stable_sort(runs, [](const Held& a, const Held& b) { return a.ordinal > b.ordinal; });
  RadioHave out;
  out.sum = sum;
  std::size_t octets = 0;
  for (Held& held : runs) {
    octets += held.run.value.size() + held.numbers.encoded().size();
    if (octets > have_octets_max) break;
    out.runs.emplace_back(held.run, std::move(held.numbers));
  }
  return out;
}

std::optional<AudienceId> RadioIn::audience_of(const RadioOpener& opener) const {
  if (opener.which == audience_in_octets) return opener.audience;
  const CommuneFacts* commune = replica_.roster().commune();
  if (replica_.self().is_commune()) {
    if (opener.which >= commune->kem.size()) return std::nullopt;
    return audience_id_of(commune->kem[opener.which]);
  }
  const Keyring& keys = replica_.keys();
  switch (opener.which) {
    case 0:
      return audience_everyone();
    case 1:
      return audience_id_of(keys.auth().public_key);
    case 2:
      return audience_id_of(keys.answers_public(Domain::general));
    case 3:
      return audience_id_of(keys.answers_public(Domain::health));
    default:
      return std::nullopt;
  }
}

Result<void> RadioIn::on(Batch& batch, const RadioOpener& opener, Taker& taker) {
  ++records_;
  slots_[opener.slot].reset();
  const auto audience = audience_of(opener);
  if (!audience) {
    refuse();
    return {};
  }
  Opener body;
  body.enc = opener.enc;
  body.recipient = *audience;
  body.previous_last = opener.previous_last;
  body.ordinal = opener.ordinal;
  body.wall = opener.wall;
  body.wall_trusted = opener.wall_trusted;
  std::vector<RunId> previous = {opener.previous};
  if (!opener.previous_whole) {
    previous.clear();
    KHUOI_TRY_VOID(replica_.runs().each_of(batch.txn, peer_.node, [&](const RunKey& key, const RunRow&) {
      const bool begins = std::equal(key.run.value.begin(), key.run.value.begin() + 2, opener.previous.value.begin());
      if (begins) previous.push_back(key.run);
    }));
  }
  slots_[opener.slot] = Run{opener.run, *audience};
  Sealed record;
  record.header = {Class::opener, opener.rank, replica_.self().commune, peer_.node, *audience, opener.run, 0};
  const auto author = keys_of_author(replica_.membership(), peer_.node);
  for (const RunId& run : author ? previous : std::vector<RunId>()) {
    body.previous = run;
    record.body = encode_opener(body);
    const bool signs = verify(author->sign, Purpose::opener, record.header.commune,
                              {record.header.encoded(), record.body}, opener.signature);
    append(record.body, opener.signature);
    if (signs) return accept(batch, record, taker);
  }
  // Two octets name a run that the sender believes to be here: where it was lost with a disk, it has to come whole.
  if (opener.previous_whole)
    refuse();
  else
    note().unknown.add(records_);
  return {};
}

Result<void> RadioIn::on(Batch& batch, const RadioRun& run, Taker&) {
  slots_[run.slot].reset();
  KHUOI_TRY(const RunRow* row, replica_.runs().find(batch.txn, {peer_.node, run.run}));
  if (row == nullptr) return {};  // its records are told to be unknown
  slots_[run.slot] = Run{run.run, row->audience};
  return {};
}

Result<void> RadioIn::on(Batch& batch, const RadioRecord& record, Taker& taker) {
  ++records_;
  const auto& run = slots_[record.slot];
  if (!run) {
    note().unknown.add(records_);
    return {};
  }
  if (record.number == 0) {
    refuse();
    return {};
  }
  const bool is_public = run->audience == audience_everyone();
  Sealed sealed;
  sealed.header = {is_public ? Class::public_record : Class::sealed,
                   record.rank,
                   replica_.self().commune,
                   peer_.node,
                   run->audience,
                   run->run,
                   record.number};
  sealed.body = record.body;
  return accept(batch, sealed, taker);
}

Result<void> RadioIn::on(Batch& batch, const RadioHave& have, Taker&) {
  if (replica_.self().is_commune()) return {};
  const NodeId self = replica_.self().node;
  std::map<RunKey, RangeSet> told;
  for (const auto& [run, numbers] : have.runs) {
    KHUOI_TRY(const RunRow* row, replica_.runs().find(batch.txn, {self, run}));
    if (row != nullptr)
      told.emplace(RunKey{self, run}, numbers.intersect(row->held));  // else of a past that is lost here
  }
  // What the commune has taken in since it said so is not in its word.
  KHUOI_TRY(auto then, received_by(batch.txn, replica_.peers(), peer_.node));
  for (const auto& [run, numbers] : peer_.confirmed) then[run].remove(numbers);
  HamletSum sum;
  for (const auto& [run, numbers] : told) then[run].add(numbers);
  for (const auto& [run, numbers] : then) {
    if (run.author == self) sum.add(run.run, numbers);
  }
  const bool agrees = sum.value() == have.sum;
  if (!agrees) {
    KHUOI_TRY_VOID(RadioMarks::clear(batch, peer_.node));
    for (const auto& [run, numbers] : peer_.confirmed) told[run].add(numbers);
  }
  for (const auto& [run, numbers] : told) {
    KHUOI_TRY(const PeerRun stated, replica_.peers().run(batch.txn, peer_.node, run));
    const RangeSet news = numbers.minus(stated.received);
    if (!news.empty()) KHUOI_TRY_VOID(RadioMarks::add_received(batch, peer_.node, run, news, peer_.start));
  }
  return {};
}

}  // namespace khuoi::sync
