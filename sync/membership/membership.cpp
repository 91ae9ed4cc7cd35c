#include "sync/membership/membership.h"

#include "sync/seal/hash.h"
#include "sync/store/meta.h"

namespace khuoi::sync {

std::optional<AuthorKeys> keys_of_author(const Membership& members, const NodeId& author) {
  AuthorKeys out;
  if (author == members.self.node) {
    out.sign = members.keys.sign().public_key;
    out.seals_with = {members.keys.auth().public_key};
    return out;
  }
  if (const NodeFacts* facts = members.roster.node(author)) {
    out.sign = facts->sign;
    out.seals_with = {facts->auth};
    out.revoked = facts->revoked;
    out.facts = facts;
    return out;
  }
  const CommuneFacts* commune = members.roster.commune();
  if (commune != nullptr && commune->node == author) {
    out.sign = commune->sign;
    out.seals_with = {commune->kem.rbegin(), commune->kem.rend()};
    return out;
  }
  return std::nullopt;
}

bool goes_to(const Membership& members, const NodeId& peer, const NodeId& author, const AudienceId& audience) {
  if (author != members.self.node) return false;
  if (peer == members.self.commune_node) return audience != audience_everyone();
  if (audience == audience_everyone()) return true;
  const NodeFacts* facts = members.roster.node(peer);
  if (facts == nullptr) return false;
  return audience == audience_id_of(facts->auth) || audience == audience_id_of(facts->reader_general) ||
         audience == audience_id_of(facts->reader_health);
}

Result<void> Membership::load(const ReadTxn& txn) {
  KHUOI_TRY(const Bytes name, meta_octets(txn, "name"));
  self.name = std::string(text_of(name));
  self.node = node_id_of(keys.sign().public_key);
  self.hamlet = HamletId(self.node.value);
  self.commune = CommuneId();
  self.commune_node = NodeId();
  KHUOI_TRY(const Bytes authority, meta_octets(txn, "authority"));
  roster = Roster();
  if (authority.size() == 32) {
    SignPublic key{};
    std::copy(authority.begin(), authority.end(), key.begin());
    roster = Roster(key);
    KHUOI_TRY_VOID(txn.scan(Table::roster, {}, [&](ByteView, ByteView value) -> Result<void> {
      KHUOI_TRY_VOID(roster.add(value));
      return {};
    }));
    self.commune = commune_id_of(key);
  }
  if (const CommuneFacts* commune = roster.commune()) self.commune_node = commune->node;
  if (const NodeFacts* mine = roster.node(self.node)) {
    self.hamlet = mine->hamlet;
    self.name = mine->name;
  }
  return {};
}

Bytes Membership::enrol_request() const {
  EnrolRequest request;
  request.name = self.name;
  request.sign = keys.sign().public_key;
  request.auth = keys.auth().public_key;
  request.reader_general = keys.answers_public(Domain::general);
  request.reader_health = keys.answers_public(Domain::health);
  return encode_request(request, keys.sign().secret_key);
}

Result<void> Membership::put(Batch& batch, ByteView statement) {
  return batch.txn.put(Table::roster, hash_id<Id<struct StatementTag, 16>>(statement).view(), statement);
}

Result<void> Membership::add(Batch& batch, ByteView statement) {
  KHUOI_TRY_VOID(roster.add(statement));
  return put(batch, statement);
}

}  // namespace khuoi::sync
