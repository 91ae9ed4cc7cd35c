#pragma once

#include <algorithm>
#include <functional>
#include <optional>

#include "radio/frame.h"
#include "radio/snr_floor.h"
#include "sync/base/time.h"

namespace khuoi::radio {

/// How long things take on this air.
struct Timing {
  std::function<Micros(std::size_t)> airtime;  ///< of a frame of so many octets, by the modem
  Micros gap{};                                ///< a modem waits at most so long before a frame, while the air is free
  std::size_t frame_octets_max = frame_handed_max;  ///< less under a dwell limit
  /// The same with a spreading factor of 5 to 12; empty: the modem has one only.
  std::function<Micros(std::size_t, unsigned)> airtime_at = {};
  std::function<Micros(unsigned)> gap_at = {};  ///< the gap with a spreading factor of 5 to 12; empty: always the same
  Micros dwell_max{};                           ///< of one frame; zero: no limit

  /// 0: that of the modem's base.
  [[nodiscard]] Micros airtime_with(std::size_t octets, unsigned spreading_factor) const {
    return spreading_factor == 0 || !airtime_at ? airtime(octets) : airtime_at(octets, spreading_factor);
  }

  /// The same for a node that uses this spreading factor for all that it says; 0: that of the modem's base.
  [[nodiscard]] Timing at(unsigned spreading_factor) const;

  /// A burst that nobody granted is over soon, and none can be granted that is quicker.
  [[nodiscard]] bool may_burst_unasked() const {
    return frame() <= std::chrono::milliseconds(500) && airtime_with(frame_octets_max, spreading_factor_min) >= frame();
  }

  [[nodiscard]] std::size_t body_max() const { return frame_octets_max - frame_cost; }
  /// A hamlet's turn to report on what was said to all.
  [[nodiscard]] Micros report_turn() const { return airtime(frame_cost + 3) + gap; }
  [[nodiscard]] Micros frame() const { return airtime(frame_octets_max); }
  /// From a grant's end on.
  [[nodiscard]] Micros burst(unsigned frames, unsigned spreading_factor = 0) const {
    return frames * (airtime_with(frame_octets_max, spreading_factor) + gap) + std::chrono::seconds(1) +
           (spreading_factor == 0 ? Micros(0) : retuned());
  }
  /// Who sent a frame knows that it has left only when it must have: until then its modem hears nothing with another
  /// spreading factor.
  [[nodiscard]] Micros retuned() const { return gap + std::chrono::milliseconds(100); }
  /// Whoever heard nothing of a burst for so long will hear no more of it: three frames in a row are seldom lost.
  [[nodiscard]] Micros next_of_burst(unsigned frames_left, unsigned spreading_factor = 0) const {
    return burst(std::min(frames_left, 3U), spreading_factor);
  }
};

/// The size, of at most so many octets, that carries most in its time: symbols come in blocks, and a frame that begins
/// one of them for an octet pays for all of it.
inline std::size_t best_frame_octets(const std::function<Micros(std::size_t)>& airtime, std::size_t octets_max) {
  std::size_t best = octets_max;
  const auto carried = [](std::size_t octets) { return static_cast<std::int64_t>(octets - frame_cost); };
  for (std::size_t octets = octets_max; octets > frame_cost && octets + 16 > octets_max; --octets) {
    if (carried(octets) * airtime(best) > carried(best) * airtime(octets)) best = octets;
  }
  return best;
}

/// Under a dwell limit that leaves less, a frame is not worth its preamble. Whoever reads settings holds to that.
inline constexpr std::size_t frame_octets_least = 39;

/// Of at most so many octets as do not take longer than the limit; zero: there is none.
inline std::size_t octets_in_dwell(const std::function<Micros(std::size_t)>& airtime, std::size_t octets_max,
                                   Micros dwell_max) {
  while (dwell_max > Micros(0) && octets_max > frame_octets_least && airtime(octets_max) > dwell_max) --octets_max;
  return octets_max;
}

inline Timing Timing::at(unsigned spreading_factor) const {
  Timing out = *this;
  if (spreading_factor == 0 || !airtime_at) return out;
  out.airtime = [with = airtime_at, spreading_factor](std::size_t octets) { return with(octets, spreading_factor); };
  if (gap_at) out.gap = gap_at(spreading_factor);
  out.frame_octets_max = octets_in_dwell(out.airtime, frame_octets_max, dwell_max);
  return out;
}

/// The largest frame, of at most so many octets, that takes at most so long on the air; 0: none with room for a body.
inline std::size_t frame_octets_within(const std::function<Micros(std::size_t)>& airtime, std::size_t octets_max,
                                       Micros at_most) {
  std::size_t octets = octets_max;
  while (octets > frame_cost && airtime(octets) > at_most) --octets;
  return octets > frame_cost ? octets : 0;
}

/// How long answers take over there, commit and all, so that a slow one is not asked for again and again. The rule of
/// RFC 6298; 12 s before the first.
class AnswerTime final {
 public:
  void sample(Micros took) {
    missed_ = 0;
    if (!mean_) {
      mean_ = took;
      deviation_ = took / 2;
      return;
    }
    const Micros off = took > *mean_ ? took - *mean_ : *mean_ - took;
    deviation_ = (3 * deviation_ + off) / 4;
    mean_ = (7 * *mean_ + took) / 8;
  }
  /// None came in time: twice as long is allowed, until one is measured again.
  void miss() { ++missed_; }
  [[nodiscard]] Micros allowed() const {
    using std::chrono::seconds;
    const Micros once = mean_ ? std::clamp<Micros>(*mean_ + 4 * deviation_, seconds(3), seconds(60)) : seconds(12);
    return std::min<Micros>(once * (std::int64_t{1} << std::min(missed_, 4U)), std::max<Micros>(once, seconds(24)));
  }

 private:
  unsigned missed_ = 0;
  std::optional<Micros> mean_;
  Micros deviation_{};
};

}  // namespace khuoi::radio
