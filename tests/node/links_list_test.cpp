// Whatever shows links reads the list of them: one of a kind that nothing else knows appears everywhere.
#include <catch2/catch.hpp>

#include <boost/json.hpp>

#include "node/app/whole_counter.h"
#include "node/cli/command.h"
#include "node/web_server/http_server.h"
#include "node/web_server/workers.h"
#include "tests/regress/test_caller.h"

using namespace khuoi;
using namespace khuoi::tests;
namespace json = boost::json;
using node::LinkState;

namespace {

/// Does nothing, and says so.
class TestLink final : public node::Link {
 public:
  TestLink(std::string name, LinkState state, std::int64_t heard)
      : name_(std::move(name)), state_(std::move(state)), heard_(heard) {}
  [[nodiscard]] std::string_view kind() const override { return "test"; }
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] bool leads_to_commune() const override { return true; }
  Result<void> start() override { return {}; }
  void stop() override {}
  [[nodiscard]] LinkState state() const override { return state_; }
  [[nodiscard]] std::vector<node::LinkFigure> figures() const override {
    return {{"heard", "Frames heard.", node::LinkFigure::Shape::counter, heard_},
            {"noise_dbm", "How loud the air is.", node::LinkFigure::Shape::gauge, -117}};
  }
  std::shared_ptr<void> hold() override { return std::shared_ptr<int>(held_); }
  [[nodiscard]] std::optional<node::LinkOutlook> outlook() const override { return outlook_; }
  void set_outlook(const node::LinkOutlook& outlook) { outlook_ = outlook; }
  [[nodiscard]] long holds() const { return held_.use_count() - 1; }

 private:
  std::string name_;
  LinkState state_;
  std::int64_t heard_;
  std::optional<node::LinkOutlook> outlook_;
  std::shared_ptr<int> held_ = std::make_shared<int>();
};

/// A hamlet with these links, as a service has it: the page and the metrics over HTTP, commands with what it lends
/// them.
class ServedLinks final {
 public:
  explicit ServedLinks(node::Links links) : links_(std::move(links)) {
    for (const auto& link : links_) REQUIRE(link->start());
    lent_.links = links_;
    caller_.service = &lent_;
    counter_ =
        *http::make_whole_counter({*hamlet_.engine, workers_, io_.get_executor(),
                                   *http::Spool::open(hamlet_.folder.path() / "tmp", 1U << 20U), links_, nullptr});
    server_ = *http::HttpServer::listen(io_, {"127.0.0.1", "0"}, {}, workers_, counter_);
    sockets_ = std::thread([this] { io_.run(); });
  }
  ~ServedLinks() {
    boost::asio::post(io_, [this] {
      for (const auto& link : links_) link->stop();
      counter_->stop();
      server_->stop();
    });
    sockets_.join();
    workers_->stop();
  }
  ServedLinks(const ServedLinks&) = delete;
  ServedLinks& operator=(const ServedLinks&) = delete;

  /// The body of an answer.
  [[nodiscard]] std::string get(const std::string& path) const {
    const RawSocket socket(static_cast<std::uint16_t>(std::stoul(node::parse_host_port(server_->address())->port)));
    socket.send(view_of("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    const std::string answer(text_of(socket.receive_all()));
    INFO(answer);
    REQUIRE(answer.starts_with("HTTP/1.1 200"));
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }
  [[nodiscard]] json::array home_links() const { return json::parse(get("/api/home")).at("links").as_array(); }
  std::string run(const std::string& command, std::map<std::string, std::vector<std::string>> values) {
    INFO(caller_.warned);
    REQUIRE(caller_.run(*hamlet_.engine, command, std::move(values)) == node::exit_success);
    return caller_.said;
  }
  json::array status_links() { return json::parse(run("status", {{"--json", {""}}})).at("links").as_array(); }

 private:
  node::Links links_;
  DiskNode hamlet_{sync::Role::hamlet, "Khuổi Mèo"};
  boost::asio::io_context io_{1};
  std::shared_ptr<http::Workers> workers_ = std::make_shared<http::Workers>();
  std::shared_ptr<http::Counter> counter_;
  std::unique_ptr<http::HttpServer> server_;
  std::thread sockets_;
  node::Lent lent_;
  TestCaller caller_;
};

bool has_line(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

node::Links one_test_link() {
  node::Links out;
  out.push_back(std::make_unique<TestLink>("mast", LinkState{LinkState::Word::up, {1'790'000'000}, ""}, 7));
  return out;
}

}  // namespace

TEST_CASE("links list: a link of a kind that nothing knows appears in status, metrics and on the page",
          "[node][links]") {
  ServedLinks served(one_test_link());

  CHECK(served.status_links() == json::parse(R"([{"kind": "test", "name": "mast", "state": "up", "since": 1790000000,
      "why": null, "figures": {"heard": 7, "noise_dbm": -117}}])"));
  const std::string text = served.run("status", {});
  CHECK(text.find("  test      mast up since ") != std::string::npos);

  const std::string metrics = served.get("/metrics");
  INFO(metrics);
  CHECK(has_line(metrics, "# HELP khuoi_test_heard_total Frames heard."));
  CHECK(has_line(metrics, "# TYPE khuoi_test_heard_total counter"));
  CHECK(has_line(metrics, "khuoi_test_heard_total 7"));
  CHECK(has_line(metrics, "# TYPE khuoi_test_noise_dbm gauge"));
  CHECK(has_line(metrics, "khuoi_test_noise_dbm -117"));
  CHECK(has_line(metrics, "khuoi_link_up{kind=\"test\",link=\"mast\"} 1"));

  CHECK(served.home_links() == json::parse(R"([{"kind": "test", "state": "up"}])"));
}

TEST_CASE("links list: what becomes of what waits is in status and on the page, of a link that says it", "[node][links]") {
  node::Links links = one_test_link();
  node::LinkOutlook outlook;
  outlook.why = node::LinkOutlook::Why::duty;
  outlook.until = UnixSeconds{1'790'000'600};
  outlook.octets_waiting = 700;
  outlook.minutes = 12;
  dynamic_cast<TestLink&>(*links.front()).set_outlook(outlook);
  ServedLinks served(std::move(links));
  const auto expected = json::parse(R"({"why": "duty", "until": 1790000600, "fiber_at": null,
      "heard_minutes_ago": null, "octets_waiting": 700, "octets_held": 0, "minutes": 12})");
  CHECK(served.status_links()[0].at("outlook") == expected);
  CHECK(served.home_links()[0].at("outlook") == expected);
  const std::string text = served.run("status", {});
  INFO(text);
  CHECK(text.find("this hour's time on the air is used up until 2026-09-21 ") != std::string::npos);
  CHECK(text.find(", there in about 12 min\n") != std::string::npos);
}

TEST_CASE("links list: two links of one kind appear as two", "[node][links]") {
  node::Links links = one_test_link();
  links.push_back(
      std::make_unique<TestLink>("roof", LinkState{LinkState::Word::down, {1'790'000'001}, "the cable is out"}, 0));
  ServedLinks served(std::move(links));

  const json::array status = served.status_links();
  REQUIRE(status.size() == 2);
  CHECK(status[0].at("name") == "mast");
  CHECK(status[1].at("name") == "roof");
  CHECK(status[1].at("state") == "down");
  CHECK(status[1].at("why") == "the cable is out");
  CHECK(served.run("status", {}).find(": the cable is out\n") != std::string::npos);

  const std::string metrics = served.get("/metrics");
  INFO(metrics);
  CHECK(has_line(metrics, "khuoi_test_heard_total{link=\"mast\"} 7"));
  CHECK(has_line(metrics, "khuoi_test_heard_total{link=\"roof\"} 0"));
  CHECK(has_line(metrics, "khuoi_link_up{kind=\"test\",link=\"roof\"} 0"));
  CHECK(metrics.find("# TYPE khuoi_test_heard_total") == metrics.rfind("# TYPE khuoi_test_heard_total"));

  CHECK(served.home_links() == json::parse(R"([{"kind": "test", "state": "up"}, {"kind": "test", "state": "down"}])"));
}

TEST_CASE("links list: fiber that nobody asked for has its figures and is not on the page", "[node][links]") {
  DiskNode other(sync::Role::hamlet, "Nà Ca");
  boost::asio::io_context io(1);
  node::Links links;
  links.push_back(std::make_unique<node::FiberServer>(io, *other.engine, std::nullopt, node::LinkLimits{}, nullptr));
  links.push_back(std::make_unique<node::FiberDialer>(io, *other.engine, std::nullopt, node::LinkLimits{}, nullptr));
  ServedLinks served(std::move(links));
  CHECK(served.home_links().empty());
  const std::string metrics = served.get("/metrics");
  INFO(metrics);
  for (const char* line :
       {"# HELP khuoi_fiber_accepted_total Connections taken.", "# TYPE khuoi_fiber_accepted_total counter",
        "khuoi_fiber_accepted_total 0",
        "# HELP khuoi_fiber_refused_total Connections refused: over a limit, or not believed.",
        "# TYPE khuoi_fiber_refused_total counter", "khuoi_fiber_refused_total 0",
        "# HELP khuoi_fiber_half_open Connections whose peer is not believed yet.",
        "# TYPE khuoi_fiber_half_open gauge", "khuoi_fiber_half_open 0", "# HELP khuoi_fiber_links Links with peers.",
        "# TYPE khuoi_fiber_links gauge", "khuoi_fiber_links 0"}) {
    CHECK(has_line(metrics, line));
  }
  CHECK(metrics.find("khuoi_link_up") == std::string::npos);
  const json::array status = served.status_links();
  REQUIRE(status.size() == 2);
  CHECK(status[0].at("state") == "off");
  CHECK(status[0].at("since").is_null());
  CHECK(served.run("status", {}).find("fiber") == std::string::npos);
}

TEST_CASE("links list: every link stays off the line while a person's contact lasts", "[node][links]") {
  const node::Links links = one_test_link();
  const auto& link = dynamic_cast<const TestLink&>(*links.front());
  {
    const auto alone = node::hold_all(links);
    CHECK(link.holds() == 1);
  }
  CHECK(link.holds() == 0);
}
