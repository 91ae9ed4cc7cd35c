// Keys of frames: both sides of a pair come to the same octets, and nobody else does.
#include "sync/contact/radio/radio_keys.h"

#include <sodium.h>

#include "sync/seal/hash.h"
#include "sync/seal/hkdf.h"
#include "tests/sync/hostile_support.h"

using namespace khuoi;
using namespace khuoi::tests;
using sync::RadioKeys;

namespace {

constexpr AssociationTokens tokens{{1, 2, 3, 4}, std::array<std::uint8_t, 4>{5, 6, 7, 8}};
const Bytes frame{0x31, 0x12, 0x34, 0x07, 0xaa, 0xbb};

RadioAlias alias_of(const TestNode& commune, const TestNode& hamlet) {
  return commune.replica->roster().node(hamlet.replica->self().node)->radio_alias;
}

/// HKDF-SHA-256 as radio/FORMATS.md draws it, from the parts joined.
Bytes hkdf(ByteView from, const Bytes& info) {
  std::array<std::uint8_t, sync::hkdf_prk_octets> prk{};
  sync::hkdf_extract(prk, {}, {from});
  Bytes out(32);
  sync::hkdf_expand(out, prk, {ByteView(info)});
  return out;
}

Bytes joined(std::string_view label, std::initializer_list<ByteView> parts) {
  Bytes out = to_bytes(view_of(label));
  for (const ByteView part : parts) append(out, part);
  return out;
}

Bytes mac_octets(const std::optional<FrameMac>& mac) {
  REQUIRE(mac);
  return {mac->begin(), mac->end()};
}

}  // namespace

TEST_CASE("radio keys: hamlet and commune agree on every frame, and each part of the input tells", "[sync][radio]") {
  ReplicaPair pair;
  RadioKeys commune(pair.commune.replica->membership(), {});
  RadioKeys hamlet(pair.hamlet.replica->membership(), {});
  const RadioAlias alias = alias_of(pair.commune, pair.hamlet);
  CHECK(commune.aliases() == std::vector<RadioAlias>{alias});
  CHECK(hamlet.aliases() == std::vector<RadioAlias>{alias});
  CHECK(commune.peer_of(alias) == pair.hamlet.replica->self().node);
  CHECK(hamlet.peer_of(alias) == pair.commune.replica->self().node);

  const FrameKeys::Name name{alias, tokens, false};
  const FrameKeys::Input input{7, std::nullopt, frame};
  std::set<Bytes> macs;
  const auto differs = [&](const FrameKeys::Name& as, const FrameKeys::Input& of) {
    const Bytes mac = mac_octets(commune.mac(as, of));
    CHECK(mac == mac_octets(hamlet.mac(as, of)));
    return macs.insert(mac).second;
  };
  CHECK(differs(name, input));
  CHECK(differs({alias, {{1, 2, 3, 4}, std::nullopt}, false}, input));
  CHECK(differs({alias, {{1, 2, 3, 5}, tokens.commune}, false}, input));
  CHECK(differs({alias, {tokens.hamlet, std::array<std::uint8_t, 4>{5, 6, 7, 9}}, false}, input));
  CHECK(differs({alias, tokens, true}, input));
  CHECK(differs(name, {7 + 256, std::nullopt, frame}));  // the same low octet
  CHECK(differs(name, {7, StreamDigest{}, frame}));      // zeros are not the same as none
  CHECK(differs(name, {7, StreamDigest{1}, frame}));
  CHECK(differs(name, {7, std::nullopt, ByteView(frame).first(5)}));
  CHECK_FALSE(differs(name, input));
}

TEST_CASE("radio keys: the octets are those that radio/FORMATS.md draws", "[sync][radio]") {
  ReplicaPair pair;
  const auto& roster = pair.commune.replica->roster();
  const NodeId node = pair.hamlet.replica->self().node;
  const CommuneId commune = pair.commune.replica->self().commune;
  std::array<std::uint8_t, 32> shared{};
  REQUIRE(crypto_scalarmult(shared.data(), pair.commune.replica->keys().radio().secret_key.view().data(),
                            roster.node(node)->auth.data()) == 0);
  const Bytes pair_key = hkdf(shared, joined("khuoi/1/radio/pair", {commune.view(), node.view()}));
  const Bytes key = hkdf(pair_key, joined("khuoi/1/radio/association", {tokens.hamlet, *tokens.commune}));
  const RadioAlias alias = alias_of(pair.commune, pair.hamlet);
  RadioKeys keys(pair.hamlet.replica->membership(), {});

  const StreamDigest digest{9, 8, 7};
  const Bytes head = joined("khuoi/1/radio", {commune.view(), Bytes{1, 1, 0x01, 0x02, 0x03, 0x04}, digest, frame});
  CHECK(mac_octets(keys.mac({alias, tokens, true}, {0x01020304, digest, frame})) ==
        sync::Blake2b(4, key).add(head).finish());
  const Bytes join = joined("khuoi/1/radio", {commune.view(), Bytes(2 + 4 + 16, 0), frame});
  CHECK(mac_octets(keys.mac({alias, {tokens.hamlet, std::nullopt}, false}, {0, std::nullopt, frame})) ==
        sync::Blake2b(4, pair_key).add(join).finish());

  const StreamDigest next = keys.chain(digest, frame);
  CHECK(to_bytes(next) == sync::Blake2b(16).add(joined("", {digest, frame})).finish());
  CHECK(to_hex(keys.chain(StreamDigest{}, frame)) == "2005aaf12f9dc5270ca1369e4a23a2d2");
  CHECK(to_hex(hkdf(Bytes(32, 0x42), joined("khuoi/1/radio/association", {tokens.hamlet, *tokens.commune}))) ==
        "3002433cdb4fa2cc97850fe120e216e2fd1ca351b81078e899074781db5177b3");
}

TEST_CASE("radio keys: a revoked box, an unknown alias and a box without a grant have no key", "[sync][radio]") {
  ReplicaPair pair;
  TestNode other(sync::Role::hamlet, "Nà Lay", 3);
  CHECK(RadioKeys(other.replica->membership(), {}).aliases().empty());
  pair.join(other);
  const RadioAlias alias = alias_of(pair.commune, other);
  RadioKeys before(pair.commune.replica->membership(), {});
  const FrameKeys::Input input{0, std::nullopt, frame};
  const auto mac = before.mac({alias, tokens, false}, input);
  REQUIRE(mac);
  CHECK_FALSE(RadioKeys(pair.hamlet.replica->membership(), {}).mac({alias, tokens, false}, input));
  RadioAlias nobody = 1;
  while (before.peer_of(nobody)) ++nobody;
  CHECK_FALSE(before.mac({nobody, tokens, false}, input));

  pair.commune.work([&](sync::Batch& batch) {
    return pair.commune.replica->enrolment().revoke(batch, other.replica->self().node);
  });
  RadioKeys after(pair.commune.replica->membership(), {});
  CHECK_FALSE(after.mac({alias, tokens, false}, input));
  CHECK_FALSE(after.peer_of(alias));
  CHECK(after.aliases().size() == 1);
  CHECK(after.same_keys(before));  // what is left has the keys that it had
}

TEST_CASE("radio keys: however many associations there were, a key is the same when it is asked for again",
          "[sync][radio]") {
  ReplicaPair pair;
  RadioKeys keys(pair.commune.replica->membership(), {});
  const RadioAlias alias = alias_of(pair.commune, pair.hamlet);
  const FrameKeys::Input input{0, std::nullopt, frame};
  const auto first = keys.mac({alias, tokens, false}, input);
  for (std::uint8_t i = 0; i < 200; ++i) {
    REQUIRE(keys.mac({alias, {{i, 0, 0, 0}, std::array<std::uint8_t, 4>{i, 1, 1, 1}}, false}, input));
  }
  CHECK(keys.mac({alias, tokens, false}, input) == first);
}
