#include "sync/membership/recovery.h"

#include <algorithm>

#include "sync/seal/signature.h"
#include "sync/store/meta.h"

namespace khuoi::sync {

namespace {

constexpr std::uint8_t version_now = 1;
constexpr std::string_view info = "khuoi/1/recovery";
constexpr std::string_view secret_name = "recovery_secret";
constexpr std::size_t slot_octets_max = 8192;

std::string armour_name(std::string_view what) { return "recovery-" + std::string(what); }

}  // namespace

std::string recovery_text(std::string_view what, ByteView octets) { return armour(armour_name(what), octets) + "\n"; }

Result<Bytes> recovery_octets(std::string_view what, std::string_view text) {
  return unarmour(armour_name(what), text);
}

Result<Bytes> make_recovery_request(const Membership& members, Batch& batch, Rng& rng, std::string_view domain) {
  if (!members.self.granted() || members.self.is_commune()) {
    return fail(Errc::denied, "only a hamlet that joined a commune can be helped by it");
  }
  KHUOI_TRY(const auto slots, Keyring::slots(batch.txn));
  std::vector<Keyring::NamedSlot> fitting;
  for (const Keyring::NamedSlot& one : slots) {
    const bool fits = domain.empty() || one.slot.person.empty() || one.slot.person == domain;
    if (one.slot.kind == Slot::Kind::recovery && fits) fitting.push_back(one);
  }
  if (fitting.size() > 1 && domain.empty()) {
    return fail(Errc::usage,
                "the head and the health worker have a phrase each here: say whose is lost, with --domain general or "
                "--domain health");
  }
  const auto recovery = fitting.begin();
  if (fitting.empty()) {
    return fail(
        Errc::not_found,
        "this box never sealed its keys to the commune: 'enrol accept' does so when it is given the passphrase");
  }
  const KemKeyPair fresh = make_kem_key(rng);
  KHUOI_TRY_VOID(put_meta_octets(batch, secret_name, fresh.secret_key.view()));
  Bytes out;
  Writer(out).u8(version_now).raw(members.self.node.view()).raw(fresh.public_key).counted(encode(recovery->slot));
  append(out, sign(members.keys.sign().secret_key, Purpose::request, members.self.commune, {out}));
  return out;
}

Result<RecoveryAnswer> answer_recovery(const Membership& members, ByteView request, Rng& rng) {
  if (!members.self.is_commune()) return fail(Errc::denied, "a hamlet's passphrase is recovered by its commune");
  Reader from(request);
  const std::uint8_t version = from.u8();
  const NodeId node(from.array<8>());
  const auto fresh = from.array<kem_key_octets>();
  const ByteView slot_octets = from.counted(slot_octets_max);
  const ByteView signature = from.raw(signature_octets);
  if (version != version_now || !from.done())
    return fail(Errc::malformed, "this is no request for recovery, or it is damaged");
  const NodeFacts* box = members.roster.node(node);
  if (box == nullptr) return fail(Errc::denied, "the box that asks never joined this commune");
  if (box->revoked) return fail(Errc::denied, "the box '" + box->name + "' was revoked: it is not helped");
  const ByteView signed_part = request.first(request.size() - signature_octets);
  if (!verify(box->sign, Purpose::request, members.self.commune, {signed_part}, signature)) {
    return fail(Errc::unauthenticated, "the request was not made by the box '" + box->name + "', or it was changed");
  }
  KHUOI_TRY(const Slot slot, decode_slot(slot_octets));
  for (const KemKeyPair& kem : members.keys.kem()) {
    const auto keys = open_recovery_slot(slot, node, kem.secret_key);
    if (!keys) continue;
    Secret plain(keys->size() * (1 + lock_key_octets));
    std::size_t at = 0;
    for (const LockKey& key : *keys) {
      plain.writable()[at] = static_cast<std::uint8_t>(key.lock);
      std::ranges::copy(key.key.view(), plain.writable().begin() + static_cast<std::ptrdiff_t>(at) + 1);
      at += 1 + lock_key_octets;
    }
    RecoveryAnswer answer{box->name, {version_now}};
    KHUOI_TRY(const Bytes sealed, hpke_seal_once(fresh, view_of(info), node.view(), plain.view(), rng));
    append(answer.octets, sealed);
    return answer;
  }
  return fail(Errc::unauthenticated, "the box's keys were sealed to another commune");
}

Result<std::vector<LockKey>> open_recovery_answer(const Membership& members, const ReadTxn& txn, ByteView answer) {
  KHUOI_TRY(Bytes stored, meta_octets(txn, secret_name));
  if (stored.empty()) return fail(Errc::not_found, "this box has not asked: run 'khuoi slot request-recovery' first");
  const Secret secret = Secret::copy_of(stored);
  wipe(stored);
  if (answer.empty() || answer[0] != version_now)
    return fail(Errc::malformed, "this is no answer to a request for recovery");
  auto opened = hpke_open_once(secret, view_of(info), members.self.node.view(), answer.subspan(1));
  if (!opened)
    return fail(Errc::unauthenticated,
                "the answer is for another request or another box: it must come from this box's latest request");
  Reader from(*opened);
  std::vector<LockKey> out;
  while (!from.rest().empty() && from.ok()) {
    const std::uint8_t lock = from.u8();
    const ByteView key = from.raw(lock_key_octets);
    if (!from.ok() || lock > static_cast<std::uint8_t>(Lock::health)) break;
    out.push_back({static_cast<Lock>(lock), Secret::copy_of(key)});
  }
  const bool whole = from.done() && !out.empty();
  wipe(*opened);
  if (!whole) return fail(Errc::malformed, "the answer holds no keys");
  return out;
}

Result<void> forget_recovery_request(Batch& batch) { return batch.txn.erase(Table::meta, view_of(secret_name)); }

}  // namespace khuoi::sync
