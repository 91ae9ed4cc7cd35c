#include "node/counter/shelf.h"

#include <algorithm>
#include <utility>

#include "node/engine/log.h"
#include "sync/record/answers.h"

namespace khuoi::http {

using sync::Domain;
using sync::DossierKey;
using sync::DossierRow;
using sync::Replica;

namespace {

/// Between two slices the engine is free for others.
constexpr std::size_t slice = 40;
constexpr std::size_t slice_octets_max = 4U << 20U;  // of XML that was read
constexpr std::size_t label_octets_max = 200;
/// Of what a dossier says, so much is found by searching, and so much of all a domain's together; past that a dossier is
/// found by its number, form and label. What hands in may be anybody, and XML unpacks to a hundred times what was sent.
constexpr std::size_t searched_octets_max = 8U << 10U;
constexpr std::size_t searched_octets_max_in_all = 8U << 20U;

std::string seen_row(const DossierKey& key) { return "seen/" + key.hamlet.hex() + key.id.hex(); }

Bytes look_of(const DossierRow& row) {
  Bytes out;
  Writer to(out);
  to.u32(static_cast<std::uint32_t>(row.items.size())).u8(row.conflict ? 1 : 0).u8(row.erased ? 1 : 0);
  to.u8(row.stale ? 1 : 0).u8(row.state ? static_cast<std::uint8_t>(*row.state) : 0);
  for (const sync::Ref& head : row.heads) to.raw(head.author.view()).raw(head.run.view()).u32(head.number);
  return out;
}

/// Cut where a character ends.
std::string_view beginning(std::string_view text, std::size_t octets_max) {
  if (text.size() <= octets_max) return text;
  std::size_t end = octets_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end);
}

std::string shortened(std::string_view text) {
  const std::string_view kept = beginning(text, label_octets_max);
  return std::string(kept) + (kept.size() < text.size() ? "…" : "");
}

/// Folding may make a text longer, so it is cut before and after.
std::string searched_text(std::string_view text) {
  return std::string(beginning(sync::search_text(beginning(text, searched_octets_max)), searched_octets_max));
}

void take_words(Summary& out, const sync::Answers& answers) {
  out.label = shortened(sync::answer_named(answers, "instanceName"));
  // A form that names no label: the first words in it serve.
  if (out.label.empty() && !answers.empty()) {
    const auto name = std::ranges::find_if(answers, [](const auto& one) { return one.first.ends_with("ten"); });
    out.label = shortened(name != answers.end() ? std::string_view(name->second) : std::string_view());
  }
  out.follow_up = shortened(sync::answer_named(answers, "ngay_hen"));
  out.follow_up_what = shortened(sync::answer_named(answers, "viec_hen"));
  std::string all = std::to_string(out.number) + " " + out.title + " " + out.code;
  out.found_always = searched_text(all + " " + out.label);
  for (const auto& [path, text] : answers) {
    if (all.size() >= searched_octets_max) break;
    if (path.ends_with("instanceID")) continue;
    all.append(" ").append(beginning(text, searched_octets_max));
  }
  out.searched = searched_text(all);
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

Result<std::uint64_t> answers_seen(const sync::ReadTxn& txn, const DossierKey& key) {
  return sync::meta_number(txn, seen_row(key));
}

Result<void> put_answers_seen(sync::Batch& batch, const DossierKey& key, std::uint64_t count) {
  return sync::put_meta_number(batch, seen_row(key), count);
}

std::uint32_t answers_in(const DossierRow& row) {
  return static_cast<std::uint32_t>(std::ranges::count(row.items, sync::Kind::state, &DossierRow::Item::kind));
}

Result<Summary> summarise(Replica& replica, const sync::ReadTxn& txn, const DossierKey& key, const DossierRow& row) {
  Summary out;
  out.key = key;
  out.id = row.shown;
  out.number = row.number;
  out.erased = row.erased;
  out.conflict = row.conflict;
  out.answers = answers_in(row);
  if (row.erased) return out;
  KHUOI_TRY(const sync::DossierDetail detail, replica.dossiers().detail(txn, key, sync::Dossiers::Keep::facts));
  out.unreadable = !detail.unreadable.empty();
  out.searched = out.found_always = sync::search_text(std::to_string(out.number));
  out.code = shortened(detail.entry.code.value_or(""));
  if (!detail.history.empty()) out.due = shortened(detail.history.back().due);
  if (!detail.versions.empty()) out.at = detail.versions.front().written.value;
  if (detail.entry.attachments) {
    out.files_have = detail.entry.attachments->have;
    out.files_of = detail.entry.attachments->of;
  }
  const auto current = std::ranges::find(detail.versions, true, &sync::DossierVersion::current);
  if (current == detail.versions.end()) return out;
  out.form = current->facts.head.form_id;
  out.version = current->facts.head.version;
  KHUOI_TRY(const auto form, replica.library().form(txn, out.form, out.version));
  if (form) out.title = shortened(form->title);
  const auto xml = replica.dossiers().xml(txn, current->ref);
  const auto answers = xml ? sync::read_answers(*xml) : Result<sync::Answers>(xml.error());
  if (answers) take_words(out, *answers);
  if (xml) out.octets_read = xml->size() * detail.versions.size();
  return out;
}

Result<std::size_t> Shelf::fill(Domain domain, const std::vector<sync::LockKey>& keys,
                                std::span<const DossierKey> some) {
  std::size_t done = 0;
  std::size_t octets = 0;
  KHUOI_TRY_VOID(engine_.look_as(keys, [&](Replica& replica, const sync::ReadTxn& txn) -> Result<void> {
    while (done < std::min(slice, some.size()) && octets < slice_octets_max) {
      if (stopping_) return fail(Errc::closed, "this node is stopping");
      const DossierKey& key = some[done++];
      const auto found = replica.dossiers().row(txn, key);
      if (!found || !*found || (*found)->domain != domain) continue;
      const DossierRow& row = **found;
      auto summary = summarise(replica, txn, key, row);
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
  kept.summary.version = shortened(kept.summary.version);  // whatever who handed in wrote there
  searched.shrink_to_fit();
  octets += searched.size();
  place = std::move(kept);
}

Result<bool> Shelf::refresh(Domain domain, const sync::LockKey* key) {
  Rows& rows = rows_[static_cast<std::size_t>(domain)];
  if (key == nullptr) {
    const std::lock_guard held(mutex_);
    const bool had = !rows.empty();
    rows.clear();
    searched_octets_[static_cast<std::size_t>(domain)] = 0;
    return had;
  }
  std::vector<sync::LockKey> keys;
  keys.push_back({key->lock, key->key.duplicate()});
  std::vector<DossierKey> stale;
  bool changed = false;
  KHUOI_TRY_VOID(engine_.look([&](Replica& replica, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const auto holds, replica.dossiers().commune_holds(txn));
    Result<void> outcome;
    std::vector<DossierKey> broken;
    const std::uint64_t round = ++round_;
    const std::lock_guard held(mutex_);
    KHUOI_TRY_VOID(replica.dossiers().each_key(txn, [&](const DossierKey& at, const DossierRow& row) {
      const auto known = rows.find(at);
      if (row.domain != domain) {  // its domain became known later than it did
        if (known == rows.end()) return true;
        searched_octets_[static_cast<std::size_t>(domain)] -= known->second.summary.searched.size();
        rows.erase(known);
        return true;
      }
      if (known == rows.end() || known->second.look != look_of(row)) stale.push_back(at);
      if (known == rows.end()) return true;
      known->second.round = round;
      Summary& summary = known->second.summary;
      const sync::DossierEntry now = replica.dossiers().progress(row, holds);
      const auto seen = answers_seen(txn, at);
      if (!seen) outcome = seen.error();
      const bool unseen = seen && answers_in(row) > *seen;
      changed = changed || now.state != summary.state || now.pending != summary.pending || unseen != summary.unseen;
      summary.state = now.state;
      summary.pending = now.pending;
      summary.unseen = unseen;
      return outcome.has_value();
    }, [&](const DossierKey& at, const Error&) { broken.push_back(at); }));
    for (const DossierKey& at : broken) {
      const auto known = rows.find(at);
      if (known != rows.end()) known->second.round = round;
      if (known != rows.end() && known->second.summary.unreadable) continue;
      KHUOI_TRY(const std::uint32_t number, replica.dossiers().number_of(txn, at));
      std::size_t& octets = searched_octets_[static_cast<std::size_t>(domain)];
      Kept& place = rows[at];
      octets -= place.summary.searched.size();
      place = {Bytes(), marked(at, at.id, number), round};
      octets += place.summary.searched.size();
      changed = true;
    }
    for (auto one = rows.begin(); outcome && one != rows.end();) {
      const bool gone = one->second.round != round;
      if (gone) searched_octets_[static_cast<std::size_t>(domain)] -= one->second.summary.searched.size();
      one = gone ? rows.erase(one) : std::next(one);
      changed = changed || gone;
    }
    return outcome;
  }));
  for (std::size_t done = 0; done < stale.size();) {
    KHUOI_TRY(const std::size_t more, fill(domain, keys, std::span(stale).subspan(done)));
    done += more;
  }
  if (stale.empty()) return changed;
  KHUOI_TRY_VOID(refresh(domain, key));  // states of what is new; nothing is stale any more
  return true;
}

Result<void> Shelf::read_all() {
  const std::uint64_t until = changes_;
  for (const Domain domain : {Domain::general, Domain::health}) {
    const Keys keys = sessions_.keys_of(domain);
    KHUOI_TRY(const bool other, refresh(domain, keys ? &keys->front() : nullptr));
    bool& untold = domain == Domain::health ? untold_.health : untold_.general;
    untold = untold || other;
  }
  followed_ = until;
  return {};
}

Result<Domains> Shelf::refresh() {
  const std::lock_guard alone(refresh_mutex_);
  KHUOI_TRY_VOID(read_all());
  return std::exchange(untold_, Domains());
}

Result<void> Shelf::follow() {
  if (changes_ == followed_) return {};
  const std::lock_guard alone(refresh_mutex_);
  return read_all();
}

void Shelf::each(const Domains& domains, const std::function<void(const Summary&, Domain)>& visit) {
  const std::lock_guard held(mutex_);
  std::vector<std::pair<const Summary*, Domain>> all;
  for (const Domain domain : {Domain::general, Domain::health}) {
    if (!domains.has(domain)) continue;
    for (const auto& [key, kept] : rows_[static_cast<std::size_t>(domain)]) all.emplace_back(&kept.summary, domain);
  }
  std::ranges::sort(all, {}, [](const auto& one) { return one.first->number; });
  for (const auto& [summary, domain] : all) visit(*summary, domain);
}

}  // namespace khuoi::http
