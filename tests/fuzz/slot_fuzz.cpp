#include <cstddef>
#include <cstdint>

#include "sync/base/check.h"
#include "sync/seal/slot.h"

using namespace khuoi;
using namespace khuoi::sync;

/// A stored slot, and the list of lock keys inside one: no octets may do more than be refused, and what is taken has
/// one encoding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView octets(data, size);
  static const Secret key(lock_key_octets);
  if (const auto slot = decode_slot(octets)) {
    KHUOI_CHECK(equal(encode(*slot), octets));
    KHUOI_CHECK(!open_passphrase_slot(*slot, key));
    KHUOI_CHECK(!open_recovery_slot(*slot, {}, key));
  }
  if (const auto keys = decode_lock_keys(octets)) {
    KHUOI_CHECK(!keys->empty());
    KHUOI_CHECK(keys->size() <= slot_keys_max);
  }
  KHUOI_CHECK(!unwrap_secret(key, "label", octets));
  return 0;
}
