#include "sync/files/chunk_tree.h"

#include <algorithm>

#include "sync/base/check.h"
#include "sync/seal/chacha.h"
#include "sync/seal/hash.h"
#include "sync/seal/hash_each.h"

namespace khuoi::sync {
namespace {

constexpr std::string_view index_magic = "KIX1";
constexpr std::size_t index_head_octets = 7;
constexpr std::size_t tag_octets = chacha_tag_octets;

std::uint32_t pieces(std::uint64_t of, std::uint64_t each) {
  return static_cast<std::uint32_t>((of + each - 1) / each);
}

/// A key is fresh for each file, so the leaf's number is all that a nonce needs.
ChachaNonce nonce_of(std::uint32_t index) {
  ChachaNonce out{};
  for (std::size_t i = 0; i < 4; ++i) out[out.size() - 1 - i] = static_cast<std::uint8_t>(index >> (8 * i));
  return out;
}

}  // namespace

FileId file_id_of(const FileKey& file_key) {
  return *FileId::from(Blake2b(FileId::octets, file_key).add(view_of("khuoi/1/file")).finish());
}

std::vector<std::uint32_t> level_sizes(std::uint64_t octets) {
  std::vector<std::uint32_t> out;
  if (octets > file_octets_max) return out;
  out.push_back(std::max(1U, pieces(octets, chunk_plain_octets)));  // an empty file still has a leaf: its tag
  while (out.back() > 1) out.push_back(pieces(out.back(), index_hashes_max));
  KHUOI_CHECK(out.size() <= file_levels_max);
  return out;
}

std::optional<std::size_t> chunk_octets(std::uint64_t file_octets, const ChunkPlace& place) {
  const auto sizes = level_sizes(file_octets);
  if (place.level >= sizes.size() || place.index >= sizes[place.level]) return std::nullopt;
  if (place.level == 0) {
    const std::uint64_t before = std::uint64_t{place.index} * chunk_plain_octets;
    return static_cast<std::size_t>(std::min<std::uint64_t>(file_octets - before, chunk_plain_octets)) + tag_octets;
  }
  const std::uint32_t below = sizes[place.level - 1U] - first_child(place.index);
  return index_head_octets + std::size_t{std::min(below, index_hashes_max)} * ChunkHash::octets;
}

bool may_be_chunk(const ChunkPlace& place, ByteView octets) {
  static const auto sizes = level_sizes(file_octets_max);
  if (place.level >= sizes.size() || place.index >= sizes[place.level]) return false;
  if (place.level > 0) return is_index(place.level, octets);
  return octets.size() >= sealed_leaf_octets_min && octets.size() <= sealed_leaf_octets_max;
}

ChunkHash hash_of_chunk(ByteView octets) { return hash_id<ChunkHash>(octets); }
std::vector<ChunkHash> hashes_of_chunks(std::span<const ByteView> chunks) { return hash_ids<ChunkHash>(chunks); }

Bytes encode_index(std::size_t level, std::span<const ChunkHash> hashes) {
  KHUOI_CHECK(level >= 1);
  KHUOI_CHECK(level < file_levels_max);
  KHUOI_CHECK(!hashes.empty());
  KHUOI_CHECK(hashes.size() <= index_hashes_max);
  Bytes out;
  out.reserve(index_head_octets + hashes.size() * ChunkHash::octets);
  Writer to(out);
  to.raw(view_of(index_magic)).u8(static_cast<std::uint8_t>(level)).u16(static_cast<std::uint16_t>(hashes.size()));
  for (const ChunkHash& hash : hashes) to.raw(hash.view());
  return out;
}

bool is_index(std::size_t level, ByteView octets) {
  Reader from(octets);
  const ByteView magic = from.raw(index_magic.size());
  const std::uint8_t level_told = from.u8();
  const std::uint16_t count = from.u16();
  if (!from.ok() || text_of(magic) != index_magic || level_told != level) return false;
  return count >= 1 && count <= index_hashes_max && from.rest().size() == count * ChunkHash::octets;
}

ChunkHash hash_in_index(ByteView index_chunk, std::uint32_t slot) {
  const std::size_t at = index_head_octets + std::size_t{slot} * ChunkHash::octets;
  KHUOI_CHECK(at + ChunkHash::octets <= index_chunk.size());
  return *ChunkHash::from(index_chunk.subspan(at, ChunkHash::octets));
}

void seal_leaf(const FileKey& key, std::uint32_t index, ByteView plaintext, Bytes& out) {
  out.resize(plaintext.size() + tag_octets);
  seal_leaf_to(key, index, plaintext, out);
}

void seal_leaf_to(const FileKey& key, std::uint32_t index, ByteView plaintext, std::span<std::uint8_t> out) {
  KHUOI_CHECK(plaintext.size() <= chunk_plain_octets);
  chacha_seal(key, nonce_of(index), plaintext, out);
}

bool open_leaf(const FileKey& key, std::uint32_t index, ByteView sealed, Bytes& out) {
  if (sealed.size() < tag_octets) return false;
  out.resize(sealed.size() - tag_octets);
  return chacha_open(key, nonce_of(index), sealed, out);
}

}  // namespace khuoi::sync
