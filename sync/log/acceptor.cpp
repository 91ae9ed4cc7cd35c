#include "sync/log/acceptor.h"

#include <limits>
#include <utility>

#include "sync/log/acceptance_rules.h"
#include "sync/log/lane.h"
#include "sync/log/waiting_records.h"
#include "sync/seal/hash.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

namespace {
constexpr std::size_t tried_a_turn_max = 5000;
using JudgedName = Id<struct JudgedTag, 16>;
/// By BLAKE2b-128 of what went to quarantine, so that a replay adds nothing.
constexpr Rows<JudgedName, std::uint8_t> judged_rows{Note::judged, "what was judged once"};
/// A set of more ranges could not be read back from its row.
bool too_ragged(const RangeSet& held, std::uint32_t number) {
  if (held.ranges().size() < RangeSet::ranges_max) return false;
  const bool fills = held.contains(number) || (number != 0 && held.contains(number - 1)) ||
                     (number != std::numeric_limits<std::uint32_t>::max() && held.contains(number + 1));
  return !fills;
}
}  // namespace

NodeId Acceptor::peer_for(const NodeId& author) const {
  return core_.self.is_commune() && author != core_.self.node ? author : core_.self.commune_node;
}

Result<Acceptance> Acceptor::accept(Batch& batch, const Sealed& record, bool vouched, const OpenedRecord* opened) {
  if (std::string why = refusal_of(core_, record); !why.empty()) return Acceptance{Taken::rejected, false, std::move(why)};
  KHUOI_TRY(const RunRow* row, core_.runs.find(batch.txn, run_of(record.header.ref())));
  if (row != nullptr && row->held.contains(record.header.number)) {
    KHUOI_TRY(const auto present, core_.runs.record(batch.txn, record.header.ref()));
    if (!present) return fail(Errc::damaged, "store: a held record is missing; restore from a backup");
    if (present->erased || equal(present->body, record.body)) return Acceptance{Taken::duplicate, present->peoples, {}};
  }
  KHUOI_TRY(const bool full, quota_.is_over(batch, record, vouched));
  if (full) return Acceptance{Taken::rejected, false, "over its author's quota of a day"};
  Acceptance revoked;
  KHUOI_TRY(const bool stop, past_revocation(batch, record, vouched, revoked));
  if (stop) return revoked;
  if (record.header.number == 0) return accept_opener(batch, record);
  if (row == nullptr) return put_waiting(batch, record, vouched);
  if (too_ragged(row->held, record.header.number)) {
    return Acceptance{Taken::rejected, false, "its run has too many holes: what fills them comes first"};
  }
  const bool right_class = record.header.record_class == (row->is_public ? Class::public_record : Class::sealed);
  if (!right_class || record.header.audience != row->audience) {
    return Acceptance{Taken::rejected, false, "it does not fit its run's opener"};
  }
  const bool is_as_opened = opened != nullptr && record.header.record_class == Class::sealed && record.header.number > 1 &&
                            opened->with == row->opener &&
                            opened->roster_statements == core_.roster.statements().size();
  return accept_body(batch, record, vouched, *row, is_as_opened ? opened : nullptr);
}

Result<bool> Acceptor::past_revocation(Batch& batch, const Sealed& record, bool vouched, Acceptance& out) {
  const NodeFacts* facts = core_.roster.node(record.header.author);
  if (facts == nullptr || !facts->revoked) return false;
  const auto counted = facts->counted_up_to.find(record.header.run);
  if (counted != facts->counted_up_to.end() && record.header.number <= counted->second) return false;
  // Nobody else can prove what it wrote, since its later openers are not taken in.
  if (!vouched) {
    out = {Taken::rejected, false, "its author was revoked"};
    return true;
  }
  KHUOI_TRY(const bool first, first_time(batch, record));
  if (first) {
    KHUOI_TRY_VOID(quota_.charge(batch, record));
    KHUOI_TRY_VOID(quarantine(batch, {"written by a revoked box after its last receipt", record.header.ref(),
                                      batch.now.wall, whole_octets(record)}));
  }
  out = {first ? Taken::quarantined : Taken::duplicate, false, "its author was revoked"};
  return true;
}

Result<Acceptance> Acceptor::accept_opener(Batch& batch, const Sealed& record) {
  const Header& header = record.header;
  const auto opener = verified_opener(core_, record);
  if (!opener) return Acceptance{Taken::rejected, false, opener.error().what};
  const RunKey key = run_of(header.ref());
  KHUOI_TRY(const RunRow* present, core_.runs.find(batch.txn, key));
  if (present != nullptr && present->held.contains(0)) {
    return second_under_one_number(batch, record, "a second, different opener of one run");
  }
  KHUOI_TRY(RunRow* row, core_.runs.edit(batch, key));
  row->audience = header.audience;
  row->is_public = header.audience == audience_everyone();
  row->opener = *opener;
  const Lane lane = lane_of(core_, key.author, row->audience, row->is_public);
  KHUOI_TRY(const auto rival, note_successor(batch, lane, opener->previous, key.run));
  if (rival) {
    row->forked = true;
    KHUOI_TRY(RunRow* other, core_.runs.edit(batch, {key.author, *rival}));
    other->forked = true;
    KHUOI_TRY_VOID(quarantine(batch, {"two runs follow one: the box was restored from a backup or its disk was cloned",
                                      header.ref(), batch.now.wall, {}}));
  }
  KHUOI_TRY_VOID(hold(batch, record, false));
  KHUOI_TRY_VOID(retry_waiting(batch, key));
  return Acceptance{Taken::stored, false, {}};
}

Result<Acceptor::Opened> Acceptor::open(Batch& batch, const Sealed& record, const RunRow& row) {
  const Header& header = record.header;
  const auto header_octets = header.encoded();
  Opened out;
  if (header.record_class == Class::public_record) {
    const ByteView body(record.body);
    const auto author = keys_of_author(core_, header.author);
    if (body.size() < signature_octets ||
        !verify(author->sign, Purpose::public_record, header.commune,
                {header_octets, body.first(body.size() - signature_octets)}, body.last(signature_octets))) {
      out.why = "a public record with a wrong signature";
      return out;
    }
    auto plain = decode_plain(body.first(body.size() - signature_octets));
    out.authentic = true;
    if (plain) complete_time(*plain, row);
    if (plain) out.plain = std::move(*plain);
    return out;
  }
  auto plain = run_keys_.open(batch.txn, header.ref(), row, header_octets, record.body);
  if (plain) {
    out.plain = std::move(*plain);
    out.authentic = true;
    return out;
  }
  const Errc code = plain.error().code;
  // What opened and does not decode is authentic all the same: a kind of a later version, kept for it.
  out.authentic = code == Errc::malformed || code == Errc::unsupported || code == Errc::too_large;
  out.closed = code == Errc::locked || code == Errc::not_found;
  out.why = plain.error().what;
  return out;
}

/// Nobody but its author can open it; a wrong one costs its author the way back, and nobody else anything.
Result<Acceptance> Acceptor::accept_author_copy(Batch& batch, const Sealed& record, bool vouched, bool held) {
  const bool mine = record.header.author == core_.self.node;
  if (!vouched && !mine) return put_waiting(batch, record, vouched);
  if (mine) {
    const auto opens = run_keys_.open_own_copy(record.header.encoded(), record.body);
    const bool wrong = !opens && opens.error().code == Errc::unauthenticated;
    if (wrong) return Acceptance{Taken::rejected, false, opens.error().what};
  }
  if (held) return Acceptance{Taken::rejected, false, "a second, different author copy"};
  KHUOI_TRY_VOID(hold(batch, record, false));
  if (mine) {
    KHUOI_TRY_VOID(retry_waiting(batch, run_of(record.header.ref())));
    models_changed_ = true;  // what this node's own stick vouched for is held already, and opens now
  }
  return Acceptance{Taken::stored, false, {}};
}

Result<Acceptance> Acceptor::accept_body(Batch& batch, const Sealed& record, bool vouched, const RunRow& row,
                                         const OpenedRecord* before) {
  const Ref ref = record.header.ref();
  const bool held = row.held.contains(ref.number);
  if (ref.number == 1 && !row.is_public) return accept_author_copy(batch, record, vouched, held);
  if (before != nullptr && !held) {
    const bool peoples = is_peoples(before->plain.kind);
    KHUOI_TRY_VOID(hold(batch, record, peoples));
    KHUOI_TRY_VOID(apply_or_keep(batch, ref, before->plain, before->version ? &*before->version : nullptr));
    return Acceptance{Taken::stored, peoples, {}};
  }
  KHUOI_TRY(const Opened opened, open(batch, record, row));
  if (!opened.authentic && !opened.closed) return Acceptance{Taken::rejected, false, opened.why};
  if (!opened.authentic && !vouched) return put_waiting(batch, record, vouched);
  if (held) {
    return second_under_one_number(batch, record, "a second, different record under a number that is taken");
  }
  const bool peoples = opened.plain ? is_peoples(opened.plain->kind) : record.header.rank >= Rank::normal;
  KHUOI_TRY_VOID(hold(batch, record, peoples));
  if (opened.plain) {
    KHUOI_TRY_VOID(apply_or_keep(batch, ref, *opened.plain));
  } else {
    KHUOI_TRY_VOID(batch.txn.put(Table::unopened, key_of(ref), ByteView{}));
  }
  return Acceptance{Taken::stored, peoples, {}};
}

Result<void> Acceptor::hold(Batch& batch, const Sealed& record, bool peoples) {
  const Ref ref = record.header.ref();
  KHUOI_TRY_VOID(core_.runs.put_record(batch, ref, {record.header.record_class, record.header.rank, peoples, false, record.body}));
  KHUOI_TRY(RunRow* row, core_.runs.edit(batch, run_of(ref)));
  row->held.add(ref.number);
  KHUOI_TRY_VOID(quota_.charge(batch, record));
  KHUOI_TRY_VOID(note_news(batch, ref.author, peoples ? record.body.size() : 0));
  checks_.touch(run_of(ref));
  return {};
}

Result<void> Acceptor::note_news(Batch& batch, const NodeId& author, std::uint64_t octets) {
  if (!sequence_) {
    KHUOI_TRY(sequence_, next_holdings_sequence(batch));
  }
  news_[peer_for(author)] += octets;
  return {};
}

Result<void> Acceptor::apply_or_keep(Batch& batch, const Ref& ref, const Plain& plain, const DecodedVersion* decoded) {
  auto applied = apply(batch, ref, plain, decoded);
  if (applied) return {};
  const Errc code = applied.error().code;
  // Its model or form is unknown here: it is received, not safe, and tried again when that arrives.
  if (code == Errc::not_found) return batch.txn.put(Table::unopened, key_of(ref), view_of("model"));
  // Something of ours that it belongs to is broken: it is held, and what came with it goes on.
  const bool set_aside = code == Errc::malformed || code == Errc::too_large || code == Errc::unsupported ||
                         code == Errc::damaged;
  if (set_aside) {
    return quarantine(batch, {applied.error().what, ref, batch.now.wall, {}});
  }
  return applied;
}

Result<void> Acceptor::apply(Batch& batch, const Ref& ref, const Plain& plain, const DecodedVersion* decoded) {
  if (!may_write(core_, plain, ref.author)) {
    return quarantine(batch, {"its author may not write such a record", ref, batch.now.wall, {}});
  }
  if (const auto* checkpoint = std::get_if<Checkpoint>(&plain.body)) return checks_.note_checkpoint(batch, ref, *checkpoint);
  KHUOI_TRY(const bool opens_more, rooms_.index(batch, ref, plain, decoded));
  models_changed_ = models_changed_ || opens_more;
  return {};
}

Result<Acceptance> Acceptor::put_waiting(Batch& batch, const Sealed& record, bool vouched) {
  KHUOI_TRY(const auto put, WaitingRecords::put(batch, record, vouched));
  if (put == WaitingRecords::Put::no_room) {
    return Acceptance{Taken::rejected, false, "too much of this author waits for an opener or a passphrase"};
  }
  // Its author believes that the opener is here: it shall hear what is.
  if (put == WaitingRecords::Put::added) {
    KHUOI_TRY(const RunRow* row, core_.runs.find(batch.txn, run_of(record.header.ref())));
    if (row == nullptr) KHUOI_TRY_VOID(note_news(batch, record.header.author, 0));
  }
  return Acceptance{Taken::waiting, false, {}};
}

Result<void> Acceptor::retry_waiting(Batch& batch, const RunKey& key) {
  KHUOI_TRY(const auto waited, WaitingRecords::take(batch, key));
  for (const WaitingRecords::One& one : waited) {
    KHUOI_TRY(const Acceptance now, accept(batch, one.record, one.vouched));
    const bool waits = now.taken == Taken::waiting || now.taken == Taken::rejected;
    if (one.acknowledged && waits) KHUOI_TRY_VOID(WaitingRecords::note_acknowledged(batch, one.record));
  }
  return {};
}

Result<void> Acceptor::open_what_waits(Batch& batch) {
  OpeningPlace place;
  KHUOI_TRY_VOID(open_some(batch, place, std::numeric_limits<std::size_t>::max()));
  return {};
}

/// Gives how many were opened.
Result<std::size_t> Acceptor::open_some_records(Batch& batch, OpeningPlace& place, std::size_t records_max) {
  std::set<RunKey> waiting;
  if (place.tried.empty()) {
    KHUOI_TRY(waiting, WaitingRecords::runs(batch.txn));
  }
  for (const RunKey& key : waiting) {
    KHUOI_TRY_VOID(retry_waiting(batch, key));
  }
  // To see that one stays shut costs little.
  const std::size_t tried_max = records_max > tried_a_turn_max ? records_max : tried_a_turn_max;
  std::vector<Ref> unopened;
  place.all_tried = true;
  const Bytes from = place.tried;
  KHUOI_TRY_VOID(batch.txn.scan(Table::unopened, from, [&](ByteView key, ByteView) {
    if (equal(key, from)) return Walk::on;  // it did not open
    place.all_tried = unopened.size() < tried_max;
    if (!place.all_tried) return Walk::stop;
    if (const auto ref = ref_from_key(key)) unopened.push_back(*ref);
    return Walk::on;
  }));
  std::size_t opened = 0;
  for (const Ref& ref : unopened) {
    if (opened >= records_max) {
      place.all_tried = false;
      break;
    }
    place.tried = key_of(ref);
    const auto plain = run_keys_.read(batch.txn, ref);
    if (!plain) {
      const Errc code = plain.error().code;
      if (code != Errc::unauthenticated) continue;  // still locked, or of a later version
      KHUOI_TRY_VOID(quarantine(batch, {"vouched for on the way, but it does not open", ref, batch.now.wall, {}}));
      KHUOI_TRY_VOID(batch.txn.erase(Table::unopened, key_of(ref)));
      continue;
    }
    ++opened;
    KHUOI_TRY_VOID(batch.txn.erase(Table::unopened, key_of(ref)));
    KHUOI_TRY_VOID(apply_or_keep(batch, ref, *plain));
  }
  return opened;
}

Result<bool> Acceptor::open_some(Batch& batch, OpeningPlace& place, std::size_t records_max) {
  std::size_t opened = 0;
  if (!place.all_tried) {
    KHUOI_TRY(opened, open_some_records(batch, place, records_max));
  }
  if (!place.all_tried || opened >= records_max) return true;
  return rooms_.after_opening(batch, place.folded, records_max - opened);
}

Result<bool> Acceptor::first_time(Batch& batch, const Sealed& record) {
  const auto name = hash_id<JudgedName>(whole_octets(record));
  KHUOI_TRY(const auto present, judged_rows.get(batch.txn, name));
  if (!present) KHUOI_TRY_VOID(judged_rows.put(batch, name, '1'));
  return !present;
}

Result<Acceptance> Acceptor::second_under_one_number(Batch& batch, const Sealed& record, std::string why) {
  KHUOI_TRY(const bool first, first_time(batch, record));
  if (!first) return Acceptance{Taken::duplicate, false, {}};
  KHUOI_TRY_VOID(quota_.charge(batch, record));
  KHUOI_TRY_VOID(quarantine(batch, {why, record.header.ref(), batch.now.wall, whole_octets(record)}));
  return Acceptance{Taken::quarantined, false, std::move(why)};
}

Result<void> Acceptor::settle(Batch& batch) {
  while (models_changed_) {  // what opens may be a form or a dictionary that opens more
    models_changed_ = false;
    KHUOI_TRY_VOID(open_what_waits(batch));
  }
  KHUOI_TRY_VOID(checks_.settle(batch));
  KHUOI_TRY_VOID(quota_.save(batch));
  if (!news_.empty()) {
    KHUOI_TRY_VOID(rooms_.publish(batch, {std::exchange(news_, {}), *sequence_}));
  }
  forget();
  return {};
}

void Acceptor::forget() {
  news_.clear();
  checks_.forget();
  quota_.forget();
  sequence_.reset();
  models_changed_ = false;
}

}  // namespace khuoi::sync
