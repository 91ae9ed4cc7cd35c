#include "node/acts/audit_rows.h"

#include <algorithm>
#include <chrono>

#include "sync/seal/hash.h"

namespace khuoi::node {

namespace {

constexpr std::int64_t seconds_a_day = 86400;
constexpr std::int64_t vietnam_is_ahead_seconds = 7 * 3600;

/// Behind the prefix of the signature, so that none of one kind passes for the other.
enum class SignedAudit : std::uint8_t { head = 1, day = 2 };

Bytes signed_octets_of(const AuditHeadRow& head) {
  return octets_of_part(std::tuple(SignedAudit::head, head.count, head.hash, head.day));
}

Bytes signed_octets_of(const AuditDayRow& row, AuditDay day, const AuditHash& hash) {
  return octets_of_part(std::tuple(SignedAudit::day, day, row.number, hash));
}

}  // namespace

std::string_view name_of(Act::By by) {
  switch (by) {
    case Act::By::page:
      return "page";
    case Act::By::command:
      return "command";
    case Act::By::service:
      return "service";
  }
  return {};
}

AuditDay audit_day_of(UnixSeconds at) {
  // No clock shows such times; a damaged row may.
  const std::int64_t latest = std::int64_t{0xffffffff} * seconds_a_day;
  const std::int64_t seconds = std::clamp<std::int64_t>(at.value, 0, latest - vietnam_is_ahead_seconds);
  return static_cast<AuditDay>((seconds + vietnam_is_ahead_seconds) / seconds_a_day);
}

std::string text_of_audit_day(AuditDay day) {
  const std::int64_t told = std::min<std::int64_t>(day, 10'000'000);  // past year 9999 it tells nothing anyhow
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(told))};
  const auto two = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())) + "-" +
         two(static_cast<unsigned>(date.day()));
}

std::optional<AuditEntryRow> audit_entry_of(ByteView value) {
  auto row = part_of<AuditEntryRow>(value);
  if (row && name_of(row->act.by).empty()) return std::nullopt;
  return row;
}

AuditHash audit_hash(const CommuneId& commune, const AuditHash& before, std::uint64_t number, ByteView octets) {
  constexpr std::string_view prefix("khuoi/1/audit entry\0", 20);
  const Bytes hash = sync::Blake2b(sizeof(AuditHash))
                         .add(view_of(prefix))
                         .add(commune.view())
                         .add(before)
                         .add(octets_of_part(number))
                         .add(octets)
                         .finish();
  AuditHash out{};
  std::ranges::copy(hash, out.begin());
  return out;
}

bool AuditKey::signed_by(const AuditHeadRow& head) const {
  return sync::verify(sign, sync::Purpose::audit, commune, {signed_octets_of(head)}, head.signature);
}

bool AuditKey::signed_by(const AuditDayRow& row, AuditDay day, const AuditHash& hash) const {
  return sync::verify(sign, sync::Purpose::audit, commune, {signed_octets_of(row, day, hash)}, row.signature);
}

void AuditSigner::sign(AuditHeadRow& head) const {
  head.signature = sync::sign(secret, sync::Purpose::audit, commune, {signed_octets_of(head)});
}

void AuditSigner::sign(AuditDayRow& row, AuditDay day, const AuditHash& hash) const {
  row.signature = sync::sign(secret, sync::Purpose::audit, commune, {signed_octets_of(row, day, hash)});
}

}  // namespace khuoi::node
