#pragma once

#include <map>

#include "radio/frame.h"

namespace khuoi::radio {

/// One direction of an association at its receiver: puts frames into their order, and remembers how far their octets
/// were handed up and committed. Memory: window_frames frames.
class InStream final {
 public:
  explicit InStream(FrameKeys& keys) : keys_(&keys) {}

  /// The counter whose low octet this is, nearest to what is expected next; nothing: it lies before the first.
  [[nodiscard]] std::optional<std::uint32_t> counter_of(std::uint8_t low) const;
  /// False: it is here already, or past the window.
  bool take(std::uint32_t counter, std::uint8_t flags, ByteView body);

  /// Octets that follow those handed up before.
  struct Ready {
    std::uint32_t frames = 0;  ///< how many frames of the stream are handed up with it, from the first on
    Bytes octets;
  };
  /// Nothing: none came.
  std::optional<Ready> hand_up();
  /// What was handed up so far is committed.
  void committed(std::uint32_t frames);

  /// There is something for hand_up().
  [[nodiscard]] bool may_hand_up() const { return !early_.empty() && early_.begin()->first == handed_up_; }
  /// Handed up, and not known to be committed.
  [[nodiscard]] bool committing() const { return handed_up_ != committed_; }
  /// As an ACK says it.
  [[nodiscard]] std::uint8_t through() const { return static_cast<std::uint8_t>(committed_ - 1U); }
  [[nodiscard]] std::uint32_t held() const;
  [[nodiscard]] const StreamDigest& digest() const { return digest_; }
  /// How many frames are known to be missing before the newest one.
  [[nodiscard]] std::uint32_t missing() const;
  /// A burst of so many frames is asked for: what is missing, in its order, then new ones.
  void grant(std::uint32_t frames);
  /// How many frames of that burst can still come behind the frame that came last.
  [[nodiscard]] std::uint32_t left_of_burst() const;
  /// Flags of the newest frame.
  [[nodiscard]] std::uint8_t newest_flags() const { return newest_flags_; }
  /// Nothing is missing, and the newest frame ended its burst with nothing left to send.
  [[nodiscard]] bool complete() const;

 private:
  FrameKeys* keys_;
  std::map<std::uint32_t, Bytes> early_;           ///< bodies that came before their turn
  std::map<std::uint32_t, StreamDigest> digests_;  ///< after so many frames, of those that are handed up
  std::uint32_t committed_ = 0;                    ///< frames
  std::uint32_t handed_up_ = 0;
  std::uint32_t newest_ = 0;     ///< one past it
  std::uint32_t latest_ = 0;     ///< one past the frame that came last
  std::uint32_t burst_end_ = 0;  ///< one past the last frame of the burst
  std::uint8_t newest_flags_ = stream_flag::last;
  StreamDigest digest_{};  ///< of what is committed
  StreamDigest handed_up_digest_{};
};

}  // namespace khuoi::radio
