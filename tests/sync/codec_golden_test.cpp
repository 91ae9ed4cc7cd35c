#include <catch2/catch.hpp>
#include <sstream>

#include "sync/codec/codec.h"
#include "tests/support/codec_samples.h"
#include "tests/support/places.h"

using namespace khuoi;
using namespace khuoi::sync;
using namespace khuoi::tests;

namespace {

struct Golden {
  std::string name;
  Bytes octets;
};

/// Lines of a name and hex digits; `#` starts a remark.
std::vector<Golden> golden_payloads() {
  const Bytes file = file_octets(test_data() / "codec/golden_payloads.txt");
  std::istringstream lines{std::string(text_of(file))};
  std::vector<Golden> out;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t space = line.find(' ');
    const auto octets = from_hex(line.substr(space + 1));
    REQUIRE(octets);
    out.push_back({line.substr(0, space), *octets});
  }
  return out;
}

Bytes golden_octets(const std::string& name) {
  for (const Golden& one : golden_payloads()) {
    if (one.name == name) return one.octets;
  }
  FAIL("no golden octets for " << name);
  return {};
}

/// Prints what was made when it differs, so that a wanted change (and a new codec version) is quickly written down.
void check_golden(const std::string& name, const Bytes& made) {
  INFO(name << " " << to_hex(made));
  CHECK(golden_octets(name) == made);
}

}  // namespace

TEST_CASE("codec: payloads of records, in every model, are those written down", "[sync][codec][golden]") {
  const Bytes dictionary = golden_octets("dictionary");
  const auto base = *Model::make({}, {});
  const auto cold = *Model::make(health_form(), {});
  const auto warm = *Model::make(health_form(), dictionary);
  check_golden("base_model", to_bytes(base->hash().view()));
  check_golden("cold_model", to_bytes(cold->hash().view()));
  check_golden("warm_model", to_bytes(warm->hash().view()));
  const std::vector<std::string> visits = sample_visits(2, 77).xml;
  const std::string odd = "\xEF\xBB\xBF<a x='1'>Ω <b>12<c/></a>\r\n" + visits[0].substr(0, 300) + "\xff\xfe";
  check_golden("base_visit", encode_payload(*base, view_of(visits[0])));
  check_golden("cold_visit", encode_payload(*cold, view_of(visits[0])));
  check_golden("warm_visit", encode_payload(*warm, view_of(visits[0])));
  check_golden("warm_other", encode_payload(*warm, view_of(visits[1])));
  check_golden("warm_odd", encode_payload(*warm, view_of(odd)));
  check_golden("warm_raw", encode_payload(*warm, view_of("\x80\x11q")));
  CHECK(equal(*decode_payload(*warm, golden_octets("warm_odd"), 4096), view_of(odd)));
}

TEST_CASE("codec: a zstd payload written down decodes", "[sync][codec][golden]") {
  const auto cold = *Model::make(health_form(), {});
  const std::string xml = sample_visits(2, 77).xml[0];
  const Bytes payload = golden_octets("cold_zstd");
  CHECK(*mode_of(payload) == CodecMode::zstd);
  CHECK(equal(*decode_payload(*cold, payload, 4096), view_of(xml)));
}
