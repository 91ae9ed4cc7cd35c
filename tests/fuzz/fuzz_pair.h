#pragma once

#include <array>
#include <cstring>
#include <set>

#include "sim/memory_store.h"
#include "sync/base/check.h"
#include "sync/replica/replica.h"
#include "tests/fuzz/remembered_sodium.h"

/// Where memory was taken and given back is told by one caller: more of them cost a sixth of the time. For a finding
/// ASAN_OPTIONS=malloc_context_size=30 tells all. What was given back is not used again for the next 16 MB, which is
/// several inputs long: 256 MB, as it is unless told, never stays in a processor's cache.
extern "C" const char* __asan_default_options() { return "malloc_context_size=1:quarantine_size_mb=16"; }

namespace khuoi::tests {

inline constexpr Now fuzz_now{Instant(Micros(1'000'000)), UnixSeconds{1'790'000'000}};

/// A commune and a hamlet of it, made once; each input gets copies of their disks.
struct FuzzPair {
  SeededRng rng{1};
  std::unique_ptr<sim::MemoryStore> commune_disk = std::make_unique<sim::MemoryStore>();
  std::unique_ptr<sim::MemoryStore> hamlet_disk = std::make_unique<sim::MemoryStore>();

  FuzzPair() {
    auto commune = fresh(*commune_disk, sync::Role::commune, "Sảng Mộc");
    auto hamlet = fresh(*hamlet_disk, sync::Role::hamlet, "Khuổi Mèo");
    const auto derive = [](const sync::PassphraseParams&) { return Result<sync::Secret>(sync::Secret::copy_of(Bytes(32, 7))); };
    auto txn = commune->read();
    const auto keys = commune->reader().open_slots(**txn, "", derive);
    KHUOI_CHECK(static_cast<bool>(keys));
    txn->reset();
    Bytes grant;
    auto work = commune->begin(fuzz_now);
    KHUOI_CHECK(static_cast<bool>(commune->unlock(work->batch(), *keys)));
    const auto request = sync::decode_request(hamlet->enrolment().enrol_request());
    auto granted = commune->enrolment().grant(work->batch(), {*request, std::nullopt, fuzz_now.wall});
    KHUOI_CHECK(static_cast<bool>(granted));
    KHUOI_CHECK(static_cast<bool>(work->commit()));
    const auto statements = sync::decode_grant_file(*granted);
    auto joining = hamlet->begin(fuzz_now);
    KHUOI_CHECK(static_cast<bool>(hamlet->enrolment().accept_grant(joining->batch(), *statements)));
    KHUOI_CHECK(static_cast<bool>(joining->commit()));
  }
  std::unique_ptr<sync::Replica> fresh(sim::MemoryStore& disk, sync::Role role, std::string_view name) {
    sync::PassphraseParams params;
    params.operations = 1;
    params.memory_kib = 8;
    const sync::Secret phrase = sync::Secret::copy_of(Bytes(32, 7));
    KHUOI_CHECK(static_cast<bool>(sync::Replica::create(disk, role, name, {"head", params, phrase}, rng, fuzz_now)));
    return open(disk);
  }
  std::unique_ptr<sync::Replica> open(sim::MemoryStore& disk) {
    auto out = sync::Replica::open(disk, rng);
    KHUOI_CHECK(static_cast<bool>(out));
    return std::move(*out);
  }
  /// For one more input, which draws the same chance as if it were the only one.
  static FuzzPair& instance() {
    static FuzzPair pair;
    pair.rng = SeededRng(2);
    return pair;
  }
};

/// BLAKE2b of all that a disk holds.
inline std::array<std::uint8_t, 32> digest_of(const sim::MemoryStore& disk) {
  const auto txn = std::move(*disk.begin_read());
  static Bytes all;  // keeps its memory
  all.clear();
  const auto add = [](ByteView part) {
    const std::size_t at = all.size();
    const std::uint64_t octets = part.size();
    all.resize(at + sizeof octets + part.size());
    std::memcpy(&all[at], &octets, sizeof octets);
    if (!part.empty()) std::memcpy(&all[at + sizeof octets], part.data(), part.size());
  };
  for (std::size_t table = 0; table < sync::table_count; ++table) {
    const auto done = txn->scan(static_cast<sync::Table>(table), {}, [&](ByteView key, ByteView value) {
      add(key);
      add(value);
    });
    KHUOI_CHECK(static_cast<bool>(done));
    add({});
  }
  std::array<std::uint8_t, 32> out{};
  crypto_generichash_blake2b(out.data(), out.size(), all.data(), all.size(), nullptr, 0);
  return out;
}

/// Whatever came in, the disk can be read by a node that starts on it. A disk of the same octets is looked at once.
inline void check_still_sound(FuzzPair& pair, const sim::MemoryStore& disk) {
  constexpr std::size_t digests_max = 100'000;
  static std::set<std::array<std::uint8_t, 32>> seen;
  if (seen.size() >= digests_max) seen.clear();
  if (!seen.insert(digest_of(disk)).second) return;
  const auto copy = disk.clone();
  const auto node = pair.open(*copy);
  const auto txn = node->read();
  KHUOI_CHECK(static_cast<bool>(node->reader().verify(**txn)));
  KHUOI_CHECK(static_cast<bool>(node->reader().status(**txn)));
  KHUOI_CHECK(static_cast<bool>(node->peers().all(**txn)));
}

}  // namespace khuoi::tests
