#include "sync/files/files.h"

#include "tests/sync/files_fixture.h"

namespace khuoi::sync {
namespace {

using namespace files_test;


TEST_CASE("files: a file of any size comes back octet for octet, however it was handed in", "[sync][files]") {
  const std::uint64_t seed = GENERATE(1, 2, 3);
  INFO("seed=" << seed);
  SeededRng rng(seed);
  for (const std::size_t octets : {std::size_t{0}, std::size_t{1}, leaf - 1, leaf, leaf + 1, 2 * leaf, 5 * leaf + 77}) {
    INFO("octets=" << octets);
    sim::MemoryStore store;
    const Bytes plaintext = random_octets(rng, octets);
    const std::size_t piece = GENERATE_COPY(std::size_t{977}, leaf, 3 * leaf - 1);
    const FileFacts facts = take_in(store, rng, plaintext, piece);
    CHECK(facts.octets == octets);
    CHECK(facts.name == "photo.jpg");
    CHECK(facts.type == "image/jpeg");
    CHECK(status_of(store, facts).complete);
    const auto back = read_all(store, facts);
    REQUIRE(back);
    CHECK(*back == plaintext);
  }
}

TEST_CASE("files: no piece of the plaintext is in the store", "[sync][files]") {
  SeededRng rng(5);
  sim::MemoryStore store;
  const std::string word = "Nguyen Van A, 1972";
  Bytes plaintext(3 * leaf, 'x');
  std::copy(word.begin(), word.end(), plaintext.begin() + 70'000);
  take_in(store, rng, plaintext);
  for (const Table table : {Table::file, Table::chunk}) {
    REQUIRE(reading(store)->scan(table, {}, [&](ByteView, ByteView value) {
      CHECK(text_of(value).find(word) == std::string_view::npos);
      CHECK(text_of(value).find("xxxxxxxx") == std::string_view::npos);
    }));
  }
}

TEST_CASE("files: what a sender holds completes a receiver, and again is a duplicate", "[sync][files]") {
  SeededRng rng(7);
  sim::MemoryStore from;
  sim::MemoryStore to;
  const Bytes plaintext = random_octets(rng, 4 * leaf + 5);
  const FileFacts facts = take_in(from, rng, plaintext);
  note(from, facts);
  note(to, facts);
  CHECK(status_of(to, facts).chunks_have == 0);
  CHECK(status_of(to, facts).chunks_of == 6);
  const auto rows = rows_of(from);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].complete);
  CHECK(rows[0].audiences == std::vector<AudienceId>{commune_key});
  CHECK(rows[0].author == hamlet);
  const Chunks chunks = chunks_of(from, rows[0].file);
  const auto held = Files::held(*reading(to), rows[0].file);
  REQUIRE(held);
  const auto places = Files::lacking(rows[0], *held, 100);
  REQUIRE(places.size() == 6);
  CHECK(places.front().level == 1);
  for (const ChunkPlace& place : places) CHECK(accept(to, place, chunks.at(place)) == ChunkOutcome::stored);
  CHECK(status_of(to, facts).complete);
  const auto back = read_all(to, facts);
  REQUIRE(back);
  CHECK(*back == plaintext);
  for (const ChunkPlace& place : places) CHECK(accept(to, place, chunks.at(place)) == ChunkOutcome::duplicate);
  CHECK(Files::lacking(rows[0], rows_of(to).at(0).held, 100).empty());
}

TEST_CASE("files: any order of chunks, with junk between and the record at any time, ends complete", "[sync][files]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed=" << seed);
    SeededRng rng(seed);
    sim::MemoryStore from;
    sim::MemoryStore to;
    const Bytes plaintext = random_octets(rng, rng.below(8 * leaf));
    const FileFacts facts = take_in(from, rng, plaintext);
    const Chunks chunks = chunks_of(from, file_id_of(facts.key));
    std::vector<ChunkPlace> order;
    for (const auto& [place, octets] : chunks) order.push_back(place);
    const auto shuffle = [&] {
      for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
    };
    shuffle();
    const std::size_t noted_at = rng.below(order.size() + 1);
    for (std::size_t i = 0; i <= order.size(); ++i) {
      if (i == noted_at) note(to, facts);
      if (i == order.size()) break;
      if (rng.below(3) == 0) {  // someone's guess at a chunk, perhaps where the right one is waiting
        const ChunkPlace place{order[0].file, static_cast<std::uint8_t>(rng.below(4)),
                               static_cast<std::uint32_t>(rng.below(12))};
        accept(to, place, random_octets(rng, rng.below(100)));
      }
      accept(to, order[i], chunks.at(order[i]));
    }
    // What junk had displaced while it could not be told from the right one comes again.
    note(to, facts);
    shuffle();
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.level > b.level; });
    for (const ChunkPlace& place : order) accept(to, place, chunks.at(place));
    CHECK(status_of(to, facts).complete);
    CHECK(unverified_in(to) == 0);
    CHECK(entries_in(to, Table::chunk) == chunks.size());
    const auto back = read_all(to, facts);
    REQUIRE(back);
    CHECK(*back == plaintext);
  }
}

TEST_CASE("files: a damaged, cut, misplaced or padded chunk is refused and leaves no trace", "[sync][files]") {
  SeededRng rng(11);
  sim::MemoryStore from;
  const FileFacts facts = take_in(from, rng, random_octets(rng, leaf + 40));
  const Chunks chunks = chunks_of(from, file_id_of(facts.key));
  sim::MemoryStore to;
  note(to, facts);
  const ChunkPlace top{file_id_of(facts.key), 1, 0};
  const auto refuse_all_but = [&](const ChunkPlace& place) {
    const Bytes& right = chunks.at(place);
    for (std::size_t bit = 0; bit < right.size() * 8; bit += 1 + rng.below(right.size())) {
      Bytes flipped = right;
      flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      REQUIRE(accept(to, place, flipped) == ChunkOutcome::wrong);
    }
    for (std::size_t octets = 0; octets < right.size(); octets += 1 + rng.below(1 + right.size() / 50)) {
      REQUIRE(accept(to, place, ByteView(right).first(octets)) == ChunkOutcome::wrong);
    }
    Bytes longer = right;
    longer.push_back(0);
    CHECK(accept(to, place, longer) == ChunkOutcome::wrong);
    for (const auto& [other, octets] : chunks) {
      if (other != place) CHECK(accept(to, place, octets) == ChunkOutcome::wrong);
    }
  };
  refuse_all_but(top);
  CHECK(accept(to, {top.file, 1, 1}, chunks.at(top)) == ChunkOutcome::wrong);
  CHECK(accept(to, {top.file, 2, 0}, chunks.at(top)) == ChunkOutcome::wrong);
  CHECK(accept(to, {top.file, 255, 0xffffffff}, chunks.at(top)) == ChunkOutcome::wrong);
  CHECK(entries_in(to, Table::chunk) == 0);
  REQUIRE(accept(to, top, chunks.at(top)) == ChunkOutcome::stored);
  refuse_all_but({top.file, 0, 0});
  refuse_all_but({top.file, 0, 1});
  CHECK(entries_in(to, Table::chunk) == 1);
  CHECK(status_of(to, facts).chunks_have == 1);
}

TEST_CASE("files: an index that its author made unreadable is refused, though its hash is right", "[sync][files]") {
  SeededRng rng(13);
  sim::MemoryStore to;
  FileFacts facts;
  rng.fill(facts.key);
  facts.octets = 2 * leaf;
  Bytes index = encode_index(1, std::vector<ChunkHash>(2));
  index[4] = 2;  // the level
  facts.root = hash_of_chunk(index);
  note(to, facts);
  CHECK(accept(to, {file_id_of(facts.key), 1, 0}, index) == ChunkOutcome::wrong);
}

TEST_CASE("files: facts that cannot be, or that contradict the first, are passed over", "[sync][files]") {
  SeededRng rng(17);
  sim::MemoryStore store;
  const FileFacts facts = take_in(store, rng, random_octets(rng, 100));
  note(store, facts);
  note(store, facts, audience_everyone(), NodeId::filled(0x22));
  FileFacts other = facts;
  other.octets = 101;
  note(store, other, AudienceId::filled(0x33));
  other = facts;
  other.root = ChunkHash();
  note(store, other, AudienceId::filled(0x33));
  const auto rows = rows_of(store);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].audiences == std::vector<AudienceId>{commune_key, audience_everyone()});
  CHECK(rows[0].author == hamlet);
  CHECK(read_all(store, facts));
  const auto refused = read_all(store, other);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::not_found);
  other = facts;
  rng.fill(other.key);
  other.octets = file_octets_max + 1;
  note(store, other);
  CHECK(rows_of(store).size() == 1);
}

TEST_CASE("files: reading what is incomplete, damaged or not ours to open says so", "[sync][files]") {
  SeededRng rng(19);
  sim::MemoryStore from;
  sim::MemoryStore to;
  const Bytes plaintext = random_octets(rng, 2 * leaf);
  const FileFacts facts = take_in(from, rng, plaintext);
  const FileId file = file_id_of(facts.key);
  const auto code_of = [&](const Store& store) { return read_all(store, facts).error().code; };
  CHECK(code_of(to) == Errc::not_found);
  note(to, facts);
  const Chunks chunks = chunks_of(from, file);
  REQUIRE(accept(to, {file, 1, 0}, chunks.at({file, 1, 0})) == ChunkOutcome::stored);
  REQUIRE(accept(to, {file, 0, 1}, chunks.at({file, 0, 1})) == ChunkOutcome::stored);
  CHECK(code_of(to) == Errc::not_found);
  REQUIRE(accept(to, {file, 0, 0}, chunks.at({file, 0, 0})) == ChunkOutcome::stored);
  CHECK(read_all(to, facts));

  const auto stopped =
      Files::read(*reading(to), facts, [](ByteView) -> Result<void> { return fail(Errc::disk_full, "no room"); });
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().code == Errc::disk_full);

  const auto spoil = [&](Bytes octets) {
    REQUIRE(in_batch(to, [&](Batch& batch) { return batch.txn.put(Table::chunk, chunk_key({file, 0, 1}), octets); }));
  };
  Bytes damaged = chunks.at({file, 0, 1});
  damaged[9] ^= 1;
  spoil(damaged);
  CHECK(code_of(to) == Errc::unauthenticated);
  spoil({});
  CHECK(code_of(to) == Errc::unauthenticated);
}

TEST_CASE("files: what the peer lacks is told from the top, bounded, whatever the peer claims", "[sync][files]") {
  Files::Row row;
  row.held = {RangeSet(0, 4000), RangeSet(0, 1), RangeSet(0, 0)};
  const auto first = Files::lacking(row, {}, 5);
  REQUIRE(first.size() == 5);
  CHECK(first[0].level == 2);
  CHECK(first[1].level == 1);
  CHECK(first[2].index == 1);
  CHECK(first[3] == ChunkPlace{row.file, 0, 0});
  const HeldChunks odd = {RangeSet(1, 0xffffffff), RangeSet(0, 9), RangeSet(0, 0), RangeSet(0, 5), RangeSet(1, 2)};
  CHECK(Files::lacking(row, odd, 5) == std::vector<ChunkPlace>{{row.file, 0, 0}});
  CHECK(Files::lacking(row, {}, 0).empty());
}

TEST_CASE("files: erasing takes the row, every chunk and what they counted", "[sync][files]") {
  SeededRng rng(23);
  sim::MemoryStore store;
  const FileFacts stays = take_in(store, rng, random_octets(rng, 3 * leaf));
  const FileFacts goes = take_in(store, rng, random_octets(rng, 3 * leaf));
  const FileId unknown = rng.id<FileId>();
  REQUIRE(accept(store, {unknown, 0, 3}, random_octets(rng, 500)) == ChunkOutcome::unverified);
  CHECK(unverified_in(store) == 500 + unverified_chunk_charge);
  for (const FileId& file : {file_id_of(goes.key), unknown, unknown}) {
    REQUIRE(in_batch(store, [&](Batch& batch) { return Files::erase(batch, file); }));
  }
  CHECK(unverified_in(store) == 0);
  CHECK(entries_in(store, Table::file) == 1);
  CHECK(entries_in(store, Table::chunk) == 4);
  CHECK(read_all(store, stays));
}

}  // namespace
}  // namespace khuoi::sync
