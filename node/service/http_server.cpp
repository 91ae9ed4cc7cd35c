#include "node/service/http_server.h"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <set>

#include "node/service/metrics.h"

namespace khuoi::node {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr std::size_t connections_max = 64;
constexpr std::uint32_t header_octets_max = 16 * 1024;
constexpr std::chrono::seconds patience{30};
constexpr std::string_view page =
    "<!doctype html>\n<html lang=\"vi\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width\">\n"
    "<title>khuổi</title>\n<h1>khuổi</h1>\n<p>Máy này đang chạy. Hồ sơ được xem và gửi bằng lệnh "
    "<code>khuoi</code>.</p>\n"
    "</html>\n";

/// A name that some other site could have pointed here (DNS rebinding) is not answered.
bool is_our_host(std::string host) {
  if (host.starts_with('[')) return true;  // an address
  if (const auto colon = host.rfind(':'); colon != std::string::npos) host.resize(colon);
  boost::system::error_code failed;
  asio::ip::make_address(host, failed);
  return !failed || host == "localhost" || host == "khuoi.local";
}

http::response<http::string_body> answer_with(http::status status, std::string type, std::string body) {
  http::response<http::string_body> out(status, 11);
  out.set(http::field::content_type, type);
  out.set(http::field::cache_control, "no-store");
  out.set("X-Content-Type-Options", "nosniff");
  out.set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'");
  out.body() = std::move(body);
  out.keep_alive(false);
  out.prepare_payload();
  return out;
}

}  // namespace

class HttpServer::Impl final : public std::enable_shared_from_this<Impl> {
 public:
  Impl(Engine& engine, tcp::acceptor acceptor, std::function<FiberServer::Figures()> fiber)
      : engine_(engine), acceptor_(std::move(acceptor)), fiber_(std::move(fiber)) {}

  void start() { spawn(accept_loop()); }
  void stop() {
    stopped_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
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
      if (failed || open_.size() >= connections_max) continue;
      spawn(serve(std::move(socket)));
    }
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    boost::system::error_code failed;
    const tcp::endpoint peer = socket.remote_endpoint(failed);
    if (failed) co_return;
    beast::tcp_stream stream(std::move(socket));
    open_.insert(&stream);
    co_await converse(stream, peer.address().is_loopback());
    open_.erase(&stream);
  }

  asio::awaitable<void> converse(beast::tcp_stream& stream, bool loopback) {
    beast::flat_buffer buffer(header_octets_max);
    http::request_parser<http::empty_body> parser;
    parser.header_limit(header_octets_max);
    parser.body_limit(0);
    stream.expires_after(patience);
    const auto [failed, octets] =
        co_await http::async_read(stream, buffer, parser, asio::as_tuple(asio::use_awaitable));
    if (failed == http::error::end_of_stream || stopped_) co_return;
    // g++ 12 miscompiles a co_await inside a conditional expression.
    auto answer = answer_with(http::status::bad_request, "text/plain; charset=utf-8", "bad request\n");
    if (!failed) answer = co_await answer_to(parser.get(), loopback);
    if (stopped_) co_return;
    stream.expires_after(patience);
    co_await http::async_write(stream, answer, asio::as_tuple(asio::use_awaitable));
    boost::system::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  asio::awaitable<http::response<http::string_body>> answer_to(const http::request<http::empty_body>& request,
                                                               bool loopback) {
    const std::string text = "text/plain; charset=utf-8";
    if (!is_our_host(std::string(request[http::field::host]))) {
      co_return answer_with(http::status::misdirected_request, text, "this is not the site you meant\n");
    }
    if (request.method() != http::verb::get)
      co_return answer_with(http::status::method_not_allowed, text, "only GET\n");
    if (request.target() == "/healthz") co_return answer_with(http::status::ok, text, "ok\n");
    if (request.target() == "/") co_return answer_with(http::status::ok, "text/html; charset=utf-8", std::string(page));
    if (request.target() != "/metrics") co_return answer_with(http::status::not_found, text, "there is no such page\n");
    if (!loopback) co_return answer_with(http::status::forbidden, text, "only on this machine\n");
    NodeFigures figures;
    Engine::WorkFn read_status = [&figures](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(figures.replica, replica.status(batch.txn));
      return {};
    };
    const Result<void> read = co_await in_engine(read_status);
    if (!read) co_return answer_with(http::status::service_unavailable, text, read.error().what + "\n");
    figures.store = engine_.store().usage();
    figures.fiber = fiber_();
    figures.uptime = engine_.uptime();
    co_return answer_with(http::status::ok, "text/plain; version=0.0.4; charset=utf-8", metrics_text(figures));
  }

  /// The engine's turn may be long in coming: the io_context does not wait for it.
  asio::awaitable<Result<void>> in_engine(const Engine::WorkFn& fn) {
    const auto executor = acceptor_.get_executor();
    asio::steady_timer until_done(executor, asio::steady_timer::time_point::max());
    auto outcome = std::make_shared<Result<void>>();
    Engine::Job job;
    job.run = fn;
    job.done = [outcome, executor, &until_done](const Result<void>& done) {
      asio::post(executor, [outcome, done, &until_done] {
        *outcome = done;
        until_done.cancel();
      });
    };
    job.repeatable = true;
    job.quiet = true;
    engine_.post(std::move(job));
    co_await until_done.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return *outcome;
  }

  Engine& engine_;
  tcp::acceptor acceptor_;
  std::function<FiberServer::Figures()> fiber_;
  std::set<beast::tcp_stream*> open_;
  bool stopped_ = false;
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(asio::io_context& io, Engine& engine, const HostPort& at,
                                                       std::function<FiberServer::Figures()> fiber) {
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
  auto impl = std::make_shared<Impl>(engine, std::move(acceptor), std::move(fiber));
  impl->start();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;
std::string HttpServer::address() const { return impl_->address(); }
void HttpServer::stop() { impl_->stop(); }

}  // namespace khuoi::node
