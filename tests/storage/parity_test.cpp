#include "storage/parity.h"

#include <cstdlib>

#include "storage/parity_code.h"
#include "sync/base/rng.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/places.h"
#include "tests/support/print_result.h"

namespace khuoi::tests {
namespace {

using storage::ParityShape;
using storage::RepairReport;

std::uint64_t seed_of_run() {
  const char* text = std::getenv("KHUOI_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 1;
}

Bytes random_octets(Rng& rng, std::size_t octets) {
  Bytes out(octets);
  rng.fill(out);
  return out;
}

RepairReport repair(Bytes& file) {
  const auto report = storage::repair_data(
      file.size(),
      [&](std::uint64_t offset, std::span<std::uint8_t> out) -> Result<std::size_t> {
        if (offset >= file.size()) return std::size_t{0};
        const std::size_t have = std::min(out.size(), file.size() - static_cast<std::size_t>(offset));
        std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(offset), have, out.begin());
        return have;
      },
      [&](std::uint64_t offset, ByteView octets) -> Result<void> {
        if (file.size() < offset + octets.size()) file.resize(static_cast<std::size_t>(offset) + octets.size());
        std::ranges::copy(octets, file.begin() + static_cast<std::ptrdiff_t>(offset));
        return {};
      });
  REQUIRE(report);
  return *report;
}

enum class Damage { zeros, ones, noise, inverted };

void damage(Bytes& file, std::size_t at, std::size_t octets, Damage how, Rng& rng) {
  const auto run = std::span(file).subspan(at, std::min(octets, file.size() - at));
  switch (how) {
    case Damage::zeros:
      std::ranges::fill(run, std::uint8_t{0});
      break;
    case Damage::ones:
      std::ranges::fill(run, std::uint8_t{0xff});
      break;
    case Damage::noise:
      rng.fill(run);
      break;
    case Damage::inverted:
      for (std::uint8_t& octet : run) octet = static_cast<std::uint8_t>(~octet);
  }
}

/// Whether the data is whole again after this run was damaged. No assertions inside: it runs 100,000 times.
bool mends(const Bytes& whole, std::size_t data_octets, std::size_t at, std::size_t octets, Damage how, Rng& rng) {
  Bytes file = whole;
  damage(file, at, octets, how, rng);
  const RepairReport report = repair(file);
  return report.parity_found && report.data_octets == data_octets && report.still_damaged.empty() &&
         report.blocks_repaired == report.blocks_damaged &&
         equal(ByteView(file).first(data_octets), ByteView(whole).first(data_octets));
}

}  // namespace

TEST_CASE("parity: a whole file is found whole", "[storage][parity]") {
  SeededRng rng(seed_of_run());
  for (const std::size_t octets : {0, 1, 127, 128, 129, 2000, 4096, 65'000, 180'000, 1'000'003, 4'200'000}) {
    const Bytes data = random_octets(rng, octets);
    Bytes file = storage::with_parity(data);
    CHECK(file.size() == ParityShape::for_data(octets).file_octets());
    const RepairReport report = repair(file);
    CHECK(report.parity_found);
    CHECK(report.data_octets == octets);
    CHECK(report.blocks_damaged == 0);
    CHECK(equal(ByteView(file).first(octets), data));
  }
}

TEST_CASE("parity: the shape keeps its promises for every length", "[storage][parity]") {
  std::uint64_t wrong = 0;
  for (std::uint64_t octets = 0; octets < 40'000'000; octets += octets < 300'000 ? 1 : 1999) {
    const auto shape = ParityShape::for_data(octets);
    const std::uint64_t file = shape.file_octets();
    bool good = shape.run_octets() >= 4096 && shape.run_octets() * 100 >= file * 3;
    good = good && (file < (std::uint64_t{4} << 20) || shape.run_octets() >= 131072);
    good = good && shape.rows_data + shape.rows_parity <= 255 && shape.rows_data * shape.stripes >= shape.blocks_data;
    good = good && shape.section_octets() <= octets / 25 + 4608 + 7000;
    if (!good && wrong++ == 0) FAIL_CHECK("for " << octets << " octets");
  }
  CHECK(wrong == 0);
  CHECK(ParityShape::for_data(180'000).section_octets() <= 180'000 / 25 + 4608);
  CHECK(ParityShape::for_data(200'000'000).section_octets() <= 200'000'000 / 1000 * 35);
}

TEST_CASE("parity: the longest promised run is mended at every place of a small file", "[storage][parity]") {
  const std::uint64_t seed = seed_of_run();
  SeededRng rng(seed);
  for (const std::size_t octets : {1, 300, 2000, 9000}) {
    INFO("seed=" << seed << " octets=" << octets);
    const Bytes whole = storage::with_parity(random_octets(rng, octets));
    const auto run = static_cast<std::size_t>(ParityShape::for_data(octets).run_octets());
    std::size_t failed = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
      failed += !mends(whole, octets, at, run, at % 2 == 0 ? Damage::noise : Damage::zeros, rng);
    }
    CHECK(failed == 0);
  }
}

TEST_CASE("parity: runs up to the promise are mended at random places of larger files", "[storage][parity]") {
  const std::uint64_t seed = seed_of_run();
  SeededRng rng(seed);
  const std::size_t octets =
      GENERATE(65'536, 126'977, 180'000, 400'001, 1'000'000, 3'999'999, 4'000'000, 4'194'304, 9'000'001);
  INFO("seed=" << seed << " octets=" << octets);
  const Bytes whole = storage::with_parity(random_octets(rng, octets));
  const auto run = static_cast<std::size_t>(ParityShape::for_data(octets).run_octets());
  std::size_t failed = 0;
  const int rounds = octets > 1'000'000 ? 25 : 250;
  for (int round = 0; round < rounds; ++round) {
    // Half of the runs lie around the seam between data and parity, where they hit both.
    const std::size_t near = octets - std::min(octets, run) + rng.below(run);
    const std::size_t at = round % 2 == 0 ? near : rng.below(whole.size());
    const std::size_t length = round % 3 == 0 ? 1 + rng.below(run) : run;
    failed += !mends(whole, octets, at, length, static_cast<Damage>(rng.below(4)), rng);
  }
  CHECK(failed == 0);
}

TEST_CASE("parity: each whole 128 KiB cluster of a bundle of 32 can be lost", "[storage][parity]") {
  SeededRng rng(seed_of_run());
  const std::size_t octets = 4'060'000;
  const Bytes whole = storage::with_parity(random_octets(rng, octets));
  REQUIRE(whole.size() >= 32 * 131072);
  for (std::size_t at = 0; at < whole.size(); at += 131072) CHECK(mends(whole, octets, at, 131072, Damage::zeros, rng));
}

TEST_CASE("parity: scattered damage is mended as far as it goes, the rest is told", "[storage][parity]") {
  const std::uint64_t seed = seed_of_run();
  SeededRng rng(seed);
  INFO("seed=" << seed);
  const std::size_t octets = 2'000'000;
  const Bytes data = random_octets(rng, octets);
  const Bytes whole = storage::with_parity(data);
  for (int round = 0; round < 60; ++round) {
    Bytes file = whole;
    const std::uint64_t spots = 1 + rng.below(60);
    for (std::uint64_t i = 0; i < spots; ++i)
      damage(file, rng.below(file.size()), 1 + rng.below(500), Damage::noise, rng);
    const RepairReport report = repair(file);
    if (!report.parity_found) continue;
    if (spots <= 2) CHECK(report.still_damaged.empty());
    // What is not told as damaged is right.
    std::uint64_t told = 0;
    for (const auto& range : report.still_damaged) {
      std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(range.offset), range.octets,
                  file.begin() + static_cast<std::ptrdiff_t>(range.offset));
      told += range.octets;
    }
    CHECK(equal(ByteView(file).first(octets), data));
    CHECK(told < octets / 4);
  }
}

TEST_CASE("parity: cut anywhere, what the rest can give is given", "[storage][parity]") {
  SeededRng rng(seed_of_run());
  const std::size_t octets = 50'000;
  const Bytes data = random_octets(rng, octets);
  const Bytes whole = storage::with_parity(data);
  for (std::size_t length = 0; length < whole.size(); length += 97) {
    Bytes file(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const RepairReport report = repair(file);
    const std::size_t have = std::min(length, octets);
    CHECK(equal(ByteView(file).first(have), ByteView(data).first(have)));
    if (length >= octets + ParityShape::mark_octets) {
      CHECK(report.data_octets == octets);
    } else {
      CHECK_FALSE(report.parity_found);
    }
  }
}

TEST_CASE("parity: octets without a section are left alone", "[storage][parity]") {
  SeededRng rng(seed_of_run());
  for (const std::size_t octets : {0, 10, 24, 5000, 300'000}) {
    Bytes file = random_octets(rng, octets);
    const Bytes before = file;
    const RepairReport report = repair(file);
    CHECK_FALSE(report.parity_found);
    CHECK(report.data_octets == octets);
    CHECK(file == before);
  }
}

TEST_CASE("parity: marks that lie about the length, or repeat without end, are harmless", "[storage][parity]") {
  SeededRng rng(seed_of_run());
  for (const std::uint64_t lie : {std::uint64_t{0}, std::uint64_t{1} << 36, ~std::uint64_t{0}, std::uint64_t{40'000}}) {
    Bytes file = random_octets(rng, 60'000);
    const Bytes mark = storage::encode_mark(lie);
    while (file.size() < 70'000) append(file, mark);
    const RepairReport report = repair(file);
    CHECK(report.data_octets <= file.size());
    CHECK_FALSE(report.parity_found);
  }
}

TEST_CASE("parity: the layout is the one on the page", "[storage][parity]") {
  Bytes data(300);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 7);
  const Bytes golden = read_file((test_data() / "parity_300.bin").string());
  CHECK((storage::with_parity(data) == golden));  // without printing either
}

TEST_CASE("parity: speed", "[.][bench]") {
  // 200 MB: checksums at 10 GB/s 20 ms, six parity rows at about 5 GB/s 40 ms, copies 40 ms.
  SeededRng rng(1);
  const Bytes data = random_octets(rng, 200'000'000);
  BENCHMARK("encode 200 MB") { return storage::with_parity(data).size(); };
  Bytes file = storage::with_parity(data);
  BENCHMARK("check 200 MB") { return repair(file).blocks_damaged; };
  BENCHMARK("repair 3 % of 200 MB") {
    damage(file, 50'000'000, 6'000'000, Damage::zeros, rng);
    return repair(file).blocks_repaired;
  };
}

}  // namespace khuoi::tests
