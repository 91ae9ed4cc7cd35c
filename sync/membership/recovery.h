#pragma once

#include "sync/membership/membership.h"

namespace khuoi::sync {

// A lost phrase. When a hamlet joined, its lock keys were sealed to the commune's receiving key: the recovery slot,
// which stays on the box. The box asks with that slot and a key drawn for this one question; the commune opens the slot
// and seals the lock keys to that key; the box sets a new phrase and forgets the key. So neither file alone opens
// anything, and an old answer opens nothing later.
//
//   request   version 1 | node 8 | fresh public 32 | slot (varint length) | signature 64, purpose request, by the box
//   answer    version 1 | HPKE Base to the fresh key (info "khuoi/1/recovery", node bound): (lock u8 | key 32) ...

inline constexpr std::size_t recovery_text_octets_max = 16384;
/// Armoured as `khuoi-recovery-<what>-1:`, one line.
std::string recovery_text(std::string_view what, ByteView octets);
Result<Bytes> recovery_octets(std::string_view what, std::string_view text);

/// Draws the fresh key and keeps it in the store. Errors: not_found without a recovery slot; denied before the grant.
Result<Bytes> make_recovery_request(const Membership& members, Batch& batch, Rng& rng, std::string_view domain = {});

struct RecoveryAnswer {
  std::string box;  ///< the name of the box that asks
  Bytes octets;
};
/// At the commune. Errors: malformed, unauthenticated, denied (unknown or revoked box).
Result<RecoveryAnswer> answer_recovery(const Membership& members, ByteView request, Rng& rng);

/// At the box. Errors: not_found when it has not asked; unauthenticated, malformed.
Result<std::vector<LockKey>> open_recovery_answer(const Membership& members, const ReadTxn& txn, ByteView answer);
Result<void> forget_recovery_request(Batch& batch);

}  // namespace khuoi::sync
