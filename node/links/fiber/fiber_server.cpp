#include <map>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "node/engine/descriptors.h"
#include "node/links/completion.h"
#include "node/links/fiber/fiber_connection.h"
#include "node/links/local_changes.h"

namespace khuoi::node {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// After an accept that failed for want of descriptors or memory.
constexpr std::chrono::milliseconds accept_pause{100};

/// Whom a limit for one host counts: an IPv4 address, or the /64 of an IPv6 one, which one subscriber has whole.
std::array<std::uint8_t, 8> host_of(const asio::ip::address& address) {
  std::array<std::uint8_t, 8> out{};
  if (address.is_v4()) {
    const auto octets = address.to_v4().to_bytes();
    std::copy(octets.begin(), octets.end(), out.begin());
  } else if (address.to_v6().is_v4_mapped()) {
    const auto octets = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_bytes();
    std::copy(octets.begin(), octets.end(), out.begin());
  } else {
    const auto octets = address.to_v6().to_bytes();
    std::copy(octets.begin(), octets.begin() + 8, out.begin());
  }
  return out;
}

std::string text_of_endpoint(const tcp::endpoint& endpoint) {
  return HostPort{endpoint.address().to_string(), std::to_string(endpoint.port())}.text();
}

boost::system::error_code open_at(tcp::acceptor& acceptor, const tcp::endpoint& place) {
  boost::system::error_code failed;
  acceptor.open(place.protocol(), failed);
  if (!failed) acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed && place.address().is_v6()) acceptor.set_option(asio::ip::v6_only(false), failed);
  if (!failed) acceptor.bind(place, failed);
  if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
  return failed;
}

Result<tcp::acceptor> open_acceptor(asio::io_context& io, const HostPort& at) {
  const auto port = static_cast<std::uint16_t>(std::stoul(at.port));
  tcp::acceptor acceptor(io);
  boost::system::error_code failed;
  if (at.host.empty()) {
    failed = open_at(acceptor, {asio::ip::address_v6::any(), port});  // takes IPv4 as well
    if (failed == asio::error::address_family_not_supported) failed = open_at(acceptor, {tcp::v4(), port});
  } else {
    const auto address = asio::ip::make_address(at.host == "localhost" ? "127.0.0.1" : at.host, failed);
    if (failed) return fail(Errc::usage, "'" + at.host + "' is no address of this machine: give one in numbers");
    failed = open_at(acceptor, {address, port});
  }
  if (!failed) return acceptor;
  const bool taken = failed == asio::error::address_in_use;
  return fail(taken ? Errc::busy : Errc::io, "cannot listen at " + at.text() + " (" + failed.message() + ")" +
                                                 (taken ? ": another program does; choose another port" : ""));
}

}  // namespace

class FiberServer::Impl final : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, Engine& engine, std::optional<HostPort> at, const LinkLimits& limits, OnLinkEvent on_event,
       OnListening on_listening)
      : io_(io),
        engine_(engine),
        at_(std::move(at)),
        acceptor_(io),
        pause_(io),
        limits_(limits),
        on_event_(std::move(on_event)),
        on_listening_(std::move(on_listening)) {
    if (at_) state_.word = LinkState::Word::down;
  }

  Result<void> start() {
    if (!at_) return {};
    KHUOI_TRY(acceptor_, open_acceptor(io_, *at_));
    KHUOI_TRY_VOID(engine_.look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
      KHUOI_TRY(tls_, TlsContext::server(reader.keys().sign()));
      return {};
    }));
    if (on_listening_) KHUOI_TRY_VOID(on_listening_(text_of_endpoint(acceptor_.local_endpoint())));
    accept();
    set_state(LinkState::Word::up);
    return {};
  }

  void stop() {
    if (stopped_) return;
    stopped_ = true;
    if (listener_) engine_.forget(*listener_);
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (const auto& link : std::vector(links_.begin(), links_.end())) link->close();
    if (at_) set_state(LinkState::Word::down);
  }

  [[nodiscard]] LinkState state() const {
    const std::lock_guard held(state_mutex_);
    return state_;
  }

  [[nodiscard]] std::set<NodeId> peers() const {
    std::set<NodeId> out;
    for (const auto& [peer, link] : believed_) out.insert(peer);
    return out;
  }

  [[nodiscard]] std::vector<LinkFigure> figures() const {
    using enum LinkFigure::Shape;
    const auto number = [](const std::atomic<std::size_t>& of) { return static_cast<std::int64_t>(of.load()); };
    return {{"accepted", "Connections taken.", counter, number(accepted_)},
            {"refused", "Connections refused: over a limit, or not believed.", counter, number(refused_)},
            {"half_open", "Connections whose peer is not believed yet.", gauge, number(half_open_)},
            {"links", "Links with peers.", gauge, number(peers_)}};
  }

 private:
  using Host = std::array<std::uint8_t, 8>;
  /// Of one connection until its peer is believed; gives its place back when dropped.
  class Place final {
   public:
    Place(Impl& server, const Host& host) : server_(server), host_(host) {
      ++server_.half_open_;
      ++server_.hosts_[host_];
    }
    ~Place() {
      --server_.half_open_;
      if (--server_.hosts_[host_] == 0) server_.hosts_.erase(host_);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    Impl& server_;
    Host host_;
  };

  /// A copy, since a link that ends takes itself out.
  static std::map<NodeId, std::shared_ptr<FiberConnection>> believed_links(const Impl& server) {
    return server.believed_;
  }

  void spawn(asio::awaitable<void> what) {
    asio::co_spawn(io_, std::move(what), [self = shared_from_this()](const std::exception_ptr& failed) {
      if (failed) std::rethrow_exception(failed);  // only for want of memory: ends the program, loses nothing
    });
  }

  void accept() {
    spawn(accept_loop());
    listener_ = after_local_changes(engine_, io_, weak_from_this(), [](Impl& self) {
      for (const auto& [peer, link] : believed_links(self)) link->on_local_change();
    });
  }

  void set_state(LinkState::Word word) {
    const std::lock_guard held(state_mutex_);
    state_ = {word, engine_.now().wall, ""};
  }

  asio::awaitable<void> accept_loop() {
    while (!stopped_) {
      auto [failed, socket] = co_await acceptor_.async_accept(completion);
      if (stopped_) co_return;
      if (failed) {
        pause_.expires_after(accept_pause);
        co_await pause_.async_wait(completion);
        continue;
      }
      ++accepted_;
      boost::system::error_code gone;
      const tcp::endpoint from = socket.remote_endpoint(gone);
      if (!gone) take(std::move(socket), from);
    }
  }

  /// Beyond a limit the connection is closed as it came; who is turned away so is not worth a line in a log.
  void take(tcp::socket socket, const tcp::endpoint& from) {
    const Host host = host_of(from.address());
    const auto known = hosts_.find(host);
    const bool host_full = known != hosts_.end() && known->second >= limits_.half_open_max_per_host;
    if (!leaves_reserve(socket.native_handle()) || half_open_ >= limits_.half_open_max || host_full) {
      ++refused_;
      return;
    }
    spawn(serve(std::move(socket), from, std::make_unique<Place>(*this, host)));
  }

  asio::awaitable<void> serve(tcp::socket socket, tcp::endpoint from, std::unique_ptr<Place> place) {
    const std::string address = text_of_endpoint(from);
    FiberConnection::Hooks hooks;
    hooks.believed = [this, &place, &address](FiberConnection& link) {
      place.reset();
      welcome(link, address);
    };
    const auto link = std::make_shared<FiberConnection>(engine_, tls_, std::move(socket),
                                                        FiberConnection::Config{.limits = limits_}, std::move(hooks));
    links_.insert(link);
    const FiberConnection::Outcome outcome = co_await link->run();
    links_.erase(link);
    if (const auto own = believed_.find(outcome.peer); own != believed_.end() && own->second == link)
      believed_.erase(own);
    peers_ = believed_.size();
    if (!outcome.believed) ++refused_;
    tell({outcome.believed ? LinkEvent::What::down : LinkEvent::What::refused, address, outcome.peer, outcome.counts,
          outcome.lasted, outcome.why.what});
  }

  /// The newer connection is the one whose peer is there: the older one is mostly what a broken line left behind.
  void welcome(FiberConnection& link, const std::string& address) {
    const std::shared_ptr<FiberConnection> before = std::exchange(believed_[link.peer()], link.shared_from_this());
    peers_ = believed_.size();
    if (before) before->stop(fail(Errc::closed, "the peer connected anew"));
    tell({LinkEvent::What::up, address, link.peer(), {}, {}, ""});
  }

  void tell(const LinkEvent& event) const {
    if (on_event_) on_event_(event);
  }

  asio::io_context& io_;
  Engine& engine_;
  std::optional<HostPort> at_;
  std::shared_ptr<TlsContext> tls_;  ///< shared with every connection
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  LinkLimits limits_;
  OnLinkEvent on_event_;
  std::optional<Engine::Listener> listener_;
  bool stopped_ = false;
  OnListening on_listening_;
  // What others ask about, on their own threads.
  mutable std::mutex state_mutex_;
  LinkState state_;
  std::atomic<std::size_t> accepted_ = 0;
  std::atomic<std::size_t> refused_ = 0;  ///< over a limit, or not believed
  std::atomic<std::size_t> half_open_ = 0;
  std::atomic<std::size_t> peers_ = 0;  ///< believed
  std::map<Host, std::size_t> hosts_;
  std::set<std::shared_ptr<FiberConnection>> links_;             ///< all of them
  std::map<NodeId, std::shared_ptr<FiberConnection>> believed_;  ///< by peer
};

FiberServer::FiberServer(asio::io_context& io, Engine& engine, std::optional<HostPort> at, const LinkLimits& limits,
                         OnLinkEvent on_event, OnListening on_listening)
    : impl_(std::make_shared<Impl>(io, engine, std::move(at), limits, std::move(on_event), std::move(on_listening))) {}
FiberServer::~FiberServer() { impl_->stop(); }
Result<void> FiberServer::start() { return impl_->start(); }
void FiberServer::stop() { impl_->stop(); }
LinkState FiberServer::state() const { return impl_->state(); }
std::set<NodeId> FiberServer::peers() const { return impl_->peers(); }
std::vector<LinkFigure> FiberServer::figures() const { return impl_->figures(); }

}  // namespace khuoi::node
