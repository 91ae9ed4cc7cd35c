#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sync/contact/planner.h"
#include "sync/replica/record_opener.h"
#include "sync/replica/replica.h"
#include "tests/support/print_result.h"

namespace khuoi::bench {

using sync::Batch;

inline constexpr std::size_t records_a_commit = 1000;

/// A node over any store, with a clock that moves only here.
struct Node {
  sync::Store& store;
  SeededRng rng;
  Now now{Instant(Micros(1'000'000)), UnixSeconds{1'790'000'000}};
  std::unique_ptr<sync::Replica> replica;

  Node(sync::Store& on, sync::Role role, const std::string& name, std::uint64_t seed) : store(on), rng(seed) {
    const sync::Secret phrase_key = sync::Secret::copy_of(Bytes(32, 7));
    sync::PassphraseParams params;
    params.operations = 1;
    params.memory_kib = 8;
    REQUIRE(sync::Replica::create(store, role, name, {"head", params, phrase_key}, rng, now));
    auto opened = sync::Replica::open(store, rng);
    REQUIRE(opened);
    replica = std::move(*opened);
  }
  /// The node that stands there already.
  Node(sync::Store& on, std::uint64_t seed) : store(on), rng(seed) {
    auto opened = sync::Replica::open(store, rng);
    REQUIRE(opened);
    replica = std::move(*opened);
  }
  template <typename Fn>
  void work(const Fn& fn) {
    now.monotonic += Micros(1000);
    auto work = replica->begin(now);
    REQUIRE(work);
    const Result<void> done = fn(work->batch());
    INFO((done ? std::string() : done.error().what));
    REQUIRE(done);
    REQUIRE(work->commit());
  }
  void unlock() {
    auto txn = replica->read();
    REQUIRE(txn);
    auto keys = replica->reader().open_slots(**txn, "", [](const sync::PassphraseParams&) {
      return Result<sync::Secret>(sync::Secret::copy_of(Bytes(32, 7)));
    });
    REQUIRE(keys);
    txn->reset();
    work([&](Batch& batch) { return replica->unlock(batch, *keys); });
  }
};

inline void join(Node& commune, Node& hamlet) {
  const auto request = sync::decode_request(hamlet.replica->enrolment().enrol_request());
  REQUIRE(request);
  Bytes grant;
  commune.work([&](Batch& batch) -> Result<void> {
    KHUOI_TRY(grant, commune.replica->enrolment().grant(batch, {*request, std::nullopt, batch.now.wall}));
    return {};
  });
  const auto statements = sync::decode_grant_file(grant);
  REQUIRE(statements);
  hamlet.work([&](Batch& batch) { return hamlet.replica->enrolment().accept_grant(batch, *statements); });
}

/// What one node has that the other is not known to hold, as a link or a stick carries it.
inline std::vector<sync::Sealed> outgoing(Node& from, const NodeId& to) {
  std::vector<sync::Sealed> out;
  auto txn = from.replica->read();
  REQUIRE(txn);
  const auto candidates = sync::Planner(*from.replica).records(**txn, to, {});
  REQUIRE(candidates);
  for (const sync::Candidate& one : *candidates) {
    auto record = from.replica->sealed(**txn, one.ref);
    REQUIRE(record);
    out.push_back(std::move(*record));
  }
  return out;
}

using Opened = std::vector<std::optional<sync::OpenedRecord>>;
/// Of so many records what was made of them beforehand; empty: nothing.
using OpenedBefore = std::function<Opened(std::span<const sync::Sealed>)>;

/// Gives how many were people's.
inline std::size_t take_in(Node& node, const std::vector<sync::Sealed>& records, const OpenedBefore& opened_before = {}) {
  std::size_t peoples = 0;
  for (std::size_t at = 0; at < records.size(); at += records_a_commit) {
    const auto some = std::span(records).subspan(at, std::min(records_a_commit, records.size() - at));
    const Opened opened = opened_before ? opened_before(some) : Opened(some.size());
    node.work([&](Batch& batch) -> Result<void> {
      for (std::size_t n = 0; n < some.size(); ++n) {
        KHUOI_TRY(const auto accepted, node.replica->accept(batch, some[n], true, opened[n] ? &*opened[n] : nullptr));
        const bool counts = accepted.taken == sync::Taken::stored && accepted.peoples;
        peoples += counts ? 1 : 0;
      }
      return {};
    });
  }
  return peoples;
}

}  // namespace khuoi::bench
