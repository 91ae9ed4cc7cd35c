#pragma once

#include <map>

#include "node/acts/audit_log.h"
#include "tests/support/replica_pair.h"

namespace khuoi::tests {

using AuditRows = std::map<Bytes, Bytes>;

inline constexpr std::int64_t one_day = 86400;
/// 2026-10-01 00:00 at +07:00.
inline constexpr std::int64_t audit_midnight = 1790787600;

inline bool is_audit_row(ByteView key) { return key[0] >= 0x0a && key[0] <= 0x0c; }
inline Bytes audit_key_of(node::NodeRow kind, std::uint64_t number) { return octets_of_part(std::tuple(kind, number)); }
inline const Bytes audit_head_key{0x0b};

inline node::AuditLog::Known known_head(std::uint64_t number, const node::AuditHash& hash) { return {number, to_bytes(hash)}; }

/// A commune whose log is written and tampered with.
struct AuditHall {
  TestNode node{sync::Role::commune, "Sảng Mộc", 1};
  const node::AuditKey key = node::AuditKey::of(node.replica->membership());

  void note(const node::Act& act) {
    node.work([&](sync::Batch& batch) { return node::AuditLog::note(*node.replica, batch, act); });
  }
  void note_nth(int n) {
    const auto by = n % 2 == 0 ? node::Act::By::page : node::Act::By::command;
    note({"clerk " + std::to_string(n % 3), by, n % 5 == 0 ? "form add" : "state", "1f0c9a" + std::to_string(n),
          n % 4 == 0 ? "" : "đã nhận"});
  }
  void at_second(std::int64_t seconds) { node.now.wall.value = seconds; }
  void tick() {
    node.work([&](sync::Batch& batch) { return node::sign_finished_day(*node.replica, batch); });
  }
  [[nodiscard]] AuditRows rows() const {
    AuditRows out;
    auto txn = node.disk->begin_read();
    REQUIRE(txn);
    REQUIRE((*txn)->scan(sync::Table::node, {}, [&](ByteView at, ByteView value) {
      if (is_audit_row(at)) out.emplace(to_bytes(at), to_bytes(value));
    }));
    return out;
  }
  /// These instead of what is there.
  void put_rows(const AuditRows& wanted) const {
    auto txn = node.disk->begin_write();
    REQUIRE(txn);
    const AuditRows there = rows();
    for (const auto& [at, value] : there) {
      if (!wanted.contains(at)) REQUIRE((*txn)->erase(sync::Table::node, at));
    }
    for (const auto& [at, value] : wanted) REQUIRE((*txn)->put(sync::Table::node, at, value));
    REQUIRE((*txn)->commit());
  }
  [[nodiscard]] node::AuditLog::Verified verify(const std::optional<node::AuditLog::Known>& expected = std::nullopt) const {
    auto txn = node.disk->begin_read();
    REQUIRE(txn);
    auto out = node::AuditLog::verify(key, **txn, expected);
    INFO((out ? std::string() : out.error().what));
    REQUIRE(out);
    return *out;
  }
  [[nodiscard]] std::string wrong() const { return verify().wrong; }
  [[nodiscard]] std::vector<node::AuditLog::Entry> entries(const node::AuditLog::Filter& filter = {}) const {
    std::vector<node::AuditLog::Entry> out;
    auto txn = node.disk->begin_read();
    REQUIRE(txn);
    std::optional<std::uint64_t> from;
    do {
      auto more = node::AuditLog::newest(**txn, filter, from, 7, [&](const node::AuditLog::Entry& one) { out.push_back(one); });
      REQUIRE(more);
      from = *more;
    } while (from);
    return out;
  }
  [[nodiscard]] std::size_t count_of(node::NodeRow kind) const {
    std::size_t count = 0;
    for (const auto& [at, value] : rows()) count += at[0] == static_cast<std::uint8_t>(kind) ? 1 : 0;
    return count;
  }
};

/// Forty entries on four days.
struct FullAuditHall : AuditHall {
  FullAuditHall() {
    for (int n = 1; n <= 40; ++n) {
      at_second(audit_midnight + (n - 1) / 10 * one_day + n * 60);
      note_nth(n);
    }
  }
};

}  // namespace khuoi::tests
