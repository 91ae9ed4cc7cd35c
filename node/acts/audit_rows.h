#pragma once

#include "node/engine/node_rows.h"
#include "sync/membership/membership.h"

namespace khuoi::node {

// The rows of a commune's audit log, drawn in node/acts/AUDIT.md. They are kept as octets and decoded one by one: a damaged
// row costs itself only, and a hash covers what is stored, whatever it decodes to.

/// What somebody did.
struct Act {
  /// By what it was done.
  enum class By : std::uint8_t { page = 0, command = 1, service = 2 };
  std::string person = {};  ///< whose passphrase it was; empty: nobody is known
  By by = By::page;
  std::string what = {};    ///< one word or two, as a command is called: "state", "form add"
  std::string target = {};  ///< the id or name of what it was done to
  std::string detail = {};  ///< a sentence, or empty
};
std::string_view name_of(Act::By by);

/// Longer texts are cut, between two characters.
struct AuditLimits {
  static constexpr std::size_t person_octets = 128, what_octets = 64, target_octets = 128, detail_octets = 1000;
};

using AuditHash = std::array<std::uint8_t, 32>;
/// Days since 1970 at +07:00, the time of all of Vietnam.
using AuditDay = std::uint32_t;
AuditDay audit_day_of(UnixSeconds at);
/// "2026-01-31".
std::string text_of_audit_day(AuditDay day);

/// Row 0a without its number, which is the key.
struct AuditEntryRow {
  AuditHash hash{};  ///< of the chain up to here; covers all that follows
  UnixSeconds at = {};
  AuditDay day = 0;           ///< the greatest of any entry so far
  bool trusted = false;       ///< the clock had not gone back
  bool head_damaged = false;  ///< the log did not end as its head said when this was written
  Act act = {};
  static auto parts(auto& row) {
    return parts_of(row.hash, row.at, row.day, Flags(row.trusted, row.head_damaged), row.act.by,
                    Counted(row.act.person, AuditLimits::person_octets), Counted(row.act.what, AuditLimits::what_octets),
                    Counted(row.act.target, AuditLimits::target_octets), Counted(row.act.detail, AuditLimits::detail_octets));
  }
};
/// Nothing when it does not decode.
std::optional<AuditEntryRow> audit_entry_of(ByteView value);

/// Row 0b.
struct AuditHeadRow {
  std::uint64_t count = 0;
  AuditHash hash{};  ///< of entry `count`
  AuditDay day = 0;  ///< of entry `count`
  sync::Signature signature{};
  static auto parts(auto& row) { return parts_of(row.count, row.hash, row.day, row.signature); }
};

/// Row 0c; the day is the key.
struct AuditDayRow {
  std::uint64_t number = 0;  ///< the last entry of the day
  sync::Signature signature{};
  static auto parts(auto& row) { return parts_of(row.number, row.signature); }
};

inline constexpr NodeRows<std::uint64_t, Bytes> audit_entries{NodeRow::audit_entry, "an entry of the audit log"};
inline constexpr NodeRows<std::tuple<>, Bytes> audit_heads{NodeRow::audit_head, "the head of the audit log"};
inline constexpr NodeRows<AuditDay, Bytes> audit_days{NodeRow::audit_day, "a daily signature of the audit log"};

/// The hash of the entry with this number, whose octets behind its own hash these are.
AuditHash audit_hash(const CommuneId& commune, const AuditHash& before, std::uint64_t number, ByteView octets);

/// What a log is checked with.
struct AuditKey {
  CommuneId commune;
  sync::SignPublic sign{};
  static AuditKey of(const sync::Membership& members) { return {members.self.commune, members.keys.sign().public_key}; }
  [[nodiscard]] bool signed_by(const AuditHeadRow& head) const;
  [[nodiscard]] bool signed_by(const AuditDayRow& row, AuditDay day, const AuditHash& hash) const;
};
/// What a log is signed with.
struct AuditSigner {
  const sync::Secret& secret;
  CommuneId commune;
  static AuditSigner of(const sync::Membership& members) { return {members.keys.sign().secret_key, members.self.commune}; }
  void sign(AuditHeadRow& head) const;
  void sign(AuditDayRow& row, AuditDay day, const AuditHash& hash) const;
};

}  // namespace khuoi::node
