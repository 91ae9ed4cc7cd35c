#include "sync/seal/signature.h"

#include <catch2/catch.hpp>
#include <set>

using namespace khuoi;
using namespace khuoi::sync;

namespace {

class FixedRng final : public Rng {
 public:
  explicit FixedRng(Bytes octets) : octets_(std::move(octets)) {}
  void fill(std::span<std::uint8_t> out) override {
    REQUIRE(out.size() == octets_.size());
    std::copy(octets_.begin(), octets_.end(), out.begin());
  }

 private:
  Bytes octets_;
};

}  // namespace

// RFC 8032, 7.1, test 1.
TEST_CASE("signature: the key pair of a seed is that of RFC 8032", "[sync][signature]") {
  FixedRng rng(*from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  const SignKeyPair pair = make_sign_key(rng);
  CHECK(to_hex(pair.public_key) == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  CHECK(sign_public_of(pair.secret_key) == pair.public_key);
  CHECK(pair.secret_key.view().size() == 64);
}

TEST_CASE("signature: verifies for what was signed, however the parts are cut", "[sync][signature]") {
  SeededRng rng(1);
  const SignKeyPair pair = make_sign_key(rng);
  const CommuneId commune = rng.id<CommuneId>();
  const Signature signature = sign(pair.secret_key, Purpose::segment, commune, {view_of("head"), view_of("body")});
  CHECK(verify(pair.public_key, Purpose::segment, commune, {view_of("head"), view_of("body")}, signature));
  CHECK(verify(pair.public_key, Purpose::segment, commune, {view_of("headbody")}, signature));
  CHECK(verify(pair.public_key, Purpose::segment, commune, {{}, view_of("hea"), view_of("dbody")}, signature));
}

TEST_CASE("signature: another purpose, commune, key or message does not verify", "[sync][signature]") {
  SeededRng rng(2);
  const SignKeyPair pair = make_sign_key(rng);
  const SignKeyPair other = make_sign_key(rng);
  const CommuneId commune = rng.id<CommuneId>();
  const Signature signature = sign(pair.secret_key, Purpose::roster, commune, {view_of("grant")});
  for (int purpose = 0; purpose <= static_cast<int>(Purpose::officer); ++purpose) {
    const auto as = static_cast<Purpose>(purpose);
    CAPTURE(name_of(as));
    CHECK(verify(pair.public_key, as, commune, {view_of("grant")}, signature) == (as == Purpose::roster));
  }
  CHECK_FALSE(verify(pair.public_key, Purpose::roster, rng.id<CommuneId>(), {view_of("grant")}, signature));
  CHECK_FALSE(verify(other.public_key, Purpose::roster, commune, {view_of("grant")}, signature));
  CHECK_FALSE(verify(pair.public_key, Purpose::roster, commune, {view_of("revoke")}, signature));
  CHECK_FALSE(verify(pair.public_key, Purpose::roster, commune, {}, signature));
}

TEST_CASE("signature: a flipped bit, a cut or a longer signature does not verify", "[sync][signature]") {
  SeededRng rng(3);
  const SignKeyPair pair = make_sign_key(rng);
  const Signature signature = sign(pair.secret_key, Purpose::opener, {}, {view_of("x")});
  const auto good = [&](ByteView candidate) {
    return verify(pair.public_key, Purpose::opener, {}, {view_of("x")}, candidate);
  };
  for (std::size_t bit = 0; bit < signature_octets * 8; ++bit) {
    Signature changed = signature;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    if (good(changed)) FAIL("bit " << bit << " flipped and still verified");
  }
  Bytes longer(signature.begin(), signature.end());
  longer.push_back(0);
  CHECK(good(signature));
  CHECK_FALSE(good(longer));
  CHECK_FALSE(good(ByteView(signature).first(63)));
  CHECK_FALSE(good({}));
}

// With a key of small order an all-zero signature would verify for any message.
TEST_CASE("signature: a key of small order verifies nothing", "[sync][signature]") {
  SignPublic identity{};
  identity[0] = 1;
  Signature forged{};
  forged[0] = 1;
  CHECK_FALSE(verify(identity, Purpose::opener, {}, {view_of("x")}, forged));
  CHECK_FALSE(verify(SignPublic{}, Purpose::opener, {}, {view_of("x")}, Signature{}));
}

TEST_CASE("signature: every purpose has a name of its own", "[sync][signature]") {
  std::set<std::string_view> names;
  for (int purpose = 0; purpose <= static_cast<int>(Purpose::officer); ++purpose) {
    names.insert(name_of(static_cast<Purpose>(purpose)));
  }
  CHECK(names.size() == 8);
}
