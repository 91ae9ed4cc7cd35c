#include "sync/peers/receipts.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "sync/peers/to_go.h"
#include "sync/peers/untold.h"
#include "sync/seal/hash.h"

namespace khuoi::sync {

namespace {
/// The sequence of the statement that first told a file complete.
constexpr Rows<FileId, std::uint64_t> files_told{Note::file_told, "when a file was told complete"};
/// Of runs, in a statement that lists more than what changed.
constexpr std::size_t more_octets = 16U << 10U;
}  // namespace

Result<std::optional<Head>> Receipts::head(const ReadTxn& txn, const NodeId& peer) const {
  KHUOI_TRY(const PeerRow row, peers_.row(txn, peer));
  const bool stands = !row.stated.none() && !row.stated.is_void() && row.stated.sequence == row.my_sequence;
  return stands && !row.restored ? std::optional(row.stated) : std::nullopt;
}

Result<Head> Receipts::take_head(Batch& batch, const NodeId& peer) {
  KHUOI_TRY(const auto stands, head(batch.txn, peer));
  if (stands) return *stands;
  KHUOI_TRY(const Starts::Start start, starts_.current(batch));
  KHUOI_TRY(PeerRow row, peers_.row(batch.txn, peer));  // a start may have healed this node, which touches every row
  if (row.restored) {
    KHUOI_TRY(row.my_sequence, next_holdings_sequence(batch));
  }
  const Head out{start.ordinal, row.my_sequence, start.id};
  const bool newer_anyway = later(out, row.superseded) && out.ordinal != row.superseded.ordinal;
  if (row.restored && newer_anyway) row.superseded = Head{};  // nothing to set aside
  row.restored = false;
  row.stated = out;
  row.stated_at = batch.now.wall;
  row.received_octets_unacknowledged = 0;
  KHUOI_TRY_VOID(peers_.put(batch, peer, row));
  return out;
}

Result<void> Receipts::add_files(const ReadTxn& txn, const NodeId& peer, const PeerRow& row, Holdings& to,
                                 FilesTold& told) const {
  const auto look = [&](const Files::Row& file) -> Result<void> {
    if (file.author != peer) return {};
    KHUOI_TRY(const std::uint64_t told_at,
              file.complete ? files_told.get_or_new(txn, file.file) : Result<std::uint64_t>(0));
    // What was told complete in a statement the peer has taken in is not told again.
    const bool known = told_at != 0 && !row.echoed.none() && told_at <= row.echoed.sequence;
    if (known) told.done.push_back(file.file);
    if (file.complete && told_at == 0) told.first.push_back(file.file);
    if (!known) to.files.push_back({file.file, file.complete, file.held});
    return {};
  };
  KHUOI_TRY(const auto totals, core_.runs.totals(txn));
  std::optional<std::vector<FileId>> untold;
  if (totals && !row.echoed.none()) {
    KHUOI_TRY(untold, Untold::of(txn, peer, row.echoed.sequence));
  }
  told.looked_at_all = !untold;
  if (!untold) return Files::each(txn, look);
  for (const FileId& one : *untold) {
    KHUOI_TRY(const auto file, Files::row(txn, one));
    if (file) KHUOI_TRY_VOID(look(*file));
    if (!file || file->author != peer) told.done.push_back(one);
  }
  return {};
}

Result<void> Receipts::tell_file_again(Batch& batch, const FileId& file) {
  KHUOI_TRY(const std::uint64_t told_at, files_told.get_or_new(batch.txn, file));
  KHUOI_TRY(const auto author, Files::author_of(batch.txn, file));
  if (told_at == 0 || !author || *author == core_.self.node) return {};
  // Until the author echoes what told it, every statement tells it anyway: whoever comes again and again with a copy of
  // the file would make a new one each time.
  KHUOI_TRY(const PeerRow row, peers_.row(batch.txn, *author));
  if (row.echoed.none() || told_at > row.echoed.sequence) return {};
  KHUOI_TRY_VOID(files_told.erase(batch, file));
  KHUOI_TRY_VOID(Untold::note(batch, *author, file));
  return restate(batch, *author);
}

/// A statement that lists only what changed since the peer's echo; none when it must list all.
Result<std::optional<Runs::Changed>> Receipts::changed_since_echo(const ReadTxn& txn, const NodeId& peer) const {
  KHUOI_TRY(const PeerRow row, peers_.row(txn, peer));
  KHUOI_TRY(const ToldOf told, told_of_rows.get_or_new(txn, peer));
  const bool asked = row.echoed.sequence < told.owes_whole;
  if (!told.reads_tallies || row.echoed.none() || row.restored || !row.superseded.none() || asked) {
    return std::optional<Runs::Changed>();
  }
  KHUOI_TRY(auto changed, core_.runs.changed_since(txn, peer, row.echoed.sequence));
  return std::optional(std::move(changed));
}

Result<void> Receipts::add_older(const ReadTxn& txn, Holdings& to) const {
  KHUOI_TRY(auto all, core_.runs.all_of(txn, to.to));
  std::ranges::stable_sort(all.runs, [](const auto& a, const auto& b) { return a.second.changed > b.second.changed; });
  std::set<RunId> listed;
  Bytes octets;
  Writer sized(octets);
  for (const Holdings::RunHeld& run : to.runs) {
    listed.insert(run.run);
    write_held(sized.raw(run.run.view()), run.received, run.safe);
  }
  for (auto& [run, row] : all.runs) {
    if (listed.contains(run)) continue;
    write_held(sized.raw(run.view()), row.held, row.safe);
    if (octets.size() > more_octets) break;
    to.runs.push_back({run, std::move(row.held), std::move(row.safe)});
  }
  return {};
}

Result<Holdings> Receipts::what_is_held(const ReadTxn& txn, const NodeId& peer, Lists lists, FilesTold& files) const {
  Holdings out;
  KHUOI_TRY(const PeerRow row, peers_.row(txn, peer));
  KHUOI_TRY(const ToldOf told, told_of_rows.get_or_new(txn, peer));
  out.version = told.reads_tallies ? 2 : 1;
  out.commune = core_.self.commune;
  out.from = core_.self.node;
  out.to = peer;
  out.echo = row.absorbed;
  if (!row.superseded.none()) out.supersedes = row.superseded;
  out.say_whole = told.asks_whole;
  out.roster_digest = core_.roster.digest();
  KHUOI_TRY(auto changed, changed_since_echo(txn, peer));
  out.whole = !changed;
  if (!changed) {
    KHUOI_TRY(changed, core_.runs.all_of(txn, peer));
  }
  out.tally = changed->tally;
  for (auto& [run, held] : changed->runs) out.runs.push_back({run, std::move(held.held), std::move(held.safe)});
  if (!out.whole && lists == Lists::more) KHUOI_TRY_VOID(add_older(txn, out));
  KHUOI_TRY(out.wants, lost(txn, peer));
  KHUOI_TRY_VOID(add_files(txn, peer, row, out, files));
  return out;
}

Result<std::size_t> Receipts::statement_octets(const ReadTxn& txn, const NodeId& peer) const {
  FilesTold files;
  KHUOI_TRY(const Holdings said, what_is_held(txn, peer, Lists::more, files));
  return encoded_octets(said);
}

Result<Receipts::Statement> Receipts::make(Batch& batch, const NodeId& peer, Lists lists) {
  KHUOI_TRY(const Head head, take_head(batch, peer));
  KHUOI_TRY_VOID(core_.runs.flush(batch));
  KHUOI_TRY_VOID(ask_for_more_lost(batch, peer));
  FilesTold files;
  KHUOI_TRY(Holdings out, what_is_held(batch.txn, peer, lists, files));
  if (out.whole) KHUOI_TRY_VOID(core_.runs.count_again_unless(batch, peer, out.tally));
  out.head = head;
  KHUOI_TRY(const PeerRow row, peers_.row(batch.txn, peer));
  out.at = row.stated_at;
  for (const FileId& file : files.first) KHUOI_TRY_VOID(files_told.put(batch, file, head.sequence));
  if (!row.echoed.none()) {
    std::vector<FileId> listed;
    for (const Holdings::FileHeld& file : out.files) listed.push_back(file.file);
    KHUOI_TRY_VOID(Untold::on_statement(batch, peer, row.echoed.sequence, listed, files.done, files.looked_at_all));
  }
  Statement made{head, encode_holdings(out, core_.keys.sign().secret_key), out.version != 1, {}};
  if (out.version != 1) return made;
  // What a reader of version 2 tells this node by: it names the same head, so that it changes nothing.
  out.version = 2;
  out.whole = false;
  out.runs.clear();
  out.files.clear();
  made.notice = encode_holdings(out, core_.keys.sign().secret_key);
  return made;
}

Result<Receipts::Absorbed> Receipts::absorb(Batch& batch, ByteView octets, Path path) {
  const auto said = decode_holdings(octets);
  if (!said && said.error().code == Errc::unsupported) return said.error();
  if (!said || said->commune != core_.self.commune) return Absorbed::rejected;
  if (said->from == core_.self.node) {
    const bool mine = verify_holdings(octets, *said, core_.keys.sign().public_key);
    if (mine) KHUOI_TRY_VOID(echoes_.note_own_start(batch, said->head.ordinal, said->head.start, said->to));
    return Absorbed::old;
  }
  if (said->to != core_.self.node) return Absorbed::old;  // somebody else's, carried on the same stick
  const auto author = keys_of_author(core_, said->from);
  if (!author || author->revoked || said->head.none() || !verify_holdings(octets, *said, author->sign)) {
    return Absorbed::rejected;
  }
  if (said->head.is_void()) {
    KHUOI_TRY_VOID(Starts::count_void_head(batch));
    return Absorbed::old;
  }
  KHUOI_TRY(const PeerRow row, peers_.row(batch.txn, said->from));
  const bool sets_aside = said->supersedes && *said->supersedes == row.absorbed && !row.absorbed.none();
  // One start has one id: a head of another start under the same ordinal comes from a past that was set aside.
  const bool other_past = said->head.ordinal == row.absorbed.ordinal && said->head.start != row.absorbed.start;
  bool is_old = (!later(said->head, row.absorbed) || other_past) && !sets_aside;
#ifdef KHUOI_PLANTED_RECEIPT_CHECK
  is_old = false;  // planted: the simulator must find out that this check is missing
#endif
  if (said->version != 1) KHUOI_TRY_VOID(note_reads_tallies(batch, said->from, true));
  if (is_old) {
    KHUOI_TRY_VOID(said->head != row.absorbed ? echoes_.answer_the_past(batch, *said) : ask_if_other(batch, *said));
    return Absorbed::old;
  }
  KHUOI_TRY(const bool adds_up, said_.adds_up(batch.txn, *said));
  KHUOI_TRY(const bool first_heard, echoes_.first_heard(batch, said->from, said->head));
  if (said->say_whole && first_heard) KHUOI_TRY_VOID(note_asks_whole(batch, said->from));
  if (!adds_up) {
    KHUOI_TRY_VOID(ask_for_whole(batch, said->from));
    return Absorbed::old;
  }
  if (said->version == 1) KHUOI_TRY_VOID(note_reads_tallies(batch, said->from, false));
  KHUOI_TRY_VOID(apply(batch, *said, path, sets_aside));
  if (!row.absorbed.none() && row.absorbed.start != said->head.start) {
    // Another start of it: my echo names another head now, and only a new statement of mine can carry that. If the start
    // is one it lost with a backup, it finds out so.
    KHUOI_TRY_VOID(restate(batch, said->from));
  }
  if (said->from == core_.self.commune_node) core_.since_start.told_time().tell(said->at, batch.now, false);
  return Absorbed::applied;
}

Result<void> Receipts::apply(Batch& batch, const Holdings& said, Path path, bool sets_aside) {
  KHUOI_TRY(const bool echo_is_mine, echoes_.is_mine(batch.txn, said.from, said.echo));
  KHUOI_TRY(const bool doubts_marks, said_.take(batch, said, path, sets_aside, echo_is_mine ? said.echo : Head{}));
  for (const Holdings::FileHeld& file : said.files) {
    KHUOI_TRY(const auto author, Files::author_of(batch.txn, file.file));
    // A box set back hears of its own files before it hears what they are; of a box, a commune takes no such word.
    if (!author && core_.self.is_commune()) continue;
    KHUOI_TRY(const Peers::PeerFile before, peers_.file(batch.txn, said.from, file.file));
    KHUOI_TRY_VOID(peers_.put_file(batch, said.from, file.file, {file.complete, file.held}));
    const bool lost = before.complete && !file.complete;
    if (lost && author == core_.self.node) KHUOI_TRY_VOID(note_chunk(batch, core_, file.file, *author));
  }
  KHUOI_TRY(PeerRow row, peers_.row(batch.txn, said.from));
  row.absorbed = said.head;
  row.wants.clear();
  for (const Holdings::Want& want : said.wants) row.wants.emplace_back(RunKey{said.from, want.run}, want.numbers);
  row.wants_models = said.wants_models;
  row.roster_digest = said.roster_digest;
  KHUOI_TRY_VOID(peers_.put(batch, said.from, row));
  KHUOI_TRY_VOID(ToGo(core_, core_.runs, peers_).on_statement(batch, said.from));
  KHUOI_TRY_VOID(echoes_.note(batch, said.from, said.echo));
  KHUOI_TRY(const auto missing, lost(batch.txn, said.from));
  KHUOI_TRY(const bool news, wants_changed(batch, said.from, missing));
  return news || doubts_marks ? restate(batch, said.from) : Result<void>();
}

Result<bool> Receipts::wants_changed(Batch& batch, const NodeId& peer, const std::vector<Holdings::Want>& wants) {
  Bytes octets;
  Writer to(octets);
  for (const Holdings::Want& want : wants) {
    to.raw(want.run.view());
    want.numbers.encode(to);
  }
  // Told once: two nodes that each lack something for good would else answer each other for ever. That nothing is wanted
  // any more is told, too, or its giver goes on giving.
  KHUOI_TRY(const Bytes told, asked_back.get_or_new(batch.txn, peer));
  const Bytes now = wants.empty() ? Bytes() : Blake2b(16).add(octets).finish();
  if (told == now) return false;
  KHUOI_TRY_VOID(now.empty() ? asked_back.erase(batch, peer) : asked_back.put(batch, peer, now));
  return true;
}

Result<void> Receipts::mark_safe(Batch& batch, const std::vector<std::pair<RunKey, RangeSet>>& backed_up) {
  std::optional<std::uint64_t> sequence;
  std::set<NodeId> authors;
  for (const auto& [key, numbers] : backed_up) {
    KHUOI_TRY(const RunRow* present, core_.runs.find(batch.txn, key));
    const bool news = present != nullptr && !present->safe.contains(numbers);
    if (!news) continue;
    if (!sequence) {
      KHUOI_TRY(sequence, next_holdings_sequence(batch));
    }
    KHUOI_TRY(RunRow* row, core_.runs.edit(batch, key));
    row->safe.add(numbers.intersect(row->held));
    if (key.author != core_.self.node) authors.insert(key.author);
  }
  for (const NodeId& author : authors) {
    KHUOI_TRY(PeerRow row, peers_.row(batch.txn, author));
    row.my_sequence = *sequence;
    KHUOI_TRY_VOID(peers_.put(batch, author, row));
  }
  return {};
}

Result<void> Receipts::tell_time(Batch& batch) {
  for (const NodeFacts* box : core_.roster.nodes()) {
    if (!box->revoked) KHUOI_TRY_VOID(restate(batch, box->node));
  }
  return {};
}

bool Receipts::is_stale(const PeerRow& row, const Now& now) {
  return std::abs(now.wall.value - row.stated_at.value) >= restate_after_seconds;  // clocks jump both ways
}

Result<void> Receipts::restate(Batch& batch, const NodeId& peer) {
  KHUOI_TRY(PeerRow row, peers_.row(batch.txn, peer));
  KHUOI_TRY(row.my_sequence, next_holdings_sequence(batch));
  return peers_.put(batch, peer, row);
}

Result<void> Receipts::note_restored(Batch& batch) {
  KHUOI_TRY(const auto peers, peers_.all(batch.txn));
  KHUOI_TRY(const std::uint64_t sequence, next_holdings_sequence(batch));
  for (auto [peer, row] : peers) {
    row.my_sequence = sequence;
    row.echoed = Head{};
    row.received_octets_unacknowledged += worth_acknowledging_octets;
    KHUOI_TRY_VOID(peers_.put(batch, peer, row));
  }
  return {};
}

Result<void> Receipts::note_learned_boxes(Batch& batch) {
  for (const NodeFacts* box : core_.roster.nodes()) {
    KHUOI_TRY(PeerRow row, peers_.row(batch.txn, box->node));
    if (box->revoked || row.my_sequence != 0) continue;
    KHUOI_TRY(row.my_sequence, next_holdings_sequence(batch));
    row.received_octets_unacknowledged += worth_acknowledging_octets;
    KHUOI_TRY_VOID(peers_.put(batch, box->node, row));
  }
  return {};
}

Result<Receipts::Absorbed> Receipts::absorb_proof(Batch& batch, ByteView octets, const NodeId& brought_by) {
  const auto proof = decode_start_proof(octets);
  if (!proof || proof->commune != core_.self.commune) return Absorbed::rejected;
  const auto author = keys_of_author(core_, proof->node);
  if (!author || author->revoked || !verify_start_proof(octets, *proof, author->sign)) return Absorbed::rejected;
  KHUOI_TRY(const PeerRow row, peers_.row(batch.txn, proof->node));
  const bool mine = proof->node == core_.self.node;
  KHUOI_TRY(const bool news, mine ? echoes_.note_own_start(batch, proof->ordinal, proof->start, brought_by)
                                  : KeptProofs::keep(batch, *proof, octets, row.absorbed.start));
  return news ? Absorbed::applied : Absorbed::old;
}

Result<std::optional<Bytes>> Receipts::proof_of(const ReadTxn& txn, const NodeId& peer, const Head& head) const {
  KHUOI_TRY(const PeerRow row, peers_.row(txn, peer));
  if (head.none() || head.is_void() || row.echoed.start == head.start) return std::optional<Bytes>();
  const StartProof proof{core_.self.commune, core_.self.node, head.ordinal, head.start};
  return std::optional(encode_start_proof(proof, core_.keys.sign().secret_key));
}

}  // namespace khuoi::sync
