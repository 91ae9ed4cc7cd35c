// Chunks as a peer or a stick gives them: of a known file, of one whose record comes later, of no file at all. Whatever
// comes, the quota's counter is the sum of the rows, and what is held opens or is told apart.
//
// Input: steps of u8 what | u8 level | u16 index | u8 length | octets.
#include <cstdlib>

#include "sim/memory_store.h"
#include "sync/base/check.h"
#include "sync/files/chunk_tree.h"
#include "sync/files/file_row.h"
#include "sync/files/unverified.h"

namespace {

using namespace khuoi;
using namespace khuoi::sync;

/// A file of two leaves and an index, whose chunks the input can name.
struct Sample {
  FileFacts facts;
  std::vector<std::pair<ChunkPlace, Bytes>> chunks;
};

Sample make_sample(std::uint8_t key_octet, std::size_t octets) {
  Sample out;
  out.facts.key.fill(key_octet);
  out.facts.octets = octets;
  const FileId file = file_id_of(out.facts.key);
  const Bytes plaintext(octets, 'p');
  std::vector<ChunkHash> hashes;
  for (std::size_t at = 0; at == 0 || at < octets; at += chunk_plain_octets) {
    const auto index = static_cast<std::uint32_t>(hashes.size());
    Bytes sealed;
    seal_leaf(out.facts.key, index, ByteView(plaintext).subspan(at, std::min(chunk_plain_octets, octets - at)), sealed);
    hashes.push_back(hash_of_chunk(sealed));
    out.chunks.push_back({{file, 0, index}, sealed});
  }
  out.facts.root = hashes.front();
  if (hashes.size() > 1) {
    const Bytes index = encode_index(1, hashes);
    out.facts.root = hash_of_chunk(index);
    out.chunks.push_back({{file, 1, 0}, index});
  }
  return out;
}

void check_store(const ReadTxn& txn) {
  std::uint64_t charges = 0;
  auto scanned = txn.scan(Table::file, {}, [&](ByteView, ByteView value) {
    const auto row = decode_file_row(value);
    KHUOI_CHECK(row.has_value());
    KHUOI_CHECK(encode(*row).size() == value.size());
    charges += row->unverified_charge;
  });
  KHUOI_CHECK(scanned.has_value());
  const auto counted = unverified_octets(txn);
  KHUOI_CHECK(counted.has_value());
  KHUOI_CHECK(*counted == charges);
  KHUOI_CHECK(charges <= unverified_octets_max);
}

void step(Batch& batch, const std::vector<Sample>& samples, std::uint8_t what, const ChunkPlace& place,
          ByteView octets) {
  const Sample& sample = samples[(what >> 3U) % samples.size()];
  ChunkPlace of_sample = place;
  of_sample.file = file_id_of(sample.facts.key);
  bool went_well = true;
  switch (what & 7U) {
    case 0:
      went_well = Files::accept(batch, place, octets).has_value();
      break;
    case 1:
      went_well = Files::accept(batch, of_sample, octets).has_value();
      break;
    case 2:
      went_well = Files::note(batch, sample.facts, audience_everyone(), NodeId()).has_value();
      break;
    case 3: {
      const auto& [at, right] = sample.chunks[place.index % sample.chunks.size()];
      went_well = Files::accept(batch, at, right).has_value();
      break;
    }
    case 4: {  // the right one, but for one octet
      auto [at, wrong] = sample.chunks[place.index % sample.chunks.size()];
      wrong[octets.size() % wrong.size()] ^= 1;
      const auto outcome = Files::accept(batch, at, wrong);
      went_well = outcome && *outcome != ChunkOutcome::stored;
      break;
    }
    case 5:
      went_well = Files::erase(batch, of_sample.file).has_value();
      break;
    case 6:
      batch.now.wall.value += std::int64_t{place.index} * 3600;
      went_well = sweep_unverified(batch).has_value();
      break;
    default:
      static_cast<void>(decode_file_row(octets));
      break;
  }
  KHUOI_CHECK(went_well);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  static const std::vector<Sample> samples = {make_sample(1, 2 * chunk_plain_octets), make_sample(2, 3),
                                              make_sample(3, 0)};
  sim::MemoryStore store;
  auto txn = store.begin_write();
  Batch batch{**txn, Now{}};
  Reader from({octets, size});
  for (int steps = 0; steps < 64 && !from.rest().empty(); ++steps) {
    const std::uint8_t what = from.u8();
    ChunkPlace place{FileId::filled(what), from.u8(), from.u16()};
    const ByteView taken = from.raw(std::min<std::size_t>(from.u8(), from.rest().size()));
    step(batch, samples, what, place, taken);
  }
  check_store(batch.txn);
  for (const Sample& sample : samples) {
    const auto status = Files::status(batch.txn, file_id_of(sample.facts.key));
    KHUOI_CHECK(status.has_value());
    std::uint64_t plain_octets = 0;
    const auto read = Files::read(batch.txn, sample.facts, [&](ByteView plaintext) -> Result<void> {
      plain_octets += plaintext.size();
      return {};
    });
    KHUOI_CHECK(read.has_value() == status->complete);
    KHUOI_CHECK(!status->complete || plain_octets == sample.facts.octets);
  }
  return 0;
}
