#include "sync/contact/session.h"

#include <utility>

namespace khuoi::sync {

namespace {
// A peer's echo moves once for each statement it applies; so often it may say something else.
constexpr std::uint64_t echoes_spare = 16;

const std::string_view not_known = "the peer is not in the roster of this commune, or its key is another's";
}  // namespace

Session::Session(Replica& replica, const Config& config, const SignPublic& peer_key)
    : replica_(replica),
      config_(config),
      peer_key_(peer_key),
      peer_(node_id_of(peer_key)),
      taker_(replica, Path::fiber),
      giver_(replica, Path::fiber) {}

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
  octets_since_statement_ += received.octets;
  if (const auto* statement = std::get_if<StatementMessage>(&message)) return on_statement(batch, *statement);
  if (const auto* records = std::get_if<RecordsMessage>(&message)) return on_records(batch, *records);
  if (const auto* carried = std::get_if<CarriedMessage>(&message)) return on_carried(batch, *carried);
  return on_chunk(batch, std::get<ChunkMessage>(message), received.chunk_hash);
}

Result<void> Session::on_hello(Batch& batch, const Hello& hello) {
  if (established()) return fail(Errc::malformed, "the peer said hello twice");
  if (hello.commune != replica_.self().commune || hello.node != peer_ || !replica_.self().granted()) {
    return fail(Errc::unauthenticated, std::string(not_known));
  }
  if (!hello.grant.empty()) {
    const auto learned = replica_.accept_statement(batch, hello.grant, Path::fiber);
    if (!learned && learned.error().code != Errc::unauthenticated && learned.error().code != Errc::malformed) {
      return learned.error();
    }
  }
  const Roster& roster = replica_.roster();
  const NodeFacts* box = roster.node(peer_);
  const bool is_our_commune = !replica_.self().is_commune() && peer_ == replica_.self().commune_node &&
                              roster.commune()->sign == peer_key_;
  const bool is_our_box = replica_.self().is_commune() && box != nullptr && !box->revoked && box->sign == peer_key_;
  if (!is_our_commune && !is_our_box) return fail(Errc::denied, std::string(not_known));
  if (config_.dials && hello.answers != nonce_) return fail(Errc::unauthenticated, "the peer did not answer this hello");
  peer_hello_ = hello;
  replica_.receipts().begin_visit(peer_);
  KHUOI_TRY_VOID(take_echo(batch, hello.echo));
  KHUOI_TRY_VOID(taker_.heard(batch, peer_, hello.roster_digest));
  KHUOI_TRY(const PeerRow row, replica_.peers().row(batch.txn, peer_));
  awaits_statement_ = !hello.head.none() && hello.head != row.absorbed;
  if ((hello.capabilities & takes_later_statements) != 0) {
    KHUOI_TRY(forgotten_, replica_.receipts().forgotten_start(batch.txn, peer_, hello.head));
  }
  // Its answer to a nonce drawn for this session is live: the time in it is now.
  if (is_our_commune && config_.dials) replica_.receipts().set_trusted_time(hello.time, batch.now);
  if (config_.dials && hello.caught_up) {
    peer_caught_up_ = true;
    peer_taken_ = 0;
  }
  return {};
}

Result<void> Session::on_statement(Batch& batch, const StatementMessage& message) {
  const auto is = [&](StatementType type) {
    return !message.octets.empty() && message.octets[0] == static_cast<std::uint8_t>(type);
  };
  if (is(StatementType::holdings)) awaits_statement_ = false;
  KHUOI_TRY(const auto said, taker_.statement(batch, message.octets, peer_));
  if (said == Taker::Said::wrong) taker_.reject();
  if (said != Taker::Said::news) return {};  // one of a later version is stepped over, as on a stick
  if (is(StatementType::start_proof)) {
    // Of a start of mine that is lost here: the peer is told of a new one at once. A proof of its own needs no answer.
    KHUOI_TRY(const PeerRow row, replica_.peers().row(batch.txn, peer_));
    if (row.restored) head_sent_.reset();
    return {};
  }
  ++taker_.counts().control_in;
  plan_again_ = true;
  return is(StatementType::holdings) ? note_given(batch, false) : Result<void>();
}

/// When own records left by this contact: known once the peer says that it committed all, or a receipt names them.
Result<void> Session::note_given(Batch& batch, bool all_taken) {
  if (replica_.self().is_commune()) return {};
  Passages::Numbers news;
  Planner::Gone without_receipt;
  for (const auto& [key, numbers] : gone_) {
    if (key.author != replica_.self().node) continue;
    KHUOI_TRY(const PeerRun has, replica_.peers().run(batch.txn, peer_, key));
    RangeSet taken = (all_taken ? numbers : numbers.intersect(has.received)).minus(given_[key.run]);
    if (const RangeSet open = taken.minus(has.received); !open.empty()) without_receipt.emplace(key, open);
    given_[key.run].add(taken);
    news.emplace(key.run, std::move(taken));
  }
  return giver_.note_left(batch, without_receipt, &news);
}

Result<void> Session::on_records(Batch& batch, const RecordsMessage& message) {
  KHUOI_TRY(const auto records, decode_block(message.block, replica_.self().commune));
  for (const Sealed& record : records) {
    const bool vouched = record.header.author == peer_;
    KHUOI_TRY(const Taken taken, taker_.record(batch, record, vouched));
    // The commune answered a nonce drawn for this session: what it says now it says now.
    if (config_.dials && vouched && taken == Taken::stored) replica_.items().note_live(record.header.ref());
  }
  return {};
}

Result<void> Session::on_carried(Batch& batch, const CarriedMessage& message) {
  if (!replica_.self().is_commune()) return fail(Errc::malformed, "only a commune is brought what others wrote");
  KHUOI_TRY_VOID(taker_.carried(batch, message.segment));
  return {};
}

Result<void> Session::on_chunk(Batch& batch, const ChunkMessage& message, const std::optional<ChunkHash>& hash) {
  KHUOI_TRY_VOID(taker_.chunk(batch, message.place, message.octets, hash));
  return {};
}

Result<void> Session::on_caught_up(Batch& batch, const CaughtUp& message) {
  peer_caught_up_ = true;
  awaits_statement_ = false;
  peer_taken_ = message.taken;
  if (message.taken == sent_) {  // and committed: a peer says so after its commit
    for (const Custody::Name& name : carried_gone_) {
      KHUOI_TRY_VOID(Custody::drop(batch, name));
    }
    carried_gone_.clear();
    if (std::exchange(forgotten_sent_, false)) {
      KHUOI_TRY_VOID(replica_.receipts().note_told(batch, peer_, peer_hello_->head));
    }
    KHUOI_TRY_VOID(note_given(batch, true));
  }
  return take_echo(batch, message.echo);
}

/// An honest peer echoes each statement that it applies, once. One that goes on naming heads is hung up on: each costs
/// this node a look at its row, and the peer a few octets.
Result<void> Session::take_echo(Batch& batch, const Head& echo) {
  if (echo_taken_ == echo) return {};
  echo_taken_ = echo;
  if (++echoes_taken_ > statements_sent_ + echoes_spare) {
    return fail(Errc::malformed, "the peer names ever other statements that it had: it is broken, or hostile");
  }
  return replica_.receipts().note_echo(batch, peer_, echo);
}

bool Session::finished() const {
  const bool mine_taken = peer_taken_ && *peer_taken_ == sent_;
  const bool theirs_taken = said_taken_ && *said_taken_ == taken_;
  return established() && peer_caught_up_ && mine_taken && theirs_taken && records_.empty() && chunks_.empty() &&
         files_.empty() && carried_.empty() && !plan_again_;
}

}  // namespace khuoi::sync
