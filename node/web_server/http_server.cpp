#include "node/web_server/http_server.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <set>

#include "node/engine/descriptors.h"
#include "node/engine/log.h"
#include "node/web_server/connection.h"

namespace khuoi::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using node::HostPort;

namespace {
/// After an accept that failed for want of descriptors or memory: trying again at once would only take the processor.
constexpr std::chrono::milliseconds accept_pause{100};

/// Moves a socket to the lowest number that is free, so that numbers go on to tell how many are open. False when that
/// is none outside of the reserve.
bool settle(tcp::socket& socket) {
  boost::system::error_code failed;
  const auto protocol = socket.local_endpoint(failed).protocol();
  const int lowest = ::fcntl(socket.native_handle(), F_DUPFD_CLOEXEC, 0);
  if (lowest < 0) return false;
  tcp::socket moved(socket.get_executor());
  moved.assign(protocol, lowest, failed);
  if (failed) ::close(lowest);
  socket = std::move(moved);
  return !failed && node::leaves_reserve(lowest);
}

/// One client has one address, whether the socket calls it 192.168.1.2 or ::ffff:192.168.1.2.
std::string address_of(const asio::ip::address& address) {
  const bool mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  return mapped ? asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string() : address.to_string();
}
}  // namespace

class HttpServer::Impl final : public std::enable_shared_from_this<Impl> {
 public:
  Impl(tcp::acceptor acceptor, std::vector<std::string> host_names, std::shared_ptr<Workers> workers,
       std::shared_ptr<Site> site)
      : acceptor_(std::move(acceptor)),
        pause_(acceptor_.get_executor()),
        host_names_(std::move(host_names)),
        workers_(std::move(workers)),
        site_(std::move(site)) {}

  void start() { spawn(accept_loop()); }
  void set_site(std::shared_ptr<Site> site) { site_ = std::move(site); }
  void stop() {
    stopped_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (beast::tcp_stream* stream : open_) stream->close();
  }
  [[nodiscard]] std::string address() const {
    const auto at = acceptor_.local_endpoint();
    const std::string host = at.address().to_string();
    return (at.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(at.port());
  }

 private:
  void spawn(asio::awaitable<void> what) {
    asio::co_spawn(acceptor_.get_executor(), std::move(what),
                   [self = shared_from_this()](const std::exception_ptr& failed) {
                     if (failed)
                       std::rethrow_exception(failed);  // only for want of memory: ends the program, loses nothing
                   });
  }

  asio::awaitable<void> accept_loop() {
    while (!stopped_) {
      auto [failed, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
      if (failed == asio::error::operation_aborted || stopped_) co_return;
      if (failed) {
        note_failed_accept(failed);
        pause_.expires_after(accept_pause);
        co_await pause_.async_wait(asio::as_tuple(asio::use_awaitable));
        continue;
      }
      // Who comes when nothing is left but the reserve takes a stranger's place, or that of the longest upload, or none.
      const bool fits = node::leaves_reserve(socket.native_handle()) ||
                        ((guests_.make_room(nullptr) || guests_.end_an_upload()) && settle(socket));
      if (!fits) continue;
      spawn(serve(std::move(socket)));
    }
  }

  /// Once a minute: who keeps it failing must not fill the log either.
  void note_failed_accept(const boost::system::error_code& failed) {
    const auto now = std::chrono::steady_clock::now();
    if (told_ && now - *told_ < std::chrono::minutes(1)) return;
    told_ = now;
    node::log_warning("http_accept_failed", {{"why", failed.message()}});
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    boost::system::error_code failed;
    const tcp::endpoint peer = socket.remote_endpoint(failed);
    if (failed) co_return;
    socket.set_option(tcp::no_delay(true), failed);
    beast::tcp_stream stream(std::move(socket));
    open_.insert(&stream);
    const auto shared = [this] { return Connection::Shared{site_, *workers_, host_names_, stopped_}; };
    const auto guest = guests_.enter(address_of(peer.address()), std::chrono::steady_clock::now(),
                                     [&stream] { stream.close(); });
    Connection connection(shared, stream, {guests_, *guest, peer.address().is_loopback()});
    co_await connection.run();
    guests_.leave(guest);
    open_.erase(&stream);
  }

  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::optional<std::chrono::steady_clock::time_point> told_;
  Guests guests_;
  std::vector<std::string> host_names_;
  std::shared_ptr<Workers> workers_;  ///< shared with the site, whose own work runs there too
  std::shared_ptr<Site> site_;        ///< shared with requests under way
  std::set<beast::tcp_stream*> open_;
  bool stopped_ = false;
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(asio::io_context& io, const HostPort& at,
                                                       std::vector<std::string> host_names,
                                                       std::shared_ptr<Workers> workers, std::shared_ptr<Site> site) {
  boost::system::error_code failed;
  const auto address = asio::ip::make_address(at.host.empty()          ? "0.0.0.0"
                                              : at.host == "localhost" ? "127.0.0.1"
                                                                       : at.host,
                                              failed);
  if (failed) return fail(Errc::usage, "'" + at.host + "' is no address of this machine: give one in numbers");
  tcp::acceptor acceptor(io);
  const tcp::endpoint endpoint(address, static_cast<std::uint16_t>(std::stoul(at.port)));
  acceptor.open(endpoint.protocol(), failed);
  if (!failed) acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) acceptor.bind(endpoint, failed);
  if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) {
    const bool taken = failed == asio::error::address_in_use;
    return fail(taken ? Errc::busy : Errc::io,
                "cannot listen at " + at.text() + " (" + failed.message() + ")" +
                    (taken ? ": another program does; choose another port with --http" : ""));
  }
  auto impl = std::make_shared<Impl>(std::move(acceptor), std::move(host_names), std::move(workers), std::move(site));
  impl->start();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;
void HttpServer::set_site(std::shared_ptr<Site> site) { impl_->set_site(std::move(site)); }
std::string HttpServer::address() const { return impl_->address(); }
void HttpServer::stop() { impl_->stop(); }

}  // namespace khuoi::http
