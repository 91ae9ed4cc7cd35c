#pragma once

#include <span>

#include "sync/dossiers/trainer.h"
#include "sync/membership/roster.h"
#include "sync/replica/resealing.h"

namespace khuoi::sync {

/// How a box joins a commune, and what the commune's authority says of boxes, keys and officers.
class Enrolment final {
 public:
  Enrolment(Core& core, RunWriter& writer, Trainer& trainer, Resealing& resealing)
      : core_(core), writer_(writer), trainer_(trainer), resealing_(resealing) {}

  [[nodiscard]] Bytes enrol_request() const { return core_.enrol_request(); }
  struct Grant {
    EnrolRequest request;
    std::optional<HamletId> continues;  ///< the hamlet whose box this one replaces
    UnixSeconds at;
  };
  /// Gives the grant file. Errors: locked (the authority's key), exists (a box in force has that name; say `continues`),
  /// denied (revoked keys).
  Result<Bytes> grant(Batch& batch, const Grant& grant);
  /// Errors: malformed, denied (not for this box; already in another commune).
  Result<void> accept_grant(Batch& batch, std::span<const Bytes> statements);
  /// Errors: locked, not_found, exists (revoked already).
  Result<void> revoke(Batch& batch, const NodeId& node);
  /// A health worker begins (Keyring::open_health()): the lock key for their slot. Errors: as there; denied at a
  /// commune.
  Result<LockKey> open_health(Batch& batch, const std::vector<LockKey>& keys);
  /// Errors: denied (before the grant).
  Result<Slot> recovery_slot(const std::vector<LockKey>& keys);
  /// A commune granted boxes with an earlier program, which made no key for their group: it makes one and gives it to all
  /// in force. Needs no passphrase; nothing where there is one. Errors: denied (not a commune).
  Result<void> ensure_group_key(Batch& batch);
  Result<void> rotate_kem(Batch& batch);
  Result<void> name_own_kem_last(Batch& batch);
  /// Errors: locked, usage (the name), exists.
  Result<void> add_officer(Batch& batch, std::string_view name, const PassphraseParams& params, const Secret& phrase_key);

 private:
  Result<void> renew_group_key(Batch& batch);
  Result<void> give_group_key(Batch& batch, const NodeFacts& box, const GroupKey& key);

  Core& core_;
  RunWriter& writer_;
  Trainer& trainer_;
  Resealing& resealing_;
};

}  // namespace khuoi::sync
