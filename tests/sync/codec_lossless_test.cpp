#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <map>

#include "sync/base/rng.h"
#include "sync/codec/codec.h"
#include "sync/codec/dictionary.h"
#include "tests/support/codec_samples.h"
#include "tests/support/places.h"
#include "tests/support/seed.h"
#include "tests/support/xml_wounds.h"

using namespace khuoi;
using namespace khuoi::sync;
using namespace khuoi::tests;

namespace {

void check_round(const Model& model, ByteView xml) {
  const Bytes payload = encode_payload(model, xml);
  const auto back = decode_payload(model, payload, xml.size());
  REQUIRE(back.has_value());
  REQUIRE(equal(*back, xml));
  // The token mode itself must not differ either: encode_payload() would hide it behind a fallback.
  if (xml.size() <= 64 * 1024) REQUIRE(tokens_come_back(model, xml));
}

struct Source {
  std::string name;
  std::string xml;
  std::shared_ptr<const Model> model;
};

std::vector<std::filesystem::path> xml_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".xml") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());  // a folder's own order differs between machines
  return out;
}

/// What stands inside the form's first `<instance>`; all clients fill that in.
std::string primary_instance(std::string_view form) {
  const std::size_t open = form.find("<instance");
  REQUIRE(open != std::string_view::npos);
  const std::size_t start = form.find('>', open) + 1;
  return std::string(form.substr(start, form.find("</instance>", start) - start));
}

std::vector<Source> public_instances() {
  std::vector<Source> out;
  for (const auto& file : xml_files(test_data() / "public")) {
    const Bytes form = file_octets(file);
    out.push_back({file.filename().string(), primary_instance(text_of(form)), *Model::make(form, {})});
  }
  return out;
}

/// Filled examples of the forms that ship, `FORM-1.xml` and so on.
std::vector<Source> product_examples() {
  std::map<std::string, std::shared_ptr<const Model>> models;
  std::vector<Source> out;
  for (const auto& file : xml_files(test_data() / "product")) {
    const std::string name = file.filename().string();
    const std::string form = name.substr(0, name.rfind('-'));
    auto& model = models[form];
    if (!model) {
      const auto path = source_root() / "node/forms" / (form + ".xml");
      REQUIRE(std::filesystem::exists(path));
      model = *Model::make(file_octets(path), {});
    }
    out.push_back({name, std::string(text_of(file_octets(file))), model});
  }
  return out;
}

std::vector<Source> all_sources() {
  std::vector<Source> out = public_instances();
  for (Source& one : product_examples()) out.push_back(std::move(one));
  const auto trained = sample_model();
  for (const std::string& xml : sample_submissions(40)) out.push_back({"visit", xml, trained});
  out.push_back({"odd", odd_submission(), *Model::make(odd_form(), {})});
  return out;
}

}  // namespace

TEST_CASE("codec: every public form comes back as an instance, with and without knowing a form", "[sync][codec]") {
  const auto base = *Model::make({}, {});
  const auto known = sample_model();
  const auto files = xml_files(test_data() / "public");
  for (const auto& file : files) {
    const Bytes xml = file_octets(file);
    INFO(file);
    check_round(*base, xml);
    check_round(*known, xml);
  }
  CHECK(files.size() == 52);
}

TEST_CASE("codec: the instance of every public form comes back under that form, and so do the product's examples",
          "[sync][codec]") {
  const std::vector<Source> instances = public_instances();
  CHECK(instances.size() == 52);
  for (const auto& sources : {instances, product_examples()}) {
    for (const Source& source : sources) {
      INFO(source.name);
      check_round(*source.model, view_of(source.xml));
    }
  }
}

TEST_CASE("codec: three thousand damaged submissions come back octet by octet, of each kind of damage as many",
          "[sync][codec]") {
  constexpr std::size_t each = 160;
  const std::uint64_t seed = tests::seed_of_run(20261121);
  INFO("seed=" << seed);
  SeededRng rng(seed);
  const std::vector<Source> sources = all_sources();
  std::size_t damaged = 0;
  for (const Wound& wound : xml_wounds) {
    INFO(wound.name);
    std::size_t changed = 0;
    for (std::size_t tries = 0; changed < each && tries < 20 * each; ++tries) {
      const Source& source = sources[rng.below(sources.size())];
      std::string xml = source.xml;
      wound.apply(xml, rng);
      if (xml == source.xml) continue;
      INFO(source.name << " " << changed);
      check_round(*source.model, view_of(xml));
      ++changed;
    }
    CHECK(changed == each);
    damaged += changed;
  }
  CHECK(damaged >= 3000);
  std::printf("codec: %zu damaged submissions of %zu kinds came back\n", damaged, xml_wounds.size());
}

TEST_CASE("codec: submissions damaged in several ways come back octet by octet", "[sync][codec]") {
  const std::uint64_t seed = tests::seed_of_run(20261121);
  INFO("seed=" << seed);
  SeededRng rng(seed);
  const std::vector<Source> sources = all_sources();
  for (int round = 0; round < 1000; ++round) {
    const Source& source = sources[rng.below(sources.size())];
    std::string xml = source.xml;
    for (std::uint64_t wounds = 2 + rng.below(3); wounds > 0; --wounds) {
      xml_wounds[rng.below(xml_wounds.size())].apply(xml, rng);
    }
    INFO("round " << round << " of " << source.name);
    check_round(*source.model, view_of(xml));
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
