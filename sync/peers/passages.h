#pragma once

#include <map>

#include "sync/log/core.h"

namespace khuoi::sync {

/// How something travels between two nodes.
enum class Path : std::uint8_t { stick = 1, fiber = 2, radio = 3 };
/// stick, fiber, radio.
std::string_view name_of(Path path);

/// When a hamlet's own records left and when it learned that they had arrived, for the way of a dossier that people are
/// shown. One row of table `note` an event (a bundle, a contact), never one a record. It decides nothing.
class Passages final {
 public:
  enum class Kind : std::uint8_t { sent = 1, received = 2 };
  /// Of each path and kind so many rows are kept; then the oldest two become one, which says when at the latest.
  static constexpr std::size_t rows_max = 256;
  /// A row of more runs than this is forgotten when it would grow.
  static constexpr std::size_t runs_max = 1024;

  struct Moment {
    UnixSeconds at;
    bool trusted = false;  ///< a live answer of the commune told the time since this start
    bool operator==(const Moment&) const = default;
  };
  /// Now, as it is noted for people: the commune's time if a live answer told it, else this box's own.
  static Moment moment(const TrustedTime& told, const Now& now) {
    return {told.is_live() ? *told.at(now) : now.wall, told.is_live()};
  }
  /// Own records, by run.
  using Numbers = std::map<RunId, RangeSet>;
  /// One put; nothing at all when there are no numbers.
  static Result<void> note(Batch& batch, Kind kind, Path path, const Moment& moment, const Numbers& numbers);

  /// One event as far as it concerns some records.
  struct Passage {
    Kind kind = Kind::sent;
    Path path = Path::stick;
    Moment moment;
    bool at_latest = false;  ///< it happened then or earlier
    std::size_t last = 0;    ///< the last one of the records asked for that took part
    bool operator==(const Passage&) const = default;
  };
  /// What happened to these records of one author, this node: in the order of `last`, what left before what arrived,
  /// then by time.
  static Result<std::vector<Passage>> of(const ReadTxn& txn, const std::vector<Ref>& refs);
};

}  // namespace khuoi::sync
