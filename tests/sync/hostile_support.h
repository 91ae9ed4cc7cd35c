#pragma once

#include "tests/support/replica_pair.h"

namespace khuoi::tests {

inline std::string uuid(int n) {
  const std::string digits = std::to_string(n);
  return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

inline void pass(TestNode& node, std::int64_t seconds) {
  node.now.wall.value += seconds;
  node.now.monotonic += std::chrono::seconds(seconds);
}

/// The hamlet has heard of the form already.
struct MetPair : ReplicaPair {
  MetPair() { talk(hamlet, commune); }
};

inline const sync::SignPublic& key_of_node(const TestNode& node) { return node.replica->keys().sign().public_key; }

/// What `from` says that it holds of the other's records, made and committed.
inline Bytes statement_of(TestNode& from, const TestNode& to,
                          sync::Receipts::Lists lists = sync::Receipts::Lists::changes) {
  Bytes out;
  from.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(auto statement, from.replica->receipts().make(batch, to.replica->self().node, lists));
    out = std::move(statement.octets);
    return {};
  });
  return out;
}

/// A run written with a box's own keys, but by a program that says whatever a test wants.
class CraftedRun final {
 public:
  CraftedRun(TestNode& box, const sync::KemPublic& to, const RunId& previous = {})
      : box_(box), run_(box.rng.id<RunId>()), audience_(sync::audience_id_of(to)) {
    const sync::Self& self = box.replica->self();
    const Bytes info = sync::run_info(self.commune, self.node, run_, audience_);
    auto setup = sync::hpke_auth_sender(to, info, box.replica->keys().auth().secret_key, box.rng);
    REQUIRE(setup);
    opener_.enc = setup->enc;
    opener_.recipient = audience_;
    opener_.previous = previous;
    opener_.ordinal = 7;
    opener_.wall = box.now.wall;
    context_.emplace(std::move(setup->context));
  }
  [[nodiscard]] const RunId& run() const { return run_; }
  [[nodiscard]] sync::RunKey key() const { return {box_.replica->self().node, run_}; }
  [[nodiscard]] sync::Header header(std::uint32_t number, sync::Class record_class, sync::Rank rank) const {
    const sync::Self& self = box_.replica->self();
    return {record_class, rank, self.commune, self.node, audience_, run_, number};
  }
  [[nodiscard]] sync::Sealed opener() const {
    const sync::Header at = header(0, sync::Class::opener, sync::Rank::high);
    const auto octets = at.encoded();
    Bytes body = sync::encode_opener(opener_);
    append(body, sync::sign(box_.replica->keys().sign().secret_key, sync::Purpose::opener, at.commune, {octets, ByteView(body)}));
    return {at, body};
  }
  [[nodiscard]] sync::Sealed octets(std::uint32_t number, ByteView plain, sync::Rank rank = sync::Rank::high) const {
    const sync::Header at = header(number, sync::Class::sealed, rank);
    return {at, context_->seal(number, at.encoded(), plain)};
  }
  [[nodiscard]] sync::Sealed record(std::uint32_t number, const sync::Body& body) const {
    sync::Plain plain;
    plain.kind = sync::kind_of(body);
    plain.body = body;
    return octets(number, sync::encode_plain(plain));
  }

 private:
  TestNode& box_;
  RunId run_;
  AudienceId audience_;
  sync::Opener opener_;
  std::optional<sync::HpkeContext> context_;
};

inline sync::KemPublic kem_of(const TestNode& commune) { return commune.replica->keys().kem().back().public_key; }

inline sync::Acceptance give(TestNode& to, const sync::Sealed& record, bool vouched) {
  sync::Acceptance out;
  to.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(out, to.replica->accept(batch, record, vouched));
    return {};
  });
  return out;
}

inline sync::ReplicaStatus status_of(TestNode& node) {
  auto txn = node.replica->read();
  REQUIRE(txn);
  auto out = node.replica->reader().status(**txn);
  REQUIRE(out);
  return *out;
}

/// Whether all that is stored here can be read again: by a replica that starts afresh on this disk.
inline void check_store_is_sound(TestNode& node) {
  TestNode again(node.disk->clone(), 99);
  auto txn = again.replica->read();
  const auto verified = again.replica->reader().verify(**txn);
  INFO((verified ? std::string() : verified.error().what));
  CHECK(verified);
  CHECK(again.replica->reader().status(**txn));
  CHECK(again.replica->peers().all(**txn));
}

/// Records of one author that a node holds, as they travel.
inline std::vector<sync::Sealed> records_of(TestNode& node, const NodeId& author) {
  auto txn = node.replica->read();
  std::vector<std::pair<sync::RunKey, sync::RunRow>> runs;
  REQUIRE(node.replica->runs().each(**txn, [&](const sync::RunKey& key, const sync::RunRow& row) {
    if (key.author == author && !row.local) runs.emplace_back(key, row);
  }));
  std::vector<sync::Sealed> out;
  for (const auto& [key, row] : runs) {
    for (const auto& [first, last] : row.held.ranges()) {
      for (std::uint64_t number = first; number <= last; ++number) {
        auto record = node.replica->sealed(**txn, {key.author, key.run, static_cast<std::uint32_t>(number)});
        REQUIRE(record);
        out.push_back(std::move(*record));
      }
    }
  }
  return out;
}

inline sync::DossierKey only_key(TestNode& node) {
  const auto entries = node.list();
  REQUIRE(entries.size() == 1);
  auto txn = node.replica->read();
  const auto key = node.replica->views().resolve(**txn, entries.front().id.hex());
  REQUIRE(key);
  return *key;
}

}  // namespace khuoi::tests
