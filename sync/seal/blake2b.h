#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "sync/base/bytes.h"

namespace khuoi::sync {

// BLAKE2b's compression, RFC 7693, for hash.h and hash_each.h. Written anew since what libsodium has takes twice as
// long on one message, and nobody has it for several messages beside each other. hash_test.cpp holds it to libsodium's.

inline constexpr std::size_t blake2b_block_octets = 128;
using Blake2bChain = std::array<std::uint64_t, 8>;

/// octets_out 1..64, key_octets 0..64.
Blake2bChain blake2b_start(std::size_t octets_out, std::size_t key_octets);
/// Whole blocks, none of them the message's last. `taken`: octets of the message before them, moved along.
void blake2b_blocks(Blake2bChain& chain, ByteView blocks, std::uint64_t& taken);
/// The last block, 0..128 octets.
void blake2b_last(Blake2bChain& chain, ByteView rest, std::uint64_t taken);
/// BLAKE2b-256 without a key.
using Blake2b256 = std::array<std::uint8_t, 32>;
/// How many messages this processor hashes at once: 1, 4 or 8.
std::size_t blake2b_lanes();
/// `messages` are blake2b_lanes() of one length.
void blake2b_beside(std::span<const ByteView> messages, std::span<Blake2b256> out);

}  // namespace khuoi::sync
