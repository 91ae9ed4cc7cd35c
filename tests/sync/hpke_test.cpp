#include "sync/seal/hpke.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>

#include "sync/seal/hkdf.h"
#include "tests/support/places.h"
#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {

/// Gives the key material of a vector, so that the public calls make the vector's ephemeral key.
class VectorRng final : public Rng {
 public:
  explicit VectorRng(Bytes octets) : octets_(std::move(octets)) {}
  void fill(std::span<std::uint8_t> out) override {
    REQUIRE(out.size() <= octets_.size());
    std::copy_n(octets_.begin(), out.size(), out.begin());
    octets_.erase(octets_.begin(), octets_.begin() + static_cast<std::ptrdiff_t>(out.size()));
  }

 private:
  Bytes octets_;
};

using Fields = std::map<std::string, std::string>;
struct Vector {
  Fields fields;
  std::vector<Fields> encryptions;
  std::vector<Fields> exports;
};

/// The file has one `"name": "value"` a line, and the first name of each object is known, so that no JSON library is
/// needed here.
std::vector<Vector> vectors() {
  std::ifstream file(tests::test_data() / "hpke-rfc9180-a2.json");
  std::vector<Vector> out;
  Fields* into = nullptr;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> quoted;
    for (std::size_t start = line.find('"'); start != std::string::npos;) {
      const std::size_t end = line.find('"', start + 1);
      REQUIRE(end != std::string::npos);
      quoted.push_back(line.substr(start + 1, end - start - 1));
      start = line.find('"', end + 1);
    }
    if (quoted.size() != 2) continue;
    if (quoted[0] == "mode_name") into = &out.emplace_back().fields;
    if (quoted[0] == "sequence number") into = &out.back().encryptions.emplace_back();
    if (quoted[0] == "exporter_context") into = &out.back().exports.emplace_back();
    if (into != nullptr) (*into)[quoted[0]] = quoted[1];
  }
  return out;
}

const std::string& text(const Fields& from, const std::string& name) { return from.at(name); }
Bytes octets(const Fields& from, const std::string& name) { return *from_hex(from.at(name)); }
KemPublic public_key(const Fields& from, const std::string& name) {
  const Bytes key = octets(from, name);
  REQUIRE(key.size() == kem_key_octets);
  KemPublic out{};
  std::copy(key.begin(), key.end(), out.begin());
  return out;
}

/// make_kem_key from the vector's key material must give the vector's pair.
Secret key_of(const Fields& vector, const std::string& who) {
  VectorRng rng(octets(vector, "ikm" + who));
  KemKeyPair pair = make_kem_key(rng);
  CHECK(to_hex(pair.secret_key.view()) == text(vector, "sk" + who + "m"));
  CHECK(to_hex(pair.public_key) == text(vector, "pk" + who + "m"));
  CHECK(kem_public_of(pair.secret_key) == pair.public_key);
  return std::move(pair.secret_key);
}

void check_vector(const Vector& all, const HpkeSender& sender, const HpkeContext& receiver) {
  const Fields& vector = all.fields;
  CHECK(to_hex(sender.enc) == text(vector, "enc"));
  const std::string state = text(vector, "key") + text(vector, "base_nonce") + text(vector, "exporter_secret");
  CHECK(to_hex(sender.context.exported_state().view()) == state);
  CHECK(to_hex(receiver.exported_state().view()) == state);
  CHECK(all.encryptions.size() == 6);
  for (const Fields& one : all.encryptions) {
    const std::uint64_t sequence = std::stoull(text(one, "sequence number"));
    CAPTURE(sequence);
    const Bytes plain = octets(one, "pt");
    const Bytes associated = octets(one, "aad");
    CHECK(to_hex(sender.context.seal(sequence, associated, plain)) == text(one, "ct"));
    const auto opened = receiver.open(sequence, associated, octets(one, "ct"));
    REQUIRE(opened);
    CHECK(*opened == plain);
  }
  CHECK(all.exports.size() == 3);
  for (const Fields& one : all.exports) {
    const std::size_t length = std::stoull(text(one, "L"));
    CHECK(to_hex(sender.context.export_secret(octets(one, "exporter_context"), length)) == text(one, "exported_value"));
    CHECK(to_hex(receiver.export_secret(octets(one, "exporter_context"), length)) == text(one, "exported_value"));
  }
}

struct Pair {
  HpkeContext sender;
  HpkeContext receiver;
};

Pair auth_pair(std::uint64_t seed = 1) {
  SeededRng rng(seed);
  const KemKeyPair recipient = make_kem_key(rng);
  const KemKeyPair author = make_kem_key(rng);
  auto sender = hpke_auth_sender(recipient.public_key, view_of("info"), author.secret_key, rng);
  REQUIRE(sender);
  auto receiver = hpke_auth_receiver(sender->enc, recipient.secret_key, view_of("info"), author.public_key);
  REQUIRE(receiver);
  return {std::move(sender->context), std::move(*receiver)};
}

Errc code_of(const Result<Bytes>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

/// Points of order 1, 2, 4 and 8 (RFC 7748, section 6.1; the list of libsodium's ref10).
std::vector<KemPublic> small_order_points() {
  std::vector<KemPublic> out;
  for (const std::string_view hex : {
           "0000000000000000000000000000000000000000000000000000000000000000",
           "0100000000000000000000000000000000000000000000000000000000000000",
           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       }) {
    const Bytes point = *from_hex(hex);
    std::copy(point.begin(), point.end(), out.emplace_back().begin());
  }
  return out;
}

}  // namespace

TEST_CASE("hpke: every Base and Auth vector of RFC 9180 A.2 comes out of the public calls", "[sync][hpke]") {
  int checked = 0;
  int skipped = 0;
  for (const Vector& all : vectors()) {
    const Fields& vector = all.fields;
    const std::string mode = text(vector, "mode_name");
    CAPTURE(mode);
    if (mode == "PSK" || mode == "AuthPSK") {  // khuoi has no pre-shared keys and does not implement these two modes
      ++skipped;
      continue;
    }
    REQUIRE((mode == "Base" || mode == "Auth"));
    const Bytes info = octets(vector, "info");
    const Secret recipient = key_of(vector, "R");
    VectorRng ephemeral(octets(vector, "ikmE"));
    if (mode == "Base") {
      const auto sender = hpke_base_sender(public_key(vector, "pkRm"), info, ephemeral);
      const auto receiver = hpke_base_receiver(public_key(vector, "enc"), recipient, info);
      REQUIRE(sender);
      REQUIRE(receiver);
      check_vector(all, *sender, *receiver);
    } else {
      const Secret author = key_of(vector, "S");
      const auto sender = hpke_auth_sender(public_key(vector, "pkRm"), info, author, ephemeral);
      const auto receiver = hpke_auth_receiver(public_key(vector, "enc"), recipient, info, public_key(vector, "pkSm"));
      REQUIRE(sender);
      REQUIRE(receiver);
      check_vector(all, *sender, *receiver);
    }
    ++checked;
  }
  CHECK(checked == 2);
  CHECK(skipped == 2);
}

TEST_CASE("hpke: HKDF over several blocks is that of RFC 5869 A.1", "[sync][hpke]") {
  const Bytes material(22, 0x0b);
  std::array<std::uint8_t, 32> prk{};
  hkdf_extract(prk, *from_hex("000102030405060708090a0b0c"),
               {ByteView(material).first(5), ByteView(material).subspan(5)});
  CHECK(to_hex(prk) == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  Bytes out(42);
  hkdf_expand(out, prk, {*from_hex("f0f1f2f3f4f5f6f7f8f9")});
  CHECK(to_hex(out) == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

TEST_CASE("hpke: an export may be as long as HKDF allows", "[sync][hpke]") {
  const Pair pair = auth_pair();
  CHECK(pair.sender.export_secret(view_of("x"), hkdf_expand_octets_max) ==
        pair.receiver.export_secret(view_of("x"), hkdf_expand_octets_max));
  CHECK(pair.sender.export_secret(view_of("x"), 0).empty());
}

TEST_CASE("hpke: a flip of any bit of ciphertext or tag is refused", "[sync][hpke]") {
  const Pair pair = auth_pair();
  const Bytes sealed = pair.sender.seal(7, view_of("header"), view_of("khai sinh"));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes changed = sealed;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    if (pair.receiver.open(7, view_of("header"), changed)) FAIL("bit " << bit << " flipped and still opened");
  }
  CHECK(pair.receiver.open(7, view_of("header"), sealed));
}

TEST_CASE("hpke: a cut or longer ciphertext, another number or header is refused", "[sync][hpke]") {
  const Pair pair = auth_pair();
  const Bytes sealed = pair.sender.seal(7, view_of("header"), view_of("khai sinh"));
  for (std::size_t octets = 0; octets < sealed.size(); ++octets) {
    CAPTURE(octets);
    CHECK(code_of(pair.receiver.open(7, view_of("header"), ByteView(sealed).first(octets))) == Errc::unauthenticated);
  }
  Bytes longer = sealed;
  longer.push_back(0);
  CHECK(code_of(pair.receiver.open(7, view_of("header"), longer)) == Errc::unauthenticated);
  CHECK(code_of(pair.receiver.open(8, view_of("header"), sealed)) == Errc::unauthenticated);
  CHECK(code_of(pair.receiver.open(7 + (1ULL << 32U), view_of("header"), sealed)) == Errc::unauthenticated);
  CHECK(code_of(pair.receiver.open(7, view_of("Header"), sealed)) == Errc::unauthenticated);
  CHECK(code_of(pair.receiver.open(7, {}, sealed)) == Errc::unauthenticated);
}

TEST_CASE("hpke: the appending calls keep what is there, also when they fail", "[sync][hpke]") {
  const Pair pair = auth_pair();
  Bytes out = to_bytes(view_of("before"));
  pair.sender.seal_to(out, 3, view_of("a"), view_of("plain"));
  REQUIRE(out.size() == 6 + 5 + aead_tag_octets);
  CHECK(text_of(ByteView(out).first(6)) == "before");
  const ByteView sealed = ByteView(out).subspan(6);
  CHECK(to_bytes(sealed) == pair.sender.seal(3, view_of("a"), view_of("plain")));
  Bytes opened = to_bytes(view_of("start "));
  REQUIRE(pair.receiver.open_to(opened, 3, view_of("a"), sealed));
  CHECK(text_of(opened) == "start plain");
  CHECK_FALSE(pair.receiver.open_to(opened, 4, view_of("a"), sealed));
  CHECK_FALSE(pair.receiver.open_to(opened, 3, view_of("a"), sealed.first(3)));
  CHECK(text_of(opened) == "start plain");
}

TEST_CASE("hpke: nothing and a mebibyte go through alike", "[sync][hpke]") {
  const Pair pair = auth_pair();
  for (const std::size_t octets : {0U, 1U, 63U, 64U, 65U, 1U << 20U}) {
    CAPTURE(octets);
    const Bytes plain(octets, 0x5a);
    const Bytes sealed = pair.sender.seal(octets, {}, plain);
    CHECK(sealed.size() == octets + aead_tag_octets);
    const auto opened = pair.receiver.open(octets, {}, sealed);
    REQUIRE(opened);
    CHECK(*opened == plain);
  }
}

TEST_CASE("hpke: another info, sender or recipient opens nothing", "[sync][hpke]") {
  SeededRng rng(5);
  const KemKeyPair recipient = make_kem_key(rng);
  const KemKeyPair author = make_kem_key(rng);
  const KemKeyPair stranger = make_kem_key(rng);
  const auto sender = hpke_auth_sender(recipient.public_key, view_of("i"), author.secret_key, rng);
  REQUIRE(sender);
  const Bytes sealed = sender->context.seal(0, {}, view_of("x"));
  const auto opens = [&](const Result<HpkeContext>& receiver) {
    REQUIRE(receiver);
    return bool(receiver->open(0, {}, sealed));
  };
  CHECK(opens(hpke_auth_receiver(sender->enc, recipient.secret_key, view_of("i"), author.public_key)));
  CHECK_FALSE(opens(hpke_auth_receiver(sender->enc, recipient.secret_key, view_of("j"), author.public_key)));
  CHECK_FALSE(opens(hpke_auth_receiver(sender->enc, recipient.secret_key, view_of("i"), stranger.public_key)));
  CHECK_FALSE(opens(hpke_auth_receiver(sender->enc, stranger.secret_key, view_of("i"), author.public_key)));
  CHECK_FALSE(opens(hpke_auth_receiver(stranger.public_key, recipient.secret_key, view_of("i"), author.public_key)));
  CHECK_FALSE(opens(hpke_base_receiver(sender->enc, recipient.secret_key, view_of("i"))));
}

TEST_CASE("hpke: public keys of small order are refused wherever one is taken", "[sync][hpke]") {
  SeededRng rng(6);
  const KemKeyPair own = make_kem_key(rng);
  for (const KemPublic& bad : small_order_points()) {
    CAPTURE(to_hex(bad));
    CHECK(hpke_base_sender(bad, {}, rng).error().code == Errc::unauthenticated);
    CHECK(hpke_auth_sender(bad, {}, own.secret_key, rng).error().code == Errc::unauthenticated);
    CHECK(hpke_base_receiver(bad, own.secret_key, {}).error().code == Errc::unauthenticated);
    CHECK(hpke_auth_receiver(bad, own.secret_key, {}, own.public_key).error().code == Errc::unauthenticated);
    CHECK(hpke_auth_receiver(own.public_key, own.secret_key, {}, bad).error().code == Errc::unauthenticated);
    CHECK(code_of(hpke_seal_once(bad, {}, {}, {}, rng)) == Errc::unauthenticated);
    Bytes sealed(bad.begin(), bad.end());
    sealed.resize(sealed.size() + aead_tag_octets);
    CHECK(code_of(hpke_open_once(own.secret_key, {}, {}, sealed)) == Errc::unauthenticated);
  }
}

TEST_CASE("hpke: a context survives as 76 octets and nothing else is taken for one", "[sync][hpke]") {
  const Pair pair = auth_pair();
  auto again = HpkeContext::from_state(pair.sender.exported_state());
  REQUIRE(again);
  CHECK(again->seal(9, {}, view_of("x")) == pair.sender.seal(9, {}, view_of("x")));
  for (const std::size_t octets : {0U, 75U, 77U}) {
    const auto refused = HpkeContext::from_state(Secret(octets));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::malformed);
  }
}

TEST_CASE("hpke: one message sealed to a key opens with it, and damaged not at all", "[sync][hpke]") {
  SeededRng rng(8);
  const KemKeyPair recipient = make_kem_key(rng);
  const auto sealed = hpke_seal_once(recipient.public_key, view_of("i"), view_of("a"), view_of("draft"), rng);
  REQUIRE(sealed);
  CHECK(sealed->size() == 5 + seal_once_overhead_octets);
  const auto opened = hpke_open_once(recipient.secret_key, view_of("i"), view_of("a"), *sealed);
  REQUIRE(opened);
  CHECK(text_of(*opened) == "draft");
  CHECK(code_of(hpke_open_once(recipient.secret_key, view_of("j"), view_of("a"), *sealed)) == Errc::unauthenticated);
  CHECK(code_of(hpke_open_once(recipient.secret_key, view_of("i"), view_of("b"), *sealed)) == Errc::unauthenticated);
  for (std::size_t at = 0; at < sealed->size(); ++at) {
    CAPTURE(at);
    CHECK_FALSE(hpke_open_once(recipient.secret_key, view_of("i"), view_of("a"), ByteView(*sealed).first(at)));
    Bytes changed = *sealed;
    changed[at] ^= 0x10U;
    CHECK_FALSE(hpke_open_once(recipient.secret_key, view_of("i"), view_of("a"), changed));
  }
}
