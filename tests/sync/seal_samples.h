#pragma once

#include "sync/seal/slot.h"

namespace khuoi::tests {

inline sync::Secret drawn(Rng& rng, std::size_t octets = sync::lock_key_octets) {
  sync::Secret out(octets);
  rng.fill(out.writable());
  return out;
}

}  // namespace khuoi::tests
