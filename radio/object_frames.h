#pragma once

#include <optional>
#include <vector>

#include "radio/frame.h"
#include "sync/base/radio_work.h"

namespace khuoi::radio {

/// Frames with it are for all hamlets.
inline constexpr RadioAlias group_alias = 0xffff;

/// What tells an object from another to whoever has heard nothing else of it.
struct ObjectName {
  ObjectTag tag{};
  std::uint8_t count = 0;  ///< symbols that give it back, 1 to 127
  std::uint8_t pad = 0;    ///< zeros behind it, less than count
  auto operator<=>(const ObjectName&) const = default;
};
inline constexpr std::size_t object_name_octets = 5;

/// The body of a SYMBOL; the frame's counter is its index, the flags tell how many follow in this round, 15 for more.
struct Symbol {
  ObjectName object;
  ByteView octets;
};
Bytes encode_symbol(const ObjectName& object, ByteView octets);
std::optional<Symbol> decode_symbol(ByteView body);

/// The body of a POLL: who is asked for a REPORT, in the order of their turns.
struct Poll {
  ObjectName object;
  std::vector<RadioAlias> asked;
};
inline constexpr std::size_t polled_max = 32;
Bytes encode_poll(const Poll& poll);
std::optional<Poll> decode_poll(ByteView body);

/// The body of a REPORT.
inline constexpr std::size_t report_octets = frame_cost + 3;
struct Report {
  static constexpr std::uint8_t spoilt = 0xff;  ///< in place of `lacking`: symbols were made up by somebody
  std::uint8_t tag = 0;                         ///< first octet
  std::uint8_t lacking = 0;                     ///< symbols; 0: it is committed
  std::uint8_t lost = 0;                        ///< symbols that were sent, as far as it knows, and not heard
};
Bytes encode_report(const Report& report);
std::optional<Report> decode_report(ByteView body);

}  // namespace khuoi::radio
