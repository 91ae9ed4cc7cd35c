#include "sync/dossiers/dossier_reader.h"

#include <algorithm>

#include "sync/seal/hash.h"

namespace khuoi::sync {

namespace {

const Bytes* payload_of(const Plain& plain) {
  if (const auto* submission = std::get_if<Submission>(&plain.body)) return &submission->payload;
  if (const auto* edit = std::get_if<Edit>(&plain.body)) return &edit->payload;
  return nullptr;
}

DossierEvent event_of(const DossierRecord& record) {
  DossierEvent event;
  const Plain& plain = record.plain;
  event.ref = record.ref;
  event.kind = plain.kind;
  event.wall = plain.at.wall;
  if (const std::vector<Ref>* seen = seen_of(plain.body)) event.seen = *seen;
  if (record.is_version()) {
    event.instance_id = record.facts.instance_id;
    event.deprecated_id = record.facts.deprecated_id;
    event.content = record.content;
  }
  if (const auto* pick = std::get_if<Pick>(&plain.body)) event.chosen = pick->chosen;
  if (const auto* state = std::get_if<StateChange>(&plain.body)) event.state = *state;
  if (const auto* withdrawal = std::get_if<Withdrawal>(&plain.body)) event.reason = withdrawal->reason;
  if (const auto* manifest = std::get_if<Manifest>(&plain.body)) event.file = manifest->file;
  return event;
}

}  // namespace

Result<Bytes> DossierReader::xml_of(const ReadTxn& txn, const Plain& plain, std::size_t octets_max) {
  const Bytes* payload = payload_of(plain);
  if (payload == nullptr) return fail(Errc::not_found, "this record holds no submission");
  return library_.decode(txn, *payload, octets_max);
}

Result<InstanceFacts> DossierReader::facts_of(const ReadTxn& txn, const Plain& plain, ByteView xml) {
  const Bytes* payload = payload_of(plain);
  if (payload == nullptr) return fail(Errc::not_found, "this record holds no submission");
  return library_.facts_of(txn, *payload, xml);
}

Result<std::optional<InstanceFacts>> DossierReader::facts_by_model(const ReadTxn& txn, const Plain& plain, ByteView xml) {
  const Bytes* payload = payload_of(plain);
  if (payload == nullptr) return fail(Errc::not_found, "this record holds no submission");
  return library_.facts_by_model(txn, *payload, xml);
}

std::optional<Unreadable> DossierReader::read_one(const ReadTxn& txn, const DossierRow::Item& item, Keep keep,
                                                  DossierRecord& out) {
  const auto cannot = [&](const Error& why) { return Unreadable{item.ref, item.kind, why.code, why.what}; };
  auto plain = run_keys_.read(txn, item.ref);
  if (!plain) return cannot(plain.error());
  out.ref = item.ref;
  out.plain = std::move(*plain);
  if (!out.is_version()) return std::nullopt;
  auto xml = xml_of(txn, out.plain);
  if (!xml) return cannot(xml.error());
  out.content = hash_id<Id<struct ContentTag, 16>>(*xml).value;
  auto facts = facts_of(txn, out.plain, *xml);
  if (!facts) return cannot(facts.error());
  if (keep == Keep::xml) out.xml = std::move(*xml);
  out.facts = std::move(*facts);
  if (auto* submission = std::get_if<Submission>(&out.plain.body)) submission->payload = Bytes();
  if (auto* edit = std::get_if<Edit>(&out.plain.body)) edit->payload = Bytes();
  return std::nullopt;
}

DossierReader::Content DossierReader::read(const ReadTxn& txn, const DossierRow& row, Keep keep) {
  Content out;
  for (const DossierRow::Item& item : row.items) {
    DossierRecord record;
    if (auto failed = read_one(txn, item, keep, record)) {
      out.unreadable.push_back(std::move(*failed));
    } else {
      out.records.push_back(std::move(record));
    }
  }
  return out;
}

bool DossierReader::Content::has_locked() const {
  return std::ranges::any_of(unreadable, [](const Unreadable& one) { return one.code == Errc::locked; });
}

namespace {
bool waits(const Unreadable& one) {
  return one.code == Errc::locked || one.code == Errc::not_found || one.code == Errc::unsupported;
}
}  // namespace

bool DossierReader::Content::may_be_read_later() const { return std::ranges::any_of(unreadable, waits); }

bool DossierReader::Content::has_damaged() const { return !std::ranges::all_of(unreadable, waits); }

std::string DossierReader::Content::problem() const {
  if (unreadable.empty()) return {};
  const Unreadable& first = unreadable.front();
  const std::string more =
      unreadable.size() == 1 ? std::string() : " (and " + std::to_string(unreadable.size() - 1) + " more records)";
  return "its " + std::string(name_of(first.kind)) + " cannot be read: " + first.why + more;
}

DossierView fold_of(const DossierReader::Content& content) {
  std::vector<DossierEvent> events;
  events.reserve(content.records.size());
  for (const DossierRecord& record : content.records) events.push_back(event_of(record));
  return fold(events);
}

}  // namespace khuoi::sync
