#include "sync/seal/slot.h"

#include <algorithm>
#include <utility>

#include "sync/base/check.h"
#include "sync/seal/hash.h"
#include "sync/seal/xchacha.h"

namespace khuoi::sync {

namespace {

constexpr std::uint8_t slot_version = 1;
constexpr std::size_t lock_key_entry_octets = 1 + lock_key_octets;

/// All of an encoded slot but what is sealed; bound to it, so that no part can be exchanged.
Bytes header_of(const Slot& slot) {
  Bytes out;
  Writer writer(out);
  writer.u8(slot_version).u8(static_cast<std::uint8_t>(slot.kind)).counted(view_of(slot.person));
  if (slot.kind == Slot::Kind::passphrase) {
    writer.raw(slot.params.salt).u32(slot.params.operations).u32(slot.params.memory_kib);
  }
  return out;
}

/// count u8, then for each: lock u8 ‖ key 32.
Secret encode_lock_keys(const std::vector<LockKey>& keys) {
  KHUOI_CHECK(!keys.empty());
  KHUOI_CHECK(keys.size() <= slot_keys_max);
  Secret out(1 + keys.size() * lock_key_entry_octets);
  auto at = out.writable().begin();
  *at++ = static_cast<std::uint8_t>(keys.size());
  for (const LockKey& key : keys) {
    KHUOI_CHECK(key.key.view().size() == lock_key_octets);
    *at++ = static_cast<std::uint8_t>(key.lock);
    at = std::ranges::copy(key.key.view(), at).out;
  }
  return out;
}

Error other_kind() { return fail(Errc::malformed, "key slot: it is of the other kind (passphrase or recovery)"); }

}  // namespace

bool within_limits(const PassphraseParams& params) {
  return params.memory_kib >= passphrase_memory_kib_min && params.memory_kib <= passphrase_memory_kib_max &&
         params.operations >= 1 && params.operations <= passphrase_operations_max;
}

Result<std::vector<LockKey>> decode_lock_keys(ByteView plain) {
  const Error malformed = fail(Errc::malformed, "key slot: what is inside is not a list of 1 to 8 lock keys");
  Reader reader(plain);
  const std::size_t count = reader.u8();
  if (count == 0 || count > slot_keys_max || reader.rest().size() != count * lock_key_entry_octets) return malformed;
  std::vector<LockKey> out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t lock = reader.u8();
    if (lock > static_cast<std::uint8_t>(Lock::account)) return malformed;
    out.push_back({static_cast<Lock>(lock), Secret::copy_of(reader.raw(lock_key_octets))});
  }
  return out;
}

Slot make_passphrase_slot(std::string person, const PassphraseParams& params, const Secret& phrase_key,
                          const std::vector<LockKey>& keys, Rng& rng) {
  KHUOI_CHECK(person.size() <= person_octets_max);
  KHUOI_CHECK(within_limits(params));  // else it would be written but never read again
  Slot slot{Slot::Kind::passphrase, std::move(person), params, {}};
  const Secret plain = encode_lock_keys(keys);
  slot.sealed = xchacha_seal(phrase_key, bound("slot", header_of(slot)), plain.view(), rng);
  return slot;
}

Result<std::vector<LockKey>> open_passphrase_slot(const Slot& slot, const Secret& phrase_key) {
  if (slot.kind != Slot::Kind::passphrase) return other_kind();
  const auto plain = xchacha_open_secret(phrase_key, bound("slot", header_of(slot)), slot.sealed);
  if (!plain) return fail(Errc::denied, "the passphrase is wrong");
  return decode_lock_keys(plain->view());
}

std::string recovery_name(const std::vector<LockKey>& keys) {
  if (keys.size() != 1 || keys.front().lock > Lock::health) return {};
  return keys.front().lock == Lock::health ? "health" : "general";
}

Result<Slot> make_recovery_slot(const NodeId& node, const KemPublic& commune_key, const std::vector<LockKey>& keys,
                                Rng& rng) {
  Slot slot{Slot::Kind::recovery, recovery_name(keys), {}, {}};
  const Secret plain = encode_lock_keys(keys);
  KHUOI_TRY(slot.sealed,
            hpke_seal_once(commune_key, bound("recovery", node.view()), header_of(slot), plain.view(), rng));
  return slot;
}

Result<std::vector<LockKey>> open_recovery_slot(const Slot& slot, const NodeId& node, const Secret& commune_secret) {
  if (slot.kind != Slot::Kind::recovery) return other_kind();
  auto plain = hpke_open_once(commune_secret, bound("recovery", node.view()), header_of(slot), slot.sealed);
  if (!plain) {
    return fail(Errc::unauthenticated,
                "the recovery slot does not open: it was sealed to another commune key or for another node");
  }
  auto keys = decode_lock_keys(*plain);
  wipe(*plain);
  return keys;
}

Bytes encode(const Slot& slot) {
  KHUOI_CHECK(slot.person.size() <= person_octets_max);
  KHUOI_CHECK(slot.sealed.size() <= slot_sealed_octets_max);
  Bytes out = header_of(slot);
  Writer(out).counted(slot.sealed);
  return out;
}

Result<Slot> decode_slot(ByteView octets) {
  constexpr std::size_t slot_octets_max = slot_sealed_octets_max + person_octets_max + 32;
  if (octets.size() > slot_octets_max) return fail(Errc::too_large, "key slot: longer than any slot can be");
  Reader reader(octets);
  const std::uint8_t version = reader.u8();
  if (reader.ok() && version != slot_version) {
    return fail(Errc::unsupported, "key slot: written by a newer khuoi; install that version to open it");
  }
  const std::uint8_t kind = reader.u8();
  if (kind > static_cast<std::uint8_t>(Slot::Kind::recovery)) return fail(Errc::malformed, "key slot: unknown kind");
  Slot slot;
  slot.kind = static_cast<Slot::Kind>(kind);
  slot.person = text_of(reader.counted(person_octets_max));
  if (slot.kind == Slot::Kind::passphrase) {
    slot.params.salt = reader.array<16>();
    slot.params.operations = reader.u32();
    slot.params.memory_kib = reader.u32();
    if (reader.ok() && !within_limits(slot.params)) {
      return fail(Errc::malformed, "key slot: passphrase parameters outside 8 KiB to 4 GiB and 1 to 64 passes");
    }
  }
  slot.sealed = to_bytes(reader.counted(slot_sealed_octets_max));
  if (!reader.done()) return fail(Errc::malformed, "key slot: cut short, or octets left over");
  return slot;
}

Bytes wrap_secret(const Secret& lock_key, std::string_view label, const Secret& secret, Rng& rng) {
  return xchacha_seal(lock_key, bound("wrap", view_of(label)), secret.view(), rng);
}

Result<Secret> unwrap_secret(const Secret& lock_key, std::string_view label, ByteView wrapped) {
  auto secret = xchacha_open_secret(lock_key, bound("wrap", view_of(label)), wrapped);
  if (!secret) {
    return fail(Errc::denied, "the wrapped secret '" + std::string(label) + "' does not open with this lock key");
  }
  return std::move(*secret);
}

std::string fingerprint_digits(ByteView octets) {
  constexpr std::size_t groups = 6;
  constexpr std::size_t octets_per_group = 5;  // 40 bits onto 5 digits: no digit is favoured by more than one in 10^7
  constexpr std::size_t digits_per_group = 5;
  const Bytes digest = Blake2b(32).add(octets).finish();
  Reader reader(digest);
  std::string out;
  for (std::size_t group = 0; group < groups; ++group) {
    std::uint64_t value = 0;
    for (const std::uint8_t octet : reader.raw(octets_per_group)) value = (value << 8U) | octet;
    std::string digits(digits_per_group, '0');
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
      *digit = static_cast<char>('0' + value % 10);
      value /= 10;
    }
    if (group != 0) out += ' ';
    out += digits;
  }
  return out;
}

std::string only_digits(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return c >= '0' && c <= '9'; });
  return out;
}

}  // namespace khuoi::sync
