#include "sync/files/unverified.h"
#include "tests/sync/files_fixture.h"

namespace khuoi::sync {
namespace {

using namespace files_test;

constexpr std::int64_t day_seconds = 24 * 60 * 60;
constexpr std::int64_t start = 1'700'000'000;

std::uint64_t sweep(Store& store, std::int64_t wall) {
  const auto swept = in_batch(
      store, [](Batch& batch) { return sweep_unverified(batch); }, wall);
  REQUIRE(swept);
  return *swept;
}

TEST_CASE("files: chunks without a record are kept up to the quota, and are handed to nobody", "[sync][files]") {
  SeededRng rng(1);
  sim::MemoryStore store;
  const Bytes octets = random_octets(rng, sealed_leaf_octets_max);
  const std::uint64_t charge = octets.size() + unverified_chunk_charge;
  const auto fit = static_cast<std::uint32_t>(unverified_octets_max / charge);
  const FileId one = rng.id<FileId>();
  const FileId other = rng.id<FileId>();
  in_batch(store, [&](Batch& batch) {
    for (std::uint32_t i = 0; i < fit; ++i) {
      const auto outcome = Files::accept(batch, {i % 2 == 0 ? one : other, 0, i}, octets);
      REQUIRE(outcome);
      REQUIRE(*outcome == ChunkOutcome::unverified);
    }
    return true;
  });
  CHECK(unverified_in(store) == fit * charge);
  CHECK(accept(store, {one, 0, fit}, octets) == ChunkOutcome::over_quota);
  CHECK(accept(store, {rng.id<FileId>(), 0, 0}, octets) == ChunkOutcome::over_quota);
  CHECK(accept(store, {one, 0, 0}, octets) == ChunkOutcome::duplicate);
  CHECK(accept(store, {one, 0, 0}, random_octets(rng, octets.size())) == ChunkOutcome::unverified);
  CHECK(unverified_in(store) == fit * charge);
  CHECK(entries_in(store, Table::file) == 2);
  CHECK(entries_in(store, Table::chunk) == fit);
  CHECK(chunks_of(store, one).empty());
  CHECK(Files::chunk(*reading(store), {one, 0, 0})->has_value() == false);
  CHECK(rows_of(store).empty());
  // A file that is known goes past the quota.
  sim::MemoryStore from;
  const FileFacts facts = take_in(from, rng, random_octets(rng, 100));
  note(store, facts);
  const FileId file = file_id_of(facts.key);
  CHECK(accept(store, {file, 0, 0}, chunks_of(from, file).at({file, 0, 0})) == ChunkOutcome::stored);
}

TEST_CASE("files: very small and very ragged chunks cannot blow up the tables", "[sync][files]") {
  SeededRng rng(2);
  sim::MemoryStore store;
  const FileId file = rng.id<FileId>();
  const Bytes tiny(16);
  std::uint32_t kept = 0;
  in_batch(store, [&](Batch& batch) {
    for (std::uint32_t i = 0; i < 2 * unverified_ranges_max + 10; i += 2) {
      const auto outcome = Files::accept(batch, {file, 0, i}, tiny);
      REQUIRE(outcome);
      kept += *outcome == ChunkOutcome::unverified ? 1U : 0U;
    }
    return true;
  });
  CHECK(kept == unverified_ranges_max);
  CHECK(accept(store, {file, 0, 1}, tiny) == ChunkOutcome::unverified);  // fills a gap
  CHECK(unverified_in(store) == (kept + 1) * (16 + unverified_chunk_charge));
}

TEST_CASE("files: what no file could have is refused even while the file is unknown", "[sync][files]") {
  SeededRng rng(3);
  sim::MemoryStore store;
  const FileId file = rng.id<FileId>();
  const Bytes index = encode_index(1, std::vector<ChunkHash>(3));
  CHECK(accept(store, {file, 0, 0}, random_octets(rng, 15)) == ChunkOutcome::wrong);
  CHECK(accept(store, {file, 0, 0}, random_octets(rng, sealed_leaf_octets_max + 1)) == ChunkOutcome::wrong);
  CHECK(accept(store, {file, 0, 32768}, random_octets(rng, 100)) == ChunkOutcome::wrong);
  CHECK(accept(store, {file, 1, 16}, index) == ChunkOutcome::wrong);
  CHECK(accept(store, {file, 2, 0}, index) == ChunkOutcome::wrong);
  CHECK(accept(store, {file, 3, 0}, index) == ChunkOutcome::wrong);
  CHECK(accept(store, {file, 1, 0}, ByteView(index).first(index.size() - 1)) == ChunkOutcome::wrong);
  CHECK(entries_in(store, Table::file) == 0);
  CHECK(accept(store, {file, 1, 15}, index) == ChunkOutcome::unverified);
}

TEST_CASE("files: unverified chunks go after thirty days, verified ones stay", "[sync][files]") {
  SeededRng rng(4);
  sim::MemoryStore from;
  const FileFacts facts = take_in(from, rng, random_octets(rng, 2049 * chunk_plain_octets));
  const FileId file = file_id_of(facts.key);
  const Chunks chunks = chunks_of(from, file);
  sim::MemoryStore store;
  note(store, facts);
  REQUIRE(accept(store, {file, 2, 0}, chunks.at({file, 2, 0}), start) == ChunkOutcome::stored);
  REQUIRE(accept(store, {file, 0, 5}, chunks.at({file, 0, 5}), start) == ChunkOutcome::unverified);
  const FileId unknown = rng.id<FileId>();
  REQUIRE(accept(store, {unknown, 0, 0}, random_octets(rng, 99), start + day_seconds) == ChunkOutcome::unverified);
  REQUIRE(accept(store, {unknown, 0, 1}, random_octets(rng, 99), start + 2 * day_seconds) == ChunkOutcome::unverified);
  CHECK(sweep(store, start + 29 * day_seconds) == 0);
  CHECK(sweep(store, start + 30 * day_seconds) == 1);
  CHECK(sweep(store, start + 31 * day_seconds) == 2);
  CHECK(sweep(store, start + 99 * day_seconds) == 0);
  CHECK(unverified_in(store) == 0);
  CHECK(entries_in(store, Table::file) == 1);
  CHECK(entries_in(store, Table::chunk) == 1);
  CHECK(status_of(store, facts).chunks_have == 1);
  CHECK(accept(store, {file, 0, 5}, chunks.at({file, 0, 5})) == ChunkOutcome::unverified);
}

TEST_CASE("files: a clock that stood in the future does not keep unverified chunks for ever", "[sync][files]") {
  SeededRng rng(5);
  sim::MemoryStore store;
  REQUIRE(accept(store, {rng.id<FileId>(), 0, 0}, Bytes(50), start + 9000 * day_seconds) == ChunkOutcome::unverified);
  CHECK(sweep(store, start) == 0);
  CHECK(sweep(store, start + 29 * day_seconds) == 0);
  CHECK(sweep(store, start + 30 * day_seconds) == 1);
}

TEST_CASE("files: a record drops waiting chunks that its file has no place for", "[sync][files]") {
  SeededRng rng(6);
  sim::MemoryStore from;
  const FileFacts facts = take_in(from, rng, random_octets(rng, 2 * chunk_plain_octets));
  const FileId file = file_id_of(facts.key);
  const Chunks chunks = chunks_of(from, file);
  sim::MemoryStore store;
  for (const auto& [place, octets] : chunks) REQUIRE(accept(store, place, octets) == ChunkOutcome::unverified);
  REQUIRE(accept(store, {file, 0, 2}, Bytes(400)) == ChunkOutcome::unverified);
  REQUIRE(accept(store, {file, 0, 32767}, Bytes(400)) == ChunkOutcome::unverified);
  REQUIRE(accept(store, {file, 2, 0}, encode_index(2, std::vector<ChunkHash>(2))) == ChunkOutcome::unverified);
  note(store, facts);
  CHECK(status_of(store, facts).complete);
  CHECK(unverified_in(store) == 0);
  CHECK(entries_in(store, Table::chunk) == chunks.size());
}

TEST_CASE("files: a row that is cut is reported as damage, and a flipped one never reads past its end",
          "[sync][files]") {
  FileRow row;
  row.known = true;
  row.octets = 3 * chunk_plain_octets;
  row.audiences = {commune_key, audience_everyone()};
  row.held = {RangeSet(0, 1), RangeSet(0, 0)};
  row.unverified[0] = RangeSet(2, 2);
  const Bytes octets = encode(row);
  REQUIRE(decode_file_row(octets));
  CHECK(encode(*decode_file_row(octets)) == octets);
  for (std::size_t size = 0; size < octets.size(); ++size) {
    const auto cut = decode_file_row(ByteView(octets).first(size));
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == Errc::damaged);
  }
  for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
    Bytes flipped = octets;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto read = decode_file_row(flipped);
    if (read && read->known) CHECK_FALSE(read->held.size() != level_sizes(read->octets).size());
  }
  Bytes longer = octets;
  longer.push_back(0);
  CHECK_FALSE(decode_file_row(longer));
}

}  // namespace
}  // namespace khuoi::sync
