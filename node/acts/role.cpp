#include "node/acts/role.h"

namespace khuoi::node {

Result<bool> at_commune(Engine& engine) {
  bool out = false;
  KHUOI_TRY_VOID(engine.look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    out = reader.self().is_commune();
    return {};
  }));
  return out;
}

}  // namespace khuoi::node
