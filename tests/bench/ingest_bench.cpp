// How many records a second a commune authenticates, opens, decodes, merges and commits to LMDB: on one thread, and with
// what is opened and decoded ahead on another (sync::RecordOpener). Beside it, in the same run, what as many plain puts of
// 1 kB cost, 1,000 a commit. Napkin: an HPKE open of 100 octets takes 1 us, decoding 10 to 15 us, some ten puts at 1 us
// each: 30 us, so 30,000 a second a core; with two cores the puts and look-ups alone are left: 50,000 a second.
// Inputs: tests/support/gen_submissions.py with fixed seeds, run by $KHUOI_PYTHON (python3).
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "node/engine/read_ahead.h"
#include "sim/memory_store.h"
#include "storage/lmdb_store.h"
#include "sync/replica/record_opener.h"
#include "tests/bench/bench_node.h"
#include "tests/bench/made_submissions.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/codec_samples.h"

using namespace khuoi;
using namespace khuoi::bench;

namespace {

namespace fs = std::filesystem;
using sync::Batch;

constexpr double goal_of_puts = 0.2;
constexpr int ingested = 20'000;

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

struct Took {
  double seconds = 0;
  double cpu_seconds = 0;
  double store_seconds = 0;  ///< of the processor, by the thread that writes
};

double processor_seconds(clockid_t of) {
  timespec now{};
  ::clock_gettime(of, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

template <typename Fn>
Took timed(const Fn& fn) {
  const double cpu_began = processor_seconds(CLOCK_PROCESS_CPUTIME_ID);
  const double store_began = processor_seconds(CLOCK_THREAD_CPUTIME_ID);
  const auto began = std::chrono::steady_clock::now();
  fn();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  return {took.count(), processor_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_began,
          processor_seconds(CLOCK_THREAD_CPUTIME_ID) - store_began};
}

std::unique_ptr<storage::LmdbStore> store_in(const fs::path& dir) {
  auto out = storage::LmdbStore::open(dir, {.create = true});
  REQUIRE(out);
  return std::move(*out);
}

std::unique_ptr<storage::LmdbStore> copy_of(const storage::LmdbStore& store, const fs::path& dir) {
  fs::create_directory(dir);
  const int file = ::open((dir / "data.mdb").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  REQUIRE(file >= 0);
  REQUIRE(store.copy_compact_to(file));
  ::close(file);
  return store_in(dir);
}

Took plain_puts(const fs::path& dir) {
  const auto store = store_in(dir);
  const Bytes value(1024, 'x');
  return timed([&] {
    for (std::uint32_t at = 0; at < ingested; at += records_a_commit) {
      auto txn = store->begin_write();
      REQUIRE(txn);
      for (std::uint32_t n = at; n < at + records_a_commit; ++n) {
        REQUIRE((*txn)->put(sync::Table::record, octets_of_part(n), value));
      }
      REQUIRE((*txn)->commit());
    }
  });
}

/// All of them opened on a thread of its own, in the order in which they are asked for.
class OnAnotherThread final {
 public:
  OnAnotherThread(Node& node, const std::vector<sync::Sealed>& records)
      : store_(node.store), left_(records), known_(node.replica->published()),
        ahead_([this]() -> Result<std::optional<Opened>> { return next(); }, 2) {}
  Opened take() {
    auto out = ahead_.next();
    REQUIRE((out && *out));
    return std::move(**out);
  }

 private:
  Result<std::optional<Opened>> next() {
    if (left_.empty()) return std::optional<Opened>();
    const auto some = left_.first(std::min(left_.size(), records_a_commit));
    left_ = left_.subspan(some.size());
    KHUOI_TRY(const auto txn, store_.begin_read());
    if (!reader_) {
      KHUOI_TRY(reader_, sync::ReplicaReader::open(*txn, known_, {}, rng_));
    }
    KHUOI_TRY_VOID(reader_->renew(*txn, known_));
    return std::optional(opener_.open(*reader_, *txn, some));
  }

  sync::Store& store_;
  std::span<const sync::Sealed> left_;
  sync::Published known_;
  SeededRng rng_{9};
  std::unique_ptr<sync::ReplicaReader> reader_;
  sync::RecordOpener opener_;
  node::ReadAhead<Opened> ahead_;  // last: its thread uses the rest
};

void print(const char* how, const Took& took, const Took& puts, std::size_t octets) {
  const double others = took.cpu_seconds - took.store_seconds;
  const double busiest = std::max(took.store_seconds, others);
  std::printf("commune ingest: how=%s n=%d octets=%zu seconds=%.3f cpu_seconds=%.3f store_cpu_seconds=%.3f records/s=%.0f "
              "of_puts=%.3f busiest_cpu_of_puts=%.3f goal=%.1f\n",
              how, ingested, octets, took.seconds, took.cpu_seconds, took.store_seconds, ingested / took.seconds,
              puts.seconds / took.seconds, puts.cpu_seconds / busiest, goal_of_puts);
}

}  // namespace

TEST_CASE("bench: a commune takes records in", "[.][bench][ingest]") {
  const tests::TempFolder folder;
  const auto disk = store_in(folder.path() / "store");
  sim::MemoryStore memory;
  Node commune(*disk, sync::Role::commune, "xa", 1);
  Node hamlet(memory, sync::Role::hamlet, "meo", 2);
  commune.unlock();
  join(commune, hamlet);
  for (const char* name : {"kham_suc_khoe_ho", "ho_so_mot_cua", "thong_bao_xom"}) {
    sync::FormRecord form;
    form.xml = tests::file_octets(tests::test_data() / "forms" / (std::string(name) + ".xml"));
    commune.work([&](Batch& batch) { return commune.replica->add_form(batch, form); });
  }
  const NodeId xa = commune.replica->self().node;
  const NodeId meo = hamlet.replica->self().node;
  const auto exchange = [&] {
    take_in(hamlet, outgoing(commune, meo));
    return take_in(commune, outgoing(hamlet, xa));
  };
  exchange();
  submit(hamlet, made_submissions(200, 1));
  REQUIRE(exchange() == 200);
  commune.work([&](Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(commune.replica->trainer().at_once(batch));
    return {};
  });
  exchange();
  submit(hamlet, made_submissions(ingested, 20261121));
  // The 200 are not receipted here, and come first: they are duplicates.
  const std::vector<sync::Sealed> records = outgoing(hamlet, xa);
  std::size_t octets = 0;
  for (const sync::Sealed& record : records) octets += record.body.size();
  const auto other_disk = copy_of(*disk, folder.path() / "copy");
  Node other(*other_disk, 3);
  other.now = commune.now;

  const Took puts = plain_puts(folder.path() / "plain");
  std::size_t taken = 0;
  const Took alone = timed([&] { taken = take_in(commune, records); });
  CHECK(taken == ingested);
  const Took beside = timed([&] {
    OnAnotherThread opened(other, records);
    taken = take_in(other, records, [&](auto) { return opened.take(); });
  });
  CHECK(taken == ingested);
  std::printf("plain puts: n=%d seconds=%.3f cpu_seconds=%.3f puts/s=%.0f\n", ingested, puts.seconds, puts.cpu_seconds,
              ingested / puts.seconds);
  print("one_thread", alone, puts, octets);
  print("opened_ahead", beside, puts, octets);
}
