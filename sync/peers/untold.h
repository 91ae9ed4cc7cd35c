#pragma once

#include "sync/files/files.h"
#include "sync/membership/membership.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

/// Attachments of a peer that a statement to it lists: those that are not all here, and those that were told complete in
/// none that it has taken in. So a statement need not look at all that there are. Table `note`, kinds untold and told_up_to.
class Untold final {
 public:
  /// Something of that author's file came, or is to be told again.
  static Result<void> note(Batch& batch, const NodeId& author, const FileId& file);
  /// In the order of their ids; nothing while all files of that author have to be looked at: `echoed` is what it took in of
  /// this node's statements.
  static Result<std::optional<std::vector<FileId>>> of(const ReadTxn& txn, const NodeId& author, std::uint64_t echoed);
  /// A statement was made: these it lists, and of the others nothing is to be told. `all`: every file of that author was
  /// looked at.
  static Result<void> on_statement(Batch& batch, const NodeId& author, std::uint64_t echoed,
                                   const std::vector<FileId>& listed, const std::vector<FileId>& done, bool all);
  /// Every file of every author has to be looked at again.
  static Result<void> forget(Batch& batch);
};

/// As Files::note, for what an authentic record says; statements about the file, and who may lack it, are kept up with it.
Result<void> note_file(Batch& batch, const Membership& members, const FileFacts& facts, const AudienceId& audience,
                       const NodeId& author);
/// A chunk of that author's file was stored: likewise.
Result<void> note_chunk(Batch& batch, const Membership& members, const FileId& file, const NodeId& author);

}  // namespace khuoi::sync
