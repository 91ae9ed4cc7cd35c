#pragma once

#include "sync/base/rng.h"
#include "sync/membership/roster.h"

namespace khuoi::tests {

/// A commune that can sign, and boxes and officers made up for it.
struct RosterSamples {
  explicit RosterSamples(std::uint64_t seed) : rng(seed), authority(sync::make_sign_key(rng)) {
    id = sync::commune_id_of(authority.public_key);
  }
  SeededRng rng;
  sync::SignKeyPair authority;
  CommuneId id;

  [[nodiscard]] sync::Roster roster() const { return sync::Roster(authority.public_key); }
  sync::KemPublic kem_key() {
    sync::KemPublic out{};
    rng.fill(out);
    return out;
  }
  sync::SignPublic sign_key() { return sync::make_sign_key(rng).public_key; }

  sync::NodeFacts box(std::string name, std::int64_t granted) {
    sync::NodeFacts out;
    out.sign = sign_key();
    out.node = sync::node_id_of(out.sign);
    out.hamlet = *HamletId::from(out.node.view());
    out.name = std::move(name);
    out.auth = kem_key();
    out.reader_general = kem_key();
    out.reader_health = kem_key();
    out.radio_alias = static_cast<std::uint16_t>(rng.below(1U << 16U));
    out.granted.value = granted;
    return out;
  }
  sync::CommuneFacts commune(std::uint32_t serial, std::vector<sync::KemPublic> kem) {
    sync::CommuneFacts out;
    out.commune = id;
    out.name = "Xã Sảng Mộc";
    out.authority = authority.public_key;
    out.sign = sign_key();
    out.node = sync::node_id_of(out.sign);
    out.radio = kem_key();
    out.serial = serial;
    out.kem = std::move(kem);
    return out;
  }
  sync::OfficerFacts officer(std::string name) {
    sync::OfficerFacts out;
    out.key = sign_key();
    out.officer = sync::node_id_of(out.key);
    out.name = std::move(name);
    return out;
  }
  Bytes grant(const sync::NodeFacts& facts) const { return sync::make_grant(facts, id, authority.secret_key); }
  Bytes revocation(const NodeId& node, const std::map<RunId, std::uint32_t>& counted, std::int64_t at) const {
    return sync::make_revocation(node, counted, UnixSeconds{at}, id, authority.secret_key);
  }
  Bytes statement(const sync::CommuneFacts& facts) const {
    return sync::make_commune_statement(facts, authority.secret_key);
  }
  Bytes statement(const sync::OfficerFacts& facts) const {
    return sync::make_officer_statement(facts, id, authority.secret_key);
  }
  /// Any octets as the authority would sign them.
  Bytes signed_octets(ByteView octets) const {
    Bytes out = to_bytes(octets);
    append(out, sync::sign(authority.secret_key, sync::Purpose::roster, id, {octets}));
    return out;
  }
};

/// A request with its own signing key.
struct RequestSample {
  explicit RequestSample(RosterSamples& samples, std::string name) : keys(sync::make_sign_key(samples.rng)) {
    request.name = std::move(name);
    request.sign = keys.public_key;
    request.auth = samples.kem_key();
    request.reader_general = samples.kem_key();
    request.reader_health = samples.kem_key();
  }
  sync::SignKeyPair keys;
  sync::EnrolRequest request;
  [[nodiscard]] Bytes encoded() const { return sync::encode_request(request, keys.secret_key); }
};

}  // namespace khuoi::tests
