#pragma once

#include <catch2/catch.hpp>

#include <functional>

#include "node/app/whole_counter.h"
#include "node/counter/counter.h"
#include "node/people/admission.h"
#include "node/web_server/http_server.h"
#include "node/web_server/problem.h"
#include "node/web_server/workers.h"
#include "tests/node/links_fixture.h"

namespace khuoi::tests {

using namespace http;

inline const std::string visitor_cookie(64, 'a');

/// A node's real counter, for which every visitor is the one that a test makes them.
class OneVisitor final : public Site {
 public:
  explicit OneVisitor(std::shared_ptr<Counter> counter) : counter_(std::move(counter)) {}
  std::string person;  ///< empty: nobody is logged in
  Capabilities may;
  bool given = false;  ///< somebody else made the phrase

  [[nodiscard]] const Router& router() const override { return counter_->router(); }
  std::optional<Response> admit(Request& request, const Route* route) override {
    people::Viewer out = counter_->sessions().viewer(request.header("cookie"), true);
    out.person = person;
    out.may = may;
    out.phrase_given = given;
    return people::admit(std::move(out), request, route);
  }
  std::optional<Response> page(const Request& request) override { return counter_->page(request); }
  std::optional<Response> refusal(const Request& request) override { return counter_->refusal(request); }
  [[nodiscard]] std::shared_ptr<Spool> spool() const override { return counter_->spool(); }
  [[nodiscard]] Rng& rng() override { return counter_->rng(); }
  void note_refusal(unsigned status) override { counter_->note_refusal(status); }

 private:
  std::shared_ptr<Counter> counter_;
};

struct Served {
  explicit Served(sync::Role role = sync::Role::hamlet, const std::function<void(DiskNode&)>& before = {})
      : hamlet(role, "Khuổi Mèo"), engine(engine_after(before)) {}
  node::Engine& engine_after(const std::function<void(DiskNode&)>& before) {
    if (before) before(hamlet);
    return *hamlet.engine;
  }
  DiskNode hamlet;
  node::Engine& engine;  ///< as it is once the node was filled
  boost::asio::io_context io{1};
  std::shared_ptr<Workers> workers = std::make_shared<Workers>();
  std::shared_ptr<Counter> counter = *make_whole_counter({engine,
                                                          workers,
                                                          io.get_executor(),
                                                          *Spool::open(hamlet.folder.path() / "tmp", 1U << 20U),
                                                          {},
                                                          nullptr});
  std::shared_ptr<OneVisitor> visitor = std::make_shared<OneVisitor>(counter);
  std::unique_ptr<HttpServer> server = *HttpServer::listen(io, {"127.0.0.1", "0"}, {}, workers, visitor);
  std::thread sockets{[this] { io.run(); }};

  ~Served() {
    boost::asio::post(io, [this] {
      counter->stop();
      server->stop();
    });
    sockets.join();
    workers->stop();
  }
  /// The whole answer.
  [[nodiscard]] std::string ask(const std::string& method, const std::string& path,
                                const std::string& body = "") const {
    const std::string where = server->address();
    const int link = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(where.substr(where.rfind(':') + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(link, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    const std::string sent =
        method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: khuoi=" + visitor_cookie +
        "\r\nX-Khuoi: " + counter->sessions().cookies().token_for(visitor_cookie) +
        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    REQUIRE(send(link, sent.data(), sent.size(), 0) == static_cast<ssize_t>(sent.size()));
    std::string out;
    std::array<char, 4096> piece{};
    for (ssize_t got = 0; (got = recv(link, piece.data(), piece.size(), 0)) > 0;)
      out.append(piece.data(), static_cast<std::size_t>(got));
    close(link);
    return out;
  }
};

}  // namespace khuoi::tests
