#pragma once

#include "sim/memory_store.h"
#include "sync/base/check.h"
#include "sync/replica/replica.h"

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
  static FuzzPair& instance() {
    static FuzzPair pair;
    return pair;
  }
};

/// Whatever came in, the disk can be read by a node that starts on it.
inline void check_still_sound(FuzzPair& pair, const sim::MemoryStore& disk) {
  const auto copy = disk.clone();
  const auto node = pair.open(*copy);
  const auto txn = node->read();
  KHUOI_CHECK(static_cast<bool>(node->reader().verify(**txn)));
  KHUOI_CHECK(static_cast<bool>(node->reader().status(**txn)));
  KHUOI_CHECK(static_cast<bool>(node->peers().all(**txn)));
}

}  // namespace khuoi::tests
