#include "sync/contact/session.h"

#include <utility>

#include "sync/wire/block.h"

namespace khuoi::sync {

namespace {
const std::string_view not_known = "the peer is not in the roster of this commune, or its key is another's";
}  // namespace

Session::Session(Replica& replica, const Config& config, const SignPublic& peer_key)
    : replica_(replica),
      config_(config),
      peer_key_(peer_key),
      peer_(node_id_of(peer_key)),
      taker_(replica, Path::fiber),
      giver_(replica, Path::fiber),
      statements_(replica, peer_) {}

Counts Session::counts() const {
  Counts out = taker_.counts();
  out.add(given_.counts);
  return out;
}

Result<void> Session::on_message(Batch& batch, ByteView packed) { return on_message(batch, ReceivedMessage(packed)); }

Result<void> Session::on_message(Batch& batch, const ReceivedMessage& received) {
  if (!received.message) return received.message.error();
  const SessionMessage& message = *received.message;
  taker_.counts().bytes_in += received.octets + 4;
  if (const auto* hello = std::get_if<Hello>(&message)) return on_hello(batch, *hello);
  if (!established()) return fail(Errc::unauthenticated, "the peer spoke before its hello");
  if (const auto* caught_up = std::get_if<CaughtUp>(&message)) return on_caught_up(batch, *caught_up);
  ++taken_;
  peer_caught_up_ = false;
  statements_.note_octets(received.octets);
  if (const auto* statement = std::get_if<StatementMessage>(&message)) return on_statement(batch, *statement);
  if (const auto* records = std::get_if<RecordsMessage>(&message)) return on_records(batch, *records);
  if (const auto* carried = std::get_if<CarriedMessage>(&message)) return on_carried(batch, *carried);
  const auto& chunk = std::get<ChunkMessage>(message);
  KHUOI_TRY_VOID(taker_.chunk(batch, chunk.place, chunk.octets, received.chunk_hash));
  return {};
}

Result<void> Session::on_hello(Batch& batch, const Hello& hello) {
  if (established()) return fail(Errc::malformed, "the peer said hello twice");
  if (hello.commune != replica_.self().commune || hello.node != peer_ || !replica_.self().granted()) {
    return fail(Errc::unauthenticated, std::string(not_known));
  }
  if (!hello.grant.empty()) KHUOI_TRY_VOID(taker_.statement(batch, hello.grant, {}));
  const Roster& roster = replica_.roster();
  const NodeFacts* box = roster.node(peer_);
  const bool is_our_commune = !replica_.self().is_commune() && peer_ == replica_.self().commune_node &&
                              roster.commune()->sign == peer_key_;
  const bool is_our_box = replica_.self().is_commune() && box != nullptr && !box->revoked && box->sign == peer_key_;
  if (!is_our_commune && !is_our_box) return fail(Errc::denied, std::string(not_known));
  if (config_.dials && hello.answers != nonce_) return fail(Errc::unauthenticated, "the peer did not answer this hello");
  peer_hello_ = hello;
  KHUOI_TRY_VOID(statements_.begin(batch, hello));
  KHUOI_TRY_VOID(taker_.heard(batch, peer_, hello.roster_digest));
  // Its answer to a nonce drawn for this session is live: the time in it is now.
  if (is_our_commune && config_.dials) replica_.since_start().told_time().tell(hello.time, batch.now, true);
  if (config_.dials && hello.caught_up) {
    peer_caught_up_ = true;
    peer_taken_ = 0;
  }
  return {};
}

Result<void> Session::on_statement(Batch& batch, const StatementMessage& message) {
  KHUOI_TRY(const bool news, statements_.take(batch, taker_, message.octets));
  plan_again_ = plan_again_ || news;
  return news ? giver_.note_taken(batch, peer_, given_, false) : Result<void>();
}

Result<void> Session::on_records(Batch& batch, const RecordsMessage& message) {
  KHUOI_TRY(const auto records, decode_block(message.block, replica_.self().commune));
  for (const Sealed& record : records) {
    const bool vouched = record.header.author == peer_;
    KHUOI_TRY(const Taken taken, taker_.record(batch, record, vouched));
    // The commune answered a nonce drawn for this session: what it says now it says now.
    if (config_.dials && vouched && taken == Taken::stored) replica_.since_start().note_live(record.header.ref());
  }
  return {};
}

Result<void> Session::on_carried(Batch& batch, const CarriedMessage& message) {
  if (!replica_.self().is_commune()) return fail(Errc::malformed, "only a commune is brought what others wrote");
  KHUOI_TRY_VOID(taker_.carried(batch, decode_segment(message.segment).value_or(Segment())));  // nobody signed this one
  return {};
}

Result<void> Session::on_caught_up(Batch& batch, const CaughtUp& message) {
  peer_caught_up_ = true;
  peer_taken_ = message.taken;
  const bool all_taken = message.taken == sent_;  // and committed: a peer says so after its commit
  KHUOI_TRY_VOID(statements_.note_pause(batch, all_taken));
  if (all_taken) KHUOI_TRY_VOID(giver_.note_taken(batch, peer_, given_, true));
  KHUOI_TRY_VOID(statements_.take_echo(batch, message.echo));
  if (!message.say_whole) return {};
  plan_again_ = true;  // this is not the end: there is a statement to make
  return replica_.receipts().note_asks_whole(batch, peer_);
}

bool Session::finished() const {
  const bool mine_taken = peer_taken_ && *peer_taken_ == sent_;
  const bool theirs_taken = said_taken_ && *said_taken_ == taken_;
  return established() && peer_caught_up_ && mine_taken && theirs_taken && load_.empty() && !plan_again_;
}

Result<Hello> Session::make_hello(Batch& batch) {
  Hello out;
  out.commune = replica_.self().commune;
  out.node = replica_.self().node;
  nonce_ = replica_.rng().next();
  out.nonce = nonce_;
  out.capabilities = takes_carried | takes_later_statements | takes_tallies;
  out.time = batch.now.wall;
  out.roster_digest = replica_.roster().digest();
  KHUOI_TRY(const PeerRow row, replica_.peers().row(batch.txn, peer_));
  out.echo = row.absorbed;
  KHUOI_TRY(out.echo_sum, replica_.receipts().echo_sum(batch.txn, peer_));
  KHUOI_TRY(out.say_whole, replica_.receipts().asks_whole(batch.txn, peer_));
  if (row.my_sequence != 0 || row.restored) {
    KHUOI_TRY(out.head, replica_.receipts().take_head(batch, peer_));
  }
  if (peer_hello_) {
    out.answers = peer_hello_->nonce;
    KHUOI_TRY(const bool more, anything_to_send(batch));
    out.caught_up = !more;
  }
  if (config_.offers_grant) {
    if (const Bytes* grant = replica_.roster().grant_statement(replica_.self().node)) {
      out.grant = tag_statement(StatementType::roster, *grant);
    }
  }
  return out;
}

void Session::push(const SessionMessage& message, std::vector<Bytes>& out, bool counted) {
  out.push_back(encode_message(message));
  given_.counts.bytes_out += out.back().size() + 4;
  if (counted) ++sent_;
}

Result<void> Session::plan(Batch& batch) {
  if (!std::exchange(plan_again_, false)) return {};
  const bool may_bring = config_.dials && peer_hello_ && (peer_hello_->capabilities & takes_carried) != 0;
  KHUOI_TRY(load_, giver_.plan(batch.txn, {peer_}, given_, may_bring));
  return {};
}

Result<bool> Session::anything_to_send(Batch& batch) {
  KHUOI_TRY_VOID(plan(batch));
  return load_.empty() ? statements_.due(batch.txn, giver_) : Result<bool>(true);
}

Result<bool> Session::next_statements(Batch& batch, std::vector<Bytes>& out) {
  KHUOI_TRY(auto tagged, statements_.next(batch, giver_, peer_caught_up_));
  for (Bytes& one : tagged) {
    given_.counts.control_out += is_statement(StatementType::start_proof, one) ? 0 : 1;
    push(StatementMessage{std::move(one)}, out, true);
  }
  return !tagged.empty();
}

Result<bool> Session::next_records(Batch& batch, std::vector<Bytes>& out) {
  std::vector<Sealed> block;
  std::size_t octets = 0;
  while (!load_.records.empty() && octets < config_.block_octets) {
    const Candidate next = load_.records.front();
    if (!block.empty() && octets + next.octets > 2 * config_.block_octets) break;
    load_.records.pop_front();
    KHUOI_TRY(auto record, giver_.record(batch.txn, next));
    if (!record) continue;
    octets += record->body.size() + 2;
    block.push_back(std::move(*record));
    Giver::gave(next, given_);
  }
  if (block.empty()) return false;
  push(RecordsMessage{encode_block(block)}, out, true);
  return true;
}

Result<bool> Session::next(Batch& batch, std::vector<Bytes>& out) {
  KHUOI_TRY(bool any, next_statements(batch, out));
  if (any || statements_.awaited()) return any;
  KHUOI_TRY(any, next_records(batch, out));
  if (any) return true;
  KHUOI_TRY(auto chunk, giver_.next_chunk(batch.txn, load_, given_));
  if (chunk) {
    giver_.gave(chunk->first, given_);
    push(ChunkMessage{chunk->first, std::move(chunk->second)}, out, true);
    return true;
  }
  KHUOI_TRY(auto carried, giver_.next_carried(batch.txn, load_));
  if (!carried) return false;
  Giver::gave(carried->first, given_);
  push(CarriedMessage{std::move(carried->second)}, out, true);
  return true;
}

Result<void> Session::say_caught_up(Batch& batch, std::vector<Bytes>& out) {
  // Again whenever something went out since: what follows a caught-up ends it for the peer.
  if (said_taken_ == taken_ && said_sent_ == sent_) return {};
  // The dialler says so first. This side's word then is its answer, behind the statement about all that came: said any
  // earlier, a single contact would end before its receipt.
  if (!config_.dials && !peer_caught_up_) return {};
  said_taken_ = taken_;
  said_sent_ = sent_;
  KHUOI_TRY(const PeerRow row, replica_.peers().row(batch.txn, peer_));
  KHUOI_TRY(const bool asks, replica_.receipts().asks_whole(batch.txn, peer_));
  push(CaughtUp{taken_, row.absorbed, asks}, out, false);
  return {};
}

Result<std::vector<Bytes>> Session::transmit(Batch& batch, std::size_t octets_max) {
  std::vector<Bytes> out;
  if (!hello_sent_ && (config_.dials || established())) {
    hello_sent_ = true;
    KHUOI_TRY(const Hello hello, make_hello(batch));
    push(hello, out, false);
    if (hello.caught_up) said_taken_ = taken_;
  }
  if (!established()) return out;
  KHUOI_TRY_VOID(replica_.settle(batch));
  KHUOI_TRY_VOID(plan(batch));
  if (config_.dials && !said_taken_ && peer_caught_up_) {
    KHUOI_TRY(const bool more, anything_to_send(batch));
    if (!more) said_taken_ = taken_;  // both hellos said it all
  }
  const auto full = [&] {
    std::size_t octets = 0;
    for (const Bytes& message : out) octets += message.size();
    return octets >= octets_max;
  };
  bool more = true;
  while (more && !full()) {
    KHUOI_TRY(more, next(batch, out));
  }
  if (!more && !statements_.awaited()) KHUOI_TRY_VOID(say_caught_up(batch, out));
  return out;
}

}  // namespace khuoi::sync
