// A session whose phrase somebody else made may change it, leave, and see who it is: the server says so, not the page.
#include <catch2/catch.hpp>

#include "node/app/whole_counter.h"
#include "node/counter/counter.h"
#include "node/web_server/http_server.h"
#include "node/web_server/problem.h"
#include "node/web_server/workers.h"
#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::http;
using namespace khuoi::tests;

namespace {

const std::string cookie(64, 'a');

/// A hamlet's real counter, for whose every visitor somebody else made the phrase.
class GivenPhraseSite final : public Site {
 public:
  explicit GivenPhraseSite(std::shared_ptr<Counter> counter) : counter_(std::move(counter)) {}
  bool given = true;

  [[nodiscard]] const Router& router() const override { return counter_->router(); }
  Viewer viewer(std::string_view cookie_header, bool idle) override {
    Viewer out = counter_->viewer(cookie_header, idle);
    out.person = "y tế";
    out.may = Capabilities::all();
    out.phrase_given = given;
    return out;
  }
  std::optional<Response> page(const Request& request) override { return counter_->page(request); }
  [[nodiscard]] std::shared_ptr<Spool> spool() const override { return counter_->spool(); }
  [[nodiscard]] Rng& rng() override { return counter_->rng(); }
  void note_refusal(unsigned status) override { counter_->note_refusal(status); }

 private:
  std::shared_ptr<Counter> counter_;
};

struct Served {
  DiskNode hamlet{sync::Role::hamlet, "Khuổi Mèo"};
  boost::asio::io_context io{1};
  std::shared_ptr<Workers> workers = std::make_shared<Workers>();
  std::shared_ptr<Counter> counter = *make_whole_counter({*hamlet.engine,
                                                          workers,
                                                          io.get_executor(),
                                                          *Spool::open(hamlet.folder.path() / "tmp", 1U << 20U),
                                                          {},
                                                          nullptr});
  std::shared_ptr<GivenPhraseSite> site = std::make_shared<GivenPhraseSite>(counter);
  std::unique_ptr<HttpServer> server = *HttpServer::listen(io, {"127.0.0.1", "0"}, {}, workers, site);
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
        method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: khuoi=" + cookie +
        "\r\nX-Khuoi: " + counter->sessions().cookies().token_for(cookie) +
        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    REQUIRE(send(link, sent.data(), sent.size(), 0) == static_cast<ssize_t>(sent.size()));
    std::string out;
    std::array<char, 4096> piece{};
    for (ssize_t got = 0; (got = recv(link, piece.data(), piece.size(), 0)) > 0;)
      out.append(piece.data(), static_cast<std::size_t>(got));
    close(link);
    return out;
  }
  [[nodiscard]] bool refused(const std::string& method, const std::string& path, const std::string& body = "") const {
    const std::string answer = ask(method, path, body);
    return answer.starts_with("HTTP/1.1 403") &&
           (method == "HEAD" || answer.find("\"own_phrase\"") != std::string::npos);
  }
};

}  // namespace

TEST_CASE("own phrase: until it is changed every other route of the page is refused", "[node][http]") {
  const Served box;
  const std::string id(32, '1');
  const std::vector<std::pair<std::string, std::string>> shut = {{"GET", "/api/home"},
                                                                 {"GET", "/api/events"},
                                                                 {"GET", "/api/people"},
                                                                 {"POST", "/api/people"},
                                                                 {"DELETE", "/api/people?name=x"},
                                                                 {"PUT", "/api/people/access"},
                                                                 {"PUT", "/api/people/pin"},
                                                                 {"POST", "/api/people/health"},
                                                                 {"POST", "/api/login"},
                                                                 {"POST", "/api/lock"},
                                                                 {"GET", "/api/forms"},
                                                                 {"GET", "/api/forms/x~1/form.xml"},
                                                                 {"GET", "/api/drafts"},
                                                                 {"PUT", "/api/drafts/" + id},
                                                                 {"GET", "/api/dossiers"},
                                                                 {"HEAD", "/api/dossiers"},
                                                                 {"GET", "/api/dossiers/" + id},
                                                                 {"GET", "/api/dossiers/" + id + "/submission.xml"},
                                                                 {"POST", "/api/dossiers/" + id + "/edit"},
                                                                 {"POST", "/api/submissions"},
                                                                 {"GET", "/api/health/due"},
                                                                 {"GET", "/api/health/log"},
                                                                 {"GET", "/api/documents"},
                                                                 {"GET", "/api/messages"},
                                                                 {"POST", "/api/messages"},
                                                                 {"GET", "/api/announcements"},
                                                                 {"POST", "/api/speaker/stop"},
                                                                 {"GET", "/api/phones"},
                                                                 {"POST", "/api/phones"},
                                                                 {"GET", "/api/enrolment"},
                                                                 {"POST", "/api/enrolment/grant"}};
  for (const auto& [method, path] : shut) {
    INFO(method << " " << path);
    CHECK(box.refused(method, path));
  }
  box.site->given = false;
  for (const auto& [method, path] : shut) {
    INFO(method << " " << path);
    if (path != "/api/events") CHECK_FALSE(box.refused(method, path));
  }
}

TEST_CASE("own phrase: who one is, an offered phrase, leaving and the page itself stay open", "[node][http]") {
  const Served box;
  const std::string session = box.ask("GET", "/api/session");
  CHECK(session.starts_with("HTTP/1.1 200"));
  CHECK(session.find("\"phrase_given\":true") != std::string::npos);
  CHECK(box.ask("GET", "/api/phrase").starts_with("HTTP/1.1 200"));
  CHECK(box.ask("POST", "/api/logout", "{}").starts_with("HTTP/1.1 200"));
  CHECK(box.ask("GET", "/").starts_with("HTTP/1.1 200"));
  // Answered by its handler: this visitor holds no keys.
  CHECK(box.ask("PUT", "/api/people/phrase", "{\"phrase\":\"x\"}").find("\"locked\"") != std::string::npos);
  // A phone has an account of its own, whatever cookie it sends.
  CHECK(box.ask("GET", "/formList").starts_with("HTTP/1.1 401"));
}
