#pragma once

#include "radio/in_stream.h"
#include "radio/out_stream.h"
#include "sync/base/radio_work.h"

namespace khuoi::radio {

/// What one node knows of an association with another: two streams, and the counts that keep replays out.
struct Association {
  AssociationId id = 0;
  AssociationTokens tokens;
  OutStream out;
  InStream in;
  std::uint32_t control_out = 0;
  std::uint32_t control_in = 0;  ///< one past the last that was heard
  Bytes note;                    ///< that goes with answers about what was committed last
  bool hungry = true;            ///< there may be more to load
  bool loading = false;
  bool relayed = false;          ///< a neighbour passes its frames on, one at a time: nothing is granted in it
  Association(AssociationId its_id, FrameKeys& keys) : id(its_id), out(keys), in(keys) {}

  /// Of an ACK or ASK: what its low octet means, since counts only grow.
  [[nodiscard]] std::uint32_t control_counter(std::uint8_t low) const {
    return control_in + static_cast<std::uint8_t>(low - static_cast<std::uint8_t>(control_in));
  }
};

}  // namespace khuoi::radio
