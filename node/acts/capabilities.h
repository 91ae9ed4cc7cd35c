#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <optional>
#include <string_view>
#include <vector>

#include "sync/record/record.h"
#include "sync/seal/slot.h"

namespace khuoi::node {

/// What somebody may do that not everybody may: a row of capability_table each.
enum class Capability : std::uint8_t { read_general, read_health, broadcast, administer };

struct CapabilityRow {
  Capability capability;
  std::string_view name;  ///< of a domain that it reads, on pages; empty: of none
  std::string_view role;  ///< of a commune's account
  std::uint8_t bit;       ///< in rows of the store: never given to another one
  std::optional<sync::Lock> lock;  ///< who holds its key has the capability
  bool hidden;            ///< who lacks it is told that what it opens is not there
};
inline constexpr std::array<CapabilityRow, 4> capability_table = {{
    {Capability::read_general, "general", "clerk", 1, sync::Lock::general, false},
    {Capability::read_health, "health", "health", 2, sync::Lock::health, true},
    {Capability::broadcast, "", "broadcaster", 4, std::nullopt, false},
    {Capability::administer, "", "administrator", 8, sync::Lock::authority, false},
}};

/// A set of capabilities.
class Capabilities final {
 public:
  constexpr Capabilities() = default;
  constexpr Capabilities(Capability one) : bits_(row_of(one).bit) {}  // NOLINT: a capability is a set of one
  static constexpr Capabilities all() {
    Capabilities out;
    for (const CapabilityRow& row : capability_table) out = out | row.capability;
    return out;
  }
  /// What a hamlet's box opens.
  static constexpr Capabilities all_domains() {
    return Capabilities(Capability::read_general) | Capability::read_health;
  }
  /// Of a row of the store. What a later program knows besides is left out.
  static constexpr Capabilities from_bits(std::uint64_t bits) {
    Capabilities out;
    out.bits_ = static_cast<std::uint8_t>(bits & all().bits_);
    return out;
  }
  static Capabilities opened_by(const std::vector<sync::LockKey>& keys);
  static constexpr Capabilities reading(sync::Domain domain) {
    return domain == sync::Domain::health ? Capability::read_health : Capability::read_general;
  }

  [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }
  [[nodiscard]] constexpr bool none() const { return bits_ == 0; }
  /// All of these.
  [[nodiscard]] constexpr bool has(Capabilities those) const { return (those.bits_ & ~bits_) == 0; }
  [[nodiscard]] constexpr bool reads(sync::Domain domain) const { return has(reading(domain)); }
  /// Whether who lacks them is told that nothing is there.
  [[nodiscard]] bool hidden() const;
  /// Of the domains that they read.
  [[nodiscard]] std::vector<std::string_view> names() const;
  /// As accounts of a commune name them.
  [[nodiscard]] std::vector<std::string_view> roles() const;
  constexpr Capabilities operator|(Capabilities other) const { return from(bits_ | other.bits_); }
  constexpr Capabilities operator&(Capabilities other) const { return from(bits_ & other.bits_); }
  constexpr Capabilities operator-(Capabilities other) const { return from(bits_ & ~other.bits_); }
  constexpr auto operator<=>(const Capabilities&) const = default;

 private:
  static constexpr const CapabilityRow& row_of(Capability one) {
    return capability_table[static_cast<std::size_t>(one)];
  }
  static constexpr Capabilities from(int bits) {
    Capabilities out;
    out.bits_ = static_cast<std::uint8_t>(bits);
    return out;
  }
  std::uint8_t bits_ = 0;
};

/// None for a word that names no domain.
Capabilities capability_named(std::string_view name);
/// None for a word that names no role.
Capabilities role_named(std::string_view role);
/// Those of the keys that give these capabilities.
std::vector<sync::LockKey> keys_for(const std::vector<sync::LockKey>& keys, Capabilities wanted);

}  // namespace khuoi::node
