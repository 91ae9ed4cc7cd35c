#pragma once

#include <deque>
#include <vector>

#include "radio/frame.h"
#include "radio/loss.h"
#include "sync/base/stream_piece.h"

namespace khuoi::radio {

/// One direction of an association at its sender: octets to be cut into frames, and frames that are not yet known to be
/// committed over there. Memory: what add() gave and is not acknowledged.
class OutStream final {
 public:
  /// One frame of it. The same octets whenever it is sent.
  struct Cut {
    std::uint32_t counter = 0;
    std::uint8_t flags = 0;
    Bytes body;
    StreamDigest digest{};            ///< of the stream up to its end
    std::vector<std::uint64_t> ends;  ///< names of the pieces that end in it
    bool urgent = false;
    bool held = false;  ///< over there, in memory
  };

  explicit OutStream(FrameKeys& keys) : keys_(&keys) {}

  void add(std::vector<StreamPiece> pieces);
  [[nodiscard]] std::size_t octets_uncut() const { return octets_uncut_; }
  /// Of these and of what is not acknowledged.
  [[nodiscard]] std::size_t octets_waiting() const;
  /// Something that is not acknowledged is urgent.
  [[nodiscard]] bool urgent() const;
  /// Frames that are not acknowledged, oldest first.
  [[nodiscard]] const std::deque<Cut>& open() const { return open_; }
  /// The oldest open frame from `first` on that is not held over there.
  [[nodiscard]] const Cut* lost_from(std::uint32_t first) const;
  /// Whether another frame may be cut: there are octets, and not too many frames are under way.
  [[nodiscard]] bool may_cut() const { return octets_uncut_ != 0 && open_.size() < window_frames; }
  /// The next frame, of at most so many octets. `last`: no further new frame follows in this burst, whatever waits.
  const Cut& cut(std::size_t octets_max, bool last);
  /// The newest frame promised more: the other side waits for some in this burst.
  [[nodiscard]] bool promised_more() const { return promised_more_; }

  /// What an ACK that names this low octet must be bound to; nothing: it names what was never cut, or is long known.
  [[nodiscard]] const StreamDigest* digest_through(std::uint8_t through) const;
  /// Takes a verified ACK, and counts the frames that arrived. Gives the names of pieces that are committed now.
  std::vector<std::uint64_t> acknowledge(const Ack& ack, Loss& loss);
  [[nodiscard]] std::uint32_t frames_cut() const { return next_; }

 private:
  [[nodiscard]] std::optional<std::size_t> frames_through(std::uint8_t through) const;

  FrameKeys* keys_;
  std::deque<StreamPiece> pieces_;  ///< not wholly cut
  std::size_t begun_ = 0;           ///< octets of the first piece that are cut
  std::size_t octets_uncut_ = 0;
  std::deque<Cut> open_;
  StreamDigest digest_{};        ///< of all cut octets
  StreamDigest acknowledged_{};  ///< of all acknowledged ones
  std::uint32_t next_ = 0;
  bool promised_more_ = false;
};

}  // namespace khuoi::radio
