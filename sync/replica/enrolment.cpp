#include "sync/replica/enrolment.h"

#include "sync/membership/group_keys.h"

namespace khuoi::sync {

Result<LockKey> Enrolment::open_health(Batch& batch, const std::vector<LockKey>& keys) {
  if (core_.self.is_commune()) return fail(Errc::denied, "a commune has no health worker of a hamlet");
  return core_.keys.open_health(batch, keys, core_.rng);
}

Result<Bytes> Enrolment::grant(Batch& batch, const Grant& grant) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "only a commune grants");
  if (core_.keys.authority().empty()) return fail(Errc::locked, "locked: granting needs the commune's passphrase");
  NodeFacts facts;
  facts.node = node_id_of(grant.request.sign);
  facts.hamlet = grant.continues ? *grant.continues : HamletId(facts.node.value);
  facts.name = grant.request.name;
  facts.sign = grant.request.sign;
  facts.auth = grant.request.auth;
  facts.reader_general = grant.request.reader_general;
  facts.reader_health = grant.request.reader_health;
  facts.granted = core_.roster.next_granted(grant.at);
  bool granted_before = false;
  for (const NodeFacts* other : core_.roster.nodes()) {
    if (other->node == facts.node && other->revoked) {
      return fail(Errc::denied, "this box was revoked: it must make new keys ('khuoi init' in a new folder)");
    }
    granted_before = granted_before || other->node == facts.node;
    const bool same_name = other->name == facts.name && !other->revoked && other->node != facts.node;
    if (same_name && !grant.continues) {
      return fail(Errc::exists, "a box named '" + facts.name + "' is in force: revoke it first, or say that this one replaces it");
    }
  }
  if (!granted_before) {
    do {
      facts.radio_alias = static_cast<std::uint16_t>(1 + core_.rng.below(0xfffe));
    } while (core_.roster.radio_alias_used(facts.radio_alias));
    const Bytes statement = make_grant(facts, core_.self.commune, core_.keys.authority());
    KHUOI_TRY_VOID(core_.add(batch, statement));
    // The first grant makes the key, which gives it to every box; later ones give this box what the others have.
    KHUOI_TRY(const auto group_keys, GroupKeys::of(batch.txn));
    if (group_keys.empty()) {
      KHUOI_TRY_VOID(renew_group_key(batch));
    } else {
      KHUOI_TRY_VOID(give_group_key(batch, facts, group_keys.front()));
    }
    KHUOI_TRY_VOID(trainer_.send_in_force(batch, facts));
  }
  std::vector<Bytes> statements;
  for (const auto& [hash, octets] : core_.roster.statements()) statements.push_back(octets);
  return encode_grant_file(statements);
}

Result<void> Enrolment::accept_grant(Batch& batch, std::span<const Bytes> statements) {
  if (core_.self.is_commune()) return fail(Errc::denied, "a commune does not join another one");
  std::optional<SignPublic> authority;
  for (const Bytes& statement : statements) {
    if (const auto named = Roster::authority_named_in(statement)) authority = *named;
  }
  if (!authority) return fail(Errc::malformed, "the grant names no commune");
  Roster roster(*authority);
  for (const Bytes& statement : statements) {
    KHUOI_TRY_VOID(roster.add(statement));
  }
  const NodeFacts* mine = roster.node(core_.self.node);
  if (mine == nullptr || mine->sign != core_.keys.sign().public_key || mine->auth != core_.keys.auth().public_key) {
    return fail(Errc::denied, "the grant is not for this box: bring the one made from this box's request");
  }
  if (roster.commune() == nullptr) return fail(Errc::malformed, "the grant does not hold the commune's keys");
  const CommuneId commune = commune_id_of(*authority);
  if (core_.self.granted() && core_.self.commune != commune) {
    return fail(Errc::denied, "this box belongs to another commune already");
  }
  const bool first = !core_.self.granted();
  KHUOI_TRY_VOID(put_meta_octets(batch, "authority", *authority));
  for (const Bytes& statement : statements) {
    KHUOI_TRY_VOID(Membership::put(batch, statement));
  }
  if (first) {
    KHUOI_TRY_VOID(core_.runs.flush(batch));
    writer_.end_runs();
  }
  KHUOI_TRY_VOID(core_.reload(batch.txn));
  if (!core_.keys.locked()) {
    KHUOI_TRY_VOID(resealing_.reseal_local(batch));
  }
  return {};
}

Result<Slot> Enrolment::recovery_slot(const std::vector<LockKey>& keys) {
  if (!core_.self.granted()) return fail(Errc::denied, "before the grant there is no commune to recover with");
  return make_recovery_slot(core_.self.node, core_.roster.commune()->kem.back(), keys, core_.rng);
}

Result<void> Enrolment::revoke(Batch& batch, const NodeId& node) {
  if (core_.keys.authority().empty()) return fail(Errc::locked, "locked: revoking needs the commune's passphrase");
  const NodeFacts* facts = core_.roster.node(node);
  if (facts == nullptr) return fail(Errc::not_found, "no box has the id " + node.hex());
  if (facts->revoked) return fail(Errc::exists, "the box '" + facts->name + "' is revoked already");
  std::map<RunId, std::uint32_t> counted;
  KHUOI_TRY_VOID(core_.runs.each(batch.txn, [&](const RunKey& key, const RunRow& row) {
    if (key.author == node && !row.held.empty()) counted.emplace(key.run, row.held.last());
  }));
  for (const Bytes& statement :
       make_revocations(node, counted, batch.now.wall, core_.self.commune, core_.keys.authority())) {
    KHUOI_TRY_VOID(core_.add(batch, statement));
  }
  // Broadcast frames are filtered by a new key from now on, which the revoked box does not get.
  return renew_group_key(batch);
}

Result<void> Enrolment::give_group_key(Batch& batch, const NodeFacts& box, const GroupKey& key) {
  const Recipient to = Recipient::sealed_to(box.auth, Domain::general);
  KHUOI_TRY_VOID(writer_.append(batch, to, Rank::high, Domain::general, key));
  return {};
}

Result<void> Enrolment::renew_group_key(Batch& batch) {
  KHUOI_TRY(const auto known, GroupKeys::of(batch.txn));
  GroupKey next;
  next.epoch = known.empty() ? 1 : known.front().epoch + 1;
  core_.rng.fill(next.key);
  KHUOI_TRY_VOID(GroupKeys::keep(batch, next));
  for (const NodeFacts* box : core_.roster.nodes()) {
    if (!box->revoked) KHUOI_TRY_VOID(give_group_key(batch, *box, next));
  }
  return {};
}

Result<void> Enrolment::ensure_group_key(Batch& batch) {
  if (!core_.self.is_commune()) return fail(Errc::denied, "only a commune makes keys for a group");
  KHUOI_TRY(const auto known, GroupKeys::of(batch.txn));
  return known.empty() ? renew_group_key(batch) : Result<void>();
}

/// A commune set back to before it renewed its receiving key learns from its hamlets of a key it no longer has: they
/// must seal to one that it has.
Result<void> Enrolment::name_own_kem_last(Batch& batch) {
  const CommuneFacts* in_force = core_.roster.commune();
  const KemPublic& own = core_.keys.kem().back().public_key;
  if (core_.keys.authority().empty() || in_force == nullptr || in_force->kem.back() == own) return {};
  CommuneFacts facts = *in_force;
  ++facts.serial;
  std::erase(facts.kem, own);
  facts.kem.push_back(own);
  const Bytes statement = make_commune_statement(facts, core_.keys.authority());
  return core_.add(batch, statement);
}

Result<void> Enrolment::rotate_kem(Batch& batch) {
  if (core_.keys.authority().empty()) return fail(Errc::locked, "locked: a new receiving key needs the commune's passphrase");
  KHUOI_TRY_VOID(core_.keys.add_kem(batch, core_.rng));
  CommuneFacts facts = *core_.roster.commune();
  ++facts.serial;
  facts.kem.push_back(core_.keys.kem().back().public_key);
  const Bytes statement = make_commune_statement(facts, core_.keys.authority());
  writer_.end_runs();  // they were sealed with the old key
  return core_.add(batch, statement);
}

Result<void> Enrolment::add_officer(Batch& batch, std::string_view name, const PassphraseParams& params, const Secret& phrase_key) {
  if (core_.keys.authority().empty()) return fail(Errc::locked, "locked: certifying an officer needs the commune's passphrase");
  if (name.empty() || name.size() > 64) return fail(Errc::usage, "an officer's name has 1 to 64 octets");
  KHUOI_TRY(const auto present, officer_named(batch.txn, name));
  if (present) return fail(Errc::exists, "there is an officer named '" + std::string(name) + "' already");
  const SignKeyPair pair = make_sign_key(core_.rng);
  std::vector<LockKey> locks;
  locks.push_back({Lock::officer, Secret(32)});
  core_.rng.fill(locks.front().key.writable());
  OfficerKeys keys;
  keys.officer = node_id_of(pair.public_key);
  keys.wrapped_secret = wrap_secret(locks.front().key, "officer/secret", pair.secret_key, core_.rng);
  keys.slot = make_passphrase_slot(std::string(name), params, phrase_key, locks, core_.rng);
  KHUOI_TRY_VOID(put_officer(batch, name, keys));
  OfficerFacts facts;
  facts.officer = keys.officer;
  facts.key = pair.public_key;
  facts.name = name;
  const Bytes statement = make_officer_statement(facts, core_.self.commune, core_.keys.authority());
  return core_.add(batch, statement);
}

}  // namespace khuoi::sync
