#include "node/sticks/bundle_stream.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "node/engine/read_ahead.h"
#include "node/engine/write_behind.h"
#include "sync/base/rng.h"
#include "sync/seal/signature.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/print_result.h"

namespace khuoi::tests {
namespace {

using node::BundleStream;

constexpr const char* bundle = "0123456789abcdef.kbn";
constexpr std::uint32_t chunks = 100;

/// A stick with one bundle of a hundred chunks of 64 KiB.
struct FilledStick {
  TempFolder dir;
  TempFolder own;
  std::filesystem::path file = dir.path() / "KHUOI" / bundle;

  FilledStick() {
    SeededRng rng(3);
    auto folder = open();
    REQUIRE(folder.prepare_for_writing(rng));
    auto writer = folder.create(bundle, rng);
    REQUIRE(writer);
    const auto keys = sync::make_sign_key(rng);
    sync::BundleWriter format({CommuneId::filled(1), NodeId::filled(2)}, keys.secret_key);
    REQUIRE(writer->write(format.header()));
    Bytes octets(65552);
    for (std::uint32_t index = 0; index < chunks; ++index) {
      rng.fill(octets);
      REQUIRE(writer->write(format.chunk({sync::FileId::filled(9), 0, index}, octets)));
    }
    REQUIRE(writer->add_parity());
    REQUIRE(writer->commit());
  }
  [[nodiscard]] storage::StickFolder open() const {
    auto folder = storage::StickFolder::open(dir.path());
    REQUIRE(folder);
    return std::move(*folder);
  }
  void damage(std::uint64_t at, std::size_t octets) const {
    std::fstream on(file, std::ios::in | std::ios::out | std::ios::binary);
    on.seekp(static_cast<std::streamoff>(at));
    on << std::string(octets, 'x');
  }
};

struct Read {
  std::vector<std::uint32_t> indices;
  std::uint64_t octets_skipped = 0;
  std::size_t pieces = 0;
};

Read read_all(const FilledStick& stick) {
  const auto folder = stick.open();
  const auto listing = folder.list();
  REQUIRE(listing);
  REQUIRE(listing->entries.size() == 1);
  auto stream = BundleStream::open(folder, listing->entries[0], stick.own.path());
  REQUIRE(stream);
  CHECK(stream->header() == sync::BundleHeader{CommuneId::filled(1), NodeId::filled(2)});
  Read out;
  for (bool last = false; !last;) {
    auto piece = stream->next();
    REQUIRE(piece);
    REQUIRE(*piece);
    last = (*piece)->last;
    out.octets_skipped = (*piece)->octets_skipped;
    ++out.pieces;
    for (const sync::HeldSegment& held : (*piece)->segments) {
      const auto chunk = sync::decode_chunk(held.segment().payload);
      REQUIRE(chunk);
      CHECK(held.chunk_hash().has_value());
      out.indices.push_back(chunk->place.index);
    }
  }
  const auto after = stream->next();
  REQUIRE(after);
  CHECK(!*after);
  return out;
}

void check_in_order(const Read& read, std::size_t missing_max) {
  CHECK(std::ranges::adjacent_find(read.indices, std::greater_equal()) == read.indices.end());
  CHECK(read.indices.size() + missing_max >= chunks);
}

}  // namespace

TEST_CASE("A whole bundle gives each segment once and in order, in pieces of a commit's size", "[bundle_stream]") {
  const Read read = read_all(FilledStick());
  check_in_order(read, 0);
  CHECK(read.octets_skipped == 0);
  CHECK(read.pieces == 2);
}

TEST_CASE("Damage that parity mends leaves each segment given once and in order", "[bundle_stream]") {
  for (const std::uint64_t at : {std::uint64_t{3}, std::uint64_t{200'000}, std::uint64_t{6'500'000}}) {
    const FilledStick stick;
    stick.damage(at, 4000);
    const Read read = read_all(stick);
    check_in_order(read, 0);
    CHECK(read.octets_skipped == 0);
  }
}

TEST_CASE("Damage past mending costs only the segments it hit, and is told", "[bundle_stream]") {
  const FilledStick stick;
  stick.damage(1'000'000, 1'000'000);
  const Read read = read_all(stick);
  check_in_order(read, 18);
  CHECK(read.octets_skipped > 1'000'000);
}

TEST_CASE("A bundle without its end is read from a copy", "[bundle_stream]") {
  const FilledStick stick;
  std::filesystem::resize_file(stick.file, 6'000'000);
  const Read read = read_all(stick);
  check_in_order(read, 10);
  CHECK(read.octets_skipped > 0);
}

TEST_CASE("A file cut short while it is read gives what was whole, and tells of the rest", "[bundle_stream]") {
  const FilledStick stick;
  const auto folder = stick.open();
  const auto listing = folder.list();
  REQUIRE(listing);
  auto stream = BundleStream::open(folder, listing->entries[0], stick.own.path());
  REQUIRE(stream);
  auto first = stream->next();
  REQUIRE(first);
  REQUIRE(*first);
  std::filesystem::resize_file(stick.file, 5'000'000);
  std::uint64_t skipped = 0;
  std::size_t segments = (*first)->segments.size();
  for (bool last = (*first)->last; !last;) {
    auto piece = stream->next();
    REQUIRE(piece);
    REQUIRE(*piece);
    last = (*piece)->last;
    skipped = (*piece)->octets_skipped;
    segments += (*piece)->segments.size();
  }
  CHECK(segments < chunks);
  CHECK(segments >= 70);
  CHECK(skipped > 0);
}

TEST_CASE("What is read ahead comes in order, and its error comes last and stays", "[read_ahead]") {
  int made = 0;
  node::ReadAhead<int> ahead([&]() -> Result<std::optional<int>> {
    if (made == 100) return fail(Errc::io, "the stick was pulled");
    return std::optional(made++);
  });
  for (int expected = 0; expected < 100; ++expected) {
    const auto got = ahead.next();
    REQUIRE(got);
    CHECK(*got == expected);
  }
  CHECK(ahead.next().error().code == Errc::io);
  CHECK(ahead.next().error().code == Errc::io);
}

TEST_CASE("Reading ahead can be given up at any time", "[read_ahead]") {
  for (int taken = 0; taken < 5; ++taken) {
    int made = 0;
    node::ReadAhead<int> ahead([&]() -> Result<std::optional<int>> { return std::optional(made++); });
    for (int i = 0; i < taken; ++i) REQUIRE(ahead.next());
  }
}

TEST_CASE("What is written behind comes in order and whole, in pieces that hold what was added together", "[write_behind]") {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
    Bytes wrote;
    Bytes added;
    std::size_t largest = 0;  // looked at once nothing is under way
    node::WriteBehind behind(
        [&](ByteView octets) -> Result<void> {
          largest = std::max(largest, octets.size());
          append(wrote, octets);
          return {};
        },
        piece);
    for (std::uint8_t i = 0; i < 100; ++i) {
      const Bytes octets(i % 11, i);
      append(added, octets);
      REQUIRE(behind.add(octets));
    }
    REQUIRE(behind.finish());
    CHECK(wrote == added);
    CHECK(largest <= std::max<std::size_t>(piece, 10));  // what is larger than a piece goes by itself
    REQUIRE(behind.add(Bytes(3, 7)));
    REQUIRE(behind.finish());
    CHECK(wrote.size() == added.size() + 3);
  }
}

TEST_CASE("An error of what is written behind is told at the latest at the end, and stays", "[write_behind]") {
  int calls = 0;
  node::WriteBehind behind(
      [&](ByteView) -> Result<void> {
        ++calls;
        return fail(Errc::disk_full, "no room");
      },
      10);
  bool refused = false;
  for (int i = 0; i < 100 && !refused; ++i) refused = !behind.add(Bytes(10));
  CHECK(refused);
  const auto done = behind.finish();
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::disk_full);
  CHECK(calls >= 1);
}

TEST_CASE("Writing behind can be given up at any time", "[write_behind]") {
  for (int n = 0; n < 50; ++n) {
    node::WriteBehind behind([](ByteView) { return Result<void>(); }, 10);
    for (int i = 0; i < n; ++i) REQUIRE(behind.add(Bytes(4)));
  }
}

}  // namespace khuoi::tests
