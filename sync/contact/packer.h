#pragma once

#include "sync/contact/bundle_content.h"

namespace khuoi::sync {

/// A statement of this node that should be made for a peer.
struct DueStatement {
  NodeId peer;
  bool stale = false;      ///< nothing changed, but the last one is old
  std::size_t octets = 0;  ///< about so many
};

/// What should be written onto a stick.
struct Parcel : Load {
  std::vector<DueStatement> due;  ///< not made yet
  std::vector<Bytes> statements;  ///< tagged
  std::vector<Bytes> receipts;    ///< tagged, of version 2: for segments of type 5
  std::vector<Bytes> later;       ///< tagged, for segments of type 5; they only go with something else
  Bytes request;                  ///< before the grant: the enrolment request
  [[nodiscard]] bool empty() const { return due.empty() && statements.empty() && receipts.empty() && request.empty() && Load::empty(); }
};

/// Decides what goes onto a stick besides what stands there already.
class Packer final {
 public:
  /// Borrows both for its life.
  Packer(Replica& replica, const Giver& giver) : replica_(replica), giver_(giver) {}
  /// A question: changes nothing. Its statements are due, and not made.
  Result<Parcel> plan(const ReadTxn& txn, const Now& now, const BundleContent& standing) const;
  /// A plan whose statements are made.
  Result<Parcel> pack(Batch& batch, const BundleContent& standing) const;

 private:
  Result<std::optional<DueStatement>> due_for(const ReadTxn& txn, const Now& now, const NodeId& peer, bool has_records,
                                              const BundleContent& standing) const;
  Result<void> add_roster(const ReadTxn& txn, const BundleContent& standing, Parcel& parcel) const;
  void add_grant(const BundleContent& standing, Parcel& parcel) const;

  Replica& replica_;
  const Giver& giver_;
};

}  // namespace khuoi::sync
