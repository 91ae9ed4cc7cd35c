#pragma once

#include <span>

#include "sync/files/files.h"

namespace khuoi::sync {

// The shape of a file's tree of chunks and the octets of a chunk, as FILES.md draws them. Pure functions: the store is
// files.cpp's matter.

inline constexpr std::uint32_t index_hashes_max = 2048;
inline constexpr std::size_t sealed_leaf_octets_min = 16;
inline constexpr std::size_t sealed_leaf_octets_max = chunk_plain_octets + 16;

using FileKey = std::array<std::uint8_t, 32>;

/// What a chunk of this place weighs, to the octet, in a file of so many octets; nothing if the file has no such place.
std::optional<std::size_t> chunk_octets(std::uint64_t file_octets, const ChunkPlace& place);
/// Whether some file could have these octets in this place: all that can be said before its facts are known.
bool may_be_chunk(const ChunkPlace& place, ByteView octets);

ChunkHash hash_of_chunk(ByteView octets);
/// Of several, in their order: those of one length next to each other take a fraction of the time.
std::vector<ChunkHash> hashes_of_chunks(std::span<const ByteView> chunks);
/// level 1..2, 1..2,048 hashes.
Bytes encode_index(std::size_t level, std::span<const ChunkHash> hashes);
/// Whether these are the octets of an index chunk of this level with any number of hashes.
bool is_index(std::size_t level, ByteView octets);
/// The hash in one slot (0..count-1) of an index chunk that was checked.
ChunkHash hash_in_index(ByteView index_chunk, std::uint32_t slot);
/// Children of index chunk `index`: from first on, index_hashes_max at most.
inline std::uint32_t first_child(std::uint32_t index) { return index * index_hashes_max; }

/// One leaf under the file key; `out` is overwritten, and keeps its memory from call to call.
void seal_leaf(const FileKey& key, std::uint32_t index, ByteView plaintext, Bytes& out);
/// `out` has the octets of a sealed leaf: sealed_leaf_octets_min more than the plaintext.
void seal_leaf_to(const FileKey& key, std::uint32_t index, ByteView plaintext, std::span<std::uint8_t> out);
/// False if the tag does not hold; then `out` says nothing.
[[nodiscard]] bool open_leaf(const FileKey& key, std::uint32_t index, ByteView sealed, Bytes& out);

}  // namespace khuoi::sync
