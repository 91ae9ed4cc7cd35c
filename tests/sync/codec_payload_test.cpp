#include "sync/codec/codec.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "sync/base/rng.h"
#include "sync/codec/dictionary.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {

Bytes text(std::string_view from) { return Bytes(from.begin(), from.end()); }

}  // namespace

TEST_CASE("codec: any octets come back as they went in", "[sync][codec]") {
  const auto model = *Model::make({}, {});
  SeededRng rng(7);
  for (std::size_t octets = 0; octets < 300; ++octets) {
    Bytes xml(octets);
    rng.fill(xml);
    const Bytes payload = encode_payload(*model, xml);
    CHECK(payload.size() <= xml.size() + 5);
    const auto back = decode_payload(*model, payload, xml.size());
    REQUIRE(back.has_value());
    CHECK(*back == xml);
  }
}

TEST_CASE("codec: a payload names its model, and another model refuses it", "[sync][codec]") {
  const Bytes form = text("<form/>");
  const auto base = *Model::make({}, {});
  const auto other = *Model::make(form, {});
  CHECK(base->hash() != other->hash());
  CHECK(Model::hash_of(form, {}) == other->hash());
  const Bytes payload = encode_payload(*other, text("<data/>"));
  CHECK(*model_of(payload) == other->hash());
  CHECK(decode_payload(*base, payload, 100).error().code == Errc::malformed);
}

TEST_CASE("codec: output past the caller's limit is refused", "[sync][codec]") {
  const auto model = *Model::make({}, {});
  const Bytes xml(100'000, 'a');
  const Bytes payload = encode_payload(*model, xml);
  CHECK(payload.size() < 200);
  CHECK(decode_payload(*model, payload, xml.size()).has_value());
  CHECK(decode_payload(*model, payload, xml.size() - 1).error().code == Errc::too_large);
}

TEST_CASE("codec: short, damaged and unknown payloads are refused or decode within the limit", "[sync][codec]") {
  const auto model = *Model::make({}, {});
  const Bytes payload =
      encode_payload(*model, text("<data id=\"a\"><name>Nông Thị Lan</name><name>Nông Thị Lan</name></data>"));
  for (std::size_t octets = 0; octets < 5; ++octets) CHECK_FALSE(model_of(ByteView(payload).first(octets)).has_value());
  for (std::size_t octets = 0; octets < payload.size(); ++octets) {
    const auto cut = decode_payload(*model, ByteView(payload).first(octets), 4096);
    CHECK((!cut.has_value() || cut->size() <= 4096));
  }
  Bytes unknown = payload;
  unknown[4] = 9;
  CHECK(decode_payload(*model, unknown, 4096).error().code == Errc::unsupported);
  for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {
    Bytes flipped = payload;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
    const auto back = decode_payload(*model, flipped, 4096);
    CHECK((!back.has_value() || back->size() <= 4096));
  }
}

TEST_CASE("codec: a dictionary travels and comes back, and junk is refused", "[sync][codec]") {
  Dictionary dictionary;
  dictionary.submissions = {text("<a>1</a>"), text(""), text("<a>2</a>")};
  const Bytes octets = *dictionary.encode();
  CHECK(Dictionary::decode(octets)->submissions == dictionary.submissions);
  CHECK(Dictionary::decode({})->submissions.empty());
  for (std::size_t left = 1; left < octets.size(); ++left)
    CHECK_FALSE(Dictionary::decode(ByteView(octets).first(left)).has_value());
  CHECK(Model::make({}, octets).has_value());
  CHECK_FALSE(Model::make({}, text("junk")).has_value());
  dictionary.submissions.assign(Dictionary::submissions_max + 1, text("x"));
  CHECK(dictionary.encode().error().code == Errc::too_large);
  dictionary.submissions.assign(1, Bytes(Dictionary::octets_max + 1));
  CHECK(dictionary.encode().error().code == Errc::too_large);
}
