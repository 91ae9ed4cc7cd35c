#pragma once

#include <string>

#include "sync/membership/keyring.h"
#include "sync/membership/roster.h"

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

/// This node among the others: who it is, its keys, and who else is in its commune.
struct Membership {
  Self self;
  Keyring keys;
  Roster roster;
  /// Who this node is and who else is in its commune, as the store has it; the keys stand already. Errors: the store's; what
  /// is wrong with a statement.
  Result<void> load(const ReadTxn& txn);
  /// A statement of the roster: into the store, and with add() into memory, too. Errors of add(): as Roster::add.
  static Result<void> put(Batch& batch, ByteView statement);
  Result<void> add(Batch& batch, ByteView statement);
  /// What a box hands the commune so as to be granted.
  [[nodiscard]] Bytes enrol_request() const;
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
/// Whether a record or file of this author and audience may go from this node to the peer at all.
[[nodiscard]] bool goes_to(const Membership& members, const NodeId& peer, const NodeId& author, const AudienceId& audience);
/// nullopt for an author this node has no reason to believe.
std::optional<AuthorKeys> keys_of_author(const Membership& members, const NodeId& author);

}  // namespace khuoi::sync
