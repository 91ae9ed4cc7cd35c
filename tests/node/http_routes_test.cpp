// Who may use each route. A route that is not in this table fails, and so does one that stands here and is gone.
#include <map>

#include "node/counter/first_start.h"
#include "tests/node/served_counter.h"

using namespace khuoi;
using namespace khuoi::http;
using namespace khuoi::tests;

namespace {

constexpr Access anybody = Access::anybody();
constexpr Access logged_in = Access::logged_in();
constexpr Access general = Capability::read_general;
constexpr Access health = Capability::read_health;

using Routes = std::map<std::string, Access>;

const Routes& of_every_node() {
  static const Routes all = {{"GET /api/session", anybody},         {"GET /api/home", anybody},
                             {"GET /api/events", anybody},          {"GET /healthz", anybody},
                             {"GET /metrics", anybody},             {"GET /formList", anybody},
                             {"GET /forms/:key/form.xml", anybody}, {"GET /forms/:key/manifest.xml", anybody},
                             {"GET /forms/:key/media/:name", anybody}, {"HEAD /submission", anybody},
                             {"POST /submission", anybody}};
  return all;
}

const Routes& of_a_hamlet() {
  static const Routes all = {{"GET /api/phrase", anybody},
                             {"GET /api/people", anybody},
                             {"POST /api/setup", anybody},
                             {"POST /api/login", anybody},
                             {"POST /api/logout", anybody},
                             {"POST /api/lock", logged_in},
                             {"POST /api/people", logged_in},
                             {"PUT /api/people/access", logged_in},
                             {"DELETE /api/people", logged_in},
                             {"POST /api/people/health", logged_in},
                             {"PUT /api/people/pin", logged_in},
                             {"PUT /api/people/phrase", logged_in},
                             {"GET /api/forms", anybody},
                             {"GET /api/forms/:key/form.xml", anybody},
                             {"POST /api/forms/:key/problem", logged_in},
                             {"GET /api/forms/:key/media/:name", anybody},
                             {"POST /api/submissions", anybody},
                             {"GET /api/drafts", anybody},
                             {"GET /api/drafts/:draft", anybody},
                             {"PUT /api/drafts/:draft", anybody},
                             {"DELETE /api/drafts/:draft", anybody},
                             {"GET /api/drafts/:draft/files/:name", anybody},
                             {"PUT /api/drafts/:draft/files/:name", anybody},
                             {"DELETE /api/drafts/:draft/files/:name", anybody},
                             {"GET /api/dossiers", logged_in},
                             {"GET /api/dossiers/:id", logged_in},
                             {"GET /api/dossiers/:id/submission.xml", logged_in},
                             {"GET /api/dossiers/:id/files/:name", logged_in},
                             {"POST /api/dossiers/:id/seen", logged_in},
                             {"POST /api/dossiers/:id/withdraw", logged_in},
                             {"POST /api/dossiers/:id/pick", logged_in},
                             {"POST /api/dossiers/:id/call", logged_in},
                             {"POST /api/dossiers/:id/send-now", logged_in},
                             {"PUT /api/dossiers/:id/slip", anybody},
                             {"POST /api/dossiers/:id/edit", logged_in},
                             {"GET /api/health/due", health},
                             {"GET /api/health/log", health},
                             {"GET /api/documents", logged_in},
                             {"GET /api/documents/:id/file", logged_in},
                             {"POST /api/documents/:id/read", logged_in},
                             {"GET /api/messages", logged_in},
                             {"POST /api/messages", general},
                             {"POST /api/messages/seen", logged_in},
                             {"GET /api/announcements", anybody},
                             {"POST /api/announcements/:id/play", logged_in},
                             {"GET /api/speaker", anybody},
                             {"POST /api/speaker/stop", logged_in},
                             {"GET /api/speech", anybody},
                             {"GET /api/enrolment", anybody},
                             {"POST /api/enrolment/grant/read", logged_in},
                             {"POST /api/enrolment/grant", logged_in},
                             {"GET /api/phones", logged_in},
                             {"POST /api/phones", logged_in},
                             {"DELETE /api/phones/:name", logged_in}};
  return all;
}

const Routes& of_a_commune() {
  constexpr Access administrator = Capability::administer;
  static const Routes all = {{"GET /api/phrase", anybody},
                             {"GET /api/people", anybody},
                             {"POST /api/login", anybody},
                             {"POST /api/logout", anybody},
                             {"POST /api/lock", logged_in},
                             {"PUT /api/people/pin", logged_in},
                             {"PUT /api/people/phrase", logged_in},
                             {"GET /api/dossiers/:id/submission.xml", logged_in},
                             {"GET /api/dossiers/:id/files/:name", logged_in},
                             {"GET /api/desk/dossiers", logged_in},
                             {"GET /api/desk/today", logged_in},
                             {"GET /api/desk/choices", logged_in},
                             {"GET /api/desk/dossiers/:id", logged_in},
                             {"POST /api/desk/dossiers/:id/notes", logged_in},
                             {"PUT /api/desk/dossiers/:id/charge", logged_in},
                             {"POST /api/desk/dossiers/:id/call", logged_in},
                             {"POST /api/desk/dossiers/:id/answer", logged_in},
                             {"POST /api/desk/bulk", logged_in},
                             {"GET /api/desk/filters", logged_in},
                             {"PUT /api/desk/filters", logged_in},
                             {"DELETE /api/desk/filters", logged_in},
                             {"GET /api/desk/unit", logged_in},
                             {"PUT /api/desk/unit", administrator},
                             {"GET /api/desk/audit", administrator},
                             {"GET /api/desk/audit/check", administrator},
                             {"GET /api/accounts", administrator},
                             {"POST /api/accounts", administrator},
                             {"PUT /api/accounts/roles", administrator},
                             {"PUT /api/accounts/phrase", administrator},
                             {"POST /api/accounts/close", administrator}};
  return all;
}

std::string name_of_method(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::del:
      return "DELETE";
  }
  return {};
}

void check_routes(const Router& router, Routes expected) {
  for (const Route* route : router.routes()) {
    const std::string name = name_of_method(route->method) + " " + route->pattern;
    INFO(name);
    const auto known = expected.find(name);
    REQUIRE(known != expected.end());
    CHECK(route->access == known->second);
    expected.erase(known);
  }
  for (const auto& [name, access] : expected) FAIL_CHECK(name << " is gone");
}

Routes joined(const Routes& some, const Routes& more) {
  Routes out = some;
  out.insert(more.begin(), more.end());
  return out;
}

/// A path that fits a pattern.
std::string path_of(const std::string& pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != ':') {
      out.push_back(pattern[i]);
      continue;
    }
    out += std::string(32, '1');
    while (i + 1 < pattern.size() && pattern[i + 1] != '/') ++i;
  }
  return out;
}

}  // namespace

TEST_CASE("routes: each says who may use it, and none is unknown", "[node][http]") {
  const Served hamlet;
  check_routes(hamlet.counter->router(), joined(of_every_node(), of_a_hamlet()));
  const Served commune(sync::Role::commune);
  check_routes(commune.counter->router(), joined(of_every_node(), of_a_commune()));
  node::SystemRng rng;
  const FirstStart first(rng, nullptr, {});
  check_routes(first.router(), {{"GET /healthz", anybody},
                                {"GET /api/session", anybody},
                                {"GET /api/phrase", anybody},
                                {"GET /api/people", anybody},
                                {"POST /api/setup", anybody}});
}

TEST_CASE("routes: who may not use one is refused before its handler, and told no more than before", "[node][http]") {
  const Served box;
  const auto refusal_of = [&](const Route* route) {
    const std::string answer = box.ask(name_of_method(route->method), path_of(route->pattern), "");
    const std::string named = answer.substr(answer.find("{\"error\":\"") + 10);
    return answer.substr(9, 3) + " " + named.substr(0, named.find('"'));
  };
  const std::vector<std::pair<std::string, Capabilities>> visitors = {
      {"", {}}, {"trưởng xóm", Capability::read_general}, {"y tế", Capability::read_health}};
  for (const auto& [person, may] : visitors) {
    box.visitor->person = person;
    box.visitor->may = may;
    for (const Route* route : box.counter->router().routes()) {
      INFO("'" << person << "' " << name_of_method(route->method) << " " << route->pattern);
      if (route->access == health && !may.has(Capability::read_health))
        CHECK(refusal_of(route) == "404 not_found");
      else if (route->access != anybody && person.empty())
        CHECK(refusal_of(route) == "403 locked");
      else if (route->access == general && !may.has(Capability::read_general))
        CHECK(refusal_of(route) == "403 denied");
    }
  }
}

TEST_CASE("routes: at a commune what only a hamlet answers is 501, whoever asks", "[node][http]") {
  const Served box(sync::Role::commune);
  for (const auto& [name, access] : of_a_hamlet()) {
    INFO(name);
    const std::size_t space = name.find(' ');
    const auto of_desk = [&](const auto& one) { return one.first.substr(one.first.find(' ')) == name.substr(space); };
    if (std::ranges::any_of(of_a_commune(), of_desk)) continue;
    CHECK(box.ask(name.substr(0, space), path_of(name.substr(space + 1)), "").starts_with("HTTP/1.1 501"));
  }
}
