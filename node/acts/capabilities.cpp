#include "node/acts/capabilities.h"

namespace khuoi::node {

Capabilities Capabilities::opened_by(const std::vector<sync::LockKey>& keys) {
  Capabilities out;
  for (const CapabilityRow& row : capability_table) {
    if (std::ranges::find(keys, row.lock, &sync::LockKey::lock) != keys.end()) out = out | row.capability;
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
    if (has(row.capability)) out.push_back(row.name);
  }
  return out;
}

Capabilities capability_named(std::string_view name) {
  const auto row = std::ranges::find(capability_table, name, &CapabilityRow::name);
  return row == capability_table.end() ? Capabilities() : row->capability;
}

std::vector<sync::LockKey> keys_for(const std::vector<sync::LockKey>& keys, Capabilities wanted) {
  std::vector<sync::LockKey> out;
  for (const CapabilityRow& row : capability_table) {
    const auto key = std::ranges::find(keys, row.lock, &sync::LockKey::lock);
    if (wanted.has(row.capability) && key != keys.end()) out.push_back({key->lock, key->key.duplicate()});
  }
  return out;
}

}  // namespace khuoi::node
