#pragma once

#include <string>

#include "sync/replica/keyring.h"
#include "sync/replica/roster.h"
#include "sync/replica/runs.h"

namespace khuoi::sync {

/// Who this node is.
struct Self {
  Role role = Role::hamlet;
  std::string name;
  NodeId node;
  HamletId hamlet;     ///< of a hamlet; the node's own id until a grant says otherwise
  CommuneId commune;   ///< zero before the grant
  NodeId commune_node; ///< of a commune: itself; zero before the grant
  [[nodiscard]] bool is_commune() const { return role == Role::commune; }
  [[nodiscard]] bool granted() const { return !commune.is_zero(); }
};

/// What the parts of a replica share. Owned by Replica; the parts borrow it for their life.
struct Core {
  Self self;
  Keyring keys;
  Roster roster;
  Runs runs;
  Rng& rng;
  [[nodiscard]] bool health_open() const {
    return self.is_commune() || (!keys.health_waits() && (self.granted() || !keys.health_after_grant()));
  }
};

/// What this node knows of an author: how to check its signatures and what it seals with.
struct AuthorKeys {
  SignPublic sign{};
  std::vector<KemPublic> seals_with;
  bool revoked = false;
  const NodeFacts* facts = nullptr;  ///< of a hamlet's box
};
/// nullopt for an author this node has no reason to believe.
std::optional<AuthorKeys> keys_of_author(const Core& core, const NodeId& author);

/// Small values in table meta.
Result<std::uint64_t> meta_number(const ReadTxn& txn, std::string_view name);
Result<void> put_meta_number(Batch& batch, std::string_view name, std::uint64_t value);
Result<Bytes> meta_octets(const ReadTxn& txn, std::string_view name);
Result<void> put_meta_octets(Batch& batch, std::string_view name, ByteView value);

/// Records that `run` follows `previous` in a lane of its author. False if another run does so already: a fork, which is
/// marked in both rows' flags by the caller.
struct Lane {
  NodeId author;
  AudienceId audience;  ///< everyone, one box's key, or zero for a hamlet's lane towards its commune
};
Lane lane_of(const Core& core, const NodeId& author, const AudienceId& audience, bool is_public);
Result<std::optional<RunId>> successor_of(const ReadTxn& txn, const Lane& lane, const RunId& run);
Result<std::optional<RunId>> note_successor(Batch& batch, const Lane& lane, const RunId& previous, const RunId& run);

/// Something a person has to look at: table quarantine, key a counter.
struct Quarantined {
  std::string why;
  Ref ref;
  UnixSeconds at;
  Bytes record;  ///< header ‖ body, when there is one
};
Result<void> quarantine(Batch& batch, const Quarantined& item);
Result<std::vector<Quarantined>> quarantined(const ReadTxn& txn);

/// Where this node's writing stands, durable: starts of a writer so far, and the sequence of its holdings.
Result<std::uint64_t> next_holdings_sequence(Batch& batch);

}  // namespace khuoi::sync
