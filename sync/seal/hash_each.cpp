#include "sync/seal/hash_each.h"

#include "sync/seal/hash.h"

namespace khuoi::sync {
namespace {

/// Vectors are worth their while from so many messages on: 8 of them take as long as 2 or 3 one by one.
constexpr std::size_t beside_min = 3;
constexpr std::size_t lanes_max = 8;

/// All of one length; at most as many as there are lanes.
void hash_beside(std::span<const ByteView> messages, std::span<Blake2b256> out) {
  std::array<ByteView, lanes_max> all;
  std::array<Blake2b256, lanes_max> hashes{};
  const std::size_t lanes = blake2b_lanes();
  std::fill(std::ranges::copy(messages, all.begin()).out, all.end(), messages[0]);  // the idle ones do what the first does
  blake2b_beside(std::span(all).first(lanes), std::span(hashes).first(lanes));
  std::copy_n(hashes.begin(), messages.size(), out.begin());
}

}  // namespace

std::vector<Blake2b256> hash_each(std::span<const ByteView> messages) {
  std::vector<Blake2b256> out(messages.size());
  for (std::size_t at = 0; at < messages.size();) {
    std::size_t same = 1;
    const auto like_the_first = [&](ByteView one) { return one.size() == messages[at].size(); };
    while (same < blake2b_lanes() && at + same < messages.size() && like_the_first(messages[at + same])) ++same;
    const std::span<Blake2b256> to = std::span(out).subspan(at, same);
    if (same >= beside_min) {
      hash_beside(messages.subspan(at, same), to);
    } else {
      for (std::size_t i = 0; i < same; ++i) {
        const Bytes hash = Blake2b(sizeof(Blake2b256)).add(messages[at + i]).finish();
        std::ranges::copy(hash, to[i].begin());
      }
    }
    at += same;
  }
  return out;
}

}  // namespace khuoi::sync
