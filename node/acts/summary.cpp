#include "node/acts/summary.h"

#include <algorithm>

#include "node/engine/node_rows.h"
#include "node/forms/built_in.h"
#include "sync/record/answers.h"

namespace khuoi::node {

using sync::DossierKey;
using sync::DossierRow;
using sync::ReplicaReader;

namespace {

constexpr std::size_t label_octets_max = 200;
constexpr std::size_t date_octets = 10;  // also of a date with a time behind it
/// Of what a dossier says, so much is found by searching. What hands in may be anybody, and XML unpacks to a hundred
/// times what was sent.
constexpr std::size_t searched_octets_max = 8U << 10U;

constexpr std::size_t version_octets_max = 1024;  // who hands in may write a megabyte there
constexpr std::size_t few_items = 4;

std::array<std::uint8_t, 8> mark_of(const std::optional<sync::FormEntry>& form) {
  std::array<std::uint8_t, 8> out{};
  if (form) std::ranges::copy(form->hash.view().first(out.size()), out.begin());
  return out;
}

bool may_be_kept(const Summary& made) { return made.problem.empty() && made.version.size() < version_octets_max; }

constexpr node::NodeRows<DossierKey, std::uint64_t> seen_rows{node::NodeRow::answers_seen,
                                                              "how many answers were seen"};

/// Cut where a character ends.
std::string_view beginning(std::string_view text, std::size_t octets_max) {
  if (text.size() <= octets_max) return text;
  std::size_t end = octets_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end);
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
  std::string all = out.title + " " + out.code;
  for (const auto& [path, text] : answers) {
    if (all.size() >= searched_octets_max) break;
    if (path.ends_with("instanceID")) continue;
    all.append(" ").append(beginning(text, searched_octets_max));
  }
  out.searched = searched_text(all);
}

/// By the fields that the form marks; where it marks none, by those of the usual names.
void take_follow_up(Summary& out, const sync::Answers& answers, const sync::FormFacts* form) {
  const bool marked = form != nullptr && !form->follow_up.day.empty();
  const FollowUpNames usual = follow_up_names();
  const auto day = marked ? sync::answer_at(answers, form->follow_up.day) : sync::answer_named(answers, usual.day);
  out.follow_up = beginning(day, date_octets);
  if (out.follow_up.empty()) return;
  out.follow_up_question = marked ? std::string_view(form->follow_up.what) : usual.what;
  out.follow_up_what = shortened(marked ? sync::answer_at(answers, out.follow_up_question)
                                        : sync::answer_named(answers, out.follow_up_question));
}

}  // namespace

std::string shortened(std::string_view text) {
  const std::string_view kept = beginning(text, label_octets_max);
  return std::string(kept) + (kept.size() < text.size() ? "…" : "");
}

Result<std::uint64_t> answers_seen(const sync::ReadTxn& txn, const DossierKey& key) {
  return seen_rows.get_or_new(txn, key);
}

Result<void> put_answers_seen(sync::Batch& batch, const DossierKey& key, std::uint64_t count) {
  return seen_rows.put(batch, key, count);
}

std::uint32_t answers_in(const DossierRow& row) {
  return static_cast<std::uint32_t>(std::ranges::count(row.items, sync::Kind::state, &DossierRow::Item::kind));
}

std::string found_always(const Summary& summary) {
  return searched_text(std::to_string(summary.number) + " " + summary.title + " " + summary.code + " " + summary.label);
}

void fill(sync::DossierEntry& to, const Summary& summary) {
  to.code = summary.code;
  to.problem = summary.problem;
  if (summary.form.empty()) return;
  to.form = summary.form;
  to.version = summary.version;
  to.instance_id = summary.instance_id;
  to.attachments = {summary.files_have, summary.files_of};
}

Result<const std::optional<sync::FormEntry>*> Summaries::form_of(const std::string& id, const std::string& version) {
  const auto [place, fresh] = forms_.try_emplace({id, version});
  if (fresh) {
    KHUOI_TRY(place->second, reader_.library().form(txn_, id, version));
  }
  return &place->second;
}

Result<std::optional<SummaryWords>> Summaries::kept(const DossierRow& row) {
  KHUOI_TRY(const auto octets, reader_.summaries().of(txn_, row.number, row.domain));
  if (!octets) return std::optional<SummaryWords>();
  auto words = part_of<SummaryWords>(*octets);
  if (!words) return words;  // of another program
  KHUOI_TRY(const auto* form, form_of(words->form, words->version));
  return mark_of(*form) == words->form_mark ? std::move(words) : std::nullopt;
}

/// Only a commune compares people: at a hamlet nothing of it is made.
void Summaries::take_people(const sync::Answers& answers, const std::optional<sync::FormEntry>& form, Summary& out) {
  if (!reader_.self().is_commune()) return;
  out.people = identities_of(answers);
  if (!form || !labels_may_tell(answers, out.people)) return;
  const auto xml = reader_.library().xml(txn_, form->hash);
  const auto labels = xml ? sync::read_form_labels(*xml, "vi") : Result<sync::FormLabels>(xml.error());
  if (labels) out.people = identities_of(answers, &*labels);
}

Result<void> Summaries::take_version(const sync::DossierRecord& version, Summary& out) {
  out.form = version.facts.head.form_id;
  out.version = beginning(version.facts.head.version, version_octets_max);
  out.instance_id = version.facts.instance_id;
  KHUOI_TRY(const auto* form, form_of(out.form, version.facts.head.version));
  if (*form) out.title = shortened((*form)->title);
  out.form_mark = mark_of(*form);
  const auto facts = *form ? reader_.library().facts(txn_, (*form)->hash) : Result<const sync::FormFacts*>(nullptr);
  const auto answers = sync::read_answers(version.xml);
  if (answers) take_words(out, *answers);
  if (answers) take_people(*answers, *form, out);
  if (answers) take_follow_up(out, *answers, facts ? *facts : nullptr);
  return {};
}

Result<void> Summaries::make(const DossierRow& row, Summary& out) {
  // The XML of versions that are not shown is not kept beside each other: there may be a thousand.
  const auto keep = row.items.size() <= few_items ? sync::DossierReader::Keep::xml : sync::DossierReader::Keep::facts;
  sync::DossierReader& records = reader_.dossiers().reader();
  return make_of(records.read(txn_, row, keep), out);
}

Bytes Summaries::words_of_first(sync::DossierRecord&& first) {
  Summary out;
  sync::DossierReader::Content content;
  content.records.push_back(std::move(first));
  const auto made = make_of(std::move(content), out);
  return made && may_be_kept(out) ? octets_of_part(static_cast<const SummaryWords&>(out)) : Bytes();
}

Bytes words_of_first(ReplicaReader& reader, const sync::ReadTxn& txn, sync::DossierRecord&& first) {
  return Summaries(reader, txn).words_of_first(std::move(first));
}

Result<void> Summaries::make_of(sync::DossierReader::Content content, Summary& out) {
  out.problem = content.problem();
  const sync::DossierView seen = sync::fold_of(content);
  if (seen.state) out.code = shortened(seen.state->code);
  if (!seen.history.empty()) {
    const auto last = std::ranges::find(content.records, seen.history.back(), &sync::DossierRecord::ref);
    const auto* change = last != content.records.end() ? std::get_if<sync::StateChange>(&last->plain.body) : nullptr;
    if (change != nullptr) out.due = shortened(change->due);
  }
  const auto first = std::ranges::find_if(content.records, &sync::DossierRecord::is_version);
  if (first != content.records.end()) out.at = first->plain.at.wall.value;
  const auto current = std::ranges::find_if(
      content.records, [&](const sync::DossierRecord& one) { return seen.current && one.ref == *seen.current; });
  if (current == content.records.end()) return {};
  if (current->xml.empty()) {
    const auto xml = reader_.views().xml(txn_, current->ref);
    if (xml) current->xml = *xml;
  }
  const auto files = sync::files_of_versions(txn_, content);
  for (const sync::VersionFile& file : files.at(current->ref)) {
    ++out.files_of;
    if (file.facts) out.files.push_back(sync::file_id_of(file.facts->key));
  }
  out.octets_read = current->xml.size() * std::max<std::size_t>(1, content.records.size() + content.unreadable.size());
  return take_version(*current, out);
}

Result<Summary> Summaries::of(const DossierKey& key, const DossierRow& row) {
  Summary out;
  out.key = key;
  out.id = row.shown;
  out.number = row.number;
  out.erased = row.erased;
  out.conflict = row.conflict;
  out.withdrawal_asked = row.withdrawal_asked;
  out.answers = answers_in(row);
  if (row.erased) return out;
  KHUOI_TRY(auto words, kept(row));
  if (words) {
    static_cast<SummaryWords&>(out) = std::move(*words);
    KHUOI_TRY(const auto* form, form_of(out.form, out.version));
    if (*form) out.title = shortened((*form)->title);
  } else {
    KHUOI_TRY_VOID(make(row, out));
    const bool stays = may_be_kept(out) && !row.stale;
    if (stays) made_.push_back({key, octets_of_part(sync::StoredDossier{key, row}), octets_of_part(static_cast<const SummaryWords&>(out))});
  }
  out.searched = beginning(std::to_string(out.number) + " " + out.searched, searched_octets_max);
  for (const sync::FileId& file : out.files) {
    const auto status = sync::Files::status(txn_, file);
    out.files_have += status && status->complete ? 1 : 0;  // one whose row is damaged is not all here
  }
  return out;
}

Result<void> Summaries::keep(sync::Replica& replica, sync::Batch& batch, const std::vector<Made>& made) {
  for (const Made& one : made) {
    const auto row = replica.dossiers().row(batch.txn, one.key);
    if (!row || !*row || octets_of_part(sync::StoredDossier{one.key, **row}) != one.row) continue;
    const auto kept = replica.summaries().put(batch, (*row)->number, (*row)->domain, one.words);
    if (!kept && kept.error().code != Errc::locked) return kept.error();
  }
  return {};
}

}  // namespace khuoi::node
