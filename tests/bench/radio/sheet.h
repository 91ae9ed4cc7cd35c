#pragma once

#include "tests/bench/radio/world.h"

namespace khuoi::bench {

/// How many seeds a row with losses has: $KHUOI_RADIO_SEEDS, 50 unless told.
std::size_t seeds();

/// What a figure is held against.
struct Goal {
  double value = 0;
  bool at_most = true;  ///< else at least
  double bound = 0;     ///< what nobody can beat; 0: there is none
};

/// Prints rows beside their goals as lines of name=value, and keeps whether a check failed. A goal that is not met is
/// said to be SHORT and fails nothing.
class Sheet final {
 public:
  using Runs = std::vector<World::Figures>;
  /// `samples`: one a seed; of these p50 and p95, of which 95 % are at least as good.
  void row(const std::string& name, const char* unit, double value, const Goal& goal, std::vector<double> samples);
  /// What the channel counted, as means of these runs, and the worst hour of any.
  void counted(const std::string& name, const Runs& runs);
  /// Who was on the air how long, as means of these runs: by the order of the boxes, the commune first.
  void senders(const std::string& name, const Runs& runs);
  /// Where the octets of one frame go.
  void frame(const std::string& name, const radio::Modulation& modulation, const sim::AirFrame& frame, bool of_commune);
  void check(const std::string& row, std::uint64_t seed, const World& world);
  /// That the bug was planted, and whether its own check found it.
  void planted(const char* bug, std::string_view check, const World& world);
  void size();
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  bool failed_ = false;
  std::uint64_t worlds_ = 0, frames_ = 0, records_ = 0;
};

}  // namespace khuoi::bench
