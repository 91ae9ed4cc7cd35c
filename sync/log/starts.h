#pragma once

#include <functional>
#include <utility>

#include "sync/log/core.h"
#include "sync/log/head.h"

namespace khuoi::sync {

/// From here on a node's own count of starts was driven up by somebody: it heals before it takes another one.
inline constexpr std::uint32_t heal_ordinal = void_ordinal - (1U << 16U);
/// Below this a count is one that a node can have come by itself.
inline constexpr std::uint32_t own_ordinal_max = 1U << 20U;

/// The starts of this node's writer: each has an ordinal, which orders heads and openers, and a random id. Kept as
/// `starts` in table meta, and a row each in table note. Only this node's own signature raises the count.
class Starts final {
 public:
  /// What was stated under ordinals past belief outranks every head to come: whoever keeps what peers applied sets it
  /// aside, in the batch that heals.
  using SetAside = std::function<Result<void>(Batch& batch)>;
  Starts(Core& core, SetAside set_aside) : core_(core), set_aside_(std::move(set_aside)) {}
  /// Once, before anything is written. Errors: the store's.
  Result<void> load(const ReadTxn& txn);

  struct Start {
    std::uint32_t ordinal = 0;
    StartId id{};
  };
  /// This start, taken when something is first written; before it, a count past belief is healed. Errors: the store's.
  Result<Start> current(Batch& batch);
  /// Whether this node made that start.
  Result<bool> made(const ReadTxn& txn, std::uint32_t ordinal, const StartId& id) const;
  /// Whether this node can have given that head: its start is one of mine, which got as far as that sequence.
  Result<bool> gave(const ReadTxn& txn, const Head& head) const;
  /// I signed a start that I never made, in a past that is lost or on a copy of my disk: the next start is later than it.
  /// True when this one was not: then the caller ends what it began under this start. Ordinals of `heal_ordinal` and more
  /// raise nothing. Errors: the store's.
  Result<bool> take_past(Batch& batch, std::uint32_t ordinal, const StartId& id);
  /// A peer has a statement of mine of that start.
  Result<void> note_echoed(Batch& batch, std::uint32_t ordinal);
  /// The batch was committed.
  void keep() { new_ = false; }
  /// The batch was not committed: a start taken in it was never taken.
  void take_back() {
    if (std::exchange(new_, false)) current_.reset();
  }

  /// For whoever looks after the node.
  struct Figures {
    std::uint64_t foreign = 0;  ///< starts met that this node signed and never made: it was set back, or copied
    std::uint64_t copies = 0;   ///< of these, told after peers had heard of starts since: a copy of this disk still writes
    std::uint64_t healed = 0;   ///< times that a count past belief was put right
    std::uint64_t echoes = 0;   ///< heads that peers echoed and this node never gave: it was set back, or they lie
    std::uint64_t voids = 0;    ///< statements of peers passed over for their void ordinal: they are poisoned
    bool operator==(const Figures&) const = default;
  };
  static Result<Figures> figures(const ReadTxn& txn);
  static Result<void> count_unknown_echo(Batch& batch);
  static Result<void> count_void_head(Batch& batch);

 private:
  Result<void> close_last(Batch& batch, std::uint64_t starts);
  Result<std::uint64_t> heal(Batch& batch);
  Result<void> count_foreign(Batch& batch, std::uint32_t ordinal, const StartId& id);

  Core& core_;
  SetAside set_aside_;
  std::optional<Start> current_;
  bool new_ = false;  ///< taken since the last commit
  std::uint64_t sequence_at_load_ = 0;   ///< no head later than this was given before this object was made
  std::uint32_t first_here_ = 0xffffffff;  ///< starts from here on are this object's
};

}  // namespace khuoi::sync
