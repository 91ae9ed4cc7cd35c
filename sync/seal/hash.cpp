#include "sync/seal/hash.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "sync/base/check.h"
#include "sync/seal/blake2b.h"
#include "sync/seal/secret.h"

namespace khuoi::sync {

namespace {

constexpr std::size_t digest_octets_max = 64;  // RFC 7693, 2.1
constexpr std::size_t key_octets_min = 16;
constexpr std::size_t key_octets_max = 64;

/// What a hash that goes on has taken in.
struct State {
  Blake2bChain chain;
  std::uint64_t taken;  ///< octets of whole blocks
  std::size_t held;     ///< 0..128: a block is done with once it is known not to be the last
  std::array<std::uint8_t, blake2b_block_octets> block;
};

State& state_of(std::array<std::uint8_t, 384>& octets) {
  static_assert(sizeof(State) <= sizeof(octets) && alignof(State) <= 64);
  return *reinterpret_cast<State*>(octets.data());
}

void hold(State& state, ByteView octets) {
  std::memcpy(state.block.data() + state.held, octets.data(), octets.size());
  state.held += octets.size();
}

}  // namespace

Blake2b::Blake2b(std::size_t octets_out, ByteView key) : octets_out_(octets_out) {
  KHUOI_CHECK(octets_out >= 1);
  KHUOI_CHECK(octets_out <= digest_octets_max);
  KHUOI_CHECK(key.empty() || key.size() >= key_octets_min);
  KHUOI_CHECK(key.size() <= key_octets_max);
  State& state = *::new (state_.data()) State{blake2b_start(octets_out, key.size()), 0, 0, {}};
  if (key.empty()) return;
  std::memcpy(state.block.data(), key.data(), key.size());
  state.held = blake2b_block_octets;  // the key is a block of its own
}

Blake2b& Blake2b::add(ByteView part) {
  KHUOI_CHECK(octets_out_ != 0);
  if (part.empty()) return *this;
  State& state = state_of(state_);
  if (state.held > 0) {
    const std::size_t fits = std::min(part.size(), blake2b_block_octets - state.held);
    if (fits > 0) hold(state, part.first(fits));
    part = part.subspan(fits);
    if (part.empty()) return *this;
    blake2b_blocks(state.chain, state.block, state.taken);
    state.held = 0;
  }
  const std::size_t whole = (part.size() - 1) / blake2b_block_octets * blake2b_block_octets;
  blake2b_blocks(state.chain, part.first(whole), state.taken);
  hold(state, part.subspan(whole));
  return *this;
}

Bytes Blake2b::finish() {
  KHUOI_CHECK(octets_out_ != 0);
  State& state = state_of(state_);
  blake2b_last(state.chain, ByteView(state.block).first(state.held), state.taken);
  Bytes out(octets_out_);
  std::memcpy(out.data(), state.chain.data(), out.size());
  octets_out_ = 0;
  wipe(state_);
  return out;
}

}  // namespace khuoi::sync
