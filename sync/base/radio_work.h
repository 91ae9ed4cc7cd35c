#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sync/base/frame_keys.h"
#include "sync/base/stream_piece.h"

namespace khuoi {

/// An association of this process, told from all others by a number that is never used again.
using AssociationId = std::uint64_t;

/// What a station asks of whoever knows records: to be done in one commit, in this order.
struct RadioWork {
  struct Noted {
    RadioAlias alias = 0;
    AssociationId association = 0;
    Bytes note;         ///< that came with an acknowledgement
    bool fresh = false;  ///< which answered this station's newest frame, within a minute
  };
  std::vector<Noted> noted;
  struct Confirmed {
    RadioAlias alias = 0;
    AssociationId association = 0;
    std::vector<std::uint64_t> names;  ///< pieces that the other side committed
  };
  std::vector<Confirmed> confirmed;
  struct Arrived {
    RadioAlias alias = 0;
    AssociationId association = 0;
    std::uint32_t frames = 0;  ///< of the stream, up to the end of these octets
    Bytes octets;              ///< that follow those of earlier works
  };
  std::vector<Arrived> arrived;
  /// These associations are over; what they gave and was not confirmed goes again.
  std::vector<AssociationId> ended;
  struct Wanted {
    RadioAlias alias = 0;
    AssociationId association = 0;
    std::size_t octets = 0;  ///< about so many
  };
  std::vector<Wanted> wanted;
  bool idle = false;  ///< something faster reaches the other side: nothing is wanted but what an answer needs
  [[nodiscard]] bool empty() const {
    return ended.empty() && confirmed.empty() && noted.empty() && arrived.empty() && wanted.empty();
  }
};

/// What came of a work, once it is committed.
struct RadioWorkDone {
  struct Committed {
    RadioAlias alias = 0;
    AssociationId association = 0;
    std::uint32_t frames = 0;
    Bytes note;  ///< to go with the acknowledgement: at most radio_note_octets_max
  };
  std::vector<Committed> committed;
  struct Loaded {
    RadioAlias alias = 0;
    AssociationId association = 0;
    std::vector<StreamPiece> pieces;  ///< none: there is nothing to say
  };
  std::vector<Loaded> loaded;
};
inline constexpr std::size_t radio_note_octets_max = 96;

}  // namespace khuoi
