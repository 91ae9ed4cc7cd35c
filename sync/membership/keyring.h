#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "sync/membership/roster.h"
#include "sync/record/record.h"
#include "sync/seal/slot.h"
#include "sync/store/batch.h"

namespace khuoi::sync {

enum class Role : std::uint8_t { hamlet = 0, commune = 1 };
std::string_view name_of(Role role);

/// What lock keys open of a keyring, in locked memory; wiped when dropped.
struct OpenKeys {
  std::array<Secret, 2> reader;  ///< by domain
  Secret answers;                ///< of health: see Keyring::answers_public
  Secret authority;
};

/// A node's keys, as table `keys` holds them: what works unattended is in the clear, the rest is wrapped by lock keys
/// that a person's phrase opens (design section 6).
class Keyring final {
 public:
  Keyring();
  /// How a new hamlet begins with health.
  enum class Health : std::uint8_t {
    open,         ///< whoever has its lock key reads it, from the first day
    after_grant,  ///< the same, but nothing is taken in before the hamlet was granted
    waits,        ///< nobody reads it and nothing is taken in before open_health(), and before the grant
  };
  /// Draws all keys of a new node and writes them. The lock keys come back so that the first slots can be made.
  static Result<std::vector<LockKey>> create(Batch& batch, Role role, Rng& rng, Health health = Health::open);
  static Result<Keyring> load(const ReadTxn& txn, Role role);

  [[nodiscard]] const SignKeyPair& sign() const { return sign_; }
  [[nodiscard]] const KemKeyPair& auth() const { return auth_; }
  [[nodiscard]] const KemPublic& reader_public(Domain domain) const { return reader_public_[index(domain)]; }
  /// What the request for enrolment names: to this key the commune seals its answers. The same as reader_public(), but
  /// for health that was opened after the node was made (open_health()).
  [[nodiscard]] const KemPublic& answers_public(Domain domain) const {
    return domain == Domain::health && answers_public_ ? *answers_public_ : reader_public(domain);
  }
  /// No health worker has begun here yet: no lock key of health is anywhere.
  [[nodiscard]] bool health_waits() const { return health_waits_; }
  /// Nothing of health is taken in before the grant.
  [[nodiscard]] bool health_after_grant() const { return health_after_grant_; }
  /// Empty while locked.
  [[nodiscard]] const Secret& reader_secret(Domain domain) const { return open_->reader[index(domain)]; }
  [[nodiscard]] const std::vector<KemKeyPair>& kem() const { return kem_; }
  [[nodiscard]] const KemKeyPair& radio() const { return radio_; }
  [[nodiscard]] const SignPublic& authority_public() const { return authority_public_; }
  [[nodiscard]] const Secret& authority() const { return open_->authority; }
  /// Keys the hashes that recognise repeats of guessable ids.
  [[nodiscard]] const Secret& repeat_key() const { return repeat_key_; }
  /// The secret of mine whose public key has this id, if I have it and it is open now.
  [[nodiscard]] const Secret* secret_of(const AudienceId& id) const;
  [[nodiscard]] bool has_public(const AudienceId& id) const;

  /// A health worker begins. What is taken in from now on is sealed to a reader key that is drawn only now, so that
  /// nobody had it before, in no copy or backup either. The key that the commune was told of stays for its answers; it
  /// waited wrapped by the general lock, and is wrapped by health's alone from now on. Gives health's new lock key, for
  /// slots. Errors: exists (health is open already), denied (no general lock key among `keys`), damaged.
  Result<LockKey> open_health(Batch& batch, const std::vector<LockKey>& keys, Rng& rng);

  /// Adds to `to` what these lock keys open. Errors: denied, damaged.
  Result<void> open(const ReadTxn& txn, const std::vector<LockKey>& keys, OpenKeys& to) const;
  /// From now on these are what is open here: borrowed, until others take their place. Before, nothing is.
  void use(const OpenKeys& now) { open_ = &now; }
  /// A hamlet with no reader open, or a commune whose authority is wrapped.
  [[nodiscard]] bool locked() const;
  [[nodiscard]] bool open(Domain domain) const { return !reader_secret(domain).empty(); }

  struct NamedSlot {
    std::uint32_t number = 0;
    Slot slot;
  };
  static Result<std::vector<NamedSlot>> slots(const ReadTxn& txn);
  static Result<void> put_slot(Batch& batch, const Slot& slot);  ///< replaces a slot of the same kind and person
  static Result<bool> erase_slot(Batch& batch, std::string_view person);
  static Result<void> erase_recovery_slots(Batch& batch);

  /// A new generation of the commune's KEM key; the old ones stay to open what was sealed to them.
  Result<void> add_kem(Batch& batch, Rng& rng);
  /// After a failed commit: a key that was not stored must not seal.
  Result<void> forget_uncommitted(const ReadTxn& txn);

 private:
  static std::size_t index(Domain domain) { return static_cast<std::size_t>(domain); }
  Result<void> load_readers(const ReadTxn& txn);
  Role role_ = Role::hamlet;
  SignKeyPair sign_;
  KemKeyPair auth_;
  KemKeyPair radio_;
  std::array<KemPublic, 2> reader_public_{};
  std::optional<KemPublic> answers_public_;
  bool health_waits_ = false;
  bool health_after_grant_ = false;
  std::vector<KemKeyPair> kem_;
  SignPublic authority_public_{};
  Secret repeat_key_;
  const OpenKeys* open_;
};

/// An officer's own key, wrapped by that person's phrase.
struct OfficerKeys {
  NodeId officer;
  Slot slot;
  Bytes wrapped_secret;
};
Result<void> put_officer(Batch& batch, std::string_view name, const OfficerKeys& keys);
Result<std::optional<OfficerKeys>> officer_named(const ReadTxn& txn, std::string_view name);

}  // namespace khuoi::sync
