#pragma once

#include "sync/store/rows.h"

namespace khuoi::sync {

/// Something of this node's own that goes out: a run, or an attachment. All of them stand in the order in which they last
/// changed, each once, so that who knows how far a peer was looked after need not look at what is older (sync/peers/to_go.h).
/// Table `note`, kinds outgoing, outgoing_at and outgoing_looked.
struct Outgoing {
  enum class What : std::uint8_t { run = 1, file = 2 };
  What what = What::run;
  std::array<std::uint8_t, 16> id{};  ///< of a run the first 8 octets
  auto operator<=>(const Outgoing&) const = default;
  static auto parts(auto& one) { return parts_of(one.what, one.id); }

  template <typename AnyId>
  static Outgoing of(What what, const AnyId& id) {
    Outgoing out{what, {}};
    const ByteView octets = id.view();
    std::copy(octets.begin(), octets.end(), out.id.begin());
    return out;
  }

  /// It changed: from now on it is the last.
  static Result<void> note(Batch& batch, const Outgoing& one);
  /// Somebody was told of all up to that order.
  static Result<void> note_looked(Batch& batch, std::uint64_t order);
  /// The order of the last; 0 when there is none.
  static Result<std::uint64_t> last(const ReadTxn& txn);
  /// Those that changed after the one of order `after`, the oldest first.
  static Result<void> each_after(const ReadTxn& txn, std::uint64_t after, const Visitor<const Outgoing&>& visit);
  /// Whether it stands in the order at all.
  static Result<bool> known(const ReadTxn& txn, const Outgoing& one);
};

}  // namespace khuoi::sync
