#pragma once

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "sim/memory_store.h"
#include "sync/base/rng.h"
#include "sync/files/chunk_tree.h"
#include "sync/files/file_row.h"
#include "sync/files/file_intake.h"
#include "tests/support/places.h"
#include "tests/support/print_result.h"

namespace khuoi::sync::files_test {

inline constexpr std::size_t leaf = chunk_plain_octets;

/// Always the same octets: 0, 1, 2 …
class CountingRng final : public Rng {
 public:
  void fill(std::span<std::uint8_t> out) override {
    std::uint8_t next = 0;
    for (std::uint8_t& octet : out) octet = next++;
  }
};

inline Bytes random_octets(Rng& rng, std::size_t octets) {
  Bytes out(octets);
  rng.fill(out);
  return out;
}

/// Runs `work` in a batch of its own and commits it.
template <typename Work>
auto in_batch(Store& store, Work work, std::int64_t wall = 1'700'000'000) {
  auto txn = store.begin_write();
  REQUIRE(txn);
  Batch batch{**txn, Now{Instant{}, UnixSeconds{wall}}};
  auto result = work(batch);
  REQUIRE((*txn)->commit());
  return result;
}

/// Takes a file in, in pieces of at most so many octets.
inline FileFacts take_in(Store& store, Rng& rng, ByteView plaintext, std::size_t piece_octets = std::size_t{1} << 20U) {
  return in_batch(store, [&](Batch& batch) {
    FileIntake intake(rng);
    for (std::size_t at = 0; at < plaintext.size(); at += piece_octets) {
      REQUIRE(intake.add(batch, plaintext.subspan(at, std::min(piece_octets, plaintext.size() - at))));
    }
    auto facts = intake.finish(batch, "photo.jpg", "image/jpeg");
    REQUIRE(facts);
    return *facts;
  });
}

inline const AudienceId commune_key = AudienceId::filled(0xc0);
inline const NodeId hamlet = NodeId::filled(0x11);

inline void note(Store& store, const FileFacts& facts, const AudienceId& audience = commune_key,
                 const NodeId& author = hamlet) {
  REQUIRE(in_batch(store, [&](Batch& batch) { return Files::note(batch, facts, audience, author); }));
}

inline ChunkOutcome accept(Store& store, const ChunkPlace& place, ByteView octets, std::int64_t wall = 1'700'000'000) {
  auto outcome = in_batch(
      store, [&](Batch& batch) { return Files::accept(batch, place, octets); }, wall);
  REQUIRE(outcome);
  return *outcome;
}

inline std::unique_ptr<ReadTxn> reading(const Store& store) {
  auto txn = store.begin_read();
  REQUIRE(txn);
  return std::move(*txn);
}

inline std::vector<Files::Row> rows_of(const Store& store) {
  std::vector<Files::Row> out;
  REQUIRE(Files::each(*reading(store), [&](const Files::Row& row) {
    out.push_back(row);
  }));
  return out;
}

using Chunks = std::map<ChunkPlace, Bytes>;
/// Every verified chunk of a file, as a sender has them.
inline Chunks chunks_of(const Store& store, const FileId& file) {
  Chunks out;
  const auto txn = reading(store);
  const auto held = Files::held(*txn, file);
  REQUIRE(held);
  for (std::size_t level = 0; level < held->size(); ++level) {
    for (const auto& [first, last] : (*held)[level].ranges()) {
      for (std::uint32_t index = first; index <= last; ++index) {
        const ChunkPlace place{file, static_cast<std::uint8_t>(level), index};
        auto octets = Files::chunk(*txn, place);
        REQUIRE(octets);
        REQUIRE(octets->has_value());
        out[place] = std::move(**octets);
      }
    }
  }
  return out;
}

inline Result<Bytes> read_all(const Store& store, const FileFacts& facts) {
  Bytes out;
  KHUOI_TRY_VOID(Files::read(*reading(store), facts, [&](ByteView plaintext) -> Result<void> {
    append(out, plaintext);
    return {};
  }));
  return out;
}

inline FileStatus status_of(const Store& store, const FileFacts& facts) {
  const auto status = Files::status(*reading(store), file_id_of(facts.key));
  REQUIRE(status);
  return *status;
}

inline std::size_t entries_in(const Store& store, Table table) {
  std::size_t out = 0;
  REQUIRE(reading(store)->scan(table, {}, [&](ByteView, ByteView) {
    ++out;
  }));
  return out;
}

inline std::uint64_t unverified_in(const Store& store) {
  const auto octets = unverified_octets(*reading(store));
  REQUIRE(octets);
  return *octets;
}

/// tests/data/files_golden.txt: a name and octets in hexadecimal a line.
inline std::map<std::string, Bytes> golden_files() {
  std::ifstream in(tests::test_data() / "files_golden.txt");
  REQUIRE(in);
  std::map<std::string, Bytes> out;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name;
    std::string hex;
    if (line.starts_with('#') || !(words >> name >> hex)) continue;
    const auto octets = from_hex(hex);
    REQUIRE(octets);
    out[name] = *octets;
  }
  return out;
}

}  // namespace khuoi::sync::files_test
