#include "sync/log/acceptance_rules.h"

#include "sync/record/kinds.h"

namespace khuoi::sync {

std::string refusal_of(const Membership& members, const Sealed& record) {
  const Header& header = record.header;
  if (header.commune != members.self.commune) return "a record of another commune";
  const bool sealed = header.record_class == Class::sealed;
  const std::size_t octets_max = record_octets_max + (sealed ? aead_tag_octets : signature_octets);
  if (record.body.size() > octets_max) return "larger than a record may be";
  if (sealed && record.body.size() % 4 != 0) return "not padded as a sealed record is";
  if (!keys_of_author(members, header.author)) return "its author is not in the roster";
  const bool own = header.author == members.self.node;
  const bool by_commune = header.author == members.self.commune_node;
  if (header.record_class == Class::public_record && !by_commune) return "only the commune writes to everyone";
  if (own) return {};
  const bool to_everyone = header.audience == audience_everyone();
  if (members.self.is_commune()) return members.keys.has_public(header.audience) ? "" : "sealed to a key that is not ours";
  if (!by_commune) return "not from our commune";
  return to_everyone || members.keys.has_public(header.audience) ? "" : "sealed to somebody else";
}

Result<Opener> verified_opener(const Membership& members, const Sealed& record) {
  const Header& header = record.header;
  const auto author = keys_of_author(members, header.author);
  auto opener = decode_opener(record.body);
  const bool whole_length = record.body.size() == opener_octets;
  const bool fits = opener && whole_length && header.record_class == Class::opener && opener->recipient == header.audience;
  if (!author || !fits) return fail(Errc::malformed, "an opener that does not decode");
  const ByteView body(record.body);
  const ByteView signed_octets = body.first(opener_octets - signature_octets);
  if (!verify(author->sign, Purpose::opener, header.commune, {header.encoded(), signed_octets}, body.last(signature_octets))) {
    return fail(Errc::unauthenticated, "an opener with a wrong signature");
  }
  return opener;
}

bool may_write(const Membership& members, const Plain& plain, const NodeId& author) {
  const bool by_commune = members.self.granted() && author == members.self.commune_node;
  const Writers writers = facts_of(plain.kind).writers;
  if (writers == Writers::anybody) return true;
  if (writers == Writers::hamlets) return !by_commune;
  if (writers == Writers::commune) return by_commune;
  if (writers == Writers::nobody) return false;
  if (by_commune) return true;
  const NodeFacts* facts = members.roster.node(author);
  const HamletId& named = std::get<Erase>(plain.body).hamlet;
  // Written before the grant it names the box itself.
  return named == HamletId(author.value) || (facts != nullptr && named == facts->hamlet);
}

}  // namespace khuoi::sync
