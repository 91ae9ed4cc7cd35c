#include "node/people/setup_code.h"

#include <catch2/catch.hpp>

#include "node/counter/first_start.h"
#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::http;

namespace {

using CodeVerdict = people::SetupCode::Verdict;
constexpr Instant code_begins{Micros(1'000'000)};

std::string wrong_code_for(const people::SetupCode& code) {
  std::string out = code.text();
  out[0] = out[0] == '9' ? '0' : static_cast<char>(out[0] + 1);
  return out;
}

/// A first start that counts how often it was let through.
struct CodedStart {
  SeededRng rng{5};
  int made = 0;
  FirstStart site{rng, nullptr, [this](FirstStart::Wish) -> Result<std::shared_ptr<Counter>> {
                    ++made;
                    return fail(Errc::io, "no disk here");
                  }};

  Response setup(bool loopback, const std::string& code, const std::string& forwarded = {}) {
    const auto match = site.router().match(Method::post, {"api", "setup"});
    REQUIRE(match.route != nullptr);
    http::Request request;
    request.method = Method::post;
    request.loopback = loopback;
    request.from = loopback ? "127.0.0.1" : "192.168.1.20";
    if (!forwarded.empty()) request.headers.emplace_back("x-forwarded-for", forwarded);
    const std::string body = R"({"name":"Khuoi Meo","person":"head","phrase":"a phrase of mine")" +
                             (code.empty() ? std::string() : R"(,"code":")" + code + "\"") + "}";
    request.body = to_bytes(view_of(body));
    return match.route->handle(request);
  }
};

}  // namespace

TEST_CASE("setup code: eight digits, other ones each time, spaces and dashes aside", "[node][first_start]") {
  SeededRng rng(1);
  people::SetupCode code(rng);
  const people::SetupCode other(rng);
  CHECK(code.text().size() == 9);
  CHECK(code.text() != other.text());
  CHECK(code.check(code.text(), "a", code_begins).verdict == CodeVerdict::right);
  std::string dashed = code.text();
  dashed[4] = '-';
  CHECK(code.check(dashed, "a", code_begins).verdict == CodeVerdict::right);
  CHECK(code.check("", "b", code_begins).verdict == CodeVerdict::wrong);
  CHECK(code.check(code.text().substr(0, 8), "c", code_begins).verdict == CodeVerdict::wrong);
}

TEST_CASE("setup code: who typed a wrong one waits longer each time, others do not", "[node][first_start]") {
  SeededRng rng(2);
  people::SetupCode code(rng);
  Instant now = code_begins;
  for (std::uint64_t seconds = 1; seconds <= 512; seconds *= 2) {
    CHECK(code.check(wrong_code_for(code), "a", now).verdict == CodeVerdict::wrong);
    const auto early = code.check(code.text(), "a", now);
    CHECK(early.verdict == CodeVerdict::wait);
    CHECK(early.wait_seconds == seconds);
    now += std::chrono::seconds(seconds);
  }
  CHECK(code.check(code.text(), "b", now).verdict == CodeVerdict::right);
  CHECK(code.check(code.text(), "a", now).verdict == CodeVerdict::right);
}

TEST_CASE("setup code: a guesser with many addresses ends the code, not the box's own screen", "[node][first_start]") {
  CodedStart start;
  SeededRng rng(3);
  people::SetupCode code(rng);
  Instant now = code_begins;
  std::uint64_t tries = 0;
  for (; code.check(wrong_code_for(code), std::to_string(tries), now).verdict != CodeVerdict::closed; ++tries) {
    now += std::chrono::seconds(1000);
    REQUIRE(tries < 10'000);
  }
  CHECK(tries == people::setup_code_tries_max);
  CHECK(code.check(code.text(), "home", now).verdict == CodeVerdict::closed);
}

TEST_CASE("first start: whoever is in the Wi-Fi needs the code, whatever a proxy says", "[node][first_start]") {
  CodedStart start;
  CHECK(start.setup(false, "").status == 403);
  CHECK(start.setup(false, "", "127.0.0.1").status == 403);
  CHECK(start.made == 0);
  const Response wrong = start.setup(false, "0000 0000");
  CHECK(wrong.status == 403);
  CHECK(wrong.body.find("\"code\"") != std::string::npos);
  CHECK(start.setup(false, start.site.code()).status == 429);  // its wait
  CHECK(start.made == 0);
  CHECK(start.setup(true, "").status == 500);  // let through; this test has no disk
  CHECK(start.made == 1);
}

TEST_CASE("first start: the right code from another device goes through", "[node][first_start]") {
  CodedStart start;
  CHECK(start.setup(false, start.site.code()).status == 500);
  CHECK(start.made == 1);
}
