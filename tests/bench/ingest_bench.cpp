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
#include "sync/contact/planner.h"
#include "sync/replica/replica.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/codec_samples.h"
#include "tests/support/print_result.h"

using namespace khuoi;

namespace {

namespace fs = std::filesystem;
using sync::Batch;
using sync::Replica;

constexpr std::size_t records_a_commit = 1000;
constexpr double goal_records_a_second = 50'000;

/// A node over any store, with a clock that moves only here.
struct Node {
  sync::Store& store;
  SeededRng rng;
  Now now{Instant(Micros(1'000'000)), UnixSeconds{1'790'000'000}};
  std::unique_ptr<Replica> replica;

  Node(sync::Store& on, sync::Role role, const std::string& name, std::uint64_t seed) : store(on), rng(seed) {
    const sync::Secret phrase_key = sync::Secret::copy_of(Bytes(32, 7));
    sync::PassphraseParams params;
    params.operations = 1;
    params.memory_kib = 8;
    REQUIRE(Replica::create(store, role, name, {"head", params, phrase_key}, rng, now));
    auto opened = Replica::open(store, rng);
    REQUIRE(opened);
    replica = std::move(*opened);
  }
  template <typename Fn>
  void work(const Fn& fn) {
    now.monotonic += Micros(1000);
    auto work = replica->begin(now);
    REQUIRE(work);
    const Result<void> done = fn(work->batch());
    INFO((done ? std::string() : done.error().what));
    REQUIRE(done);
    REQUIRE(work->commit());
  }
  void unlock() {
    auto txn = replica->read();
    REQUIRE(txn);
    auto keys = replica->reader().open_slots(**txn, "", [](const sync::PassphraseParams&) {
      return Result<sync::Secret>(sync::Secret::copy_of(Bytes(32, 7)));
    });
    REQUIRE(keys);
    txn->reset();
    work([&](Batch& batch) { return replica->unlock(batch, *keys); });
  }
};

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

void join(Node& commune, Node& hamlet) {
  const auto request = sync::decode_request(hamlet.replica->enrolment().enrol_request());
  REQUIRE(request);
  Bytes grant;
  commune.work([&](Batch& batch) -> Result<void> {
    KHUOI_TRY(grant, commune.replica->enrolment().grant(batch, {*request, std::nullopt, batch.now.wall}));
    return {};
  });
  const auto statements = sync::decode_grant_file(grant);
  REQUIRE(statements);
  hamlet.work([&](Batch& batch) { return hamlet.replica->enrolment().accept_grant(batch, *statements); });
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

/// What one node has that the other is not known to hold, as a link or a stick carries it.
std::vector<sync::Sealed> outgoing(Node& from, const NodeId& to) {
  std::vector<sync::Sealed> out;
  auto txn = from.replica->read();
  REQUIRE(txn);
  const auto candidates = sync::Planner(*from.replica).records(**txn, to, {});
  REQUIRE(candidates);
  for (const sync::Candidate& one : *candidates) {
    auto record = from.replica->sealed(**txn, one.ref);
    REQUIRE(record);
    out.push_back(std::move(*record));
  }
  return out;
}

/// Gives how many were people's.
std::size_t take_in(Node& node, const std::vector<sync::Sealed>& records) {
  std::size_t peoples = 0;
  for (std::size_t at = 0; at < records.size(); at += records_a_commit) {
    node.work([&](Batch& batch) -> Result<void> {
      for (std::size_t n = at; n < std::min(records.size(), at + records_a_commit); ++n) {
        KHUOI_TRY(const sync::Acceptance accepted, node.replica->accept(batch, records[n], true));
        const bool counts = accepted.taken == sync::Taken::stored && accepted.peoples;
        peoples += counts ? 1 : 0;
      }
      return {};
    });
  }
  return peoples;
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
