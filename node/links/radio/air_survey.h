#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "radio/modem/modem.h"
#include "sync/base/frame_keys.h"
#include "sync/base/time.h"

namespace khuoi::node {

/// What a verified frame's MAC was computed with.
struct FrameProof {
  FrameKeys::Name name;
  std::uint32_t counter = 0;
};

/// How well each box is heard, by the hour, from verified frames alone: nobody else can change a figure. Memory: a day
/// of hours for each alias in force.
class AirSurvey final {
 public:
  static constexpr unsigned hours_max = 24;

  struct Heard {
    RadioAlias alias = 0;
    bool stream = false;              ///< JOIN and DATA: they have a count of their own
    std::optional<FrameProof> proof;  ///< nothing: it was for all, and its counter counts something else
    radio::Signal signal;
    Micros airtime{};
  };
  void heard(Instant now, const Heard& frame);
  void sent(Instant now, RadioAlias alias, Micros airtime);

  /// Of the last hours, this one included.
  struct Figures {
    std::uint64_t frames = 0;  ///< heard
    std::uint64_t fresh = 0;   ///< of these, with a counter that was the next or later
    std::uint64_t missed = 0;  ///< counters between those
    double snr_sum_db = 0, snr_worst_db = 0, rssi_sum_dbm = 0;
    /// By the spreading factor that they came with: a quicker one is heard less far down, so its frames tell less of
    /// how a slower one is heard.
    struct Quickness {
      std::uint64_t frames = 0;
      double snr_sum_db = 0, snr_worst_db = 0;
      void add(const Quickness& other);
    };
    std::map<unsigned, Quickness> by_factor;
    Micros airtime_heard{}, airtime_sent{};
  };
  struct Row {
    std::optional<Instant> heard_at;  ///< since the service's start
    Figures figures;
  };
  /// `hours`: 1 to hours_max.
  [[nodiscard]] std::map<RadioAlias, Row> rows(Instant now, unsigned hours) const;

 private:
  struct Hour {
    std::int64_t number = -1;  ///< since the machine's start
    Figures figures;
  };
  struct Box {
    std::array<Hour, hours_max> hours;
    std::optional<Instant> heard_at;
    std::array<std::uint8_t, 4> token{};  ///< of the association whose counters these are
    std::array<std::int64_t, 2> newest = {-1, -1};
  };
  Figures& hour(Box& box, Instant now);
  static void count(Box& box, Figures& figures, const Heard& frame);
  std::map<RadioAlias, Box> boxes_;
};

}  // namespace khuoi::node
