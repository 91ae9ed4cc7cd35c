#pragma once

#include <array>
#include <optional>

#include "sync/peers/holdings.h"
#include "sync/store/batch.h"
#include "sync/wire/segment.h"

namespace khuoi::sync {

/// Segments that other boxes wrote for the commune, kept whole and passed on by the next stick or contact, so that a
/// stick lost on the way costs nothing. Nothing is claimed for their authors: they are in no summary and no receipt, are
/// never opened here, and go first when room is needed. Table `carried`.
class Custody final {
 public:
  /// BLAKE2b-128 of the whole segment.
  using Name = std::array<std::uint8_t, 16>;
  static Name name_of(ByteView whole);

  /// Larger ones are a single large record; whoever wrote it brings it.
  static constexpr std::size_t segment_octets_max = 64U << 10U;
  /// This share of the store's map, the oldest going first.
  static constexpr std::uint64_t share_of_map = 10;
  static constexpr std::int64_t kept_seconds_max = 90 * 86'400;

  /// Keeps a segment of records whose author's signature was checked, unless it is here, is too large, or the commune's
  /// last statement to its author names all of it. `octets_max` is for all of them. Gives whether it is kept and was not.
  static Result<bool> keep(Batch& batch, const Segment& segment, std::uint64_t octets_max);
  /// The commune told another box what it holds: what it names is carried no further, now or later. The statement's
  /// signature was checked.
  static Result<void> note_statement(Batch& batch, const Holdings& said);
  static Result<void> drop(Batch& batch, const Name& name);

  /// Oldest first.
  static Result<std::vector<Name>> names(const ReadTxn& txn);
  static Result<std::optional<Bytes>> whole(const ReadTxn& txn, const Name& name);
  static Result<bool> has(const ReadTxn& txn, const Name& name);
  struct Usage {
    std::uint64_t segments = 0;
    std::uint64_t octets = 0;
  };
  static Result<Usage> usage(const ReadTxn& txn);

 private:
  static Result<void> make_room(Batch& batch, std::uint64_t octets_max);
};

}  // namespace khuoi::sync
