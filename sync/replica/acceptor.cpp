#include "sync/replica/acceptor.h"

#include "sync/replica/run_writer.h"

namespace khuoi::sync {

namespace {
constexpr std::uint64_t waiting_octets_max = 1U << 20U;  // an author, design section 7
constexpr std::string_view checkpoint_prefix = "checkpoint/";

std::string quota_name(const NodeId& author) { return "quota/" + author.hex(); }

std::string waiting_counter(const NodeId& author) { return "waiting/" + author.hex(); }

Bytes whole(const Sealed& record) {
  Bytes out = to_bytes(record.header.encoded());
  append(out, record.body);
  return out;
}
}  // namespace

NodeId Acceptor::peer_for(const NodeId& author) const {
  return core_.self.is_commune() && author != core_.self.node ? author : core_.self.commune_node;
}

std::string Acceptor::refusal(const Sealed& record) const {
  const Header& header = record.header;
  if (header.commune != core_.self.commune) return "a record of another commune";
  if (record.body.size() > record_octets_max + aead_tag_octets) return "larger than a record may be";
  if (!keys_of_author(core_, header.author)) return "its author is not in the roster";
  const bool own = header.author == core_.self.node;
  const bool by_commune = header.author == core_.self.commune_node;
  if (header.record_class == Class::public_record && !by_commune) return "only the commune writes to everyone";
  if (own) return {};
  const bool to_everyone = header.audience == audience_everyone();
  if (core_.self.is_commune()) return core_.keys.has_public(header.audience) ? "" : "sealed to a key that is not ours";
  if (!by_commune) return "not from our commune";
  return to_everyone || core_.keys.has_public(header.audience) ? "" : "sealed to somebody else";
}

Result<bool> Acceptor::past_revocation(Batch& batch, const Sealed& record, Acceptance& out) {
  const NodeFacts* facts = core_.roster.node(record.header.author);
  if (facts == nullptr || !facts->revoked) return false;
  const auto counted = facts->counted_up_to.find(record.header.run);
  if (counted != facts->counted_up_to.end() && record.header.number <= counted->second) return false;
  const std::string name = "revoked/" + to_hex(key_of(record.header.ref()));
  KHUOI_TRY(const std::uint64_t seen, meta_number(batch.txn, name));
  if (seen == 0) {
    KHUOI_TRY_VOID(put_meta_number(batch, name, 1));
    KHUOI_TRY_VOID(quarantine(batch, {"written by a revoked box after its last receipt", record.header.ref(),
                                      batch.now.wall, whole(record)}));
  }
  out = {seen == 0 ? Taken::quarantined : Taken::duplicate, false, "its author was revoked"};
  return true;
}

Result<bool> Acceptor::over_quota(Batch& batch, const Sealed& record) {
  const NodeId& author = record.header.author;
  if (!core_.self.is_commune() || author == core_.self.node) return false;
  const auto day = static_cast<std::uint64_t>(batch.now.wall.value / 86'400);
  if (!today_.contains(author)) {
    KHUOI_TRY(const Bytes stored, meta_octets(batch.txn, quota_name(author)));
    Reader from(stored);
    const std::uint64_t stored_day = from.u64();
    today_[author] = {stored_day, from.u64()};
  }
  Today& today = today_[author];
  if (today.day != day) today = {day, 0};
  const bool was_over = today.octets > author_quota_;
  today.octets += record.body.size();
  if (today.octets <= author_quota_) return false;
  if (!was_over) {
    KHUOI_TRY_VOID(quarantine(batch, {"its author wrote more than a day's quota: the rest is refused until tomorrow",
                                      record.header.ref(), batch.now.wall, {}}));
  }
  return true;
}

Result<Acceptance> Acceptor::accept(Batch& batch, const Sealed& record, bool vouched) {
  if (std::string why = refusal(record); !why.empty()) return Acceptance{Taken::rejected, false, std::move(why)};
  KHUOI_TRY(const RunRow* row, core_.runs.find(batch.txn, run_of(record.header.ref())));
  if (row != nullptr && row->held.contains(record.header.number)) {
    KHUOI_TRY(const auto present, core_.runs.record(batch.txn, record.header.ref()));
    if (!present) return fail(Errc::damaged, "store: a held record is missing; restore from a backup");
    if (present->erased || equal(present->body, record.body)) return Acceptance{Taken::duplicate, present->peoples, {}};
  }
  Acceptance revoked;
  KHUOI_TRY(const bool stop, past_revocation(batch, record, revoked));
  if (stop) return revoked;
  KHUOI_TRY(const bool full, over_quota(batch, record));
  if (full) return Acceptance{Taken::rejected, false, "over its author's quota of a day"};
  if (record.header.number == 0) return accept_opener(batch, record);
  if (row == nullptr) return put_waiting(batch, record, vouched);
  const bool right_class = record.header.record_class == (row->is_public ? Class::public_record : Class::sealed);
  if (!right_class || record.header.audience != row->audience) {
    return Acceptance{Taken::rejected, false, "it does not fit its run's opener"};
  }
  return accept_body(batch, record, vouched, *row);
}

Result<Acceptance> Acceptor::accept_opener(Batch& batch, const Sealed& record) {
  const Header& header = record.header;
  const auto author = keys_of_author(core_, header.author);
  const auto opener = decode_opener(record.body);
  const bool whole_length = record.body.size() == opener_octets;
  if (!opener || !whole_length || header.record_class != Class::opener || opener->recipient != header.audience) {
    return Acceptance{Taken::rejected, false, "an opener that does not decode"};
  }
  const ByteView body(record.body);
  if (!verify(author->sign, Purpose::opener, header.commune, {header.encoded(), body.first(opener_octets - 64)},
              body.last(64))) {
    return Acceptance{Taken::rejected, false, "an opener with a wrong signature"};
  }
  const RunKey key = run_of(header.ref());
  KHUOI_TRY(const RunRow* present, core_.runs.find(batch.txn, key));
  if (present != nullptr && present->held.contains(0)) {
    KHUOI_TRY_VOID(quarantine(batch, {"two openers of one run", header.ref(), batch.now.wall, whole(record)}));
    return Acceptance{Taken::quarantined, false, "a second, different opener of one run"};
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

Result<Acceptance> Acceptor::accept_body(Batch& batch, const Sealed& record, bool vouched, const RunRow& row) {
  const Ref ref = record.header.ref();
  const bool author_copy = ref.number == 1 && !row.is_public;
  const bool held = row.held.contains(ref.number);
  if (author_copy) {
    // Nobody but its author can open it; a wrong one costs its author the way back, and nobody else anything.
    const bool mine = ref.author == core_.self.node;
    if (!vouched && !mine) return put_waiting(batch, record, vouched);
    if (held) return Acceptance{Taken::rejected, false, "a second, different author copy"};
    KHUOI_TRY_VOID(hold(batch, record, false));
    if (mine) {
      KHUOI_TRY_VOID(retry_waiting(batch, run_of(ref)));
    }
    return Acceptance{Taken::stored, false, {}};
  }
  KHUOI_TRY(const Opened opened, open(batch, record, row));
  if (!opened.authentic && !opened.closed) return Acceptance{Taken::rejected, false, opened.why};
  if (!opened.authentic && !vouched) return put_waiting(batch, record, vouched);
  if (held) {
    KHUOI_TRY_VOID(quarantine(batch, {"two authentic records under one number", ref, batch.now.wall, whole(record)}));
    return Acceptance{Taken::quarantined, false, "a second, different record under a number that is taken"};
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
  KHUOI_TRY_VOID(note_news(batch, ref.author, peoples ? record.body.size() : 0));
  row->changed = *sequence_;
  touched_.insert(run_of(ref));
  return {};
}

Result<void> Acceptor::note_news(Batch& batch, const NodeId& author, std::uint64_t octets) {
  if (!sequence_) {
    KHUOI_TRY(sequence_, next_holdings_sequence(batch));
  }
  news_[peer_for(author)] += octets;
  return {};
}

Result<Acceptance> Acceptor::put_waiting(Batch& batch, const Sealed& record, bool vouched) {
  const Ref ref = record.header.ref();
  KHUOI_TRY(const auto present, batch.txn.get(Table::waiting, key_of(ref)));
  if (present) return Acceptance{Taken::waiting, false, {}};
  const std::string counter = waiting_counter(ref.author);
  KHUOI_TRY(const std::uint64_t octets, meta_number(batch.txn, counter));
  Bytes value = whole(record);
  value.push_back(vouched ? 1 : 0);
  if (octets + value.size() > waiting_octets_max) {
    return Acceptance{Taken::rejected, false, "too much of this author waits for an opener or a passphrase"};
  }
  KHUOI_TRY_VOID(put_meta_number(batch, counter, octets + value.size()));
  KHUOI_TRY_VOID(batch.txn.put(Table::waiting, key_of(ref), value));
  return Acceptance{Taken::waiting, false, {}};
}

Result<void> Acceptor::retry_waiting(Batch& batch, const RunKey& key) {
  std::vector<Bytes> found;
  KHUOI_TRY_VOID(scan_prefix(batch.txn, Table::waiting, key_of(key), [&](ByteView, ByteView value) {
    found.push_back(to_bytes(value));
    return true;
  }));
  for (const Bytes& value : found) {
    if (value.size() < Header::octets + 1) continue;
    const ByteView view(value);
    KHUOI_TRY(const Header header, decode_header(view.first(Header::octets)));
    const Sealed record{header, to_bytes(view.subspan(Header::octets, value.size() - Header::octets - 1))};
    KHUOI_TRY_VOID(batch.txn.erase(Table::waiting, key_of(header.ref())));
    const std::string counter = waiting_counter(header.author);
    KHUOI_TRY(const std::uint64_t octets, meta_number(batch.txn, counter));
    KHUOI_TRY_VOID(put_meta_number(batch, counter, octets - std::min<std::uint64_t>(octets, value.size())));
    KHUOI_TRY_VOID(accept(batch, record, value.back() == 1));
  }
  return {};
}

Result<void> Acceptor::open_what_waits(Batch& batch) {
  std::set<RunKey> waiting;
  KHUOI_TRY_VOID(batch.txn.scan(Table::waiting, {}, [&](ByteView key, ByteView) {
    if (const auto ref = ref_from_key(key)) waiting.insert(run_of(*ref));
    return true;
  }));
  for (const RunKey& key : waiting) {
    KHUOI_TRY_VOID(retry_waiting(batch, key));
  }
  std::vector<Ref> unopened;
  KHUOI_TRY_VOID(batch.txn.scan(Table::unopened, {}, [&](ByteView key, ByteView) {
    if (const auto ref = ref_from_key(key)) unopened.push_back(*ref);
    return true;
  }));
  for (const Ref& ref : unopened) {
    const auto plain = run_keys_.read(batch.txn, ref);
    if (!plain) {
      const Errc code = plain.error().code;
      if (code != Errc::unauthenticated) continue;  // still locked, or of a later version
      KHUOI_TRY_VOID(quarantine(batch, {"vouched for on the way, but it does not open", ref, batch.now.wall, {}}));
      KHUOI_TRY_VOID(batch.txn.erase(Table::unopened, key_of(ref)));
      continue;
    }
    KHUOI_TRY_VOID(batch.txn.erase(Table::unopened, key_of(ref)));
    KHUOI_TRY_VOID(apply_or_keep(batch, ref, *plain));
  }
  return dossiers_.refold_stale(batch);
}

Result<void> Acceptor::apply_or_keep(Batch& batch, const Ref& ref, const Plain& plain) {
  auto applied = apply(batch, ref, plain);
  if (applied) return {};
  const Errc code = applied.error().code;
  // Its model or form is unknown here: it is received, not safe, and tried again when that arrives.
  if (code == Errc::not_found) return batch.txn.put(Table::unopened, key_of(ref), view_of("model"));
  if (code == Errc::malformed || code == Errc::too_large || code == Errc::unsupported) {
    return quarantine(batch, {applied.error().what, ref, batch.now.wall, {}});
  }
  return applied;
}

Result<void> Acceptor::apply(Batch& batch, const Ref& ref, const Plain& plain) {
  const bool by_commune = ref.author == core_.self.commune_node;
  if (const auto* form = std::get_if<FormRecord>(&plain.body); form != nullptr && by_commune) {
    for (const FileFacts& media : form->media) {
      KHUOI_TRY_VOID(Files::note(batch, media, audience_everyone(), ref.author));
    }
    models_changed_ = true;
    return library_.put_form(batch, *form);
  }
  if (const auto* dictionary = std::get_if<DictionaryRecord>(&plain.body); dictionary != nullptr && by_commune) {
    models_changed_ = true;
    return library_.put_dictionary(batch, *dictionary);
  }
  if (const auto* key = std::get_if<GroupKey>(&plain.body); key != nullptr && by_commune) {
    return batch.txn.put(Table::keys, view_of("radio_group"), key->key);
  }
  if (const auto* checkpoint = std::get_if<Checkpoint>(&plain.body)) return note_checkpoint(batch, ref, *checkpoint);
  const bool is_item = plain.kind == Kind::announcement || plain.kind == Kind::document || plain.kind == Kind::message ||
                       plain.kind == Kind::played || plain.kind == Kind::document_read;
  if (is_item) return items_.index(batch, ref, plain);
  if (plain.kind == Kind::node_health) {
    return put_meta_octets(batch, "health/" + ref.author.hex(), key_of(ref));
  }
  return dossiers_.index(batch, ref, plain);
}

Result<void> Acceptor::note_checkpoint(Batch& batch, const Ref& ref, const Checkpoint& checkpoint) {
  const auto author = keys_of_author(core_, ref.author);
  const Bytes octets = checkpoint_octets(checkpoint);
  if (!author || !verify(author->sign, Purpose::checkpoint, core_.self.commune, {octets}, checkpoint.signature)) {
    return quarantine(batch, {"a checkpoint whose signature is wrong: records may be forged", ref, batch.now.wall, {}});
  }
  Bytes name = to_bytes(view_of(checkpoint_prefix));
  Writer(name).raw(ref.author.view()).raw(checkpoint.run.view()).u32(checkpoint.up_to);
  touched_.insert({ref.author, checkpoint.run});
  return batch.txn.put(Table::meta, name, octets);
}

Result<bool> Acceptor::chain_holds(const ReadTxn& txn, const NodeId& author, const Checkpoint& checkpoint) {
  const RunKey key{author, checkpoint.run};
  KHUOI_TRY(const RunRow* row, core_.runs.find(txn, key));
  std::optional<std::array<std::uint8_t, 32>> chain;
  Result<void> outcome;
  bool erased = false;
  KHUOI_TRY_VOID(core_.runs.each_record(txn, key, 2, [&](const RecordView& record) {
    if (record.ref.number > checkpoint.up_to) return false;
    erased = record.erased;
    if (erased) return false;
    const auto header = core_.runs.header(record.ref, *row, record.record_class, record.rank).encoded();
    auto context = run_keys_.context(txn, key, *row, record.ref, header, record.body);
    auto plain = context ? (*context)->open(record.ref.number, header, record.body) : Result<Bytes>(context.error());
    if (!plain) {
      outcome = plain.error();
      return false;
    }
    if (!chain) chain = chain_start(**context);
    chain = chain_step(*chain, record.ref.number, *plain);
    wipe(*plain);
    return true;
  }));
  if (erased) return true;  // what is gone by right cannot be checked any more
  if (!outcome) return outcome.error();
  return !chain || *chain == checkpoint.chain;
}

Result<void> Acceptor::settle(Batch& batch) {
  if (models_changed_) {
    models_changed_ = false;
    KHUOI_TRY_VOID(open_what_waits(batch));
  }
  for (const RunKey& key : touched_) {
    Bytes prefix = to_bytes(view_of(checkpoint_prefix));
    append(prefix, key_of(key));
    std::vector<std::pair<Bytes, Bytes>> pending;
    KHUOI_TRY_VOID(scan_prefix(batch.txn, Table::meta, prefix, [&](ByteView name, ByteView value) {
      pending.emplace_back(to_bytes(name), to_bytes(value));
      return true;
    }));
    for (const auto& [name, octets] : pending) {
      Reader from(octets);
      Checkpoint checkpoint;
      checkpoint.run = RunId(from.array<8>());
      checkpoint.up_to = from.u32();
      checkpoint.chain = from.array<32>();
      KHUOI_TRY(const RunRow* row, core_.runs.find(batch.txn, key));
      const bool complete = row != nullptr && checkpoint.up_to >= 2 && row->held.contains(RangeSet(2, checkpoint.up_to));
      if (!complete) continue;
      KHUOI_TRY_VOID(batch.txn.erase(Table::meta, name));
      const auto holds = chain_holds(batch.txn, key.author, checkpoint);
      if (!holds && (holds.error().code == Errc::locked || holds.error().code == Errc::not_found)) continue;
      if (!holds) return holds.error();
      if (!*holds) {
        KHUOI_TRY_VOID(quarantine(batch, {"a checkpoint does not match its records: some may be forged",
                                          Ref{key.author, key.run, checkpoint.up_to}, batch.now.wall, {}}));
      }
    }
  }
  for (const auto& [author, today] : today_) {
    Bytes value;
    Writer(value).u64(today.day).u64(today.octets);
    KHUOI_TRY_VOID(put_meta_octets(batch, quota_name(author), value));
  }
  for (const auto& [peer, octets] : news_) {
    KHUOI_TRY(PeerRow row, peers_.row(batch.txn, peer));
    row.my_sequence = *sequence_;
    row.received_octets_unacknowledged += octets;
    KHUOI_TRY_VOID(peers_.put(batch, peer, row));
  }
  forget();
  return {};
}

void Acceptor::forget() {
  news_.clear();
  touched_.clear();
  today_.clear();
  sequence_.reset();
  models_changed_ = false;
}

}  // namespace khuoi::sync
