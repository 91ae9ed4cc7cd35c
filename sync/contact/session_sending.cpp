// What a session says, and when.
#include <algorithm>

#include "sync/contact/session.h"

namespace khuoi::sync {

namespace {
// A receiver tells what it holds when the sender pauses, and at the latest after so much.
constexpr std::uint64_t statement_every_octets = 4U << 20U;
constexpr std::size_t places_at_once = 256;
}  // namespace

Result<Hello> Session::make_hello(Batch& batch) {
  Hello out;
  out.commune = replica_.self().commune;
  out.node = replica_.self().node;
  nonce_ = replica_.rng().next();
  out.nonce = nonce_;
  out.capabilities = takes_carried | takes_later_statements;
  out.time = batch.now.wall;
  out.roster_digest = replica_.roster().digest();
  KHUOI_TRY(const PeerRow row, replica_.peers().row(batch.txn, peer_));
  out.echo = row.absorbed;
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
  taker_.counts().bytes_out += out.back().size() + 4;
  if (counted) ++sent_;
}

Result<void> Session::plan(Batch& batch) {
  plan_again_ = false;
  Planner planner(replica_);
  KHUOI_TRY(auto records, planner.records(batch.txn, peer_, gone_));
  records_.assign(records.begin(), records.end());
  KHUOI_TRY(auto files, planner.files(batch.txn, peer_));
  files_.assign(std::make_move_iterator(files.begin()), std::make_move_iterator(files.end()));
  chunks_.clear();
  carried_.clear();
  const bool may_bring = config_.dials && peer_hello_ && (peer_hello_->capabilities & takes_carried) != 0;
  if (may_bring) {
    KHUOI_TRY(const auto names, Custody::names(batch.txn));
    for (const Custody::Name& name : names) {
      if (!carried_gone_.contains(name)) carried_.push_back(name);
    }
  }
  return {};
}

void Session::push_statement(StatementType type, ByteView octets, std::vector<Bytes>& out) {
  push(StatementMessage{tag_statement(type, octets)}, out, true);
}

Result<bool> Session::next_statement(Batch& batch, std::vector<Bytes>& out) {
  if (forgotten_) {
    push_statement(StatementType::start_proof, *std::exchange(forgotten_, {}), out);
    forgotten_sent_ = true;
    return true;
  }
  if (!roster_sent_ && replica_.roster().digest() != peer_hello_->roster_digest) {
    // A hamlet lets its commune speak first: mostly it has nothing that the commune lacks.
    const bool my_turn = replica_.self().is_commune() || peer_caught_up_;
    if (my_turn) {
      roster_sent_ = true;
      for (Bytes& statement : replica_.roster_statements()) {
        push(StatementMessage{std::move(statement)}, out, true);
        ++taker_.counts().control_out;
      }
      return true;
    }
  }
  const bool time_to_state = !head_sent_ || peer_caught_up_ || octets_since_statement_ >= statement_every_octets;
  if (!time_to_state) return false;
  KHUOI_TRY(const PeerRow row, replica_.peers().row(batch.txn, peer_));
  const bool nothing_yet = row.my_sequence == 0 && !row.restored;
  if (nothing_yet) return false;
  KHUOI_TRY(const auto stands, replica_.receipts().head(batch.txn, peer_));
  if (!head_sent_) head_sent_ = peer_hello_->echo;
  if (stands == head_sent_) return false;
  KHUOI_TRY(const auto statement, replica_.receipts().make(batch, peer_));
  if ((peer_hello_->capabilities & takes_later_statements) != 0) {
    KHUOI_TRY(const auto proof, replica_.receipts().proof_of(batch.txn, peer_, statement.head));
    if (proof) push_statement(StatementType::start_proof, *proof, out);
  }
  push_statement(StatementType::holdings, statement.octets, out);
  ++taker_.counts().control_out;
  ++statements_sent_;
  head_sent_ = statement.head;
  octets_since_statement_ = 0;
  return true;
}

Result<bool> Session::next_records(Batch& batch, std::vector<Bytes>& out) {
  std::vector<Sealed> block;
  std::size_t octets = 0;
  while (!records_.empty() && octets < config_.block_octets) {
    const Candidate next = records_.front();
    if (!block.empty() && octets + next.octets > 2 * config_.block_octets) break;
    KHUOI_TRY(auto record, giver_.record(batch.txn, next));
    records_.pop_front();
    if (!record) continue;
    octets += record->body.size() + 2;
    block.push_back(std::move(*record));
    gone_[run_of(next.ref)].add(next.ref.number);
    Giver::count(next, taker_.counts());
  }
  if (block.empty()) return false;
  push(RecordsMessage{encode_block(block)}, out, true);
  return true;
}

Result<bool> Session::next_chunk(Batch& batch, std::vector<Bytes>& out) {
  while (chunks_.empty() && !files_.empty()) {
    Planner::FileNeed need = std::move(files_.front());
    files_.pop_front();
    HeldChunks has = need.peer_held;
    const HeldChunks& gone = chunks_gone_[need.row.file];
    has.resize(std::max(has.size(), gone.size()));
    for (std::size_t level = 0; level < gone.size(); ++level) has[level].add(gone[level]);
    const auto places = Files::lacking(need.row, has, places_at_once);
    chunks_.assign(places.begin(), places.end());
    if (places.size() == places_at_once) files_.push_front(std::move(need));  // it goes on after these
  }
  if (chunks_.empty()) return false;
  const ChunkPlace place = chunks_.front();
  chunks_.pop_front();
  add_place(chunks_gone_[place.file], place);
  KHUOI_TRY(auto octets, Files::chunk(batch.txn, place));
  if (!octets) return true;
  push(ChunkMessage{place, std::move(*octets)}, out, true);
  giver_.count(place, taker_.counts());
  return true;
}

Result<bool> Session::next_carried(Batch& batch, std::vector<Bytes>& out) {
  if (carried_.empty()) return false;
  const Custody::Name name = carried_.front();
  carried_.pop_front();
  KHUOI_TRY(auto whole, Custody::whole(batch.txn, name));
  if (!whole) return true;
  push(CarriedMessage{std::move(*whole)}, out, true);
  carried_gone_.insert(name);
  ++taker_.counts().carried_out;
  return true;
}

Result<bool> Session::anything_to_send(Batch& batch) {
  if (plan_again_) {
    KHUOI_TRY_VOID(plan(batch));
  }
  if (!records_.empty() || !chunks_.empty() || !carried_.empty()) return true;
  for (const Planner::FileNeed& need : files_) {
    if (!Files::lacking(need.row, need.peer_held, 1).empty()) return true;
  }
  if (!roster_sent_ && replica_.roster().digest() != peer_hello_->roster_digest) return true;
  if (forgotten_) return true;
  KHUOI_TRY(const PeerRow row, replica_.peers().row(batch.txn, peer_));
  if (row.restored) return true;
  return row.my_sequence != 0 && (row.stated.sequence != row.my_sequence || row.stated != peer_hello_->echo);
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
  push(CaughtUp{taken_, row.absorbed}, out, false);
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
  if (plan_again_) {
    KHUOI_TRY_VOID(plan(batch));
  }
  if (config_.dials && !said_taken_ && peer_caught_up_) {
    KHUOI_TRY(const bool more, anything_to_send(batch));
    if (!more) said_taken_ = taken_;  // both hellos said it all
  }
  std::size_t octets = 0;
  std::size_t measured = out.size();
  const auto measure = [&] {
    for (; measured < out.size(); ++measured) octets += out[measured].size();
  };
  measure();
  while (octets < octets_max) {
    KHUOI_TRY(bool more, next_statement(batch, out));
    if (!more && awaits_statement_) break;
    if (!more) {
      KHUOI_TRY(more, next_records(batch, out));
    }
    if (!more) {
      KHUOI_TRY(more, next_chunk(batch, out));
    }
    if (!more) {
      KHUOI_TRY(more, next_carried(batch, out));
    }
    measure();
    if (more) continue;
    KHUOI_TRY_VOID(say_caught_up(batch, out));
    break;
  }
  return out;
}

}  // namespace khuoi::sync
