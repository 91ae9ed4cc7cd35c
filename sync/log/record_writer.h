#pragma once

#include "sync/log/acceptor.h"
#include "sync/log/run_writer.h"

namespace khuoi::sync {

/// Writes a record of this node and takes into account what it says, as of a record that came from elsewhere.
class RecordWriter final {
 public:
  RecordWriter(RunWriter& runs, Acceptor& acceptor) : runs_(runs), acceptor_(acceptor) {}
  /// Errors: too_large; what the rooms and the store say.
  Result<Ref> write(Batch& batch, const Recipient& to, Rank rank, Domain domain, const Body& body);

 private:
  RunWriter& runs_;
  Acceptor& acceptor_;
};

/// Whom a hamlet's records are for: before the grant, itself alone.
Recipient commune_recipient(const Membership& members, Domain domain);
/// Errors: not_found (no box in force).
Result<Recipient> box_recipient(const Membership& members, const HamletId& hamlet, Domain domain);

}  // namespace khuoi::sync
