// What stands between a request and its handler: targets, cookies, hosts, routes.
#include <catch2/catch.hpp>

#include "node/people/backoff.h"
#include "node/people/sessions.h"
#include "node/web_server/guard.h"
#include "node/web_server/router.h"
#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::http;

TEST_CASE("target: segments and queries come decoded", "[node][http]") {
  const auto target =
      parse_target("/api/forms/a~1/media/%E1%BA%A3nh%20m%E1%BB%9Bi.jpg?q=dang+thi%20m%E1%BB%B7&limit=5");
  REQUIRE(target);
  CHECK(target->segments == std::vector<std::string>{"api", "forms", "a~1", "media", "ảnh mới.jpg"});
  CHECK(target->query("q") == "dang thi mỷ");
  CHECK(target->query("limit") == "5");
  CHECK(target->query("none").empty());
  CHECK(parse_target("/")->segments.empty());
}

TEST_CASE("target: what could leave its place is nobody's", "[node][http]") {
  for (const char* text : {"", "x", "//a", "/a//b", "/a/../b", "/%2e%2e/b", "/a%2fb", "/a%5cb", "/a%00", "/a%0d%0a",
                           "/%", "/%4", "/%zz", "/%c0%af", "/a#b", "http://x/", "*"}) {
    INFO(text);
    CHECK_FALSE(parse_target(text));
  }
  CHECK_FALSE(parse_target("/" + std::string(target_octets_max, 'a')));
}

TEST_CASE("cookies: one is found among others, and only whole names count", "[node][http]") {
  CHECK(cookie_in("a=b; khuoi=1; khuoi_draft=2", "khuoi") == "1");
  CHECK(cookie_in("khuoi_draft=2;khuoi=1", "khuoi_draft") == "2");
  CHECK(cookie_in("xkhuoi=1", "khuoi").empty());
  CHECK(cookie_in("", "khuoi").empty());
}

TEST_CASE("guard: addresses and our own names are ours, whatever somebody points here is not", "[node][http]") {
  const std::vector<std::string> names = {"Khuoi-Meo.lan"};
  for (const char* host : {"127.0.0.1", "127.0.0.1:8080", "192.168.1.5:80", "[::1]", "[fe80::1]:8080", "localhost:1",
                           "KHUOI.local", "khuoi-meo.lan:8080"}) {
    INFO(host);
    CHECK(is_our_host(host, names));
  }
  for (const char* host : {"", "evil.example", "khuoi.local.evil.example", "127.0.0.1.evil.example", "localhost:x",
                           "localhost:", "[::1", "[evil]", "[::1]x", "1", "0x7f.1"}) {
    INFO(host);
    CHECK_FALSE(is_our_host(host, names));
  }
  CHECK_FALSE(is_our_host(std::string_view("127.0.0.1\0.evil.example", 22), names));
  CHECK_FALSE(is_our_host(std::string_view("[fe80::1\0evil]:80", 18), names));
  CHECK(is_our_origin("http://khuoi.local:8080", "khuoi.local:8080"));
  CHECK_FALSE(is_our_origin("http://khuoi.local", "khuoi.local:8080"));
  CHECK_FALSE(is_our_origin("null", "khuoi.local"));
}

TEST_CASE("router: a route is found by method and path, and HEAD by its GET", "[node][http]") {
  Router router;
  const auto named = [](std::string name) { return [name](http::Request&) { return text_response(200, name); }; };
  router.add({.method = Method::get, .pattern = "/api/forms/:key/media/:name", .access = Access::anybody(), .handle = named("media")});
  router.add({.method = Method::get, .pattern = "/submission", .access = Access::anybody(), .handle = named("get")});
  router.add({.method = Method::head, .pattern = "/submission", .access = Access::anybody(), .handle = named("head")});
  const auto media = router.match(Method::head, {"api", "forms", "k", "media", "n"});
  REQUIRE(media.route != nullptr);
  CHECK(media.values == std::vector<std::string>{"k", "n"});
  http::Request request;
  CHECK(router.match(Method::head, {"submission"}).route->handle(request).body == "head");
  CHECK(router.match(Method::post, {"submission"}).other_method);
  CHECK(router.match(Method::get, {"api"}).route == nullptr);
}

TEST_CASE("router: a refusal is told as the path's clients understand it, whatever the method", "[node][http]") {
  Router router;
  const auto dress = [](Response response) { return response.with("X-Worn", "1"); };
  router.add({.method = Method::get, .pattern = "/a", .access = Access::anybody(), .handle = [](http::Request&) { return Response(); }, .dress = dress});
  router.add({.method = Method::get, .pattern = "/b", .access = Access::anybody(), .handle = [](http::Request&) { return Response(); }});
  for (const Method method : {Method::get, Method::head, Method::del}) {
    const auto match = router.match(method, {"a"});
    REQUIRE(match.near != nullptr);
    CHECK(match.near->dress(Response()).headers.front().first == "X-Worn");
  }
  CHECK_FALSE(router.match(Method::del, {"b"}).near->dress);
  CHECK(router.match(Method::get, {"c"}).near == nullptr);
}

TEST_CASE("backoff: waits double from one second, and are fifteen minutes from the tenth failure on", "[node][http]") {
  CHECK(people::wait_seconds(0) == 0);
  CHECK(people::wait_seconds(1) == 1);
  CHECK(people::wait_seconds(5) == 16);
  CHECK(people::wait_seconds(9) == 256);
  CHECK(people::wait_seconds(10) == 900);
  CHECK(people::wait_seconds(1000) == 900);
}

TEST_CASE("backoff: a try is counted before it is checked, and a restart gives none back", "[node][http]") {
  const people::Backoff::Try a{"pin/a", "192.168.1.7"};
  const people::Backoff::Try b{"pin/b", "192.168.1.7"};
  tests::DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  {
    people::Backoff backoff(*box.engine);
    CHECK(*backoff.wait(a) == 0);
    for (int i = 0; i < 10; ++i) REQUIRE(backoff.count(a));
  }
  box.open();
  people::Backoff backoff(*box.engine);
  CHECK(*backoff.wait(a) > 890);
  CHECK(*backoff.wait(b) == 0);
  REQUIRE(backoff.succeeded(a));
  CHECK(*backoff.wait(a) == 0);
}

TEST_CASE("cookies: a token belongs to one cookie, and junk in a cookie is nobody's session", "[node][http]") {
  const people::Cookies cookies(sync::Secret::copy_of(Bytes(32, 1)));
  const std::string a(64, 'a');
  CHECK(cookies.token_for(a) != cookies.token_for(std::string(64, 'b')));
  CHECK(cookies.anonymous("khuoi=" + a).token == cookies.token_for(a));
  CHECK(cookies.anonymous("khuoi=" + std::string(63, 'a')).session.empty());
  CHECK(cookies.anonymous("khuoi=" + std::string(64, 'G')).token.empty());
}
