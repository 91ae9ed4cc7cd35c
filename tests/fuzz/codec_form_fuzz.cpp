// Whole payloads, dictionaries and forms nobody vouches for: each input makes models, so some hundred run in a second.
// The first octet chooses; see codec_fuzz.cpp for the token model alone.
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
  KHUOI_CHECK(payload.size() <= xml.size() + 5);
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

/// The input is a form; what it says must harm no submission, its own text among them.
void know_form(ByteView form) {
  static const std::vector<std::string> samples = {tests::sample_submissions(1)[0], tests::odd_submission()};
  const auto model = Model::make(form, {});
  KHUOI_CHECK(model.has_value());
  for (const std::string& xml : samples) code_and_compare(**model, view_of(xml));
  code_and_compare(**model, form.first(form.size() / 2));
}

/// The input is a submission of which, with others, a dictionary is made; the dictionary must be one.
void learn(ByteView xml) {
  static const std::vector<std::string> others = tests::sample_submissions(6);
  const std::array<ByteView, 6> submissions = {xml,
                                               view_of(others[0]),
                                               xml.first(xml.size() / 2),
                                               view_of(others[3]),
                                               xml,
                                               xml.last(xml.size() / 3)};
  const auto octets = train(submissions, xml).encode();
  KHUOI_CHECK(octets.has_value());
  const auto model = Model::make(xml, *octets);
  KHUOI_CHECK(model.has_value());
  code_and_compare(**model, view_of(others[0]));
  code_and_compare(**model, xml);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto known = tests::sample_model();
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      decode_junk(*known, rest);
      break;
    case 1:
      if (const auto dictionary = Dictionary::decode(rest)) {
        const auto model = Model::make({}, rest);
        KHUOI_CHECK(model.has_value());
        code_and_compare(**model, rest);
      }
      break;
    case 2:
      know_form(rest);
      break;
    case 3:
      learn(rest);
      break;
    default:
      code_and_compare(*known, rest);
      break;
  }
  return 0;
}
