#pragma once

#include <algorithm>
#include <vector>

#include "sync/base/ids.h"
#include "sync/seal/blake2b.h"

namespace khuoi::sync {

/// BLAKE2b-256 of each. Messages of one length that stand next to each other are hashed beside each other where the
/// processor has vectors, which takes a fraction of the time.
std::vector<Blake2b256> hash_each(std::span<const ByteView> messages);

/// The same as ids.
template <typename IdType>
std::vector<IdType> hash_ids(std::span<const ByteView> messages) {
  const std::vector<Blake2b256> hashes = hash_each(messages);
  std::vector<IdType> out(hashes.size());
  std::ranges::transform(hashes, out.begin(), [](const Blake2b256& hash) { return *IdType::from(hash); });
  return out;
}

}  // namespace khuoi::sync
