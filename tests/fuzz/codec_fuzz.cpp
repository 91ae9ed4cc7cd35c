// The first octet chooses: a text to be coded and compared, or a payload or dictionary that nobody vouches for.
#include "sync/base/check.h"
#include "sync/codec/codec.h"
#include "tests/support/codec_samples.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {

constexpr std::size_t octets_max = 16 * 1024;

void code_and_compare(const Model& model, ByteView xml) {
  KHUOI_CHECK(tests::tokens_come_back(model, xml));
  const Bytes payload = encode_payload(model, xml);
  const auto back = decode_payload(model, payload, xml.size());
  KHUOI_CHECK(back.has_value());
  KHUOI_CHECK(equal(*back, xml));
}

void decode_junk(const Model& model, ByteView octets) {
  Bytes payload = to_bytes(model.hash().view());
  append(payload, octets);
  const auto back = decode_payload(model, payload, octets_max);
  KHUOI_CHECK(!back.has_value() || back->size() <= octets_max);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto base = *Model::make({}, {});
  static const auto known = tests::sample_model();
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  switch (data[0] % 8) {
    case 0:
      decode_junk(*known, rest);
      break;
    case 1:
      decode_junk(*base, rest);
      break;
    case 2:
      if (const auto dictionary = Dictionary::decode(rest)) KHUOI_CHECK(Model::make({}, rest).has_value());
      break;
    case 3:
      code_and_compare(*base, rest);
      break;
    case 4: {
      const std::array<ByteView, 4> submissions = {rest, rest.first(rest.size() / 2), rest, rest.last(rest.size() / 3)};
      KHUOI_CHECK(train(submissions, rest).encode().has_value());
      break;
    }
    default:
      code_and_compare(*known, rest);
      break;
  }
  return 0;
}
