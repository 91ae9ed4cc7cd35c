#include "sync/files/file_intake.h"
#include "tests/sync/files_fixture.h"

namespace khuoi::sync {
namespace {

using namespace files_test;


/// So many octets of zero under the golden key, in batches of 16 MiB.
FileFacts take_in_zeros(Store& store, std::size_t octets) {
  CountingRng rng;
  FileIntake intake(rng);
  const Bytes piece(std::size_t{16} << 20U);
  for (std::size_t left = octets; left > 0;) {
    const std::size_t now = std::min(left, piece.size());
    REQUIRE(in_batch(store, [&](Batch& batch) { return intake.add(batch, ByteView(piece).first(now)); }));
    left -= now;
  }
  const auto facts = in_batch(store, [&](Batch& batch) { return intake.finish(batch, "z", ""); });
  REQUIRE(facts);
  return *facts;
}

TEST_CASE("files: a killed intake leaves nothing after the next start, and harms no other file", "[sync][files]") {
  SeededRng rng(1);
  sim::MemoryStore store;
  const FileFacts whole = take_in(store, rng, random_octets(rng, 2 * leaf));
  note(store, whole);
  const FileId unknown = rng.id<FileId>();
  REQUIRE(accept(store, {unknown, 0, 0}, random_octets(rng, 100)) == ChunkOutcome::unverified);
  {
    FileIntake intake(rng);
    for (int i = 0; i < 3; ++i) {
      REQUIRE(in_batch(store, [&](Batch& batch) { return intake.add(batch, random_octets(rng, leaf + 9)); }));
    }
    CHECK(entries_in(store, Table::file) == 3);
    CHECK(chunks_of(store, intake.file()).empty());
    CHECK(accept(store, {intake.file(), 0, 0}, random_octets(rng, 100)) == ChunkOutcome::wrong);
    CHECK(rows_of(store).size() == 1);
  }
  REQUIRE(in_batch(store, [](Batch& batch) { return Files::discard_staged(batch); }));
  CHECK(entries_in(store, Table::file) == 2);
  CHECK(entries_in(store, Table::chunk) == 3 + 1);
  CHECK(read_all(store, whole));
}

TEST_CASE("files: an intake that lost a batch refuses to go on, rather than leave a hole", "[sync][files]") {
  SeededRng rng(2);
  const Bytes piece = random_octets(rng, 2 * leaf);
  const bool first_batch_is_lost = GENERATE(true, false);
  sim::MemoryStore store;
  FileIntake intake(rng);
  if (!first_batch_is_lost) REQUIRE(in_batch(store, [&](Batch& batch) { return intake.add(batch, piece); }));
  {
    auto txn = store.begin_write();
    Batch batch{**txn, Now{}};
    REQUIRE(intake.add(batch, piece));
  }
  const auto added = in_batch(store, [&](Batch& batch) { return intake.add(batch, piece); });
  REQUIRE_FALSE(added);
  CHECK(added.error().code == Errc::closed);
  const auto finished = in_batch(store, [&](Batch& batch) { return intake.finish(batch, "a", "b"); });
  REQUIRE_FALSE(finished);
  CHECK(finished.error().code == Errc::closed);
  REQUIRE(in_batch(store, [&](Batch& batch) { return Files::erase(batch, intake.file()); }));
  CHECK(entries_in(store, Table::chunk) == 0);
}

TEST_CASE("files: a full store ends an intake", "[sync][files]") {
  SeededRng rng(3);
  sim::MemoryStore store(100'000);
  FileIntake intake(rng);
  auto txn = store.begin_write();
  Batch batch{**txn, Now{}};
  const auto added = intake.add(batch, Bytes(2 * leaf));
  REQUIRE_FALSE(added);
  CHECK(added.error().code == Errc::store_full);
  CHECK(intake.finish(batch, "a", "b").error().code == Errc::closed);
}

TEST_CASE("files: past 2 GiB an intake says so, and can still finish with what it has", "[sync][files]") {
  SeededRng rng(4);
  sim::MemoryStore store;
  FileIntake intake(rng);
  const Bytes small(10);
  in_batch(store, [&](Batch& batch) {
    REQUIRE(intake.add(batch, small));
    const auto refused = intake.add(batch, ByteView(small.data(), file_octets_max));  // only the length is looked at
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::too_large);
    const auto facts = intake.finish(batch, "a", "b");
    REQUIRE(facts);
    CHECK(facts->octets == 10);
    return true;
  });
}

TEST_CASE("files: the shape of the tree follows from the size alone", "[sync][files]") {
  using Sizes = std::vector<std::uint32_t>;
  CHECK(level_sizes(0) == Sizes{1});
  CHECK(level_sizes(leaf) == Sizes{1});
  CHECK(level_sizes(leaf + 1) == Sizes{2, 1});
  CHECK(level_sizes(2048 * leaf) == Sizes{2048, 1});
  CHECK(level_sizes(2048 * leaf + 1) == Sizes{2049, 2, 1});
  CHECK(level_sizes(file_octets_max) == Sizes{32768, 16, 1});
  CHECK(level_sizes(file_octets_max + 1).empty());
  const ChunkPlace last_index{FileId(), 1, 1};
  CHECK(chunk_octets(2048 * leaf + 1, last_index) == std::size_t{7 + 32});
  CHECK(chunk_octets(2048 * leaf + 1, {FileId(), 0, 2048}) == std::size_t{1 + 16});
  CHECK_FALSE(chunk_octets(2048 * leaf + 1, {FileId(), 1, 2}));
  CHECK_FALSE(chunk_octets(2048 * leaf + 1, {FileId(), 3, 0}));
}

TEST_CASE("files: ids, leaves, indexes and roots are the golden ones of another implementation", "[sync][files]") {
  const auto want = golden_files();
  CountingRng rng;
  const auto facts_of = [&](Store& store, ByteView plaintext) { return take_in(store, rng, plaintext); };
  sim::MemoryStore empty;
  const FileFacts none = facts_of(empty, {});
  const FileId file = file_id_of(none.key);
  CHECK(to_bytes(none.key) == want.at("key"));
  CHECK(to_bytes(file.view()) == want.at("file_id"));
  CHECK(chunks_of(empty, file).at({file, 0, 0}) == want.at("empty_leaf"));
  CHECK(to_bytes(none.root.view()) == want.at("empty_root"));

  sim::MemoryStore abc;
  CHECK(to_bytes(facts_of(abc, view_of("abc")).root.view()) == want.at("abc_root"));
  CHECK(chunks_of(abc, file).at({file, 0, 0}) == want.at("abc_leaf"));

  sim::MemoryStore two;
  Bytes plaintext(leaf + 1);
  for (std::size_t i = 0; i < plaintext.size(); ++i) plaintext[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  const FileFacts facts = facts_of(two, plaintext);
  CHECK(to_bytes(facts.root.view()) == want.at("two_leaves_root"));
  CHECK(chunks_of(two, file).at({file, 1, 0}) == want.at("two_leaves_index"));
  note(two, facts, audience_everyone());
  const auto row = reading(two)->get(Table::file, file.view());
  REQUIRE(row);
  REQUIRE(row->has_value());
  CHECK(to_bytes(**row) == want.at("row_known"));

  sim::MemoryStore before;
  accept(before, {file, 0, 1}, Bytes(65552));
  const auto unknown = reading(before)->get(Table::file, file.view());
  REQUIRE(unknown);
  CHECK(to_bytes(**unknown) == want.at("row_unknown"));
  CHECK(to_bytes(chunk_key({file, 1, 258})) == want.at("chunk_key"));
}

TEST_CASE("files: one leaf more than an index chunk holds adds a level", "[sync][files]") {
  const auto want = golden_files();
  sim::MemoryStore full;
  CHECK(to_bytes(take_in_zeros(full, 2048 * leaf).root.view()) == want.at("zeros_128MiB_root"));
  sim::MemoryStore from;
  const FileFacts facts = take_in_zeros(from, 2048 * leaf + 1);
  const FileId file = file_id_of(facts.key);
  CHECK(to_bytes(facts.root.view()) == want.at("zeros_128MiB_and_1_root"));
  const auto top = Files::chunk(*reading(from), {file, 2, 0});
  REQUIRE(top);
  CHECK(top->value() == want.at("zeros_128MiB_and_1_top"));

  // A receiver that gets the lower levels first keeps what the quota allows, and checks it once the top has come.
  sim::MemoryStore to;
  note(to, facts);
  const auto move = [&](const ChunkPlace& place) {
    const auto octets = Files::chunk(*reading(from), place);
    REQUIRE(octets);
    return accept(to, place, octets->value());
  };
  CHECK(move({file, 0, 0}) == ChunkOutcome::unverified);
  CHECK(move({file, 0, 2048}) == ChunkOutcome::unverified);
  CHECK(move({file, 1, 0}) == ChunkOutcome::unverified);
  CHECK(move({file, 0, 1}) == ChunkOutcome::unverified);
  CHECK(status_of(to, facts).chunks_have == 0);
  CHECK(move({file, 2, 0}) == ChunkOutcome::stored);
  CHECK(status_of(to, facts).chunks_have == 4);
  CHECK(move({file, 1, 1}) == ChunkOutcome::stored);
  CHECK(status_of(to, facts).chunks_have == 6);
  CHECK(unverified_in(to) == 0);
  CHECK(move({file, 0, 2047}) == ChunkOutcome::stored);
}

}  // namespace
}  // namespace khuoi::sync
