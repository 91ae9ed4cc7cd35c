// The token model, fast: models are made once. Octet 0 chooses one of them, octet 1 what happens; the rest is a text, a
// payload, or wounds of a template. What needs a model of its own is in codec_form_fuzz.cpp.
// Some 6,000 a second and core without sanitizers, 400 with them. Ten million: cmake --preset fuzz-count, ninja -C
// build/fuzz-count khuoi_codec_fuzz, and then, in an empty FOLDER for what it finds,
// build/fuzz-count/bin/khuoi_codec_fuzz -runs=10000000 -max_len=400 -entropic=0 -reload=0 FOLDER tests/fuzz/corpus/codec
#include <algorithm>

#include "sync/base/check.h"
#include "sync/codec/codec.h"
#include "tests/support/codec_samples.h"
#include "tests/support/xml_wounds.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {

constexpr std::size_t octets_max = 16 * 1024;
/// A model, and all that a payload may make it hold; codec_bench says 3 MB without one.
constexpr std::size_t model_octets_max = 24U << 20U;

struct Setting {
  std::shared_ptr<const Model> model;
  Bytes first;  // what the first template is encoded to; it must stay so
};

struct Settings {
  std::vector<std::string> templates = tests::sample_visits(3, 8).xml;
  std::vector<Setting> all;

  Settings() {
    templates.push_back(tests::odd_submission());
    templates.push_back("<data id=\"a\"><b>1</b><c/></data>");
    std::vector<std::string> odd = tests::sample_submissions(12);
    SeededRng rng(3);
    for (int copy = 0; copy < 60; ++copy) {
      odd.push_back(tests::odd_submission());
      tests::xml_wounds[static_cast<std::size_t>(copy) % tests::xml_wounds.size()].apply(odd.back(), rng);
    }
    add({}, {});
    add(tests::health_form(), {});
    add(tests::health_form(), tests::dictionary_of(tests::sample_submissions(60)));
    add(tests::health_form(), tests::dictionary_of(tests::sample_visits(45, 9).xml));
    add(tests::odd_form(), {});
    add(tests::odd_form(), tests::dictionary_of(odd));
  }
  void add(const Bytes& form, const Bytes& dictionary) {
    all.push_back({*Model::make(form, dictionary), {}});
    all.back().first = *all.back().model->records().encode(templates[0]);
  }
};

void code_and_compare(const Model& model, std::string_view xml) {
  const auto octets = model.records().encode(xml);
  if (!octets) return;  // past the step limit: encode_payload() takes another mode
  const auto back = model.records().decode(*octets, xml.size());
  KHUOI_CHECK(back.has_value());
  KHUOI_CHECK(*back == xml);
}

void decode_junk(const Setting& setting, ByteView octets) {
  Bytes payload = to_bytes(setting.model->hash().view());
  append(payload, octets);
  const auto back = decode_payload(*setting.model, payload, octets_max);
  KHUOI_CHECK(!back.has_value() || back->size() <= octets_max);
  KHUOI_CHECK(setting.model->octets_used() <= model_octets_max);
}

/// Three octets a wound: which, and the seed of where; four at most.
std::string wounded(std::string xml, ByteView from) {
  for (from = from.first(std::min<std::size_t>(from.size(), 12)); from.size() >= 3; from = from.subspan(3)) {
    SeededRng rng(from[1] * 256U + from[2]);
    tests::xml_wounds[from[0] % tests::xml_wounds.size()].apply(xml, rng);
  }
  return xml;
}

/// A payload of ours, some of whose octets changed on the way: each pair says which and how.
Bytes damaged(Bytes octets, ByteView from) {
  octets.insert(octets.begin(), 0);  // the mode
  for (; from.size() >= 2; from = from.subspan(2)) octets[1 + from[0] % (octets.size() - 1)] ^= from[1];
  return octets;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Settings settings;
  if (size < 3) return 0;
  const Setting& setting = settings.all[data[0] % settings.all.size()];
  const Model& model = *setting.model;
  const std::string& form = settings.templates[data[2] % settings.templates.size()];
  const ByteView rest(data + 2, size - 2);
  switch (data[1] % 8) {
    case 0:
    case 1:
    case 2:
      code_and_compare(model, text_of(rest));
      break;
    case 3:
    case 4:
    case 5:
      code_and_compare(model, wounded(form, rest.subspan(1)));
      break;
    case 6:
      decode_junk(setting, rest);
      break;
    default:
      decode_junk(setting, damaged(setting.first, rest));
      KHUOI_CHECK(*model.records().encode(settings.templates[0]) == setting.first);
      break;
  }
  return 0;
}
