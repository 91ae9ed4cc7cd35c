#include "node/acts/audit_log.h"

#include "node/engine/log.h"
#include "sync/base/nfc.h"

namespace khuoi::node {

using sync::Batch;
using sync::ReadTxn;
using sync::Replica;

namespace {

/// No log comes near it; rows with greater numbers are none of ours, and no new entry goes behind them.
constexpr std::uint64_t audit_number_max = std::uint64_t{1} << 48U;

Bytes key_of_audit_entry(std::uint64_t number) { return octets_of_part(std::tuple(NodeRow::audit_entry, number)); }

/// A key of the kind `audit_entry`, whoever made it: a key of ours is 9 octets long.
struct FoundAuditRow {
  std::uint64_t number = 0;
  bool well_formed = true;
  std::optional<std::uint64_t> below;  ///< where a walk down goes on
  Bytes value;
};

/// The last row of an entry up to this number.
Result<std::optional<FoundAuditRow>> audit_row_up_to(const ReadTxn& txn, std::uint64_t number) {
  KHUOI_TRY(auto found, txn.last_up_to(sync::Table::node, key_of_audit_entry(number)));
  if (!found || found->first.front() != static_cast<std::uint8_t>(NodeRow::audit_entry)) return std::optional<FoundAuditRow>();
  FoundAuditRow out;
  Bytes& key = found->first;
  out.well_formed = key.size() == 9;
  const bool longer = key.size() > 9;  // then it stands behind the key of nine octets that it begins with
  key.resize(9);
  out.number = *part_of<std::uint64_t>(ByteView(key).subspan(1));
  if (longer) out.below = out.number;
  else if (out.number > 0) out.below = out.number - 1;
  out.value = std::move(found->second);
  return std::optional(std::move(out));
}

/// Where the next entry goes.
struct AuditEnd {
  std::uint64_t count = 0;
  AuditHash hash{};
  std::optional<AuditDay> day;  ///< none where there is no entry, or none that can be read
  UnixSeconds at;               ///< of the last entry
  std::string damage;           ///< a sentence when the log does not end as its head says
};

AuditEnd end_by_head(const AuditHeadRow& head) { return {head.count, head.hash, head.day, {}, {}}; }

/// The head is gone or not the commune's: the last entry is all there is to go on from.
AuditEnd end_by_entry(std::uint64_t number, const std::optional<AuditEntryRow>& entry) {
  AuditEnd out;
  out.count = number;
  if (!entry) return out;
  out.hash = entry->hash;
  out.day = entry->day;
  out.at = entry->at;
  return out;
}

Result<AuditEnd> audit_end(const AuditKey& key, const ReadTxn& txn) {
  KHUOI_TRY(const auto head_octets, audit_heads.get(txn, {}));
  KHUOI_TRY(const auto last, audit_row_up_to(txn, audit_number_max));
  if (!head_octets && !last) return AuditEnd();
  const auto head = head_octets ? part_of<AuditHeadRow>(*head_octets) : std::nullopt;
  const std::uint64_t number = last ? last->number : 0;
  const auto entry = last && last->well_formed ? audit_entry_of(last->value) : std::nullopt;
  if (!head || !key.signed_by(*head)) {
    AuditEnd out = end_by_entry(number, entry);
    out.damage = head_octets ? "the log's head was damaged" : "the log's head was missing";
    return out;
  }
  if (entry && number == head->count && entry->hash == head->hash) {
    AuditEnd out = end_by_head(*head);
    out.at = entry->at;
    return out;
  }
  // The number goes behind both, so that no row that is there is written over.
  AuditEnd out = number > head->count ? end_by_entry(number, entry) : end_by_head(*head);
  out.damage = "the log ended with entry " + std::to_string(number) + ", " +
               (number == head->count ? "which was not the one that its head names"
                                      : "and its head named entry " + std::to_string(head->count));
  return out;
}

/// Between two characters; what is no UTF-8 loses its octets past ASCII.
std::string cut_for_audit(const std::string& text, std::size_t octets_max) {
  std::string out = text.substr(0, octets_max + 1);
  if (out.size() > octets_max) {
    std::size_t end = octets_max;
    while (end > 0 && octets_max - end < 4 && (static_cast<unsigned char>(out[end]) & 0xc0U) == 0x80U) --end;
    out.resize(end);
  }
  if (sync::is_utf8(view_of(out))) return out;
  for (char& c : out) {
    if ((static_cast<unsigned char>(c) & 0x80U) != 0) c = '?';
  }
  return out;
}

Act cut_to_limits(const Act& act) {
  return {cut_for_audit(act.person, AuditLimits::person_octets), act.by, cut_for_audit(act.what, AuditLimits::what_octets),
          cut_for_audit(act.target, AuditLimits::target_octets), cut_for_audit(act.detail, AuditLimits::detail_octets)};
}

Result<void> put_audit_day(const Replica& replica, Batch& batch, const AuditEnd& end) {
  AuditDayRow row{.number = end.count};
  AuditSigner::of(replica.membership()).sign(row, *end.day, end.hash);
  return audit_days.put(batch, *end.day, octets_of_part(row));
}

Result<void> append_audit(const Replica& replica, Batch& batch, const Act& act, AuditEnd& end) {
  const AuditDay today = audit_day_of(batch.now.wall);
  AuditEntryRow row{.at = batch.now.wall, .day = std::max(today, end.day.value_or(0)), .head_damaged = !end.damage.empty()};
  row.trusted = today == row.day && row.at >= end.at;
  row.act = cut_to_limits(act);
  // Of a log that may have been cut nothing is signed but that it goes on.
  if (end.day && row.day > *end.day && end.damage.empty()) KHUOI_TRY_VOID(put_audit_day(replica, batch, end));
  const Bytes octets = octets_of_part(row);
  row.hash = audit_hash(replica.self().commune, end.hash, end.count + 1, ByteView(octets).subspan(sizeof(AuditHash)));
  end = {end.count + 1, row.hash, row.day, row.at, {}};
  return audit_entries.put(batch, end.count, octets_of_part(row));
}

bool matches_audit_filter(const AuditLog::Filter& filter, const Act& act) {
  return (filter.person.empty() || act.person == filter.person) && (filter.what.empty() || act.what == filter.what) &&
         act.target.starts_with(filter.target);
}

}  // namespace

Result<void> AuditLog::note(Replica& replica, Batch& batch, const Act& act) {
  if (!replica.self().is_commune()) return {};
  KHUOI_TRY(AuditEnd end, audit_end(AuditKey::of(replica.membership()), batch.txn));
  if (!end.damage.empty()) {
    Act damaged{.by = Act::By::service, .what = "audit damaged"};
    damaged.detail = end.damage + "; entries before this one may be missing";
    KHUOI_TRY_VOID(append_audit(replica, batch, damaged, end));
  }
  KHUOI_TRY_VOID(append_audit(replica, batch, act, end));
  AuditHeadRow head{.count = end.count, .hash = end.hash, .day = *end.day};
  AuditSigner::of(replica.membership()).sign(head);
  return audit_heads.put(batch, {}, octets_of_part(head));
}

Result<std::optional<std::uint64_t>> AuditLog::newest(const ReadTxn& txn, const Filter& filter,
                                                      std::optional<std::uint64_t> from, std::size_t limit,
                                                      const EntryVisitor& visit) {
  std::optional<std::uint64_t> at = from.value_or(~std::uint64_t{0});
  for (std::size_t looked_at = 0; at && limit > 0 && looked_at < rows_looked_at_max; ++looked_at) {
    KHUOI_TRY(const auto found, audit_row_up_to(txn, *at));
    if (!found) return std::optional<std::uint64_t>();
    at = found->below;
    Entry entry{.number = found->number};
    auto row = found->well_formed ? audit_entry_of(found->value) : std::nullopt;
    entry.readable = row.has_value();
    if (row) entry.row = std::move(*row);
    if (entry.readable && !matches_audit_filter(filter, entry.row.act)) continue;
    --limit;
    KHUOI_TRY(const sync::Walk walk, visit(entry));
    if (walk == sync::Walk::stop) break;
  }
  if (!at) return at;
  KHUOI_TRY(const auto more, audit_row_up_to(txn, *at));
  return more ? at : std::optional<std::uint64_t>();
}

Result<void> sign_finished_day(Replica& replica, Batch& batch) {
  if (!replica.self().is_commune()) return {};
  KHUOI_TRY(const AuditEnd end, audit_end(AuditKey::of(replica.membership()), batch.txn));
  if (!end.damage.empty() || !end.day || audit_day_of(batch.now.wall) <= *end.day) return {};
  KHUOI_TRY(const auto there, audit_days.get(batch.txn, *end.day));
  const auto row = there ? part_of<AuditDayRow>(*there) : std::nullopt;
  if (row && row->number == end.count) return {};
  return put_audit_day(replica, batch, end);
}

void sign_finished_day(Engine& engine) {
  engine.post({.run = [](Replica& replica, Batch& batch) { return sign_finished_day(replica, batch); },
               .done =
                   [](const Result<void>& done) {
                     if (!done) log_warning("audit_day_not_signed", {{"why", done.error().what}});
                   },
               .repeatable = true,
               .quiet = true});
}

}  // namespace khuoi::node
