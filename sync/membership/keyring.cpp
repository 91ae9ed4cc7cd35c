#include "sync/membership/keyring.h"

#include <algorithm>

#include "sync/base/check.h"

namespace khuoi::sync {

namespace {

constexpr std::string_view slot_prefix = "slot/";
constexpr std::string_view kem_prefix = "kem/";
constexpr std::string_view waiting_secret = "reader/health/waiting";
constexpr std::string_view answers_public_row = "reader/health/answers/public";
constexpr std::string_view answers_secret_row = "reader/health/answers/secret";
constexpr std::string_view after_grant_row = "reader/health/after_grant";

Result<void> put(Batch& batch, std::string_view name, ByteView value) {
  return batch.txn.put(Table::keys, view_of(name), value);
}

Result<Secret> need_secret(const ReadTxn& txn, std::string_view name, std::size_t octets) {
  KHUOI_TRY(const auto value, txn.get(Table::keys, view_of(name)));
  if (!value || value->size() != octets) {
    return fail(Errc::damaged, "key store: the key '" + std::string(name) + "' is missing or has a wrong length");
  }
  return Secret::copy_of(*value);
}

Result<KemKeyPair> need_kem(const ReadTxn& txn, std::string_view name) {
  KHUOI_TRY(auto secret, need_secret(txn, name, kem_key_octets));
  const KemPublic public_key = kem_public_of(secret);
  return KemKeyPair{public_key, std::move(secret)};
}

std::string reader_name(Domain domain, std::string_view part) {
  return "reader/" + std::string(name_of(domain)) + "/" + std::string(part);
}

LockKey fresh_lock_key(Lock lock, Rng& rng) {
  LockKey out{lock, Secret(32)};
  rng.fill(out.key.writable());
  return out;
}

std::string numbered(std::string_view prefix, std::uint32_t number) {
  std::string digits = std::to_string(number);
  return std::string(prefix) + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
}

Result<void> put_wrapped(Batch& batch, std::string_view label, const LockKey& lock, const Secret& secret, Rng& rng) {
  return put(batch, label, wrap_secret(lock.key, label, secret, rng));
}

/// A reader key of a domain, wrapped by a fresh lock key of its own, which comes back.
Result<LockKey> create_reader(Batch& batch, Domain domain, Rng& rng) {
  LockKey lock = fresh_lock_key(domain == Domain::health ? Lock::health : Lock::general, rng);
  const KemKeyPair reader = make_kem_key(rng);
  KHUOI_TRY_VOID(put(batch, reader_name(domain, "public"), reader.public_key));
  KHUOI_TRY_VOID(put_wrapped(batch, reader_name(domain, "secret"), lock, reader.secret_key, rng));
  return lock;
}

Result<void> create_hamlet_keys(Batch& batch, Rng& rng, Keyring::Health health, std::vector<LockKey>& locks) {
  KHUOI_TRY(LockKey general, create_reader(batch, Domain::general, rng));
  if (health != Keyring::Health::open) {
    const Bytes yes{1};
    KHUOI_TRY_VOID(put(batch, after_grant_row, yes));
  }
  if (health == Keyring::Health::waits) {
    const KemKeyPair answers = make_kem_key(rng);
    KHUOI_TRY_VOID(put(batch, reader_name(Domain::health, "public"), answers.public_key));
    KHUOI_TRY_VOID(put_wrapped(batch, waiting_secret, general, answers.secret_key, rng));
    locks.push_back(std::move(general));
    return {};
  }
  locks.push_back(std::move(general));
  KHUOI_TRY(LockKey own, create_reader(batch, Domain::health, rng));
  locks.push_back(std::move(own));
  return {};
}

Result<KemPublic> need_public(const ReadTxn& txn, std::string_view name) {
  KHUOI_TRY(const auto value, txn.get(Table::keys, view_of(name)));
  if (!value || value->size() != kem_key_octets) return fail(Errc::damaged, "key store: a reader key is missing");
  KemPublic out{};
  std::copy(value->begin(), value->end(), out.begin());
  return out;
}

Result<void> create_commune_keys(Batch& batch, Rng& rng, std::vector<LockKey>& locks) {
  locks.push_back(fresh_lock_key(Lock::authority, rng));
  const SignKeyPair authority = make_sign_key(rng);
  KHUOI_TRY_VOID(put(batch, "authority/public", authority.public_key));
  KHUOI_TRY_VOID(put(batch, "authority/secret",
                     wrap_secret(locks.back().key, "authority/secret", authority.secret_key, rng)));
  KHUOI_TRY_VOID(put(batch, numbered(kem_prefix, 1), make_kem_key(rng).secret_key.view()));
  return put(batch, "radio", make_kem_key(rng).secret_key.view());
}

}  // namespace

Keyring::Keyring() {
  static const OpenKeys nothing{};
  open_ = &nothing;
}

std::string_view name_of(Role role) { return role == Role::hamlet ? "hamlet" : "commune"; }

Result<std::vector<LockKey>> Keyring::create(Batch& batch, Role role, Rng& rng, Health health) {
  std::vector<LockKey> locks;
  KHUOI_TRY_VOID(put(batch, "sign", make_sign_key(rng).secret_key.view()));
  KHUOI_TRY_VOID(put(batch, "auth", make_kem_key(rng).secret_key.view()));
  Secret repeat(32);
  rng.fill(repeat.writable());
  KHUOI_TRY_VOID(put(batch, "repeat", repeat.view()));
  if (role == Role::hamlet) {
    KHUOI_TRY_VOID(create_hamlet_keys(batch, rng, health, locks));
  } else {
    KHUOI_TRY_VOID(create_commune_keys(batch, rng, locks));
  }
  return locks;
}

Result<Keyring> Keyring::load(const ReadTxn& txn, Role role) {
  Keyring out;
  out.role_ = role;
  KHUOI_TRY(out.sign_.secret_key, need_secret(txn, "sign", 64));
  out.sign_.public_key = sign_public_of(out.sign_.secret_key);
  KHUOI_TRY(out.auth_, need_kem(txn, "auth"));
  KHUOI_TRY(out.repeat_key_, need_secret(txn, "repeat", 32));
  if (role == Role::hamlet) {
    KHUOI_TRY_VOID(out.load_readers(txn));
    return out;
  }
  KHUOI_TRY(const auto authority, txn.get(Table::keys, view_of("authority/public")));
  if (!authority || authority->size() != 32) return fail(Errc::damaged, "key store: the authority's key is missing");
  std::copy(authority->begin(), authority->end(), out.authority_public_.begin());
  KHUOI_TRY(out.radio_, need_kem(txn, "radio"));
  KHUOI_TRY_VOID(out.forget_uncommitted(txn));
  if (out.kem_.empty()) return fail(Errc::damaged, "key store: the commune's receiving key is missing");
  return out;
}

Result<void> Keyring::load_readers(const ReadTxn& txn) {
  for (const Domain domain : {Domain::general, Domain::health}) {
    KHUOI_TRY(reader_public_[index(domain)], need_public(txn, reader_name(domain, "public")));
  }
  KHUOI_TRY(const auto waiting, txn.get(Table::keys, view_of(waiting_secret)));
  KHUOI_TRY(const auto after_grant, txn.get(Table::keys, view_of(after_grant_row)));
  KHUOI_TRY(const auto answers, txn.get(Table::keys, view_of(answers_public_row)));
  health_waits_ = waiting.has_value();
  health_after_grant_ = after_grant.has_value();
  answers_public_.reset();
  if (answers) {
    KHUOI_TRY(answers_public_, need_public(txn, answers_public_row));
  }
  return {};
}

Result<LockKey> Keyring::open_health(Batch& batch, const std::vector<LockKey>& keys, Rng& rng) {
  KHUOI_CHECK(role_ == Role::hamlet);
  if (!health_waits_) {
    return fail(Errc::exists, "health is open on this box already: who reads it gives others a passphrase");
  }
  const auto general = std::ranges::find(keys, Lock::general, &LockKey::lock);
  if (general == keys.end()) {
    return fail(Errc::denied, "whoever vouches for the health worker must open the hamlet's own records");
  }
  KHUOI_TRY(const auto wrapped, batch.txn.get(Table::keys, view_of(waiting_secret)));
  if (!wrapped) return fail(Errc::damaged, "key store: the key that waits for the health worker is missing");
  KHUOI_TRY(const Secret answers, unwrap_secret(general->key, waiting_secret, *wrapped));
  const KemPublic answers_public = reader_public(Domain::health);
  KHUOI_TRY(LockKey own, create_reader(batch, Domain::health, rng));
  KHUOI_TRY_VOID(put(batch, answers_public_row, answers_public));
  KHUOI_TRY_VOID(put_wrapped(batch, answers_secret_row, own, answers, rng));
  KHUOI_TRY_VOID(batch.txn.erase(Table::keys, view_of(waiting_secret)));
  KHUOI_TRY_VOID(load_readers(batch.txn));
  return own;
}

Result<void> Keyring::forget_uncommitted(const ReadTxn& txn) {
  if (role_ == Role::hamlet) return load_readers(txn);
  kem_.clear();
  return scan_prefix(txn, Table::keys, view_of(kem_prefix), [&](ByteView, ByteView value) {
    Secret secret = Secret::copy_of(value);
    const KemPublic public_key = kem_public_of(secret);
    kem_.push_back({public_key, std::move(secret)});
  });
}

const Secret* Keyring::secret_of(const AudienceId& id) const {
  if (audience_id_of(auth_.public_key) == id) return &auth_.secret_key;
  for (const KemKeyPair& pair : kem_) {
    if (audience_id_of(pair.public_key) == id) return &pair.secret_key;
  }
  for (const Domain domain : {Domain::general, Domain::health}) {
    if (open(domain) && audience_id_of(reader_public(domain)) == id) return &reader_secret(domain);
  }
  if (answers_public_ && !open_->answers.empty() && audience_id_of(*answers_public_) == id) return &open_->answers;
  return nullptr;
}

bool Keyring::has_public(const AudienceId& id) const {
  if (secret_of(id) != nullptr) return true;
  return role_ == Role::hamlet && (audience_id_of(reader_public(Domain::general)) == id ||
                                   audience_id_of(reader_public(Domain::health)) == id ||
                                   audience_id_of(answers_public(Domain::health)) == id);
}

Result<void> Keyring::open(const ReadTxn& txn, const std::vector<LockKey>& keys, OpenKeys& to) const {
  for (const LockKey& key : keys) {
    if (role_ == Role::hamlet && (key.lock == Lock::general || key.lock == Lock::health)) {
      const Domain domain = key.lock == Lock::health ? Domain::health : Domain::general;
      const std::string label = reader_name(domain, "secret");
      KHUOI_TRY(const auto wrapped, txn.get(Table::keys, view_of(label)));
      if (!wrapped) return fail(Errc::damaged, "key store: a reader key is missing");
      KHUOI_TRY(to.reader[index(domain)], unwrap_secret(key.key, label, *wrapped));
      if (domain == Domain::health && answers_public_) {
        KHUOI_TRY(const auto answers, txn.get(Table::keys, view_of(answers_secret_row)));
        if (!answers) return fail(Errc::damaged, "key store: the key for answers about health is missing");
        KHUOI_TRY(to.answers, unwrap_secret(key.key, answers_secret_row, *answers));
      }
    }
    if (role_ == Role::commune && key.lock == Lock::authority) {
      KHUOI_TRY(const auto wrapped, txn.get(Table::keys, view_of("authority/secret")));
      if (!wrapped) {
        return fail(Errc::denied, "the authority key is not on this machine; bring the offline copy for this act");
      }
      KHUOI_TRY(to.authority, unwrap_secret(key.key, "authority/secret", *wrapped));
    }
  }
  return {};
}

bool Keyring::locked() const {
  return role_ == Role::hamlet ? !open(Domain::general) && !open(Domain::health) : authority().empty();
}

Result<std::vector<Keyring::NamedSlot>> Keyring::slots(const ReadTxn& txn) {
  std::vector<NamedSlot> out;
  KHUOI_TRY_VOID(scan_prefix(txn, Table::keys, view_of(slot_prefix), [&](ByteView key, ByteView value) -> Result<void> {
    KHUOI_TRY(auto slot, decode_slot(value));
    const auto digits = text_of(key.subspan(slot_prefix.size()));
    out.push_back({static_cast<std::uint32_t>(std::stoul(std::string(digits))), std::move(slot)});
    return {};
  }));
  return out;
}

Result<void> Keyring::put_slot(Batch& batch, const Slot& slot) {
  KHUOI_TRY(const auto present, slots(batch.txn));
  std::uint32_t number = 1;
  for (const NamedSlot& other : present) {
    if (other.slot.kind == slot.kind && other.slot.person == slot.person) {
      return put(batch, numbered(slot_prefix, other.number), encode(slot));
    }
    number = std::max(number, other.number + 1);
  }
  return put(batch, numbered(slot_prefix, number), encode(slot));
}

Result<bool> Keyring::erase_slot(Batch& batch, std::string_view person) {
  KHUOI_TRY(const auto present, slots(batch.txn));
  for (const NamedSlot& other : present) {
    if (other.slot.kind != Slot::Kind::passphrase || other.slot.person != person) continue;
    KHUOI_TRY_VOID(batch.txn.erase(Table::keys, view_of(numbered(slot_prefix, other.number))));
    return true;
  }
  return false;
}

Result<void> Keyring::erase_recovery_slots(Batch& batch) {
  KHUOI_TRY(const auto present, slots(batch.txn));
  for (const NamedSlot& other : present) {
    if (other.slot.kind != Slot::Kind::recovery) continue;
    KHUOI_TRY_VOID(batch.txn.erase(Table::keys, view_of(numbered(slot_prefix, other.number))));
  }
  return {};
}

Result<void> Keyring::add_kem(Batch& batch, Rng& rng) {
  KHUOI_CHECK(role_ == Role::commune);
  KemKeyPair pair = make_kem_key(rng);
  KHUOI_TRY_VOID(put(batch, numbered(kem_prefix, static_cast<std::uint32_t>(kem_.size()) + 1), pair.secret_key.view()));
  kem_.push_back(std::move(pair));
  return {};
}

Result<void> put_officer(Batch& batch, std::string_view name, const OfficerKeys& keys) {
  Bytes value;
  Writer(value).raw(keys.officer.view()).counted(encode(keys.slot)).counted(keys.wrapped_secret);
  return put(batch, "officer/" + std::string(name), value);
}

Result<std::optional<OfficerKeys>> officer_named(const ReadTxn& txn, std::string_view name) {
  KHUOI_TRY(const auto value, txn.get(Table::keys, view_of("officer/" + std::string(name))));
  if (!value) return std::optional<OfficerKeys>();
  Reader from(*value);
  OfficerKeys out;
  out.officer = NodeId(from.array<8>());
  const ByteView slot = from.counted(8192);
  out.wrapped_secret = to_bytes(from.counted(1024));
  if (!from.done()) return fail(Errc::damaged, "key store: an officer's entry does not decode");
  KHUOI_TRY(out.slot, decode_slot(slot));
  return std::optional<OfficerKeys>(std::move(out));
}

}  // namespace khuoi::sync
