#pragma once

#include <deque>
#include <map>
#include <set>

#include "radio/modem/modem.h"
#include "radio/relay_frames.h"
#include "radio/timing.h"

namespace khuoi::radio {

/// Of a hamlet: passes frames on, as they stand, between its commune and a neighbour whom the commune does not hear. It
/// can read none of them. What it repeated it never repeats again, so two of them make no loop. Memory: 16 frames, one
/// more of each neighbour, and the MACs of 256. Borrows its references for its life.
class Repeater final {
 public:
  explicit Repeater(const Timing& timing) : timing_(timing) {}

  /// A frame with the alias of another hamlet, of whichever side.
  void on_frame(Instant now, const Frame& frame, ByteView octets, const Signal& signal);
  /// The commune appointed this node for these, and for no others.
  void serve(Instant now, const std::vector<RadioAlias>& aliases);

  /// Neighbours that call in vain, of whom the commune was not told lately: as many as one frame holds.
  [[nodiscard]] std::vector<NeighbourHeard> to_tell(Instant now) const;
  void told(Instant now);

  /// How many octets the next frame to be passed on has; nothing: there is none, or a quarter of the hour, which lasts
  /// so long on the air in all, is used up by such frames.
  std::optional<std::size_t> next_octets(Instant now, Micros hour);
  /// The frame of next_octets().
  Bytes take(Instant now);
  [[nodiscard]] bool may_have_next() const { return !queue_.empty(); }

 private:
  struct Neighbour {
    unsigned joins = 0;  ///< in vain
    Instant at{};
    Bytes join;  ///< the last one
    int snr_db = 0;
    std::optional<Instant> told_at;
  };
  using Seen = std::pair<std::uint8_t, FrameMac>;  ///< first octet, and MAC
  void queue(Instant now, const Frame& frame, ByteView octets);
  bool wants_help(const Frame& frame);
  [[nodiscard]] bool in_vain(Instant now, const Neighbour& one) const;

  const Timing& timing_;
  std::map<RadioAlias, Neighbour> neighbours_;
  std::set<RadioAlias> served_;
  std::map<RadioAlias, unsigned> without_help_;  ///< of the served: JOINs in a row that did not ask for help
  struct Held {
    Instant at{};
    Bytes octets;
  };
  std::deque<Held> queue_;
  std::deque<Seen> seen_;
  std::deque<std::pair<Instant, Micros>> spent_;  ///< in the last hour
};

}  // namespace khuoi::radio
