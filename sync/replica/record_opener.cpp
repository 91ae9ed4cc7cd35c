#include "sync/replica/record_opener.h"

#include <utility>

#include "sync/log/acceptance_rules.h"
#include "sync/record/kinds.h"

namespace khuoi::sync {

namespace {
constexpr std::size_t runs_max = 256;  // the context of each is in a locked page

bool may_be_opened(const ReplicaReader& reader, const Header& header) {
  const NodeFacts* author = reader.roster().node(header.author);
  return header.record_class == Class::sealed && header.number >= 2 && author != nullptr && !author->revoked;
}
}  // namespace

/// Whoever takes it in compares it with the one that is held: here its signature is enough.
void RecordOpener::note_opener(ReplicaReader& reader, const Sealed& record) {
  const Header& header = record.header;
  const auto opener = verified_opener(reader.membership(), record);
  if (!opener || runs_.contains(run_of(header.ref()))) return;
  if (runs_.size() >= runs_max) runs_.clear();
  Run run;
  run.row.audience = header.audience;
  run.row.opener = *opener;
  runs_.emplace(run_of(header.ref()), std::move(run));
}

RecordOpener::Run* RecordOpener::run_of_record(ReplicaReader& reader, const ReadTxn& txn, const Header& header) {
  const RunKey key = run_of(header.ref());
  const auto known = runs_.find(key);
  if (known != runs_.end()) return &known->second;
  const auto row = reader.runs().find(txn, key);
  if (!row || *row == nullptr || (*row)->is_public || !(*row)->held.contains(0)) return nullptr;
  if (runs_.size() >= runs_max) runs_.clear();
  Run run;
  run.row.audience = (*row)->audience;
  run.row.opener = (*row)->opener;
  return &runs_.emplace(key, std::move(run)).first->second;
}

void RecordOpener::decode_version(ReplicaReader& reader, const ReadTxn& txn, const Ref& ref, OpenedRecord& out) {
  if (!is_version(out.plain.kind) || xml_octets_ >= xml_octets_at_once) return;
  DossierReader& records = reader.dossiers().reader();
  auto xml = records.xml_of(txn, out.plain, submission_xml_octets_max);
  xml_octets_ += xml ? xml->size() : submission_xml_octets_max;
  if (!xml) return;
  auto facts = records.facts_by_model(txn, out.plain, *xml);
  if (!facts || !*facts) return;
  out.version.emplace(DecodedVersion{std::move(**facts), {}});
  if (!make_words_ || out.plain.kind != Kind::submission) return;
  DossierRecord first;
  first.ref = ref;
  first.plain.kind = out.plain.kind;
  first.plain.domain = out.plain.domain;
  first.plain.at = out.plain.at;
  first.plain.body = Submission{};
  first.xml = std::move(*xml);
  first.facts = out.version->facts;
  out.version->words = make_words_(reader, txn, std::move(first));
}

std::optional<OpenedRecord> RecordOpener::open_one(ReplicaReader& reader, const ReadTxn& txn, const Sealed& record) {
  const Header& header = record.header;
  Run* run = may_be_opened(reader, header) ? run_of_record(reader, txn, header) : nullptr;
  if (run == nullptr || run->row.audience != header.audience) return std::nullopt;
  const auto header_octets = header.encoded();
  if (!run->context) {
    auto context = reader.run_keys().make_context(run_of(header.ref()), run->row, header.number, header_octets, record.body);
    if (!context) return std::nullopt;
    run->context.emplace(std::move(*context));
  }
  auto plain = open_with(*run->context, header.number, run->row, header_octets, record.body);
  if (!plain) return std::nullopt;
  OpenedRecord out;
  out.with = run->row.opener;
  out.roster_statements = roster_statements_;
  out.plain = std::move(*plain);
  decode_version(reader, txn, header.ref(), out);
  return out;
}

std::vector<std::optional<OpenedRecord>> RecordOpener::open(ReplicaReader& reader, const ReadTxn& txn,
                                                            std::span<const Sealed> records) {
  std::vector<std::optional<OpenedRecord>> out(records.size());
  // A hamlet's keys are people's, who may lock it meanwhile.
  if (!reader.self().is_commune()) return out;
  const std::size_t statements = reader.roster().statements().size();
  if (std::exchange(roster_statements_, statements) != statements) runs_.clear();
  xml_octets_ = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Header& header = records[i].header;
    if (header.commune != reader.self().commune || header.author == reader.self().node) continue;
    if (header.record_class == Class::opener) note_opener(reader, records[i]);
    else out[i] = open_one(reader, txn, records[i]);
  }
  return out;
}

}  // namespace khuoi::sync
