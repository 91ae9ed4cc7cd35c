#include "sync/exchange/session.h"

#include <algorithm>

#include "sync/base/check.h"

namespace khuoi::sync {

namespace {
// A receiver tells what it holds when the sender pauses, and at the latest after so much.
constexpr std::uint64_t statement_every_octets = 4U << 20U;
constexpr std::size_t places_at_once = 256;

const std::string_view not_known = "the peer is not in the roster of this commune, or its key is another's";
}  // namespace

Session::Session(Replica& replica, const Config& config, const SignPublic& peer_key)
    : replica_(replica), config_(config), peer_key_(peer_key), peer_(node_id_of(peer_key)) {}

Result<void> Session::on_message(Batch& batch, ByteView packed) { return on_message(batch, ReceivedMessage(packed)); }

Result<void> Session::on_message(Batch& batch, const ReceivedMessage& received) {
  if (!received.message) return received.message.error();
  const SessionMessage& message = *received.message;
  counts_.bytes_in += received.octets + 4;
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
  KHUOI_TRY_VOID(replica_.receipts().note_echo(batch, peer_, hello.echo));
  KHUOI_TRY(PeerRow row, replica_.peers().row(batch.txn, peer_));
  row.roster_digest = hello.roster_digest;
  row.heard_at = batch.now.wall;
  row.heard_by = "fiber";
  KHUOI_TRY_VOID(replica_.peers().put(batch, peer_, row));
  awaits_statement_ = !hello.head.none() && hello.head != row.absorbed;
  // Its answer to a nonce drawn for this session is live: the time in it is now.
  if (is_our_commune && config_.dials) replica_.receipts().set_trusted_time(hello.time, batch.now);
  if (config_.dials && hello.caught_up) {
    peer_caught_up_ = true;
    peer_taken_ = 0;
  }
  return {};
}

Result<void> Session::on_statement(Batch& batch, const StatementMessage& message) {
  const bool holdings = !message.octets.empty() && message.octets[0] == static_cast<std::uint8_t>(StatementType::holdings);
  if (holdings) awaits_statement_ = false;
  const auto news = replica_.accept_statement(batch, message.octets, Path::fiber);
  if (!news) {
    const Errc code = news.error().code;
    if (code == Errc::unauthenticated || code == Errc::malformed || code == Errc::unsupported) {
      ++counts_.records_rejected;
      return {};
    }
    return news.error();
  }
  if (*news) {
    ++counts_.control_in;
    plan_again_ = true;
    if (holdings) return note_given(batch, false);
  }
  return {};
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
  KHUOI_TRY_VOID(replica_.peers().mark_sent(batch, peer_, without_receipt));
  return Passages::note(batch, Passages::Kind::sent, Path::fiber, replica_.receipts().moment(batch.now), news);
}

Result<void> Session::on_records(Batch& batch, const RecordsMessage& message) {
  KHUOI_TRY(const auto records, decode_block(message.block, replica_.self().commune));
  for (const Sealed& record : records) {
    const bool vouched = record.header.author == peer_;
    KHUOI_TRY(const Acceptance accepted, replica_.accept(batch, record, vouched));
    // The commune answered a nonce drawn for this session: what it says now it says now.
    if (config_.dials && vouched && accepted.taken == Taken::stored) replica_.items().note_live(record.header.ref());
    count(accepted);
  }
  return {};
}

void Session::count(const Acceptance& accepted) {
  switch (accepted.taken) {
    case Taken::stored:
    case Taken::quarantined: ++(accepted.peoples ? counts_.records_in : counts_.control_in); break;
    case Taken::waiting: ++counts_.control_in; break;
    case Taken::duplicate: ++counts_.records_duplicate; break;
    case Taken::rejected: ++counts_.records_rejected; break;
  }
}

Result<void> Session::on_carried(Batch& batch, const CarriedMessage& message) {
  if (!replica_.self().is_commune()) return fail(Errc::malformed, "only a commune is brought what others wrote");
  const auto segment = decode_segment(message.segment);
  const auto author = segment ? keys_of_author(replica_.core(), segment->from.writer) : std::nullopt;
  const bool proved = author && segment->type == SegmentType::records &&
                      segment->from.commune == replica_.self().commune &&
                      verify_segment(*segment, segment->from, author->sign);
  const auto records = proved ? decode_block(segment->payload, segment->from.commune)
                              : Result<std::vector<Sealed>>(fail(Errc::unauthenticated, "nobody of ours signed it"));
  if (!records) {
    ++counts_.records_rejected;
    return {};
  }
  for (const Sealed& record : *records) {
    KHUOI_TRY(const Acceptance accepted, replica_.accept(batch, record, record.header.author == segment->from.writer));
    count(accepted);
  }
  return {};
}

Result<void> Session::on_chunk(Batch& batch, const ChunkMessage& message, const std::optional<ChunkHash>& hash) {
  KHUOI_TRY(const ChunkOutcome outcome, replica_.accept_chunk(batch, message.place, message.octets, hash));
  if (outcome == ChunkOutcome::wrong || outcome == ChunkOutcome::over_quota) ++counts_.records_rejected;
  const bool news = outcome == ChunkOutcome::stored || outcome == ChunkOutcome::unverified;
  if (news && files_in_.insert(message.place.file).second) ++counts_.attachments_in;
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
    KHUOI_TRY_VOID(note_given(batch, true));
  }
  return replica_.receipts().note_echo(batch, peer_, message.echo);
}

Result<Hello> Session::make_hello(Batch& batch) {
  Hello out;
  out.commune = replica_.self().commune;
  out.node = replica_.self().node;
  nonce_ = replica_.rng().next();
  out.nonce = nonce_;
  out.capabilities = takes_carried;
  out.time = batch.now.wall;
  out.roster_digest = replica_.roster().digest();
  KHUOI_TRY(const PeerRow row, replica_.peers().row(batch.txn, peer_));
  out.echo = row.absorbed;
  if (row.my_sequence != 0 || row.restored) {
    KHUOI_TRY(out.head, replica_.receipts().head(batch, peer_));
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
  counts_.bytes_out += out.back().size() + 4;
  if (counted) ++sent_;
}

Result<void> Session::plan(Batch& batch) {
  plan_again_ = false;
  Planner planner = replica_.planner();
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

Result<bool> Session::next_statement(Batch& batch, std::vector<Bytes>& out) {
  if (!roster_sent_ && replica_.roster().digest() != peer_hello_->roster_digest) {
    // A hamlet lets its commune speak first: mostly it has nothing that the commune lacks.
    const bool my_turn = replica_.self().is_commune() || peer_caught_up_;
    if (my_turn) {
      roster_sent_ = true;
      for (Bytes& statement : replica_.roster_statements()) {
        push(StatementMessage{std::move(statement)}, out, true);
        ++counts_.control_out;
      }
      return true;
    }
  }
  const bool time_to_state = !head_sent_ || peer_caught_up_ || octets_since_statement_ >= statement_every_octets;
  if (!time_to_state) return false;
  KHUOI_TRY(const PeerRow row, replica_.peers().row(batch.txn, peer_));
  const bool nothing_yet = row.my_sequence == 0 && !row.restored;
  if (nothing_yet) return false;
  KHUOI_TRY(const Head head, replica_.receipts().head(batch, peer_));
  if (!head_sent_) head_sent_ = peer_hello_->echo;
  if (head == *head_sent_) return false;
  KHUOI_TRY(Bytes statement, replica_.receipts().make(batch, peer_));
  push(StatementMessage{tag_statement(StatementType::holdings, statement)}, out, true);
  ++counts_.control_out;
  head_sent_ = head;
  octets_since_statement_ = 0;
  return true;
}

Result<bool> Session::next_records(Batch& batch, std::vector<Bytes>& out) {
  std::vector<Sealed> block;
  std::size_t octets = 0;
  while (!records_.empty() && octets < config_.block_octets) {
    const Candidate next = records_.front();
    if (!block.empty() && octets + next.octets > 2 * config_.block_octets) break;
    auto record = replica_.sealed(batch.txn, next.ref);
    records_.pop_front();
    if (!record && record.error().code == Errc::not_found) continue;  // erased since it was planned
    if (!record) return record.error();
    octets += record->body.size() + 2;
    block.push_back(std::move(*record));
    gone_[run_of(next.ref)].add(next.ref.number);
    ++(next.peoples ? counts_.records_out : counts_.control_out);
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
  HeldChunks& gone = chunks_gone_[place.file];
  if (gone.size() <= place.level) gone.resize(place.level + 1U);
  gone[place.level].add(place.index);
  KHUOI_TRY(auto octets, Files::chunk(batch.txn, place));
  if (!octets) return true;
  push(ChunkMessage{place, std::move(*octets)}, out, true);
  if (files_out_.insert(place.file).second) ++counts_.attachments_out;
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
  ++counts_.carried_out;
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

bool Session::finished() const {
  const bool mine_taken = peer_taken_ && *peer_taken_ == sent_;
  const bool theirs_taken = said_taken_ && *said_taken_ == taken_;
  return established() && peer_caught_up_ && mine_taken && theirs_taken && records_.empty() && chunks_.empty() &&
         files_.empty() && carried_.empty() && !plan_again_;
}

}  // namespace khuoi::sync
