// How many records a second a commune authenticates, opens, decodes, merges and commits to LMDB. Napkin: an HPKE open of
// 100 octets takes 1 us, decoding 10 to 15 us, some ten puts at 1 us each: 30 us, so 30,000 a second a core.
// Inputs: tests/support/gen_submissions.py with fixed seeds, run by $KHUOI_PYTHON (python3).
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "sim/memory_store.h"
#include "storage/lmdb_store.h"
#include "tests/bench/bench_node.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/codec_samples.h"

using namespace khuoi;
using namespace khuoi::bench;

namespace {

namespace fs = std::filesystem;
using sync::Batch;

constexpr double goal_records_a_second = 50'000;

std::vector<Bytes> generate(const fs::path& place, int count, int seed) {
  const fs::path out = place / std::to_string(seed);
  const char* python = std::getenv("KHUOI_PYTHON");
  const std::string command = std::string(python == nullptr ? "python3" : python) + " " + KHUOI_SOURCE_DIR +
                              "/tests/support/gen_submissions.py " + out.string() + " --n " + std::to_string(count) +
                              " --seed " + std::to_string(seed) + " > " + out.string() + ".log";
  REQUIRE(std::system(command.c_str()) == 0);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(out)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Bytes> all;
  for (const fs::path& file : files) all.push_back(tests::file_octets(file));
  return all;
}

void submit(Node& hamlet, const std::vector<Bytes>& all) {
  for (std::size_t at = 0; at < all.size(); at += records_a_commit) {
    hamlet.work([&](Batch& batch) -> Result<void> {
      for (std::size_t n = at; n < std::min(all.size(), at + records_a_commit); ++n) {
        KHUOI_TRY(const auto prepared, hamlet.replica->reader().submissions().prepare(batch.txn, all[n]));
        KHUOI_TRY_VOID(hamlet.replica->intake().submit(batch, prepared, {}));
      }
      return {};
    });
  }
}

}  // namespace

TEST_CASE("bench: a commune takes records in", "[.][bench][ingest]") {
  constexpr int count = 20'000;
  const tests::TempFolder folder;
  auto disk = storage::LmdbStore::open(folder.path() / "store", {.create = true});
  REQUIRE(disk);
  sim::MemoryStore memory;
  Node commune(**disk, sync::Role::commune, "xa", 1);
  Node hamlet(memory, sync::Role::hamlet, "meo", 2);
  commune.unlock();
  join(commune, hamlet);
  for (const char* name : {"kham_suc_khoe_ho", "ho_so_mot_cua", "thong_bao_xom"}) {
    sync::FormRecord form;
    form.xml = tests::file_octets(fs::path(KHUOI_TEST_DATA) / "forms" / (std::string(name) + ".xml"));
    commune.work([&](Batch& batch) { return commune.replica->add_form(batch, form); });
  }
  const NodeId xa = commune.replica->self().node;
  const NodeId meo = hamlet.replica->self().node;
  const auto exchange = [&] {
    take_in(hamlet, outgoing(commune, meo));
    return take_in(commune, outgoing(hamlet, xa));
  };
  exchange();
  submit(hamlet, generate(folder.path(), 200, 1));
  REQUIRE(exchange() == 200);
  commune.work([&](Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(commune.replica->trainer().at_once(batch));
    return {};
  });
  exchange();
  submit(hamlet, generate(folder.path(), count, 20261121));
  std::vector<sync::Sealed> records = outgoing(hamlet, xa);
  // The 200 are not receipted here, and come first: they are duplicates.
  std::size_t octets = 0;
  for (const sync::Sealed& record : records) octets += record.body.size();
  const std::clock_t cpu_began = std::clock();
  const auto began = std::chrono::steady_clock::now();
  const std::size_t taken = take_in(commune, records);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const double cpu = static_cast<double>(std::clock() - cpu_began) / CLOCKS_PER_SEC;
  REQUIRE(taken == count);
  std::printf("commune ingest: n=%d octets=%zu seconds=%.3f cpu_seconds=%.3f records/s=%.0f goal=%.0f\n", count, octets,
              took.count(), cpu, count / took.count(), goal_records_a_second);
}
