#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "sync/base/rng.h"
#include "sync/codec/codec.h"
#include "sync/codec/dictionary.h"
#include "tests/support/codec_samples.h"

using namespace khuoi;
using namespace khuoi::sync;
using namespace khuoi::tests;

namespace {

std::uint64_t seed_of_run() {
  const char* given = std::getenv("KHUOI_SEED");
  return given == nullptr ? 20261121 : std::strtoull(given, nullptr, 10);
}

void check_round(const Model& model, ByteView xml) {
  const Bytes payload = encode_payload(model, xml);
  const auto back = decode_payload(model, payload, xml.size());
  REQUIRE(back.has_value());
  REQUIRE(equal(*back, xml));
  // The token mode itself must not differ either: encode_payload() would hide it behind a fallback.
  if (xml.size() <= 64 * 1024) REQUIRE(tokens_come_back(model, xml));
}

/// One random wound, as people, clients and attackers make them.
void damage(std::string& xml, Rng& rng) {
  const auto at = [&] { return static_cast<std::size_t>(rng.below(xml.size() + 1)); };
  const auto replace_all = [&](std::string_view from, std::string_view to) {
    for (std::size_t found = xml.find(from); found != std::string::npos; found = xml.find(from, found + to.size())) {
      xml.replace(found, from.size(), to);
    }
  };
  switch (rng.below(16)) {
    case 0:
      replace_all("\n", "\r\n");
      break;
    case 1:
      xml.insert(0, "\xEF\xBB\xBF");
      break;
    case 2:
      xml.insert(at(), "<![CDATA[ a < b & ]]>");
      break;
    case 3:
      replace_all("\"", "'");
      break;
    case 4:
      replace_all("orx:", "ns0:");
      break;
    case 5:
      xml.insert(at(), "<!-- ghi chú <b> -->");
      break;
    case 6:
      xml.insert(at(), "<la><chua_biet kieu = \"x\" >giá trị</chua_biet ></la>");
      break;
    case 7:
      xml.resize(at());
      break;
    case 8:
      xml.insert(at(), 1, static_cast<char>(rng.below(256)));
      break;
    case 9:
      if (!xml.empty()) xml[rng.below(xml.size())] = static_cast<char>(rng.below(256));
      break;
    case 10:
      xml.insert(at(), "\xC3\x28\xA0\xA1\xE2\x82\xED\xA0\x80\xF8");
      break;
    case 11:
      xml.insert(at(), xml.substr(at(), rng.below(200)));
      break;
    case 12:
      xml.erase(at(), rng.below(100));
      break;
    case 13:
      xml.insert(at(), std::string(rng.below(400), static_cast<char>('0' + rng.below(10))));
      break;
    case 14:
      xml.insert(at(), "2026-02-30T25:00:00.000+07:00</a><a>0000-01-01T00:00:00.000Z");
      break;
    default:
      xml.insert(at(), "\x01\x02\x03\x04\x05\x06");
      break;
  }
}

}  // namespace

TEST_CASE("codec: every public form comes back as an instance, with and without knowing a form", "[sync][codec]") {
  const auto base = *Model::make({}, {});
  const auto known = sample_model();
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(KHUOI_TEST_DATA) / "public")) {
    if (entry.path().extension() != ".xml") continue;
    const Bytes xml = file_octets(entry.path());
    INFO(entry.path());
    check_round(*base, xml);
    check_round(*known, xml);
    ++files;
  }
  CHECK(files == 52);
}

TEST_CASE("codec: three thousand damaged submissions come back octet by octet", "[sync][codec]") {
  const std::uint64_t seed = seed_of_run();
  INFO("seed=" << seed);
  SeededRng rng(seed);
  const auto model = sample_model();
  const std::vector<std::string> samples = sample_submissions(20);
  for (int round = 0; round < 3000; ++round) {
    std::string xml = samples[rng.below(samples.size())];
    for (std::uint64_t wounds = rng.below(4) + 1; wounds > 0; --wounds) damage(xml, rng);
    INFO("round " << round);
    check_round(*model, view_of(xml));
  }
}

TEST_CASE("codec: a form republished under its version and another commune's dictionary are other models",
          "[sync][codec]") {
  const Bytes form = health_form();
  Bytes republished = form;
  republished.insert(republished.end() - 1, ' ');
  const auto ours = dictionary_of(sample_submissions(40));
  const auto theirs = dictionary_of(sample_submissions(60));
  const std::vector<std::shared_ptr<const Model>> models = {*Model::make(form, ours), *Model::make(form, theirs),
                                                            *Model::make(republished, ours), *Model::make(form, {})};
  for (const std::string& xml : sample_submissions(5)) {
    for (const auto& writer : models) {
      const Bytes payload = encode_payload(*writer, view_of(xml));
      for (const auto& reader : models) {
        const auto back = decode_payload(*reader, payload, 4096);
        CHECK(back.has_value() == (reader == writer));
        if (back) CHECK(equal(*back, view_of(xml)));
      }
    }
  }
}

TEST_CASE("codec: coding many records leaves the model as it was", "[sync][codec]") {
  const auto model = sample_model();
  const std::vector<std::string> samples = sample_submissions(30);
  const Bytes first = encode_payload(*model, view_of(samples[0]));
  SeededRng rng(11);
  for (const std::string& xml : samples) {
    Bytes payload = encode_payload(*model, view_of(xml));
    payload[5 + rng.below(payload.size() - 5)] ^= 0x10;
    const auto junk = decode_payload(*model, payload, 4096);
    CHECK((!junk.has_value() || junk->size() <= 4096));
  }
  CHECK(encode_payload(*model, view_of(samples[0])) == first);
}
