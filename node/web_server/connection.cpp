#include "node/web_server/connection.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "node/engine/log.h"
#include "node/web_server/body_sink.h"
#include "node/web_server/events.h"
#include "node/web_server/guard.h"
#include "node/web_server/problem.h"

namespace khuoi::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;

namespace {

constexpr auto completion = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t piece_octets = 32U << 10U;
/// After a refusal so much is read and thrown away, so that the answer is not lost in a reset connection.
constexpr std::size_t drained_octets_max = 64U << 20U;
constexpr std::chrono::seconds drained_for{5};

std::optional<Method> method_of(wire::verb verb) {
  switch (verb) {
    case wire::verb::get:
      return Method::get;
    case wire::verb::head:
      return Method::head;
    case wire::verb::post:
      return Method::post;
    case wire::verb::put:
      return Method::put;
    case wire::verb::delete_:
      return Method::del;
    default:
      return std::nullopt;
  }
}

Response bad_request() { return problem(400, "malformed", "Yêu cầu bị hỏng hoặc sai định dạng."); }

/// What two readers could understand differently: said twice, or a coding that nobody here knows.
bool is_ambiguous(const wire::fields& header, unsigned version) {
  for (const auto name : {wire::field::host, wire::field::content_length, wire::field::transfer_encoding,
                          wire::field::content_type, wire::field::origin}) {
    if (header.count(name) > 1) return true;
  }
  const auto coding = header.find(wire::field::transfer_encoding);
  if (coding == header.end()) return false;
  return version < 11 || header.count(wire::field::content_length) > 0 || !beast::iequals(coding->value(), "chunked");
}

}  // namespace

/// One request and its answer.
class Connection::Exchange final {
 public:
  Exchange(Connection& on, Shared shared)
      : on_(on), shared_(std::move(shared)), stream_(on.stream_), buffer_(on.buffer_) {
    parser_.header_limit(header_octets_max);
    parser_.body_limit(boost::none);
  }

  /// Whether the connection goes on.
  asio::awaitable<bool> run() {
    stream_.expires_after(patience);
    Guests::begin(on_.client_.guest, std::chrono::steady_clock::now());
    const auto [failed, octets] = co_await wire::async_read_header(stream_, buffer_, parser_, completion);
    if (shared_.stopped) co_return false;
    shared_.site = on_.shared_().site;  // the first start may have ended while this connection was idle
    if (failed) {
      const bool junk = failed.category() == wire::make_error_code(wire::error::bad_method).category() &&
                        failed != wire::error::end_of_stream && failed != wire::error::partial_message;
      if (junk) match_.near = shared_.site->router().dressing(target_seen());
      if (junk) co_await refuse(bad_request());
      co_return false;
    }
    std::optional<Response> early = understand();
    if (!early && route_ != nullptr && route_->admit) {
      co_await shared_.workers.run(route_->lane, [&] { early = guarded([&] { return route_->admit(request_); }); });
    }
    if (!early) early = introduce();
    if (!early) {
      const bool whole = co_await read_body(early);
      if (!whole && !early) co_return false;
    }
    if (early) {
      const bool nothing_left = parser_.is_done();
      if (!nothing_left) {
        co_await refuse(std::move(*early));
        co_return false;
      }
      co_return co_await answer(std::move(*early), parser_.keep_alive());
    }
    const Lane lane = route_ != nullptr ? route_->lane : Lane::quick;
    if (shared_.workers.full(lane)) co_return co_await answer(problem_of(fail(Errc::busy, "")), parser_.keep_alive());
    Response response;
    co_await shared_.workers.run(lane,
                                 [&] { response = *guarded([&]() -> std::optional<Response> { return handled(); }); });
    co_return co_await answer(std::move(response), parser_.keep_alive());
  }

 private:
  /// Fills the request in, and says what is wrong with it before its body is read.
  std::optional<Response> understand() {
    const auto& header = parser_.get();
    auto target = parse_target(std::string_view(header.target().data(), header.target().size()));
    const auto method = method_of(header.method());
    if (target) {
      request_.target = std::move(*target);
      // First of all: whatever is refused below is told as the clients of this path understand it.
      match_ = shared_.site->router().match(method.value_or(Method::get), request_.target.segments);
    } else {
      match_.near = shared_.site->router().dressing(target_seen());
    }
    if (is_ambiguous(header, header.version())) return bad_request();
    for (const auto& field : header) {
      std::string name(field.name_string());
      std::ranges::transform(name, name.begin(),
                             [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      request_.headers.emplace_back(std::move(name), field.value());
    }
    request_.host = request_.header("host");
    request_.from = on_.client_.guest.address;
    request_.loopback = on_.client_.loopback;
    if (!is_our_host(request_.host, shared_.host_names))
      return problem(421, "misdirected", "Địa chỉ này không phải của máy khuổi.");
    if (!method) return problem(405, "method", "Máy không biết cách yêu cầu này.");
    request_.method = *method;
    if (!target) return problem_of(fail(Errc::not_found, "no such page"));
    return find_route();
  }

  /// Whose request it is, and whether it may send a large body now.
  std::optional<Response> introduce() {
    request_.known = request_.known || request_.loopback || !request_.account.empty();
    on_.client_.guests.introduce(on_.client_.guest, request_.known);
    const bool large = route_ != nullptr && (route_->body == Body::parts || route_->body == Body::file);
    if (!large || on_.client_.guests.may_upload(on_.client_.guest)) return std::nullopt;
    return problem_of(fail(Errc::busy, "too many uploads at once"));
  }

  /// The target of a request that is not understood, as far as it can be told.
  std::string target_seen() const {
    const auto parsed = parser_.get().target();
    if (!parsed.empty()) return {parsed.data(), parsed.size()};
    const std::string_view came(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    const std::string_view line = came.substr(0, came.find('\r'));
    const std::size_t space = line.find(' ');
    return space == std::string_view::npos ? std::string() : std::string(line.substr(space + 1));
  }

  std::optional<Response> find_route() {
    if (match_.route == nullptr && match_.other_method)
      return problem(405, "method", "Máy không nhận cách yêu cầu này ở đây.");
    const bool reads = request_.method == Method::get || request_.method == Method::head;
    if (match_.route == nullptr) {
      if (auto refused = shared_.site->refusal(request_)) return refused;
      if (!reads) return problem_of(fail(Errc::not_found, "no such page"));
    }
    route_ = match_.route;
    request_.values = std::move(match_.values);
    if (auto refused = shared_.site->admit(request_, route_)) return refused;
    const std::uint64_t limit = route_ == nullptr || route_->body == Body::none ? 0 : route_->octets_max;
    const auto length = parser_.content_length();
    if (length && *length > limit) return problem_of(fail(Errc::too_large, "the request's body is too large"));
    return std::nullopt;
  }

  /// No exception leaves a handler: what it threw is our own bug or a want of memory, and costs this request only.
  std::optional<Response> guarded(const std::function<std::optional<Response>()>& work) {
    try {
      return work();
    } catch (const std::exception& thrown) {
      node::log_error("http_handler_failed", {{"why", thrown.what()}});
      return problem_of(fail(Errc::io, "a handler failed"));
    }
  }

  Response handled() {
    if (route_ != nullptr) return route_->handle(request_);
    auto page = shared_.site->page(request_);
    return page ? std::move(*page) : problem_of(fail(Errc::not_found, "no such page"));
  }

  /// False when it did not come whole; `refused` is then the answer, if there is still somebody to hear it.
  asio::awaitable<bool> read_body(std::optional<Response>& refused) {
    if (parser_.is_done()) {
      co_return finish_sink(refused, nullptr);
    }
    static const Route none{.pattern = "/", .access = Access::anybody()};
    std::unique_ptr<BodySink> sink;
    Result<void> fed;
    co_await shared_.workers.run(Lane::quick, [&] {
      auto made =
          make_body_sink(route_ != nullptr ? *route_ : none, request_, shared_.site->spool(), shared_.site->rng());
      if (made) sink = std::move(*made);
      if (!made) fed = made.error();
    });
    if (fed) co_await go_ahead();
    Bytes piece(piece_octets);
    while (fed && !parser_.is_done()) {
      auto& body = parser_.get().body();
      body.data = piece.data();
      body.size = piece.size();
      stream_.expires_after(patience);
      auto [failed, octets] = co_await wire::async_read(stream_, buffer_, parser_, completion);
      if (failed == wire::error::need_buffer) failed = {};
      if (shared_.stopped) co_return false;
      if (failed) {
        const bool late = failed == beast::error::timeout;
        if (late) shared_.site->note_refusal(408);
        if (!late && failed != wire::error::partial_message && failed != wire::error::end_of_stream &&
            failed.category() == wire::make_error_code(wire::error::bad_method).category()) {
          refused = bad_request();
        }
        co_return false;
      }
      const ByteView came(piece.data(), piece.size() - body.size);
      co_await shared_.workers.run(Lane::quick, [&] { fed = sink->feed(came); });
    }
    if (!fed) {
      refused = problem_of(fed.error());
      co_return false;
    }
    bool whole = false;
    co_await shared_.workers.run(Lane::quick, [&] { whole = finish_sink(refused, sink.get()); });
    co_return whole;
  }

  bool finish_sink(std::optional<Response>& refused, BodySink* sink) {
    // A multipart route without a body at all is as broken as one that ends too early.
    Result<void> done;
    if (sink != nullptr) done = sink->finish(request_);
    if (sink == nullptr && route_ != nullptr && (route_->body == Body::parts || route_->body == Body::file)) {
      auto empty = make_body_sink(*route_, request_, shared_.site->spool(), shared_.site->rng());
      done = empty ? (*empty)->finish(request_) : Result<void>(empty.error());
    }
    if (!done) refused = problem_of(done.error());
    return done.has_value();
  }

  asio::awaitable<void> go_ahead() {
    if (!beast::iequals(parser_.get()[wire::field::expect], "100-continue")) co_return;
    constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    stream_.expires_after(patience);
    co_await asio::async_write(stream_, asio::buffer(text.data(), text.size()), completion);
  }

  asio::awaitable<void> refuse(Response response) {
    co_await answer(std::move(response), false);
    boost::system::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    Bytes thrown_away(piece_octets);
    std::size_t drained = 0;
    stream_.expires_after(drained_for);
    while (drained < drained_octets_max && !shared_.stopped) {
      const auto [failed, octets] =
          co_await stream_.async_read_some(asio::buffer(thrown_away.data(), thrown_away.size()), completion);
      if (failed) co_return;
      drained += octets;
    }
  }

  asio::awaitable<bool> send(std::string_view octets) {
    while (!octets.empty()) {
      if (shared_.stopped) co_return false;
      const std::string_view piece = octets.substr(0, piece_octets);
      stream_.expires_after(patience);
      const auto [failed, sent] =
          co_await asio::async_write(stream_, asio::buffer(piece.data(), piece.size()), completion);
      if (failed) co_return false;
      octets.remove_prefix(piece.size());
    }
    co_return true;
  }

  asio::awaitable<bool> answer(Response response, bool keep) {
    if (match_.near != nullptr && match_.near->dress) response = match_.near->dress(std::move(response));
    if (response.status >= 400) shared_.site->note_refusal(response.status);
    keep = keep && !response.events && !shared_.stopped;
    std::string head = head_of(response, keep);
    const bool has_body = request_.method != Method::head && response.status != 204 && response.status != 304;
    if (has_body && !response.pull && !response.events && response.body.size() <= piece_octets) {
      head += response.body;
      response.body.clear();
    }
    bool sent = co_await send(head);
    if (!sent || !has_body) co_return sent&& keep;
    if (response.events) {
      co_await stream_events(*response.events);
      co_return false;
    }
    if (response.pull) {
      sent = co_await send_pulled(response);
    } else {
      sent = co_await send(response.body);
    }
    co_return sent&& keep;
  }

  asio::awaitable<bool> send_pulled(Response& response) {
    std::uint64_t left = response.octets;
    while (left > 0) {
      Result<Bytes> piece = Bytes();
      co_await shared_.workers.run(Lane::quick, [&] { piece = response.pull(); });
      // Too little or too much: only a cut connection tells the client so.
      if (!piece || piece->empty() || piece->size() > left) co_return false;
      left -= piece->size();
      const bool sent = co_await send(text_of(*piece));
      if (!sent) co_return false;
    }
    co_return true;
  }

  asio::awaitable<void> stream_events(EventFeed& feed) {
    while (!shared_.stopped) {
      const std::string next = co_await feed.next();
      if (next.empty()) co_return;
      const bool sent = co_await send(next);
      if (!sent) co_return;
    }
  }

  Connection& on_;
  Shared shared_;
  beast::tcp_stream& stream_;
  beast::flat_buffer& buffer_;
  wire::request_parser<wire::buffer_body> parser_;
  Request request_;
  Router::Match match_;
  const Route* route_ = nullptr;
};

asio::awaitable<void> Connection::run() {
  bool go_on = true;
  while (go_on) {
    Exchange exchange(*this, shared_());
    go_on = co_await exchange.run();
  }
  boost::system::error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

}  // namespace khuoi::http
