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
  std::string all = std::to_string(out.number) + " " + out.title + " " + out.code;
  out.found_always = searched_text(all + " " + out.label);
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

Result<Summary> summarise(ReplicaReader& reader, const sync::ReadTxn& txn, const DossierKey& key, const DossierRow& row) {
  Summary out;
  out.key = key;
  out.id = row.shown;
  out.number = row.number;
  out.erased = row.erased;
  out.conflict = row.conflict;
  out.answers = answers_in(row);
  if (row.erased) return out;
  KHUOI_TRY(const sync::DossierDetail detail, reader.views().detail(txn, key, sync::DossierReader::Keep::facts));
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
  KHUOI_TRY(const auto form, reader.library().form(txn, out.form, out.version));
  if (form) out.title = shortened(form->title);
  const auto facts = form ? reader.library().facts(txn, form->hash) : Result<const sync::FormFacts*>(nullptr);
  const auto xml = reader.views().xml(txn, current->ref);
  const auto answers = xml ? sync::read_answers(*xml) : Result<sync::Answers>(xml.error());
  if (answers) take_words(out, *answers);
  if (answers) take_follow_up(out, *answers, facts ? *facts : nullptr);
  if (xml) out.octets_read = xml->size() * detail.versions.size();
  return out;
}

}  // namespace khuoi::node
