#pragma once

#include <array>
#include <string>
#include <vector>

#include "sync/record/record.h"
#include "sync/replica/batch.h"
#include "sync/replica/roster.h"
#include "sync/seal/slot.h"

namespace khuoi::sync {

enum class Role : std::uint8_t { hamlet = 0, commune = 1 };
std::string_view name_of(Role role);

/// A node's keys, as table `keys` holds them: what works unattended is in the clear, the rest is wrapped by lock keys
/// that a person's phrase opens (design section 6).
class Keyring final {
 public:
  /// Draws all keys of a new node and writes them. The lock keys come back so that the first slot can be made.
  static Result<std::vector<LockKey>> create(Batch& batch, Role role, Rng& rng);
  static Result<Keyring> load(const ReadTxn& txn, Role role);

  [[nodiscard]] const SignKeyPair& sign() const { return sign_; }
  [[nodiscard]] const KemKeyPair& auth() const { return auth_; }
  [[nodiscard]] const KemPublic& reader_public(Domain domain) const { return reader_public_[index(domain)]; }
  /// Empty while locked.
  [[nodiscard]] const Secret& reader_secret(Domain domain) const { return reader_secret_[index(domain)]; }
  [[nodiscard]] const std::vector<KemKeyPair>& kem() const { return kem_; }
  [[nodiscard]] const KemKeyPair& radio() const { return radio_; }
  [[nodiscard]] const SignPublic& authority_public() const { return authority_public_; }
  [[nodiscard]] const Secret& authority() const { return authority_; }
  /// Keys the hashes that recognise repeats of guessable ids.
  [[nodiscard]] const Secret& repeat_key() const { return repeat_key_; }
  /// The secret of mine whose public key has this id, if I have it and it is open now.
  [[nodiscard]] const Secret* secret_of(const AudienceId& id) const;
  [[nodiscard]] bool has_public(const AudienceId& id) const;

  /// Opens what these lock keys open. Errors: denied, damaged.
  Result<void> unlock(const ReadTxn& txn, const std::vector<LockKey>& keys);
  void lock();
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
  /// After a failed commit: a generation that was not stored must not seal.
  Result<void> forget_uncommitted(const ReadTxn& txn);

 private:
  static std::size_t index(Domain domain) { return static_cast<std::size_t>(domain); }
  Role role_ = Role::hamlet;
  SignKeyPair sign_;
  KemKeyPair auth_;
  KemKeyPair radio_;
  std::array<KemPublic, 2> reader_public_{};
  std::array<Secret, 2> reader_secret_;
  std::vector<KemKeyPair> kem_;
  SignPublic authority_public_{};
  Secret authority_;
  Secret repeat_key_;
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
