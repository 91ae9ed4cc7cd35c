#include <cstddef>
#include <cstdint>

#include "sync/base/check.h"
#include "sync/membership/roster.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {

struct Authority {
  Authority() : rng(1), keys(make_sign_key(rng)), id(commune_id_of(keys.public_key)) {}
  SeededRng rng;
  SignKeyPair keys;
  CommuneId id;
};

/// Also as if the authority had signed it: else the signature would keep the fuzzer out of the decoder.
void try_statement(ByteView octets) {
  static const Authority authority;
  Roster roster(authority.keys.public_key);
  KHUOI_CHECK(!roster.add(octets));
  (void)Roster::authority_named_in(octets);

  Bytes statement = to_bytes(octets);
  append(statement, sign(authority.keys.secret_key, Purpose::roster, authority.id, {octets}));
  const std::uint64_t digest_before = roster.digest();
  const auto added = roster.add(statement);
  if (!added) {
    KHUOI_CHECK(roster.digest() == digest_before && roster.statements().empty());
    return;
  }
  KHUOI_CHECK(*added && roster.statements().size() == 1 && !*roster.add(statement));
  // What was understood is said again in the same words.
  for (const NodeFacts* node : roster.nodes()) {
    Roster again(authority.keys.public_key);
    KHUOI_CHECK(*again.add(make_grant(*node, authority.id, authority.keys.secret_key)));
    KHUOI_CHECK(again.node(node->node) != nullptr && again.node(node->node)->name == node->name);
  }
  for (const OfficerFacts* officer : roster.officers()) {
    Roster again(authority.keys.public_key);
    KHUOI_CHECK(*again.add(make_officer_statement(*officer, authority.id, authority.keys.secret_key)));
    KHUOI_CHECK(again.officer(officer->officer)->revoked == officer->revoked);
  }
}

}  // namespace

/// The first octet says what the rest is: a statement, a request, a grant file, or armoured text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView octets(data + 1, size - 1);
  switch (data[0] & 3U) {
    case 0:
      try_statement(octets);
      break;
    case 1:
      if (const auto request = decode_request(octets)) KHUOI_CHECK(check_name(request->name));
      break;
    case 2:
      if (const auto statements = decode_grant_file(octets)) {
        KHUOI_CHECK(equal(encode_grant_file(*statements), octets));
      }
      break;
    default:
      if (const auto inner = unarmour("grant", text_of(octets))) {
        KHUOI_CHECK(*unarmour("grant", armour("grant", *inner)) == *inner);
      }
  }
  return 0;
}
