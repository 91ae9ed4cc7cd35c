#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/result.h"
#include "sync/base/time.h"

namespace khuoi::node {

/// Whether a link carries anything now.
struct LinkState {
  enum class Word : std::uint8_t {
    off,   ///< nobody asked for it; it is listed for its figures alone
    down,  ///< asked for, and it cannot carry anything
    up,
  } word = Word::off;
  UnixSeconds since{};  ///< for people; zero: not started yet, or off
  std::string why;      ///< one sentence on what keeps it down; empty when nothing is known, or nothing does
};
/// "off", "down", "up": the words of `status --json` and /api/home.
constexpr std::string_view name_of(LinkState::Word word) {
  constexpr std::array<std::string_view, 3> names = {"off", "down", "up"};
  return names[static_cast<std::size_t>(word)];
}

/// What becomes of what waits here for a link that is slow or may send little, for people.
struct LinkOutlook {
  enum class Why : std::uint8_t {
    nothing,   ///< nothing waits for it
    sending,   ///< it goes, as fast as it can
    fiber,     ///< the fiber is up: all goes that way
    fiber_at,  ///< the fiber comes up soon, as on the days before: it is waited for
    duty,      ///< the time on the air that an hour allows is used up
    unheard,   ///< the other side does not answer
    modem,     ///< the modem is missing
    too_large,  ///< of one dossier: radio never takes it
  };
  Why why = Why::nothing;
  std::optional<UnixSeconds> until;     ///< why duty: nothing goes before, by this box's clock
  std::optional<UnixSeconds> fiber_at;  ///< what is not urgent waits for the fiber, which is expected then
  std::optional<std::int64_t> heard_minutes_ago;
  std::int64_t octets_waiting = 0;      ///< of records that go as soon as they can
  std::int64_t octets_held = 0;         ///< of records that wait for the fiber
  std::optional<std::int64_t> minutes;  ///< until octets_waiting are over there, as things stand
  bool operator==(const LinkOutlook&) const = default;
};
/// The words of `status --json`, of `show --json` and of the page.
constexpr std::string_view name_of(LinkOutlook::Why why) {
  constexpr std::array<std::string_view, 8> names = {"nothing", "sending", "fiber",   "fiber_at",
                                                     "duty",    "unheard", "modem", "too_large"};
  return names[static_cast<std::size_t>(why)];
}

/// One number that a link tells of itself. Whoever shows it knows nothing but what stands here.
struct LinkFigure {
  std::string_view name;  ///< snake_case, a unit last: "refused", "airtime_ms"; `status --json` has it as the key
  std::string_view help;  ///< one sentence, for the metrics
  enum class Shape : std::uint8_t {
    gauge,    ///< how it is now
    counter,  ///< only grows, from the service's start on
  } shape = Shape::gauge;
  std::int64_t value = 0;
};

/// A way by which a running service and its peers reach each other. The service holds a list of them, and all that
/// shows links reads that list: home page, metrics, `status`. They show a link of a new kind without knowing it.
/// Threads: start and stop on the sockets' thread, all else on any thread; `name` and `kind` never change.
class Link {
 public:
  virtual ~Link() = default;
  /// "fiber", "radio": lower-case letters. Part of the names of metrics; the page has a sentence and an icon for those
  /// it knows.
  [[nodiscard]] virtual std::string_view kind() const = 0;
  /// Tells two links of one kind apart.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Whether it reaches the commune from here, so that the page tells people how it is.
  [[nodiscard]] virtual bool leads_to_commune() const = 0;

  /// Once, after the list is complete. Errors: what keeps the service from starting; a peer that does not answer is
  /// none.
  virtual Result<void> start() = 0;
  /// Ends the link and posts nothing further; the io_context then runs out of work. Also without start, and again.
  virtual void stop() = 0;

  [[nodiscard]] virtual LinkState state() const = 0;
  /// The same names in the same order every time.
  [[nodiscard]] virtual std::vector<LinkFigure> figures() const = 0;
  /// Nothing: what waits here goes at once whenever it is up.
  [[nodiscard]] virtual std::optional<LinkOutlook> outlook() const { return std::nullopt; }
  /// While the result lives, the link stays off the line, for a contact that a person asked for and that has this
  /// node's place at the commune to itself. Null where the two do not disturb each other. The result may outlive the
  /// link.
  virtual std::shared_ptr<void> hold() = 0;
};

/// What the service holds. It is complete before anybody is given a LinkList, and lives as long as they do.
using Links = std::vector<std::unique_ptr<Link>>;
using LinkList = std::span<const std::unique_ptr<Link>>;

/// All of them stay off the line while the result lives.
inline std::vector<std::shared_ptr<void>> hold_all(LinkList links) {
  std::vector<std::shared_ptr<void>> out;
  for (const auto& link : links) out.push_back(link->hold());
  return out;
}

}  // namespace khuoi::node
