#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "node/links/radio/air_survey.h"

namespace khuoi::node {

/// A frame as it passed this node's modem.
struct PassedFrame {
  std::uint64_t number = 0;  ///< from 1, heard and sent ones together
  UnixSeconds at;
  bool sent = false;  ///< handed to the modem; else heard
  Bytes octets;
  std::optional<radio::Signal> signal;  ///< of a heard one
  unsigned spreading_factor = 0;
  Micros airtime{};
  /// By a key of this node, with the counter that it expects. A sent one: made here, not passed on for a neighbour.
  bool verified = false;
  std::optional<std::uint32_t> counter;  ///< whole, where it is verified and not to all
};

/// The last frames of one modem, and how well boxes are heard. Writing never waits for a reader: who reads too slowly
/// misses frames and is told how many. Memory: frames_max frames, and AirSurvey's. Threads: one writes, any may read.
class AirLog final {
 public:
  static constexpr std::size_t frames_max = 256;

  AirLog();
  ~AirLog();
  AirLog(const AirLog&) = delete;
  AirLog& operator=(const AirLog&) = delete;

  /// The keys that the station is to use: these, and it is noted what they were asked. Borrowed until it is called
  /// again; what comes back lives as long as this.
  FrameKeys& keys(FrameKeys& real);
  struct Moment {
    Instant now{};
    UnixSeconds wall;
  };
  /// Before the station hears or makes a frame.
  void expect() { asked_.clear(); }
  /// After it heard that one.
  void heard(const Moment& at, ByteView octets, const radio::Signal& signal, Micros airtime);
  /// After it made that one.
  void sent(const Moment& at, ByteView octets, unsigned spreading_factor, Micros airtime);

  struct Passed {
    std::vector<PassedFrame> frames;
    std::uint64_t missed = 0;  ///< between the number asked for and the first of these
  };
  /// Frames after that number; waits so long for the first.
  [[nodiscard]] Passed after(std::uint64_t number, Micros wait) const;
  /// Of the newest; 0 before the first.
  [[nodiscard]] std::uint64_t newest() const;
  [[nodiscard]] std::map<RadioAlias, AirSurvey::Row> survey(Instant now, unsigned hours) const;

 private:
  class NotingKeys;
  struct Asked {
    std::optional<FrameProof> proof;  ///< nothing: a key of the group
    FrameMac mac{};
  };
  [[nodiscard]] const Asked* proof_of(ByteView octets) const;
  void add(PassedFrame frame);

  std::unique_ptr<NotingKeys> keys_;
  std::vector<Asked> asked_;  ///< by the writer alone
  mutable std::mutex mutex_;
  mutable std::condition_variable passed_;
  std::deque<PassedFrame> frames_;
  std::uint64_t newest_ = 0;
  AirSurvey survey_;
};

}  // namespace khuoi::node
