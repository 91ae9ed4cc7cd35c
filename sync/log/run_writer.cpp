#include "sync/log/run_writer.h"

#include <algorithm>

#include "sync/base/check.h"
#include "sync/log/lane.h"
#include "sync/seal/hash.h"

namespace khuoi::sync {

namespace {
constexpr std::uint32_t first_number = 2;  // 0 is the opener, 1 the author copy

/// The newest of a chain of own runs, by audience: everyone; at a commune a box's key; zero at a hamlet. A hamlet's
/// runs towards its commune form one chain, whatever the key's generation and the domain; a commune's runs form one
/// chain a box, whose keys do not change.
constexpr Rows<AudienceId, RunId> newest_runs{Note::lane, "the newest run of a chain"};
/// The same for local runs, of which there is one chain.
constexpr Rows<AudienceId, RunId> newest_local_runs{Note::local_lane, "the newest local run"};
}  // namespace

std::array<std::uint8_t, 32> chain_step(const std::array<std::uint8_t, 32>& last, std::uint32_t number, ByteView plain) {
  Bytes place;
  Writer(place).u32(number);
  const Bytes digest = Blake2b(32).add(last).add(place).add(plain).finish();
  std::array<std::uint8_t, 32> out{};
  std::copy(digest.begin(), digest.end(), out.begin());
  return out;
}

std::array<std::uint8_t, 32> chain_start(const HpkeContext& context) {
  const Bytes secret = context.export_secret(view_of("khuoi/1/chain"), 32);
  std::array<std::uint8_t, 32> out{};
  std::copy(secret.begin(), secret.end(), out.begin());
  return out;
}

Bytes checkpoint_octets(const Checkpoint& checkpoint) {
  Bytes out;
  Writer(out).raw(checkpoint.run.view()).u32(checkpoint.up_to).raw(checkpoint.chain).u8(checkpoint.final ? 1 : 0);
  return out;
}

Result<RunWriter::OpenRun*> RunWriter::run_for(Batch& batch, const Recipient& to) {
  const auto present = open_.find(to);
  if (present != open_.end()) return &present->second;
  OpenRun run;
  run.run = core_.rng.id<RunId>();
  run.opened = batch.now.monotonic;
  run.opened_wall = batch.now.wall;
  Opener opener;
  opener.recipient = to.audience;
  opener.wall = batch.now.wall;
  // The commune's time is the one that others trust; a hamlet's box rarely knows better than its own clock.
  opener.wall_trusted = core_.self.is_commune();
  KHUOI_TRY(const Starts::Start start, starts_.current(batch));
  opener.ordinal = start.ordinal;
  const auto& newest = to.local ? newest_local_runs : newest_runs;
  const AudienceId chain = to.is_public                           ? audience_everyone()
                           : core_.self.is_commune() && !to.local ? to.audience
                                                                  : AudienceId();
  KHUOI_TRY(const auto previous, newest.get(batch.txn, chain));
  if (previous) {
    opener.previous = *previous;
    KHUOI_TRY(const RunRow* row, core_.runs.find(batch.txn, {core_.self.node, *previous}));
    opener.previous_last = row != nullptr && !row->held.empty() ? row->held.last() : 0;
  }
  if (!to.is_public) {
    const CommuneId commune = to.local ? CommuneId() : core_.self.commune;
    const Bytes info = run_info(commune, core_.self.node, run.run, to.audience);
    // A commune seals with its newest receiving key, which its statement names; a hamlet with its auth key.
    const Secret& sender = core_.self.is_commune() ? core_.keys.kem().back().secret_key : core_.keys.auth().secret_key;
    KHUOI_TRY(auto setup, hpke_auth_sender(to.key, info, sender, core_.rng));
    opener.enc = setup.enc;
    run.context.emplace(std::move(setup.context));
  }
  KHUOI_TRY_VOID(newest.put(batch, chain, run.run));
  KHUOI_TRY_VOID(write_opener(batch, to, run, opener));
  if (!to.is_public) {
    KHUOI_TRY_VOID(write_author_copy(batch, to, run));
  }
  OpenRun* kept = &open_.emplace(to, std::move(run)).first->second;
  if (!to.is_public) {
    KHUOI_TRY_VOID(sign_tails(batch, to));
  }
  return kept;
}

Result<void> RunWriter::write_opener(Batch& batch, const Recipient& to, OpenRun& run, const Opener& opener) {
  sealed_.insert(to);
  const RunKey key{core_.self.node, run.run};
  KHUOI_TRY(RunRow* row, core_.runs.edit(batch, key));
  row->audience = to.audience;
  row->is_public = to.is_public;
  row->local = to.local;
  row->domain = to.domain;
  row->opener = opener;
  const Ref ref{key.author, key.run, 0};
  const auto header = core_.runs.header(ref, *row, Class::opener, Rank::high).encoded();
  Bytes body = encode_opener(opener);
  const CommuneId commune = to.local ? CommuneId() : core_.self.commune;
  khuoi::append(body, sign(core_.keys.sign().secret_key, Purpose::opener, commune, {header, ByteView(body)}));
  row->held.add(0);
  if (!to.local) {  // local runs are no part of a lane that others see
    const Lane lane = sync::lane_of(core_, key.author, to.audience, to.is_public);
    KHUOI_TRY(const auto rival, note_successor(batch, lane, opener.previous, key.run));
    row->forked = rival.has_value();
  }
  run.next = 1;
  return core_.runs.put_record(batch, ref, {Class::opener, Rank::high, false, false, std::move(body)});
}

Result<void> RunWriter::write_author_copy(Batch& batch, const Recipient& to, OpenRun& run) {
  const RunKey key{core_.self.node, run.run};
  KHUOI_TRY(RunRow* row, core_.runs.edit(batch, key));
  const Ref ref{key.author, key.run, 1};
  const Header header = core_.runs.header(ref, *row, Class::sealed, Rank::low);
  const KemPublic& own = core_.self.is_commune() ? core_.keys.kem().back().public_key : core_.keys.reader_public(to.domain);
  KHUOI_TRY(Bytes body, make_author_copy(own, header, run.context->exported_state(), core_.rng));
  row->held.add(1);
  row->chained_up_to = 1;
  row->chain = chain_start(*run.context);
  run.next = first_number;
  return core_.runs.put_record(batch, ref, {Class::sealed, Rank::low, false, false, std::move(body)});
}

Result<Ref> RunWriter::put(Batch& batch, const Recipient& to, OpenRun& run, Rank rank, Domain domain, const Body& body) {
  const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(batch.now.monotonic - run.opened).count();
  Plain plain;
  plain.kind = kind_of(body);
  plain.domain = domain;
  plain.body = body;
  plain.at.run_seconds = static_cast<std::uint32_t>(std::clamp<std::int64_t>(elapsed, 0, 0xffffffff));
  plain.at.wall = batch.now.wall;
  plain.at.trusted = core_.self.is_commune();
  const std::int64_t drift = batch.now.wall.value - run.opened_wall.value - elapsed;
  plain.at.clock_stepped = drift > 1 || drift < -1;
  KHUOI_TRY(const Bytes octets, encode_plain_checked(plain));

  const RunKey key{core_.self.node, run.run};
  KHUOI_TRY(RunRow* row, core_.runs.edit(batch, key));
  sealed_.insert(to);
  const Ref ref{key.author, key.run, run.next};
  StoredRecord stored{to.is_public ? Class::public_record : Class::sealed, rank, is_peoples(plain.kind), false, {}};
  const auto header = core_.runs.header(ref, *row, stored.record_class, rank).encoded();
  if (to.is_public) {
    stored.body = octets;
    khuoi::append(stored.body, sign(core_.keys.sign().secret_key, Purpose::public_record, core_.self.commune,
                             {header, ByteView(octets)}));
  } else {
    stored.body = run.context->seal(ref.number, header, octets);
    row->chain = chain_step(row->chain, ref.number, octets);
    row->chained_up_to = ref.number;
    if (plain.kind != Kind::checkpoint && !row->uncovered) {
      row->uncovered = true;
      KHUOI_TRY_VOID(uncovered_runs.put(batch, run.run, to.audience));
    }
  }
  row->held.add(ref.number);
  ++run.next;
  KHUOI_TRY_VOID(core_.runs.put_record(batch, ref, stored));
  return ref;
}

Result<Ref> RunWriter::append(Batch& batch, const Recipient& to, Rank rank, Domain domain, const Body& body) {
  KHUOI_CHECK(to.local || core_.self.granted());
  KHUOI_TRY(OpenRun* run, run_for(batch, to));
  return put(batch, to, *run, rank, domain, body);
}

Checkpoint RunWriter::checkpoint(const RunId& run, const RunRow& row, bool final) const {
  Checkpoint out;
  out.run = run;
  out.up_to = row.chained_up_to;
  out.chain = row.chain;
  out.final = final;
  const Bytes octets = checkpoint_octets(out);
  const CommuneId commune = row.local ? CommuneId() : core_.self.commune;
  out.signature = sign(core_.keys.sign().secret_key, Purpose::checkpoint, commune, {ByteView(octets)});
  return out;
}

Result<void> RunWriter::sign_tails(Batch& batch, const Recipient& to) {
  std::vector<RunId> tails;
  KHUOI_TRY_VOID(uncovered_runs.each(batch.txn, [&](const RunId& run, const AudienceId& audience) {
    if (audience == to.audience) tails.push_back(run);
  }));
  for (const RunId& tail : tails) {
    const bool still_open = std::ranges::any_of(open_, [&](const auto& open) { return open.second.run == tail; });
    if (still_open) continue;
    KHUOI_TRY(RunRow* row, core_.runs.edit(batch, {core_.self.node, tail}));
    row->uncovered = false;
    const Checkpoint signed_tail = checkpoint(tail, *row, true);
    KHUOI_TRY_VOID(put(batch, to, open_.at(to), Rank::low, to.domain, signed_tail));
    KHUOI_TRY_VOID(uncovered_runs.erase(batch, tail));
  }
  return {};
}

void RunWriter::take_back() {
  for (const Recipient& to : sealed_) open_.erase(to);
  sealed_.clear();
}

bool RunWriter::uncovered() const {
  return std::ranges::any_of(open_, [](const auto& open) { return open.second.context && open.second.next > first_number; });
}

Result<void> RunWriter::cover(Batch& batch, bool final) {
  for (auto& [to, run] : open_) {
    if (to.is_public) continue;
    KHUOI_TRY(RunRow* row, core_.runs.edit(batch, {core_.self.node, run.run}));
    if (!row->uncovered) continue;
    row->uncovered = false;
    const Checkpoint signed_now = checkpoint(run.run, *row, final);
    KHUOI_TRY_VOID(put(batch, to, run, Rank::low, to.domain, signed_now));
    KHUOI_TRY_VOID(uncovered_runs.erase(batch, run.run));
  }
  if (final) open_.clear();
  return {};
}

}  // namespace khuoi::sync
