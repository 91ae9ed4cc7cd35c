#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "node/engine/engine.h"
#include "node/engine/host_port.h"
#include "node/links/link.h"
#include "node/links/link_event.h"

namespace boost::asio {
class io_context;
}

namespace khuoi::node {

inline constexpr std::string_view fiber_kind = "fiber";

/// How patient a link by fiber is. The values are those of the program; tests take shorter ones.
struct LinkLimits {
  std::chrono::milliseconds connect{15'000};   ///< who dials: for an answer, and as long again for the TLS handshake
  std::chrono::milliseconds handshake{5'000};  ///< who listens: for the TLS handshake
  std::chrono::milliseconds hello{10'000};     ///< then, until a whole hello has come
  std::chrono::milliseconds answer{60'000};    ///< who dials: until the hello was answered, by a slow engine, too
  std::chrono::milliseconds stall{120'000};    ///< with something under way, and not an octet either way
  std::chrono::milliseconds farewell{5'000};   ///< a clean end may take so long
  std::chrono::milliseconds retry_min{1'000};
  std::chrono::milliseconds retry_max{300'000};
  std::size_t half_open_max = 64;          ///< connections whose peer is not believed yet
  std::size_t half_open_max_per_host = 4;  ///< of one IPv4 address or IPv6 /64
};

/// `serve --listen`: takes connections of peers, each with a session of its own. A peer's second connection replaces
/// its first. Whoever is not believed costs a bounded amount of memory, for a short time.
/// Threads: as Link; the io_context must have a single one.
class FiberServer final : public Link {
 public:
  using OnListening = std::function<Result<void>(const std::string& address)>;
  /// Borrows both for its life. `at`: where it listens; nothing: off. Port "0" takes a free one. `on_listening` hears
  /// the address in force, on the sockets' thread; its error is one of start().
  FiberServer(boost::asio::io_context& io, Engine& engine, std::optional<HostPort> at, const LinkLimits& limits,
              OnLinkEvent on_event, OnListening on_listening = {});
  ~FiberServer() override;

  [[nodiscard]] std::string_view kind() const override { return fiber_kind; }
  [[nodiscard]] std::string_view name() const override { return "listen"; }
  [[nodiscard]] bool leads_to_commune() const override { return false; }
  /// Whom its connections reach now. Threads: the sockets'.
  [[nodiscard]] std::set<NodeId> peers() const;
  /// Listens at once. Errors: usage (no such address), busy (the port is taken), io.
  Result<void> start() override;
  /// Ends listening and all connections. Keep this object and the engine until the io_context has run out of work.
  void stop() override;
  [[nodiscard]] LinkState state() const override;
  [[nodiscard]] std::vector<LinkFigure> figures() const override;
  /// Null: who listens stands in nobody's way.
  std::shared_ptr<void> hold() override { return nullptr; }

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  ///< shared with the coroutines it started
};

/// `serve --contact`: keeps a connection to the commune, and sends what is written here as it is written. Dials again
/// after a pause that doubles and starts over once the commune answered.
/// Threads: as FiberServer.
class FiberDialer final : public Link {
 public:
  /// Borrows both for its life. `to`: where the commune listens; nothing: off.
  FiberDialer(boost::asio::io_context& io, Engine& engine, std::optional<HostPort> to, const LinkLimits& limits,
              OnLinkEvent on_event);
  ~FiberDialer() override;

  [[nodiscard]] std::string_view kind() const override { return fiber_kind; }
  [[nodiscard]] std::string_view name() const override { return "contact"; }
  [[nodiscard]] bool leads_to_commune() const override { return true; }
  Result<void> start() override;
  /// As FiberServer::stop.
  void stop() override;
  [[nodiscard]] LinkState state() const override;
  [[nodiscard]] std::vector<LinkFigure> figures() const override;
  /// The commune lets one connection of a node replace another, so a single contact of the same node would be cut off.
  std::shared_ptr<void> hold() override;

 private:
  class Impl;
  class Hold;
  std::shared_ptr<Impl> impl_;  ///< shared with the coroutine it started, and with holds
};

/// One contact: dials, exchanges until both sides have nothing more, ends cleanly. Runs an io_context of its own on the
/// calling thread, and waits; not from inside the engine. `progress` is called now and then.
/// Errors: denied (this node has no commune yet, or is one), unauthenticated (another commune answered), closed (no
/// answer, or the link broke: what was taken in until then stays), io.
Result<sync::Counts> contact_once(Engine& engine, const HostPort& to, const LinkLimits& limits = {},
                                  const std::function<void(const sync::Counts&)>& progress = {});

}  // namespace khuoi::node
