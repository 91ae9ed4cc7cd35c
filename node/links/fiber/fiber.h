#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "node/engine/engine.h"
#include "node/engine/host_port.h"

namespace boost::asio {
class io_context;
}

namespace khuoi::node {

/// How patient a link is. The values are those of the program; tests take shorter ones.
struct LinkLimits {
  std::chrono::milliseconds connect{15'000};   ///< who dials: for an answer, and as long again for the TLS handshake
  std::chrono::milliseconds handshake{5'000};  ///< who listens: for the TLS handshake
  std::chrono::milliseconds hello{10'000};     ///< then, until a whole hello has come
  std::chrono::milliseconds answer{60'000};    ///< who dials: until the hello was answered, by a slow engine, too
  std::chrono::milliseconds stall{120'000};    ///< with something under way, and not an octet either way
  std::chrono::milliseconds farewell{5'000};   ///< a clean end may take so long
  std::chrono::milliseconds retry_min{1'000};
  std::chrono::milliseconds retry_max{300'000};
  std::size_t half_open_max = 64;              ///< connections whose peer is not believed yet
  std::size_t half_open_max_per_host = 4;      ///< of one IPv4 address or IPv6 /64
};

/// What the log and the metrics hear of. Called on the io_context's thread.
struct LinkEvent {
  enum class What : std::uint8_t { up, down, refused, retry } what = What::up;
  std::string address;
  NodeId peer;           ///< zero before its key was proved
  sync::Counts counts;         ///< of the whole link; bytes_* are octets inside TLS, each frame's length too
  std::chrono::milliseconds lasted{};
  std::string why;             ///< of down, refused and retry: one sentence
};
using OnLinkEvent = std::function<void(const LinkEvent&)>;

/// `serve --listen`: takes connections of peers, each with a session of its own. A peer's second connection replaces
/// its first. Whoever is not believed costs a bounded amount of memory, for a short time.
/// Threads: every member on the io_context's thread only, which must be a single one.
class FiberServer final {
 public:
  /// Listens at once. Borrows both for its life. Port "0" takes a free one. Errors: usage (no such address), busy (the
  /// port is taken), io.
  static Result<std::unique_ptr<FiberServer>> listen(boost::asio::io_context& io, Engine& engine, const HostPort& at,
                                                     const LinkLimits& limits, OnLinkEvent on_event);
  ~FiberServer();
  /// The address in force, for DIR/run/listen.
  [[nodiscard]] std::string address() const;
  /// Ends listening and all links. The io_context then runs out of work; keep this object and the engine until it has.
  void stop();
  struct Figures {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;  ///< over a limit, or not believed
    std::size_t half_open = 0;
    std::size_t links = 0;      ///< with believed peers
  };
  [[nodiscard]] Figures figures() const;

 private:
  class Impl;
  explicit FiberServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  ///< shared with the coroutines it started
};

/// `serve --contact`: keeps a link to the commune, and sends what is written here as it is written. Dials again after a
/// pause that doubles and starts over once the commune answered.
/// Threads: as FiberServer, but for hold().
class FiberDialer final {
 public:
  FiberDialer(boost::asio::io_context& io, Engine& engine, HostPort to, const LinkLimits& limits, OnLinkEvent on_event);
  ~FiberDialer();
  void start();
  /// As FiberServer::stop.
  void stop();
  [[nodiscard]] bool connected() const;

  /// While it lives, the dialer keeps off the line: the commune lets one link of a node replace another, so a single
  /// contact of the same node would be cut off. Any thread; may outlive the dialer.
  class Hold;
  [[nodiscard]] std::shared_ptr<Hold> hold();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  ///< shared with the coroutine it started, and with holds
};

/// One contact: dials, exchanges until both sides have nothing more, ends cleanly. Runs an io_context of its own on the
/// calling thread, and waits; not from inside the engine. `progress` is called now and then.
/// Errors: denied (this node has no commune yet, or is one), unauthenticated (another commune answered), closed (no
/// answer, or the link broke: what was taken in until then stays), io.
Result<sync::Counts> contact_once(Engine& engine, const HostPort& to, const LinkLimits& limits = {},
                                  const std::function<void(const sync::Counts&)>& progress = {});

}  // namespace khuoi::node
