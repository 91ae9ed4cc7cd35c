#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <vector>

#include "sync/base/frame_keys.h"
#include "sync/base/stream_piece.h"

namespace khuoi {

/// An association of this process, told from all others by a number that is never used again.
using AssociationId = std::uint64_t;

/// The first octets of the digest of what is sent to all hamlets at once.
using ObjectTag = std::array<std::uint8_t, 3>;

/// Which records may begin to go by radio.
enum class RadioGoes : std::uint8_t {
  all,      ///< that go by radio at all
  urgent,   ///< what is urgent, and what a person asked to be sent now; all else waits for something faster that is near
  nothing,  ///< something faster reaches the other side: nothing but what an answer needs
};

inline constexpr std::size_t radio_note_octets_max = 96;

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
    std::vector<std::uint64_t> names;  ///< pieces that the other side committed; none: it lives in this association
  };
  std::vector<Confirmed> confirmed;
  struct Arrived {
    RadioAlias alias = 0;
    AssociationId association = 0;
    std::uint32_t frames = 0;  ///< of the stream, up to the end of these octets
    Bytes octets;              ///< that follow those of earlier works
    std::size_t note_octets_max = radio_note_octets_max;  ///< of what goes with the acknowledgement
  };
  std::vector<Arrived> arrived;
  /// These associations are over; what they gave and was not confirmed goes again.
  std::vector<AssociationId> ended;
  struct Wanted {
    RadioAlias alias = 0;
    AssociationId association = 0;
    std::size_t octets = 0;  ///< about so many
    bool alone = false;      ///< what goes to all hamlets at once does not reach it
  };
  std::vector<Wanted> wanted;
  /// What became, at one hamlet, of an object that the commune sent to all.
  struct Told {
    enum class How : std::uint8_t {
      has_it,
      alone,      ///< it has to go to this hamlet alone: somebody made up parts of it, or it does not know the group's key
      unreached,  ///< it did not answer
    };
    std::uint64_t object = 0;
    RadioAlias alias = 0;
    How how = How::has_it;
  };
  std::vector<Told> told;
  /// Objects that came whole, at a hamlet.
  struct ObjectArrived {
    ObjectTag tag{};
    Bytes octets;
  };
  std::vector<ObjectArrived> objects_arrived;
  /// Something for all of these at once, at a commune.
  std::vector<RadioAlias> listeners;
  RadioGoes goes = RadioGoes::all;
  /// All that the other asks for, too; nothing is left there.
  void take_over(RadioWork& other) {
    const auto move_all = [](auto& from, auto& into) {
      into.insert(into.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
      from.clear();
    };
    move_all(other.noted, noted);
    move_all(other.confirmed, confirmed);
    move_all(other.arrived, arrived);
    move_all(other.ended, ended);
    move_all(other.wanted, wanted);
    move_all(other.told, told);
    move_all(other.objects_arrived, objects_arrived);
    move_all(other.listeners, listeners);
  }
  [[nodiscard]] bool empty() const {
    return ended.empty() && confirmed.empty() && noted.empty() && arrived.empty() && wanted.empty() && told.empty() &&
           objects_arrived.empty() && listeners.empty();
  }
};

/// What came of a work, once it is committed.
struct RadioWorkDone {
  struct Committed {
    RadioAlias alias = 0;
    AssociationId association = 0;
    std::uint32_t frames = 0;
    Bytes note;  ///< to go with the acknowledgement: at most Arrived::note_octets_max
  };
  std::vector<Committed> committed;
  struct Loaded {
    RadioAlias alias = 0;
    AssociationId association = 0;
    std::vector<StreamPiece> pieces;  ///< none: there is nothing to say
    std::size_t octets_behind = 0;    ///< of records that go once these are gone
    std::size_t octets_held = 0;      ///< of records that wait for something faster
  };
  std::vector<Loaded> loaded;
  /// For those hamlets at once.
  struct Object {
    std::uint64_t id = 0;
    Bytes octets;
    bool urgent = false;
    std::vector<RadioAlias> listeners;
  };
  std::optional<Object> object;
  struct ObjectTaken {
    ObjectTag tag{};
    bool whole = false;  ///< all of it was the commune's
  };
  std::vector<ObjectTaken> objects_taken;
};

}  // namespace khuoi
