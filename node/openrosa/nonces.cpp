#include "node/openrosa/nonces.h"

#include <algorithm>

#include "node/web_server/guard.h"
#include "sync/seal/hash.h"

namespace khuoi::openrosa {

namespace {

constexpr std::size_t key_octets = 32;
constexpr std::size_t id_octets = 8;
constexpr std::size_t mac_octets = 16;

std::uint64_t micros_of(Instant at) { return static_cast<std::uint64_t>(at.time_since_epoch().count()); }
constexpr std::uint64_t lifetime_micros = static_cast<std::uint64_t>(Micros(nonce_lifetime).count());

}  // namespace

Nonces::Nonces(Rng& rng) : key_(key_octets) { rng.fill(key_.writable()); }

std::string Nonces::signed_text(std::uint64_t id) const {
  Bytes out;
  Writer(out).u64(id);
  append(out, sync::Blake2b(mac_octets, key_.view()).add(view_of("nonce")).add(out).finish());
  return to_hex(out);
}

std::string Nonces::issue(Instant now) {
  const std::lock_guard held(mutex_);
  last_ = std::max(micros_of(now), last_ + 1);
  return signed_text(last_);
}

bool Nonces::is_ours(std::string_view nonce, std::uint64_t& id) const {
  const auto octets = from_hex(nonce);
  if (!octets || octets->size() != id_octets + mac_octets) return false;
  id = Reader(*octets).u64();
  return http::same_secret(nonce, signed_text(id));
}

void Nonces::make_room(Instant now) {
  const std::uint64_t at = micros_of(now);
  std::erase_if(seen_, [&](const auto& one) { return at > one.first && at - one.first > lifetime_micros; });
  while (seen_.size() >= nonces_max) {
    floor_ = std::max(floor_, seen_.begin()->first);
    seen_.erase(seen_.begin());
  }
}

bool Nonces::use(std::string_view nonce, std::uint32_t count, Instant now) {
  std::uint64_t id = 0;
  if (count == 0 || !is_ours(nonce, id)) return false;
  const std::uint64_t at = micros_of(now);
  if (at > id && at - id > lifetime_micros) return false;
  const std::lock_guard held(mutex_);
  auto known = seen_.find(id);
  if (known == seen_.end()) {
    if (id <= floor_) return false;
    make_room(now);
    if (id <= floor_) return false;  // it would have been the oldest itself
    known = seen_.emplace(id, Seen{}).first;
  }
  Seen& seen = known->second;
  if (count > seen.greatest) {
    const std::uint32_t step = count - seen.greatest;
    seen.before = step >= counts_remembered ? 1 : (seen.before << step) | 1U;
    seen.greatest = count;
    return true;
  }
  const std::uint32_t back = seen.greatest - count;
  if (back >= counts_remembered || ((seen.before >> back) & 1U) != 0) return false;
  seen.before |= std::uint64_t{1} << back;
  return true;
}

std::size_t Nonces::remembered() {
  const std::lock_guard held(mutex_);
  return seen_.size();
}

}  // namespace khuoi::openrosa
