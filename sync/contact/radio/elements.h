#pragma once

#include <array>
#include <optional>
#include <variant>
#include <vector>

#include "sync/base/range_set.h"
#include "sync/log/head.h"
#include "sync/record/header.h"

namespace khuoi::sync {

/// Elements of a radio stream; octets: sync/contact/radio/FORMATS.md.
inline constexpr std::size_t radio_slots = 16;
/// Larger records wait for a stick or a fiber.
inline constexpr std::size_t radio_record_octets_max = 16U << 10U;
/// What a run's opener leaves to whoever knows both sides.
inline constexpr std::uint8_t audience_in_octets = 15;

struct RadioGreeting {
  std::uint32_t ordinal = 0;                    ///< of the hamlet's start
  std::array<std::uint8_t, 2> start{};          ///< its first octets
  std::array<std::uint8_t, 2> commune_start{};  ///< of the start that it knows of the commune; zero for none
  bool wants_time = false;
  std::uint8_t serial = 0;                      ///< of the commune's statement that it has: serial_mark()
  std::uint32_t sum = 0;
};
/// Of a statement's serial, what a greeting has room for: 0 to 127.
inline std::uint8_t serial_mark(std::uint32_t serial) { return serial & 0x7fU; }
struct RadioOpener {
  std::uint8_t slot = 0;
  RunId run;
  std::uint8_t which = audience_in_octets;  ///< of the sender's audiences
  AudienceId audience;                      ///< where which is audience_in_octets
  bool has_enc = true;
  std::array<std::uint8_t, 32> enc{};
  bool previous_whole = true;
  RunId previous;  ///< else its first two octets
  std::uint32_t previous_last = 0;
  std::uint32_t ordinal = 0;
  UnixSeconds wall;
  bool wall_trusted = false;
  Rank rank = Rank::normal;
  std::array<std::uint8_t, 64> signature{};
};
struct RadioRun {
  std::uint8_t slot = 0;
  RunId run;
};
struct RadioRecord {
  std::uint8_t slot = 0;
  std::uint32_t number = 0;
  Rank rank = Rank::normal;
  Bytes body;
};
struct RadioHave {
  std::vector<std::pair<RunId, RangeSet>> runs;
  std::uint32_t sum = 0;
};
/// A statement of the roster, which its signature proves.
struct RadioRoster {
  Bytes statement;
};
using RadioElement = std::variant<RadioGreeting, RadioOpener, RadioRun, RadioRecord, RadioHave, RadioRoster>;

Bytes encode_element(const RadioElement& element);  ///< one record as kind 0
/// The head of a group of records; the records follow, each as encode_grouped() gives it.
Bytes encode_group_head(std::uint8_t slot, std::uint32_t first, std::size_t count);
Bytes encode_grouped(const RadioRecord& record);

/// Takes a stream apart, however it is cut. Memory: one record that is not whole yet.
class ElementReader final {
 public:
  void add(ByteView octets) { append(rest_, octets); }
  /// The next element; nothing until more has come. Errors: malformed, too_large; then nothing more can be made of the
  /// stream. A public run's opener has no `enc`: whether one follows is told by the octet before it and
  /// `commune_sends`.
  Result<std::optional<RadioElement>> next(bool commune_sends);
  /// Nothing of an element has come that is not given yet.
  [[nodiscard]] bool at_rest() const { return rest_.empty() && group_left_ == 0; }

 private:
  Bytes rest_;
  std::uint8_t group_slot_ = 0;
  std::uint32_t group_next_ = 0;
  std::uint64_t group_left_ = 0;
};

/// What is said with an acknowledgement; start, time and sums by the commune alone.
struct RadioNote {
  struct Start {
    std::uint32_t ordinal = 0;
    StartId id{};
  };
  std::optional<Start> start;
  std::optional<UnixSeconds> time;
  bool sums_differ = false;
  RangeSet refused;  ///< records of the stream, openers among them, counted from 1: they are not taken by radio
  RangeSet unknown;  ///< records of it whose run is not known: its opener has to come first
  [[nodiscard]] bool empty() const { return !start && !time && !sums_differ && refused.empty() && unknown.empty(); }
};
Bytes encode_note(const RadioNote& note);
/// Errors: malformed.
Result<RadioNote> decode_note(ByteView octets);

}  // namespace khuoi::sync
