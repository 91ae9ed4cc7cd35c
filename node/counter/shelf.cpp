#include "node/counter/shelf.h"

#include <algorithm>
#include <utility>

#include "node/engine/log.h"
#include "sync/record/answers.h"

namespace khuoi::http {

using sync::Domain;
using sync::DossierKey;
using sync::DossierRow;
using sync::ReplicaReader;
using sync::Table;
using sync::Walk;

namespace {

/// One look reads so many rows at most, and of these so many, and so much XML, from records: what was made is kept then.
constexpr std::size_t rows_a_look = 5000;
constexpr std::size_t made_a_look = 500;
constexpr std::size_t octets_a_look = 4U << 20U;
constexpr std::uint32_t last_number = 0xffffffff;

bool touches(const sync::TouchedTxn::Tables& tables, Table table) { return tables.test(static_cast<std::size_t>(table)); }

/// One picture of the store, with the keys of one domain.
class DomainLook final {
 public:
  DomainLook(ReplicaReader& reader, const sync::ReadTxn& txn)
      : reader_(reader), txn_(txn), summaries_(reader, txn), holds_(reader.views().commune_holds(txn)) {}
  /// One that cannot be read is a row that says so, and does not hide the others.
  Result<Summary> of(std::uint32_t number, const DossierKey& key, const Result<DossierRow>& row) {
    auto out = row ? summaries_.of(key, *row) : Result<Summary>(row.error());
    if (!out) {
      Summary marked;
      marked.key = key;
      marked.id = row ? row->shown : key.id;
      marked.number = number;
      marked.problem = out.error().what;
      marked.searched = sync::search_text(std::to_string(number));
      out = std::move(marked);
    }
    octets_ += out->octets_read;
    made_ += out->octets_read != 0 ? 1 : 0;
    if (!row) return out;
    KHUOI_TRY(const sync::DossierEntry now, reader_.views().progress(*row, holds_));
    out->state = now.state;
    out->pending = now.pending;
    KHUOI_TRY(const std::uint64_t seen, node::answers_seen(txn_, key));
    out->unseen = out->answers > seen;
    return out;
  }
  [[nodiscard]] bool long_enough() const { return made_ >= made_a_look || octets_ >= octets_a_look; }
  [[nodiscard]] auto take_made() { return summaries_.take_made(); }
  /// Of the runs on which the state of these dossiers rests. What stands there already is older, and other rows rest on
  /// it.
  void add_holds(std::map<sync::RunKey, sync::PeerRun>& to) const {
    to.insert(holds_.looked_up().begin(), holds_.looked_up().end());
  }

 private:
  ReplicaReader& reader_;
  const sync::ReadTxn& txn_;
  node::Summaries summaries_;
  sync::CommuneHolds holds_;
  std::size_t made_ = 0;
  std::size_t octets_ = 0;
};

}  // namespace

/// So that nobody need read these records again. A disk that takes nothing more keeps nobody from reading.
void Shelf::keep(const people::Keys& keys, const std::vector<node::Summaries::Made>& made) {
  if (made.empty()) return;
  const auto kept = engine_.work_as(
      *keys, [&](sync::Replica& replica, sync::Batch& batch) { return node::Summaries::keep(replica, batch, made); }, true);
  if (!kept) node::log_warning("summaries_not_kept", {{"why", kept.error().what}});
}

Result<bool> Shelf::put(Domain domain, Result<Summary> summary) {
  if (!summary) return summary.error();
  if (summary->unreadable()) node::log_warning("dossier_unreadable", {{"number", std::to_string(summary->number)}});
  const std::lock_guard held(mutex_);
  OfDomain& here = at(domain);
  here.suspects.add(summary->number, summary->key.hamlet, summary->people);
  summary->people = std::vector<node::Identity>();  // the index has them
  return here.board.put(std::move(*summary), searched_octets_max_);
}

/// With mutex_. Whether there was one.
bool Shelf::drop(Domain domain, std::uint32_t number) {
  at(domain).suspects.erase(number);
  return at(domain).board.erase(number);
}

/// Every row, in looks of some; what stands on the board and was not met is gone.
Result<bool> Shelf::read_whole(Domain domain, const people::Keys& keys) {
  std::set<std::uint32_t> gone;
  for (const auto& [number, summary] : at(domain).board.rows()) gone.insert(number);
  at(domain).holds.clear();
  bool changed = false;
  bool over = false;
  for (std::uint32_t next = 0; !over;) {
    std::vector<node::Summaries::Made> made;
    KHUOI_TRY_VOID(engine_.look_as(keys, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      DomainLook look(reader, txn);
      std::size_t rows = 0;
      over = true;
      const auto take = [&](std::uint32_t number, const DossierKey& key, const Result<DossierRow>& row) -> Result<Walk> {
        if (stopping_) return fail(Errc::closed, "this node is stopping");
        // Of one that does not decode nobody knows the domain: each says that it is there.
        const bool of_domain = !row || row->domain == domain;
        if (of_domain) {
          gone.erase(number);
          KHUOI_TRY(const bool other, put(domain, look.of(number, key, row)));
          changed = changed || other;
        }
        next = number + 1;
        const bool stops = ++rows >= rows_a_look || look.long_enough();
        over = !stops || number == last_number;
        return stops ? Walk::stop : Walk::on;
      };
      KHUOI_TRY_VOID(reader.dossiers().each_from(txn, next, take));
      made = look.take_made();
      look.add_holds(at(domain).holds);
      return {};
    }));
    keep(keys, made);
  }
  const std::lock_guard held(mutex_);
  for (const std::uint32_t number : gone) changed = drop(domain, number) || changed;
  return changed;
}

Result<bool> Shelf::read_some(Domain domain, const people::Keys& keys, std::set<std::uint32_t> numbers) {
  bool changed = false;
  while (!numbers.empty()) {
    std::vector<node::Summaries::Made> made;
    KHUOI_TRY_VOID(engine_.look_as(keys, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      DomainLook look(reader, txn);
      while (!numbers.empty() && !look.long_enough()) {
        if (stopping_) return fail(Errc::closed, "this node is stopping");
        const std::uint32_t wanted = *numbers.begin();
        bool met = false;
        KHUOI_TRY_VOID(reader.dossiers().each_from(
            txn, wanted, [&](std::uint32_t number, const DossierKey& key, const Result<DossierRow>& row) -> Result<Walk> {
              if (number != wanted) return Walk::stop;
              met = !row || row->domain == domain;
              if (!met) return Walk::stop;
              KHUOI_TRY(const bool other, put(domain, look.of(number, key, row)));
              changed = changed || other;
              return Walk::stop;
            }));
        const std::lock_guard held(mutex_);
        if (!met) changed = drop(domain, wanted) || changed;
        numbers.erase(numbers.begin());
      }
      made = look.take_made();
      look.add_holds(at(domain).holds);
      return {};
    }));
    keep(keys, made);
  }
  return changed;
}

/// Of these runs. No row on the board rests on one that nobody looked up.
Result<Shelf::Said> Shelf::what_was_said(OfDomain& here, const std::set<sync::Changes::Run>& runs) {
  Said out;
  KHUOI_TRY_VOID(engine_.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    const sync::CommuneHolds holds = reader.views().commune_holds(txn);
    for (const auto& [author, run] : runs) {
      const auto before = here.holds.find({author, run});
      if (before == here.holds.end()) continue;
      KHUOI_TRY(sync::PeerRun now, holds.run(before->first));
      out.less = out.less || !now.received.contains(before->second.received);
      out.other = out.other || now.received != before->second.received || now.sent != before->second.sent;
      before->second = std::move(now);
    }
    return {};
  }));
  return out;
}

Result<bool> Shelf::refresh(Domain domain, const people::Keys& keys) {
  OfDomain& here = at(domain);
  if (!keys) {
    const std::lock_guard held(mutex_);
    const bool had = !here.board.empty();
    here = OfDomain();
    return had;
  }
  const auto since = engine_.changes().since(here.seen);
  if (since.now == here.seen) return false;
  std::set<std::uint32_t> numbers = since.dossiers;
  const auto look_again = [&](ShelfBoard::Moves why) {
    const std::set<std::uint32_t>& moving = here.board.moving(why);
    numbers.insert(moving.begin(), moving.end());
  };
  bool all = since.all;
  if (touches(since.tables, Table::node)) look_again(ShelfBoard::Moves::answer);
  if (touches(since.tables, Table::file)) look_again(ShelfBoard::Moves::files);
  if (!all && !since.said.empty()) {
    KHUOI_TRY(const Said said, what_was_said(here, since.said));
    // A commune that holds less than it said was set back, and any dossier may wait again.
    all = said.less;
    if (said.other) look_again(ShelfBoard::Moves::receipt);
  }
  KHUOI_TRY(const bool changed, all ? read_whole(domain, keys) : read_some(domain, keys, std::move(numbers)));
  here.seen = since.now;
  return changed;
}

Result<void> Shelf::read_all() {
  const std::uint64_t until = changes_;
  for (const Domain domain : {Domain::general, Domain::health}) {
    const people::Keys keys = sessions_.keys_of(domain);
    KHUOI_TRY(const bool other, refresh(domain, keys));
    if (other) untold_ = untold_ | Capabilities::reading(domain);
  }
  followed_ = until;
  return {};
}

Result<Capabilities> Shelf::refresh() {
  const std::lock_guard alone(refresh_mutex_);
  KHUOI_TRY_VOID(read_all());
  return std::exchange(untold_, Capabilities());
}

Result<void> Shelf::follow() {
  if (changes_ == followed_) return {};
  const std::lock_guard alone(refresh_mutex_);
  return read_all();
}

std::size_t Shelf::newest(Capabilities may, const Part& part, const std::function<bool(const Summary&)>& matches,
                          const Visit& visit) {
  const std::lock_guard held(mutex_);
  struct Place {
    ShelfBoard::Rows::const_reverse_iterator next, end;
    Domain domain = Domain::general;
    [[nodiscard]] std::uint32_t number() const { return next == end ? 0 : next->first; }
  };
  std::array<Place, 2> places;
  std::size_t all = 0;
  for (const Domain domain : {Domain::general, Domain::health}) {
    const ShelfBoard::Rows& rows = at(domain).board.rows();
    Place& place = places.at(static_cast<std::size_t>(domain));
    place = {may.reads(domain) ? rows.rbegin() : rows.rend(), rows.rend(), domain};
    all += may.reads(domain) ? rows.size() : 0;
  }
  std::size_t met = 0;
  for (;;) {
    Place& place = places[0].number() >= places[1].number() ? places[0] : places[1];
    if (place.next == place.end || (!matches && met >= part.from + part.limit)) break;
    const Summary& one = (place.next++)->second;
    if (matches && !matches(one)) continue;
    if (met >= part.from && met - part.from < part.limit) visit(one, place.domain);
    ++met;
  }
  return matches ? met : all;
}

void Shelf::by_numbers(Capabilities may, const std::vector<std::uint32_t>& numbers, const Visit& visit) {
  const std::lock_guard held(mutex_);
  for (const std::uint32_t number : numbers) {
    for (const Domain domain : {Domain::general, Domain::health}) {
      const ShelfBoard::Rows& rows = at(domain).board.rows();
      const auto found = may.reads(domain) ? rows.find(number) : rows.end();
      if (found != rows.end()) visit(found->second, domain);
    }
  }
}

void Shelf::next_visits(std::size_t count, const Visit& visit) {
  const std::lock_guard held(mutex_);
  const ShelfBoard& board = at(Domain::health).board;
  for (const auto& [day, numbers] : board.follow_ups()) {
    for (const std::uint32_t number : numbers) {
      if (count-- == 0) return;
      visit(board.rows().at(number), Domain::health);
    }
  }
}

void Shelf::find(Capabilities may, const std::set<DossierId>& ids, const Visit& visit) {
  if (ids.empty()) return;
  const std::lock_guard held(mutex_);
  for (const Domain domain : {Domain::general, Domain::health}) {
    if (!may.reads(domain)) continue;
    for (const auto& [number, one] : at(domain).board.rows()) {
      if (ids.contains(one.id)) visit(one, domain);
    }
  }
}

void Shelf::suspects(Domain domain, std::uint32_t number, const VisitSuspect& visit) {
  const std::lock_guard held(mutex_);
  const ShelfBoard::Rows& rows = at(domain).board.rows();
  for (const auto& one : at(domain).suspects.of(number)) {
    const auto row = rows.find(one.number);
    if (row != rows.end()) visit(row->second, one.likeness.why);
  }
}

std::vector<std::size_t> Shelf::count_suspects(const std::vector<std::pair<Domain, std::uint32_t>>& of) {
  const std::lock_guard held(mutex_);
  std::vector<std::size_t> out;
  for (const auto& [domain, number] : of) out.push_back(at(domain).suspects.of(number).size());
  return out;
}

ShelfBoard::Counts Shelf::counts(Capabilities may, const std::string& today) {
  const std::lock_guard held(mutex_);
  ShelfBoard::Counts out;
  for (const Domain domain : {Domain::general, Domain::health}) {
    if (!may.reads(domain)) continue;
    const ShelfBoard::Counts own = at(domain).board.counts(today);
    out.dossiers += own.dossiers;
    out.unseen += own.unseen;
    if (domain == Domain::health) out.due += own.due;
  }
  return out;
}

}  // namespace khuoi::http
