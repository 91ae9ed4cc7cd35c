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

namespace {

/// Between two slices the engine is free for others.
constexpr std::size_t slice = 40;
constexpr std::size_t slice_octets_max = 4U << 20U;  // of XML that was read
/// What is found by searching, of all a domain's dossiers together; past that a dossier is found by its number, form and
/// label.
constexpr std::size_t searched_octets_max_in_all = 8U << 20U;

Bytes look_of(const DossierRow& row) {
  Bytes out;
  Writer to(out);
  to.u32(static_cast<std::uint32_t>(row.items.size())).u8(row.conflict ? 1 : 0).u8(row.erased ? 1 : 0);
  to.u8(row.stale ? 1 : 0).u8(row.state ? static_cast<std::uint8_t>(*row.state) : 0);
  for (const sync::Ref& head : row.heads) to.raw(head.author.view()).raw(head.run.view()).u32(head.number);
  return out;
}

/// One that cannot be read is a row that says so, and does not hide the others.
Summary marked(const DossierKey& key, const DossierId& shown, std::uint32_t number) {
  Summary out;
  out.key = key;
  out.id = shown;
  out.number = number;
  out.unreadable = true;
  out.searched = out.found_always = sync::search_text(std::to_string(number));
  return out;
}

}  // namespace

Result<std::size_t> Shelf::fill(Domain domain, const people::Keys& keys, std::span<const DossierKey> some) {
  std::size_t done = 0;
  std::size_t octets = 0;
  KHUOI_TRY_VOID(engine_.look_as(keys, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    while (done < std::min(slice, some.size()) && octets < slice_octets_max) {
      if (stopping_) return fail(Errc::closed, "this node is stopping");
      const DossierKey& key = some[done++];
      const auto found = reader.dossiers().row(txn, key);
      if (!found || !*found || (*found)->domain != domain) continue;
      const DossierRow& row = **found;
      auto summary = node::summarise(reader, txn, key, row);
      if (!summary) summary = marked(key, row.shown, row.number);
      if (summary->unreadable) node::log_warning("dossier_unreadable", {{"number", std::to_string(row.number)}});
      octets += summary->octets_read;
      put(domain, key, {look_of(row), std::move(*summary), 0});
    }
    return {};
  }));
  return done;
}

void Shelf::put(Domain domain, const DossierKey& key, Kept kept) {
  const std::lock_guard held(mutex_);
  std::size_t& octets = searched_octets_[static_cast<std::size_t>(domain)];
  Kept& place = rows_[static_cast<std::size_t>(domain)][key];
  octets -= place.summary.searched.size();
  std::string& searched = kept.summary.searched;
  if (octets + searched.size() > searched_octets_max_in_all) searched = std::move(kept.summary.found_always);
  kept.summary.found_always = std::string();
  kept.summary.version = node::shortened(kept.summary.version);  // whatever who handed in wrote there
  searched.shrink_to_fit();
  octets += searched.size();
  place = std::move(kept);
}

Result<bool> Shelf::refresh(Domain domain, const people::Keys& keys) {
  Rows& rows = rows_[static_cast<std::size_t>(domain)];
  if (!keys) {
    const std::lock_guard held(mutex_);
    const bool had = !rows.empty();
    rows.clear();
    searched_octets_[static_cast<std::size_t>(domain)] = 0;
    return had;
  }
  std::vector<DossierKey> stale;
  bool changed = false;
  KHUOI_TRY_VOID(engine_.look([&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const auto holds, reader.views().commune_holds(txn));
    std::vector<DossierKey> broken;
    const std::uint64_t round = ++round_;
    const std::lock_guard held(mutex_);
    KHUOI_TRY_VOID(reader.dossiers().each_key(txn, [&](const DossierKey& at, const DossierRow& row) -> Result<void> {
      const auto known = rows.find(at);
      if (row.domain != domain) {  // its domain became known later than it did
        if (known == rows.end()) return {};
        searched_octets_[static_cast<std::size_t>(domain)] -= known->second.summary.searched.size();
        rows.erase(known);
        return {};
      }
      if (known == rows.end() || known->second.look != look_of(row)) stale.push_back(at);
      if (known == rows.end()) return {};
      known->second.round = round;
      Summary& summary = known->second.summary;
      const sync::DossierEntry now = reader.views().progress(row, holds);
      KHUOI_TRY(const std::uint64_t seen, node::answers_seen(txn, at));
      const bool unseen = node::answers_in(row) > seen;
      changed = changed || now.state != summary.state || now.pending != summary.pending || unseen != summary.unseen;
      summary.state = now.state;
      summary.pending = now.pending;
      summary.unseen = unseen;
      return {};
    }, [&](const DossierKey& at, const Error&) { broken.push_back(at); }));
    for (const DossierKey& at : broken) {
      const auto known = rows.find(at);
      if (known != rows.end()) known->second.round = round;
      if (known != rows.end() && known->second.summary.unreadable) continue;
      KHUOI_TRY(const std::uint32_t number, reader.views().number_of(txn, at));
      std::size_t& octets = searched_octets_[static_cast<std::size_t>(domain)];
      Kept& place = rows[at];
      octets -= place.summary.searched.size();
      place = {Bytes(), marked(at, at.id, number), round};
      octets += place.summary.searched.size();
      changed = true;
    }
    for (auto one = rows.begin(); one != rows.end();) {
      const bool gone = one->second.round != round;
      if (gone) searched_octets_[static_cast<std::size_t>(domain)] -= one->second.summary.searched.size();
      one = gone ? rows.erase(one) : std::next(one);
      changed = changed || gone;
    }
    return {};
  }));
  for (std::size_t done = 0; done < stale.size();) {
    KHUOI_TRY(const std::size_t more, fill(domain, keys, std::span(stale).subspan(done)));
    done += more;
  }
  if (stale.empty()) return changed;
  KHUOI_TRY_VOID(refresh(domain, keys));  // states of what is new; nothing is stale any more
  return true;
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

void Shelf::each(Capabilities may, const std::function<void(const Summary&, Domain)>& visit) {
  const std::lock_guard held(mutex_);
  std::vector<std::pair<const Summary*, Domain>> all;
  for (const Domain domain : {Domain::general, Domain::health}) {
    if (!may.reads(domain)) continue;
    for (const auto& [key, kept] : rows_[static_cast<std::size_t>(domain)]) all.emplace_back(&kept.summary, domain);
  }
  std::ranges::sort(all, {}, [](const auto& one) { return one.first->number; });
  for (const auto& [summary, domain] : all) visit(*summary, domain);
}

}  // namespace khuoi::http
