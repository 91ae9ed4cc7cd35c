#include "sync/membership/membership.h"

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

}  // namespace khuoi::sync
