// What the codec reaches beside its goals. Napkin: a generated visit holds about 53 octets of chance; 1,130 octets of
// XML are some 300 coded symbols, each two or three cache lines, so 10 to 15 us a pass. Inputs:
// tests/support/gen_submissions.py with fixed seeds, run by $KHUOI_PYTHON (python3).
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <ctime>
#include <map>
#include <sstream>

#include "sync/codec/codec.h"
#include "sync/codec/dictionary.h"
#include "tests/bench/made_submissions.h"
#include "tests/support/codec_samples.h"
#include "tests/support/places.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {

namespace fs = std::filesystem;
using Submissions = std::vector<Bytes>;

constexpr std::array<const char*, 3> forms = {"kham_suc_khoe_ho", "ho_so_mot_cua", "thong_bao_xom"};

/// One model a form, each trained on the submissions that are its own.
struct Models {
  std::map<std::string, std::shared_ptr<const Model>> by_form;
  std::size_t dictionary_octets = 0;

  [[nodiscard]] const Model& of(const Bytes& xml) const {
    for (const auto& [form, model] : by_form) {
      if (text_of(xml).find("id=\"" + form + "\"") != std::string_view::npos) return *model;
    }
    return *by_form.begin()->second;
  }
};

Bytes form_xml(const std::string& name) {
  return tests::file_octets(tests::test_data() / "forms" / (name + ".xml"));
}

Models train_models(const Submissions& submissions) {
  Models models;
  for (const std::string form : forms) {
    std::vector<ByteView> own;
    for (const Bytes& xml : submissions) {
      if (text_of(xml).find("id=\"" + form + "\"") != std::string_view::npos) own.emplace_back(xml);
    }
    const Bytes dictionary = *train(own, form_xml(form)).encode();
    models.dictionary_octets += dictionary.size();
    models.by_form[form] = *Model::make(form_xml(form), dictionary);
  }
  return models;
}

/// On the wire: sealed in a multiple of four octets, a tag of 16, one octet each for length and number.
std::size_t wire_octets(std::size_t payload) { return (payload + 3) / 4 * 4 + 16 + 2; }

struct Sizes {
  double mean = 0;
  std::size_t p95 = 0;
  std::size_t worst = 0;
};
Sizes sizes_of(std::vector<std::size_t> all) {
  std::sort(all.begin(), all.end());
  std::size_t sum = 0;
  for (const std::size_t octets : all) sum += octets;
  return {static_cast<double>(sum) / static_cast<double>(all.size()), all[all.size() * 95 / 100], all.back()};
}

/// What a set of records should come to on the wire; 0: no goal.
struct Goal {
  int mean = 0;
  int p95 = 0;
};

/// Prints a line that khuoi_bench.py reads too, and checks the goal.
void measure(const char* name, const Models& models, const Submissions& submissions, Goal goal = {}) {
  std::vector<std::size_t> wire;
  std::vector<std::size_t> plain;
  for (const Bytes& xml : submissions) {
    const Bytes payload = encode_payload(models.of(xml), xml);
    const auto back = decode_payload(models.of(xml), payload, xml.size());
    REQUIRE(back.has_value());
    REQUIRE(equal(*back, xml));
    wire.push_back(wire_octets(payload.size()));
    plain.push_back(payload.size());
  }
  const Sizes on_wire = sizes_of(wire);
  const Sizes alone = sizes_of(plain);
  std::printf("codec set: name=%s n=%zu mean=%.1f p95=%zu worst=%zu goal_mean=%d goal_p95=%d "
              "payload_mean=%.1f payload_p95=%zu payload_worst=%zu\n",
              name, submissions.size(), on_wire.mean, on_wire.p95, on_wire.worst, goal.mean, goal.p95, alone.mean,
              alone.p95, alone.worst);
  if (goal.mean != 0) CHECK(on_wire.mean <= goal.mean);
  if (goal.p95 != 0) CHECK(on_wire.p95 <= static_cast<std::size_t>(goal.p95));
}

/// tests/data/codec/free_notes.tsv: by field, notes that neither the prior nor any training has seen.
std::map<std::string, std::vector<std::string>> free_notes() {
  std::istringstream lines(
      std::string(text_of(tests::file_octets(tests::test_data() / "codec/free_notes.tsv"))));
  std::map<std::string, std::vector<std::string>> out;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t tab = line.find('\t');
    if (line.starts_with('#') || tab == std::string::npos) continue;
    out[line.substr(0, tab)].push_back(line.substr(tab + 1));
  }
  return out;
}

/// Writes such notes into a share of the records, in tenths, wherever the form has a place for one.
Submissions with_free_notes(Submissions submissions, std::uint64_t tenths) {
  const auto notes = free_notes();
  SeededRng rng(20261125);
  for (Bytes& octets : submissions) {
    if (rng.below(10) >= tenths) continue;
    std::string xml(text_of(octets));
    for (const auto& [field, texts] : notes) {
      const std::size_t open = xml.find("<" + field);
      if (open == std::string::npos) continue;
      const bool empty = xml.compare(open + 1 + field.size(), 2, "/>") == 0;
      const std::size_t end = empty ? open + field.size() + 3 : xml.find("</" + field, open) + field.size() + 3;
      xml.replace(open, end - open, "<" + field + ">" + texts[rng.below(texts.size())] + "</" + field + ">");
    }
    octets = to_bytes(view_of(xml));
  }
  return submissions;
}

double cpu_us() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

}  // namespace

TEST_CASE("bench: octets a record", "[.][bench][codec]") {
  const Submissions other = bench::made_submissions(300, 2);
  const Submissions other_free = bench::made_submissions(300, 2, "0.3");
  const Models models = train_models(bench::made_submissions(200, 1));
  std::printf("dictionaries of 200 submissions, three forms: %zu B to carry\n", models.dictionary_octets);
  measure("reference", models, other, {.mean = 88});
  measure("free_text_of_the_generator", models, other_free, {.mean = 105, .p95 = 150});
  measure("fresh_notes_in_three_tenths", models, with_free_notes(other, 3), {.mean = 105, .p95 = 150});
  measure("fresh_notes_in_all", models, with_free_notes(other, 10));
  measure("reference_trained_on_50", train_models(bench::made_submissions(50, 1)), other);
  measure("reference_trained_on_1000", train_models(bench::made_submissions(1000, 1)), other);
  measure("reference_without_dictionary", train_models({}), other);
}

TEST_CASE("bench: a new form's first fifty records", "[.][bench][codec]") {
  const Submissions all = bench::made_submissions(620, 3);
  for (const std::string form : forms) {
    Submissions own;
    for (const Bytes& xml : all) {
      if (text_of(xml).find("id=\"" + form + "\"") != std::string_view::npos && own.size() < 50) own.push_back(xml);
    }
    std::printf("codec curve: form=%s n=%zu octets=", form.c_str(), own.size());
    std::shared_ptr<const Model> model = *Model::make(form_xml(form), {});
    std::vector<ByteView> before;
    std::size_t sum = 0;
    std::size_t first = 0;
    for (const Bytes& xml : own) {
      const std::size_t octets = wire_octets(encode_payload(*model, xml).size());
      std::printf("%s%zu", before.empty() ? "" : ",", octets);
      if (before.empty()) first = octets;
      if (before.size() >= 3) sum += octets;
      before.emplace_back(xml);
      const auto next = *Model::make(form_xml(form), *train(before, form_xml(form)).encode());
      if (encode_payload(*next, xml).size() * 10 <= encode_payload(*model, xml).size() * 9) model = next;
    }
    const double mean = static_cast<double>(sum) / static_cast<double>(own.size() - 3);
    std::printf(" first=%zu goal_first=230 from_fourth=%.1f goal_from_fourth=130\n", first, mean);
    CHECK(first <= 230);
    CHECK(mean <= 130);
  }
}

TEST_CASE("bench: codec speed and memory", "[.][bench][codec]") {
  const Submissions training = bench::made_submissions(200, 1);
  const Submissions other = bench::made_submissions(300, 2);
  const Models models = train_models(training);
  constexpr int rounds = 20;
  const double records = static_cast<double>(other.size()) * rounds;

  std::vector<Bytes> payloads;
  for (const Bytes& xml : other) payloads.push_back(encode_payload(models.of(xml), xml));
  const double start = cpu_us();
  for (int round = 0; round < rounds; ++round) {
    for (const Bytes& xml : other) REQUIRE(models.of(xml).records().encode(text_of(xml)));
  }
  const double encoded = cpu_us();
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t at = 0; at < other.size(); ++at)
      REQUIRE(decode_payload(models.of(other[at]), payloads[at], 4096).has_value());
  }
  const double decoded = cpu_us();
  for (int round = 0; round < rounds; ++round) {
    for (const Bytes& xml : other) REQUIRE_FALSE(encode_payload(models.of(xml), xml).empty());
  }
  const double checked = cpu_us();
  const double pass_us = (encoded - start) / records;
  const double decode_us = (decoded - encoded) / records;
  const double checked_us = (checked - decoded) / records;
  std::printf("codec speed: encode_us=%.1f decode_us=%.1f checked_encode_us=%.1f records/s=%.0f goal=20000 "
              "with_check=%.0f\n",
              pass_us, decode_us, checked_us, 1e6 / (pass_us + decode_us), 1e6 / (checked_us + decode_us));
  CHECK(1e6 / (checked_us + decode_us) >= 20'000);

  std::vector<ByteView> views(training.begin(), training.end());
  const Bytes mixed = *train(views, form_xml(forms[0])).encode();
  const double opening = cpu_us();
  const auto model = *Model::make(form_xml(forms[0]), mixed);
  const double open_ms = (cpu_us() - opening) / 1000;
  std::printf("codec opening: submissions=200 ms=%.1f goal=50 model_mb=%.2f octets=%zu\n", open_ms,
              static_cast<double>(model->octets_used()) / 1e6, mixed.size());
  CHECK(open_ms <= 50);
  for (const auto& [form, own] : models.by_form) {
    std::printf("codec model: form=%s mb=%.2f goal=3\n", form.c_str(), static_cast<double>(own->octets_used()) / 1e6);
    CHECK(own->octets_used() <= 3'000'000);
  }
}
