#pragma once

#include "sync/base/rng.h"
#include "sync/seal/signature.h"

namespace khuoi::tests {

/// A key that nobody has; the same in each run.
inline const sync::SignKeyPair& signer() {
  static const sync::SignKeyPair pair = [] {
    SeededRng rng(1);
    return sync::make_sign_key(rng);
  }();
  return pair;
}

}  // namespace khuoi::tests
