#include "sync/seal/blake2b.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>
#include <utility>

#include "sync/base/check.h"

namespace khuoi::sync {
namespace {

static_assert(std::endian::native == std::endian::little);  // words of messages are copied as they stand

using Word = std::uint64_t;
constexpr std::size_t block_words = 16;
constexpr std::size_t chain_words = 8;
constexpr std::size_t rounds = 12;

/// RFC 7693, 2.6.
constexpr Blake2bChain initial = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                                  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
/// RFC 7693, 2.7: in which order a round takes the words of a block. Rounds 10 and 11 are as 0 and 1.
constexpr std::array<std::array<std::uint8_t, block_words>, 10> order = {{
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
}};

// What follows is done on a word, or on a vector that holds the same word of 4 or 8 messages. All of it is inlined into
// the functions that choose the instructions, and takes references: a vector has no place in another one's call.
#if defined(__x86_64__)
typedef Word FourWords __attribute__((vector_size(32)));
typedef Word EightWords __attribute__((vector_size(64)));

/// AVX2 has no turn of its own, but moves octets about in one step. Of the 32 octets of a vector `i` are all.
template <int octets, std::size_t... i>
[[gnu::always_inline]] inline void move_octets(FourWords& words, std::index_sequence<i...> /*all*/) {
  typedef std::uint8_t Octets __attribute__((vector_size(32)));
  const auto from = (Octets)words;
  words = (FourWords)__builtin_shufflevector(from, from, ((i & ~std::size_t{7}) | ((i + octets) & 7))...);
}
#endif

template <int bits, typename V>
[[gnu::always_inline]] inline void turn(V& word) {
#if defined(__x86_64__)
  if constexpr (std::is_same_v<V, FourWords> && bits % 8 == 0) {
    return move_octets<bits / 8>(word, std::make_index_sequence<sizeof(V)>());
  }
#endif
  word = (word >> bits) | (word << (64 - bits));
}

template <typename V>
[[gnu::always_inline]] inline void mix(V& a, V& b, V& c, V& d, const V& x, const V& y) {
  a += b + x;
  d ^= a;
  turn<32>(d);
  c += d;
  b ^= c;
  turn<24>(b);
  a += b + y;
  d ^= a;
  turn<16>(d);
  c += d;
  b ^= c;
  turn<63>(b);
}

template <std::size_t round, typename V>
[[gnu::always_inline]] inline void do_round(V* v, const V* m) {
  constexpr auto& s = order[round % order.size()];
  mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
  mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
  mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
  mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
  mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
  mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
  mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
  mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
}

template <typename V, std::size_t... round>
[[gnu::always_inline]] inline void do_rounds(V* v, const V* m, std::index_sequence<round...> /*all*/) {
  (do_round<round>(v, m), ...);
}

/// `m`: the block's words. `taken`: octets of the message, this block's included.
template <typename V>
[[gnu::always_inline]] inline void compress(V* chain, const V* m, Word taken, bool last) {
  V v[block_words];
  for (std::size_t i = 0; i < chain_words; ++i) {
    v[i] = chain[i];
    v[chain_words + i] = V{} + initial[i];
  }
  v[12] ^= V{} + taken;
  if (last) v[14] = ~v[14];
  do_rounds(v, m, std::make_index_sequence<rounds>());
  for (std::size_t i = 0; i < chain_words; ++i) chain[i] ^= v[i] ^ v[chain_words + i];
}

[[gnu::always_inline]] inline void compress_blocks(Blake2bChain& chain, ByteView blocks, Word& taken) {
  for (; !blocks.empty(); blocks = blocks.subspan(blake2b_block_octets)) {
    Word m[block_words];
    std::memcpy(m, blocks.data(), sizeof m);
    taken += blake2b_block_octets;
    compress(chain.data(), m, taken, false);
  }
}

template <typename V, std::size_t lanes>
[[gnu::always_inline]] inline void take_words(V* m, const std::uint8_t* const* from, std::size_t at) {
  for (std::size_t i = 0; i < block_words; ++i) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      Word word = 0;
      std::memcpy(&word, from[lane] + at + i * sizeof word, sizeof word);
      m[i][lane] = word;
    }
  }
}

template <typename V, std::size_t lanes>
[[gnu::always_inline]] inline void hash_beside(std::span<const ByteView> messages, std::span<Blake2b256> out) {
  const std::size_t octets = messages[0].size();
  const Blake2bChain start = blake2b_start(sizeof(Blake2b256), 0);
  V chain[chain_words];
  for (std::size_t i = 0; i < chain_words; ++i) chain[i] = V{} + start[i];
  const std::uint8_t* from[lanes];
  for (std::size_t lane = 0; lane < lanes; ++lane) from[lane] = messages[lane].data();
  V m[block_words];
  std::size_t at = 0;
  for (; octets - at > blake2b_block_octets; at += blake2b_block_octets) {
    take_words<V, lanes>(m, from, at);
    compress(chain, m, at + blake2b_block_octets, false);
  }
  std::uint8_t rest[lanes][blake2b_block_octets] = {};
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    std::ranges::copy(messages[lane].subspan(at), rest[lane]);
    from[lane] = rest[lane];
  }
  take_words<V, lanes>(m, from, 0);
  compress(chain, m, octets, true);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    for (std::size_t i = 0; i * sizeof(Word) < sizeof(Blake2b256); ++i) {
      const Word word = chain[i][lane];
      std::memcpy(out[lane].data() + i * sizeof word, &word, sizeof word);
    }
  }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void hash_four(std::span<const ByteView> messages, std::span<Blake2b256> out) {
  hash_beside<FourWords, 4>(messages, out);
}
__attribute__((target("avx512f"))) void hash_eight(std::span<const ByteView> messages, std::span<Blake2b256> out) {
  hash_beside<EightWords, 8>(messages, out);
}
#endif

}  // namespace

Blake2bChain blake2b_start(std::size_t octets_out, std::size_t key_octets) {
  Blake2bChain out = initial;
  out[0] ^= 0x01010000U ^ (key_octets << 8U) ^ octets_out;  // RFC 7693, 2.5: one node, and no more
  return out;
}

void blake2b_blocks(Blake2bChain& chain, ByteView blocks, std::uint64_t& taken) {
  KHUOI_CHECK(blocks.size() % blake2b_block_octets == 0);
  compress_blocks(chain, blocks, taken);
}

void blake2b_last(Blake2bChain& chain, ByteView rest, std::uint64_t taken) {
  KHUOI_CHECK(rest.size() <= blake2b_block_octets);
  Word m[block_words] = {};
  if (!rest.empty()) std::memcpy(m, rest.data(), rest.size());
  compress(chain.data(), m, taken + rest.size(), true);
}

std::size_t blake2b_lanes() {
#if defined(__x86_64__)
  static const std::size_t lanes = __builtin_cpu_supports("avx512f") ? 8 : __builtin_cpu_supports("avx2") ? 4 : 1;
  return lanes;
#else
  return 1;
#endif
}

void blake2b_beside(std::span<const ByteView> messages, std::span<Blake2b256> out) {
  KHUOI_CHECK(messages.size() == blake2b_lanes());
  KHUOI_CHECK(out.size() == messages.size());
  for (const ByteView message : messages) KHUOI_CHECK(message.size() == messages[0].size());
#if defined(__x86_64__)
  if (messages.size() == 8) return hash_eight(messages, out);
  if (messages.size() == 4) return hash_four(messages, out);
#endif
  Blake2bChain chain = blake2b_start(sizeof(Blake2b256), 0);
  const ByteView message = messages[0];
  const std::size_t last = message.empty() ? 0 : (message.size() - 1) / blake2b_block_octets * blake2b_block_octets;
  std::uint64_t taken = 0;
  blake2b_blocks(chain, message.first(last), taken);
  blake2b_last(chain, message.subspan(last), taken);
  std::memcpy(out[0].data(), chain.data(), out[0].size());
}

}  // namespace khuoi::sync
