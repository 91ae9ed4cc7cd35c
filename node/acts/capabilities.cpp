#include "node/acts/capabilities.h"

namespace khuoi::node {

Capabilities Capabilities::opened_by(const std::vector<sync::LockKey>& keys) {
  Capabilities out;
  for (const CapabilityRow& row : capability_table) {
    if (row.lock && std::ranges::find(keys, *row.lock, &sync::LockKey::lock) != keys.end()) out = out | row.capability;
  }
  return out;
}

bool Capabilities::hidden() const {
  return std::ranges::any_of(capability_table,
                             [this](const CapabilityRow& row) { return row.hidden && has(row.capability); });
}

std::vector<std::string_view> Capabilities::names() const {
  std::vector<std::string_view> out;
  for (const CapabilityRow& row : capability_table) {
    if (has(row.capability) && !row.name.empty()) out.push_back(row.name);
  }
  return out;
}

std::vector<std::string_view> Capabilities::roles() const {
  std::vector<std::string_view> out;
  for (const CapabilityRow& row : capability_table) {
    if (has(row.capability)) out.push_back(row.role);
  }
  return out;
}

Capabilities capability_named(std::string_view name) {
  const auto* const row = std::ranges::find(capability_table, name, &CapabilityRow::name);
  return name.empty() || row == capability_table.end() ? Capabilities() : row->capability;
}

Capabilities role_named(std::string_view role) {
  const auto* const row = std::ranges::find(capability_table, role, &CapabilityRow::role);
  return row == capability_table.end() ? Capabilities() : row->capability;
}

std::vector<sync::LockKey> keys_for(const std::vector<sync::LockKey>& keys, Capabilities wanted) {
  std::vector<sync::LockKey> out;
  for (const CapabilityRow& row : capability_table) {
    const auto key = row.lock ? std::ranges::find(keys, *row.lock, &sync::LockKey::lock) : keys.end();
    if (wanted.has(row.capability) && key != keys.end()) out.push_back({key->lock, key->key.duplicate()});
  }
  return out;
}

}  // namespace khuoi::node
