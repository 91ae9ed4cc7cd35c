#pragma once

#include "radio/association.h"
#include "radio/object_frames.h"
#include "radio/timing.h"

namespace khuoi::radio {

/// The frames between this node and one other: makes this node's, and verifies the other's. Formats: radio/FORMATS.md.
/// Borrows the keys and the timing for its life.
class PairFrames final {
 public:
  PairFrames(bool commune, FrameKeys& keys, const Timing& timing, RadioAlias alias)
      : commune_(commune), keys_(keys), timing_(timing), alias_(alias) {}

  /// The MAC of the other side's frame is right.
  [[nodiscard]] bool verified(const AssociationTokens& tokens, const Frame& frame, std::uint32_t counter,
                              const std::optional<StreamDigest>& implied = {}) const;

  [[nodiscard]] Bytes call() const;
  /// Frame 0 of the stream; it is cut where it is not yet.
  Bytes join(Association& with) const;
  [[nodiscard]] Bytes data(const Association& with, const OutStream::Cut& cut) const;
  Bytes ask(Association& with) const;
  /// `confirmed`: a frame under the association came; until then the answer is a WELCOME.
  Bytes answer(Association& with, bool confirmed, const Grant& grant) const;

  /// On what went to all; `has`: the digest of it, if it lacks nothing.
  Bytes report(Association& with, const Report& report, const std::optional<StreamDigest>& has) const;

  [[nodiscard]] Bytes control(Association& with, FrameType type, ByteView body) const;

  /// Of the note in an answer of any kind.
  [[nodiscard]] std::size_t note_octets_max() const;

  // How many octets the frame will have.
  [[nodiscard]] std::size_t join_octets(const Association& with) const;
  [[nodiscard]] std::size_t ask_octets(const Association& with) const;
  /// Of `cut`, or else of the next one to be cut.
  [[nodiscard]] std::size_t data_octets(const Association& with, const OutStream::Cut* cut) const;
  [[nodiscard]] std::size_t answer_octets(const Association& with, bool confirmed, const Grant& grant) const;

 private:
  [[nodiscard]] bool asks_with_data(const Association& with) const;
  [[nodiscard]] Bytes finish(Bytes begun, const AssociationTokens& tokens, std::uint32_t counter,
                             const std::optional<StreamDigest>& implied = {}) const;

  bool commune_;
  FrameKeys& keys_;
  const Timing& timing_;
  RadioAlias alias_;
};

}  // namespace khuoi::radio
