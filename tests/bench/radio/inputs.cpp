#include "tests/bench/radio/inputs.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tests/storage/temp_folder.h"
#include "tests/support/codec_samples.h"

namespace khuoi::bench {

using tests::TestNode;

namespace {

constexpr std::size_t hamlets = 10;
constexpr std::int64_t wall_begins = 1'790'000'000;
constexpr std::uint32_t first_submission_number = 2;  ///< of a sealed run: its opener and its author copy are before

std::string instance_id(std::uint64_t high, std::uint64_t low) {
  char id[40];
  std::snprintf(id, sizeof id, "%08llx-0000-4000-8000-%012llx", static_cast<unsigned long long>(high & 0xffffffff),
                static_cast<unsigned long long>(low & 0xffffffffffff));
  return id;
}

}  // namespace

std::vector<std::string> submissions(int count, int seed) {
  const tests::TempFolder folder;
  const auto out = folder.path() / "xml";
  const char* python = std::getenv("KHUOI_PYTHON");
  const std::string command = std::string(python == nullptr ? "python3" : python) + " " + KHUOI_SOURCE_DIR +
                              "/tests/support/gen_submissions.py " + out.string() + " --n " + std::to_string(count) +
                              " --seed " + std::to_string(seed) + " > " + out.string() + ".log";
  REQUIRE(std::system(command.c_str()) == 0);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(out)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> all;
  for (const auto& file : files) {
    const Bytes octets = tests::file_octets(file);
    all.emplace_back(octets.begin(), octets.end());
  }
  return all;
}

std::string form_of(const std::string& xml) {
  const std::string before = " id=\"";
  const std::size_t from = xml.find(before) + before.size();
  return xml.substr(from, xml.find('"', from) - from);
}

Homes::Homes() {
  nodes.push_back(std::make_unique<TestNode>(sync::Role::commune, "xa", 1));
  TestNode& commune = *nodes[0];
  commune.unlock();
  for (std::size_t i = 1; i <= hamlets; ++i) {
    nodes.push_back(std::make_unique<TestNode>(sync::Role::hamlet, "khuoi " + std::to_string(i), 1 + i));
    tests::join(commune, *nodes[i]);
  }
  tests::publish_form(commune, tests::test_form);
  for (const char* name : {"kham_suc_khoe_ho", "ho_so_mot_cua", "thong_bao_xom"}) {
    const Bytes xml =
        tests::file_octets(std::filesystem::path(KHUOI_TEST_DATA) / "forms" / (name + std::string(".xml")));
    tests::publish_form(commune, {xml.begin(), xml.end()});
  }
  tests::talk(*nodes[1], commune);
  for (const std::string& xml : submissions(200, 1)) nodes[1]->submit(xml);
  tests::talk(*nodes[1], commune);
  commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(commune.replica->trainer().at_once(batch));
    return {};
  });
  for (std::size_t i = 1; i <= hamlets; ++i) tests::talk(*nodes[i], commune);
  for (const auto& entry : commune.list()) known.insert(entry.id);
}

Incompressible::Incompressible(const Homes& homes) : node_(homes.nodes[1]->disk->clone(), 7) {
  node_.submit(tests::test_submission(instance_id(0xffffffff, 0), "opens the run"));
}

std::size_t Incompressible::octets_sealed(const std::string& xml) {
  const NodeId self = node_.replica->self().node;
  const auto held = [&] {
    std::map<sync::RunKey, RangeSet> out;
    auto txn = node_.replica->read();
    REQUIRE(node_.replica->runs().each(**txn, [&](const sync::RunKey& key, const sync::RunRow& row) {
      if (key.author == self && !row.is_public) out[key] = row.held;
    }));
    return out;
  };
  auto before = held();
  node_.now.wall = UnixSeconds{
      wall_begins + std::chrono::duration_cast<std::chrono::seconds>(node_.now.monotonic.time_since_epoch()).count()};
  node_.submit(xml);
  std::size_t out = 0;
  auto txn = node_.replica->read();
  for (const auto& [key, numbers] : held()) {
    const RangeSet fresh = numbers.minus(before[key]);
    for (const auto& [first, last] : fresh.ranges()) {
      REQUIRE(first >= first_submission_number);
      for (auto number = first; number <= last; ++number) {
        const auto record = node_.replica->runs().record(**txn, {key.author, key.run, number});
        REQUIRE((record && *record));
        out += (*record)->body.size() - tag_octets;
      }
    }
  }
  return out;
}

std::string Incompressible::of(std::size_t octets, std::uint64_t seed) {
  static const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  SeededRng rng(seed);
  // Not every size comes of every text: bodies are sealed in units of four octets.
  for (int texts = 0; texts < 20; ++texts) {
    std::string text;
    for (std::size_t i = 0; i < 2 * octets; ++i) text.push_back(letters[rng.below(letters.size())]);
    std::size_t count = octets;
    for (int tries = 0; tries < 30; ++tries) {
      // What was tried is what is given: another id may take other octets.
      const std::string xml =
          tests::test_submission(instance_id(rng.below(1U << 31U), rng.below(1U << 31U)), text.substr(0, count));
      const std::size_t sealed = octets_sealed(xml);
      if (sealed == octets) return xml;
      const std::size_t apart = sealed < octets ? octets - sealed : sealed - octets;
      const std::size_t step = std::max<std::size_t>(1, apart * 8 / 6);
      sealed < octets ? count += step : count -= step;
    }
  }
  FAIL("no text of random letters is sealed in " << octets << " octets");
  return {};
}

}  // namespace khuoi::bench
