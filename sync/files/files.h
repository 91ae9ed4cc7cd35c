#pragma once

#include <functional>
#include <vector>

#include "sync/base/range_set.h"
#include "sync/record/record.h"
#include "sync/store/batch.h"

namespace khuoi::sync {

inline constexpr std::size_t chunk_plain_octets = 65536;
inline constexpr std::uint64_t file_octets_max = std::uint64_t{2} << 30U;
/// 32,768 leaves, 16 index chunks, one above them.
inline constexpr std::size_t file_levels_max = 3;

/// Names an attachment on the way and in the store: BLAKE2b-128 keyed by the file key, so that it is known before the
/// root is, and tells nothing.
using FileId = Id<struct FileTag, 16>;
FileId file_id_of(const std::array<std::uint8_t, 32>& file_key);

/// One chunk of the tree: level 0 are the sealed leaves, above them index chunks of up to 2,048 hashes, to one root.
struct ChunkPlace {
  FileId file;
  std::uint8_t level = 0;
  std::uint32_t index = 0;
  auto operator<=>(const ChunkPlace&) const = default;
};
/// Numbers of chunks a level holds, leaves first, for a file of so many octets; the last is 1. Empty past 2 GiB.
std::vector<std::uint32_t> level_sizes(std::uint64_t octets);

/// What is held of one attachment, level by level.
using HeldChunks = std::vector<RangeSet>;

/// Chunks that cannot be checked yet take at most this much of the store, each counted with unverified_chunk_charge
/// octets of its own for what its rows and pages cost, and stay for at most so long.
inline constexpr std::uint64_t unverified_octets_max = std::uint64_t{64} << 20U;
inline constexpr std::uint64_t unverified_chunk_charge = 1024;
inline constexpr std::int64_t unverified_seconds_max = std::int64_t{30} * 24 * 60 * 60;

/// Chunks of all levels, so that a file of which everything is held, and nothing else, has as many as it is of.
struct FileStatus {
  std::uint64_t chunks_have = 0;
  std::uint64_t chunks_of = 0;
  bool complete = false;
};

/// `wrong` chunks do not belong where they say, or cannot belong to any file; nothing of them is kept.
enum class ChunkOutcome { stored, duplicate, unverified, wrong, over_quota };

/// The attachments of a replica: tables `file` and `chunk`, drawn in FILES.md. Constant memory whatever a file's size.
/// Errors of all that touch the store: damaged (a row of ours does not decode), and the store's own.
class Files final {
 public:
  /// Removes every file whose intake did not finish; at a start of the writer only, when none is going on.
  static Result<void> discard_staged(Batch& batch);

  /// Learns of an attachment from an authentic record. `audience` says to whom its chunks may be sent (the record's
  /// own). Chunks that came before are checked now. Facts that cannot be (past 2 GiB) or that differ from what was
  /// noted first under the same key are passed over, since a hostile record must not stop a batch.
  static Result<void> note(Batch& batch, const FileFacts& facts, const AudienceId& audience, const NodeId& author);
  /// Checks a chunk against its parent (or the root) before storing; while the file is unknown or the parent has not
  /// come, it is kept unverified within a quota (64 MiB in all), told by `unverified`. Upper levels sent first need
  /// none of it. `hash` is that of `sealed`, if somebody computed it already.
  static Result<ChunkOutcome> accept(Batch& batch, const ChunkPlace& place, ByteView sealed,
                                     const std::optional<ChunkHash>& hash = {});
  /// All zero for a file that is neither noted nor taken in here.
  static Result<FileStatus> status(const ReadTxn& txn, const FileId& file);
  /// Verified chunks, leaves first; empty for a file that is neither noted nor taken in here.
  static Result<HeldChunks> held(const ReadTxn& txn, const FileId& file);
  /// Whose file it is; nothing while no authentic record told of it.
  static Result<std::optional<NodeId>> author_of(const ReadTxn& txn, const FileId& file);
  /// The stored octets of one verified chunk, or nothing.
  static Result<std::optional<Bytes>> chunk(const ReadTxn& txn, const ChunkPlace& place);
  /// Plaintext in order, at most 64 KiB a call; the sink is not called for an empty file. Errors: not_found while
  /// incomplete or when other facts were noted, unauthenticated (damaged here, or sealed wrongly by its author; what
  /// the sink had before is authentic but is not the whole), what the sink returns.
  static Result<void> read(const ReadTxn& txn, const FileFacts& facts,
                           const std::function<Result<void>(ByteView plaintext)>& sink);
  /// Visits every noted file, in the order of ids, with what may be sent of it and to whom.
  struct Row {
    FileId file;
    std::uint64_t octets = 0;
    ChunkHash root;
    std::vector<AudienceId> audiences;
    NodeId author;
    HeldChunks held;
    bool complete = false;
  };
  /// One of them; nothing where each() would not visit it.
  static Result<std::optional<Row>> row(const ReadTxn& txn, const FileId& file);
  /// A row that does not decode is passed over: it must not keep the others from being sent.
  static Result<void> each(const ReadTxn& txn, const Visitor<const Row&>& visit);
  /// Reads every chunk that is here and tells, once a file, what is wrong with its row or chunks.
  static Result<void> verify(const ReadTxn& txn, const std::function<void(const FileId&, const std::string&)>& damaged);
  /// What of `held` the peer lacks, upper levels first so that it can check each chunk as it comes.
  static std::vector<ChunkPlace> lacking(const Row& row, const HeldChunks& peer_held, std::size_t places_max);
  /// Removes the row and every chunk; erasing what is not there succeeds.
  static Result<void> erase(Batch& batch, const FileId& file);
};

}  // namespace khuoi::sync
