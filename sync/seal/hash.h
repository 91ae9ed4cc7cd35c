#pragma once

#include "sync/base/ids.h"

namespace khuoi::sync {

/// BLAKE2b of the parts, one after the other; `key` (16..64 octets) makes it a keyed hash.
class Blake2b final {
 public:
  /// octets_out 1..64: the digest length is a parameter of BLAKE2b itself (RFC 7693, 2.5), so BLAKE2b-64 is not the
  /// start of BLAKE2b-256.
  explicit Blake2b(std::size_t octets_out, ByteView key = {});
  Blake2b& add(ByteView part);
  /// octets_out octets; the object is spent (and wiped) then.
  Bytes finish();

 private:
  alignas(64) std::array<std::uint8_t, 384> state_{};  // what was taken in; hash.cpp knows its layout
  std::size_t octets_out_;
};

/// An id that is the BLAKE2b of some octets.
template <typename IdType>
IdType hash_id(ByteView octets) {
  return *IdType::from(Blake2b(IdType::octets).add(octets).finish());
}

}  // namespace khuoi::sync
