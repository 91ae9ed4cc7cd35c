#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "node/engine/engine.h"
#include "node/links/link.h"
#include "node/links/link_event.h"
#include "node/links/radio/air_log.h"
#include "radio/duty.h"
#include "radio/modem/modem.h"

namespace boost::asio {
class io_context;
}

namespace khuoi::node {

inline constexpr std::string_view radio_kind = "radio";

/// One radio of this node, as the technician set it up.
struct RadioPlan {
  std::string name;                  ///< "rnode:/dev/ttyUSB0"
  radio::DutyLedger::Limits limits;  ///< of any hour
  Micros gap{};                      ///< the modem waits at most so long before a frame, while the air is free
  std::function<Micros(unsigned)> gap_at = {};  ///< the same with another spreading factor
  unsigned spreading_factor = 0;     ///< that the modem is set up with
  Micros dwell_max{};                ///< of one frame; zero: no limit
  bool relay_at_once = false;        ///< of a hamlet: its commune is known not to hear it
  bool quick_bursts = true;          ///< the modem may change its spreading factor as often as it likes
  std::chrono::hours wait_for_fiber{};  ///< what is not urgent waits so long at most before the fiber is expected
  /// Borrows both for the modem's life.
  std::function<std::unique_ptr<radio::Modem>(boost::asio::io_context&, Rng&)> make_modem;
};

/// What reaches others faster than the air, asked on the sockets' thread.
struct OtherWays {
  std::function<bool()> to_commune;             ///< of a hamlet
  std::function<std::set<NodeId>()> to_hamlets; ///< of the commune
};

/// `serve --radio`: keeps a modem and moves records over it, in both roles. A modem that is missing, or is pulled out,
/// never stops the service. Threads: as FiberServer.
class RadioLink final : public Link {
 public:
  /// Borrows both for its life. Nothing begins for whom something faster reaches now.
  RadioLink(boost::asio::io_context& io, Engine& engine, RadioPlan plan, OtherWays other_ways, OnLinkEvent on_event);
  ~RadioLink() override;

  [[nodiscard]] std::string_view kind() const override { return radio_kind; }
  [[nodiscard]] std::string_view name() const override;
  [[nodiscard]] bool leads_to_commune() const override;
  /// Errors: io (this machine does not say which start it is).
  Result<void> start() override;
  void stop() override;
  [[nodiscard]] LinkState state() const override;
  [[nodiscard]] std::vector<LinkFigure> figures() const override;
  [[nodiscard]] std::optional<LinkOutlook> outlook() const override;
  /// That its modem was set up with.
  [[nodiscard]] unsigned spreading_factor() const;
  /// What passes its modem. It may outlive the link. Threads: any.
  [[nodiscard]] std::shared_ptr<const AirLog> air_log() const;
  /// Null: nobody else uses the modem.
  std::shared_ptr<void> hold() override { return nullptr; }

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  ///< shared with timers and jobs under way
};

}  // namespace khuoi::node
