// How phones prove who they are: Digest, its nonces, and the gate before every route of node/openrosa.
#include <catch2/catch.hpp>

#include "node/openrosa/digest.h"
#include "node/openrosa/gate.h"
#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::openrosa;

namespace {

/// RFC 7616 section 3.9.1.
constexpr std::string_view mufasa =
    "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm=MD5, "
    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
    "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
    "response=\"8ca523f5e9506fed4657c9700eebdbec\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";

std::string without(std::string_view text, std::string_view part) {
  std::string out(text);
  const std::size_t at = out.find(part);
  REQUIRE(at != std::string::npos);
  return out.erase(at, part.size());
}

std::string with(std::string_view text, std::string_view part, std::string_view instead) {
  std::string out(text);
  const std::size_t at = out.find(part);
  REQUIRE(at != std::string::npos);
  return out.replace(at, part.size(), instead);
}

}  // namespace

TEST_CASE("md5: the examples of RFC 1321", "[node][openrosa]") {
  CHECK(md5_hex({}) == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(md5_hex(view_of("message digest")) == "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST_CASE("digest: the example of RFC 7616 is answered as it is there", "[node][openrosa]") {
  const auto claim = read_claim(mufasa);
  REQUIRE(claim);
  CHECK(claim->username == "Mufasa");
  CHECK(claim->uri == "/dir/index.html");
  CHECK(claim->count == 1);
  const Md5Hash ha1 = ha1_of("Mufasa", "http-auth@example.org", "Circle of Life");
  CHECK(response_of(ha1, *claim, "GET") == claim->response);
  CHECK_FALSE(response_of(ha1, *claim, "POST") == claim->response);
  CHECK_FALSE(response_of(ha1_of("Mufasa", "http-auth@example.org", "Circle of life"), *claim, "GET") ==
              claim->response);
}

TEST_CASE("digest: the example of RFC 2617 is answered as it is there", "[node][openrosa]") {
  const auto claim = read_claim(
      "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
      "uri=\"/dir/index.html\", qop=auth, nc=00000001, cnonce=\"0a4f113b\", "
      "response=\"6629fae49393a05397450978507c4ef1\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"");
  REQUIRE(claim);
  CHECK(response_of(ha1_of("Mufasa", "testrealm@host.com", "Circle Of Life"), *claim, "GET") == claim->response);
}

TEST_CASE("digest: a header is read whatever its blanks, case and quoting", "[node][openrosa]") {
  const auto claim = read_claim(
      "dIGEST ,, USERNAME = \"a\\\"b\\\\c\",realm=khuoi , nonce=\"n\" ,\tnc=000000fF, cnonce=\"\\x\", qop=\"auth\","
      "uri=\"/a?b=1,2\", userhash=false, Algorithm=\"md5\", response=ABCDEF0123456789abcdef0123456789,");
  REQUIRE(claim);
  CHECK(claim->username == "a\"b\\c");
  CHECK(claim->count == 255);
  CHECK(claim->count_text == "000000fF");
  CHECK(claim->cnonce == "x");
  CHECK(claim->uri == "/a?b=1,2");
  CHECK(to_hex(claim->response) == "abcdef0123456789abcdef0123456789");
}

TEST_CASE("digest: what is missing, said twice, broken or not offered is refused", "[node][openrosa]") {
  for (const char* part : {"username=\"Mufasa\", ", "realm=\"http-auth@example.org\", ", "uri=\"/dir/index.html\", ",
                           "nc=00000001, ", "qop=auth, ", "response=\"8ca523f5e9506fed4657c9700eebdbec\", "}) {
    INFO(part);
    CHECK(read_claim(without(mufasa, part)).error().code == Errc::malformed);
  }
  const std::vector<std::pair<std::string_view, std::string_view>> changes = {
      {"nc=00000001", "nc=0000001"},
      {"nc=00000001", "nc=0000000g"},
      {"nc=00000001", "nc=00000001, nc=00000001"},
      {"nc=00000001", "nc"},
      {"nc=00000001", "nc="},
      {"nc=00000001", "nc=\"\""},
      {"qop=auth", "qop=auth-int"},
      {"algorithm=MD5", "algorithm=SHA-256"},
      {"algorithm=MD5", "algorithm=MD5-sess"},
      {"algorithm=MD5", "userhash=true"},
      {"username=\"Mufasa\"", "username*=UTF-8''Mufasa"},
      {"username=\"Mufasa\"", "username=\"Mu\nfasa\""},
      {"username=\"Mufasa\"", "username=\"Mufasa\"x"},
      {"username=\"Mufasa\"", "=\"Mufasa\""},
      {"response=\"8c", "response=\""},
      {"response=\"8c", "response=\"8g"},
      {"Digest", "Digestive"},
      {"Digest", "Basic"}};
  for (const auto& [part, instead] : changes) {
    INFO(part << " becomes " << instead);
    CHECK(read_claim(with(mufasa, part, instead)).error().code == Errc::malformed);
  }
  for (std::size_t octets = 0; octets + 60 < mufasa.size(); ++octets) {
    INFO(octets);
    CHECK_FALSE(read_claim(mufasa.substr(0, octets)));
  }
  std::string many(mufasa);
  for (int i = 0; i < 30; ++i) many += ", a" + std::to_string(i) + "=b";
  CHECK_FALSE(read_claim(many));
  CHECK_FALSE(read_claim(std::string(mufasa) + ", x=\"" + std::string(authorization_octets_max, 'a') + "\""));
  CHECK_FALSE(is_digest(""));
  CHECK_FALSE(is_digest("Digest"));
  CHECK_FALSE(is_digest("Basic YTpi"));
}

TEST_CASE("nonces: each count of one is good once, in any order within the last 64", "[node][openrosa]") {
  SeededRng rng(1);
  Nonces nonces(rng);
  const Instant now{std::chrono::hours(1)};
  const std::string one = nonces.issue(now);
  const std::string two = nonces.issue(now);
  CHECK(one != two);
  CHECK(nonces.use(one, 3, now));
  CHECK_FALSE(nonces.use(one, 3, now));
  CHECK(nonces.use(one, 1, now));
  CHECK_FALSE(nonces.use(one, 1, now));
  CHECK(nonces.use(one, 2, now));
  CHECK(nonces.use(one, 66, now));
  CHECK_FALSE(nonces.use(one, 2, now));
  CHECK_FALSE(nonces.use(one, 3, now));
  CHECK(nonces.use(one, 4, now));
  CHECK(nonces.use(one, 4000000000U, now));
  CHECK_FALSE(nonces.use(one, 66, now));
  CHECK_FALSE(nonces.use(one, 0, now));
  CHECK(nonces.use(two, 1, now));
}

TEST_CASE("nonces: forged, altered, expired and foreign ones are stale", "[node][openrosa]") {
  SeededRng rng(1);
  Nonces nonces(rng);
  Nonces after_a_restart(rng);
  const Instant now{std::chrono::hours(1)};
  const std::string one = nonces.issue(now);
  for (std::size_t i = 0; i < one.size(); ++i) {
    std::string altered = one;
    altered[i] = altered[i] == '0' ? '1' : '0';
    CHECK_FALSE(nonces.use(altered, 1, now));
  }
  CHECK_FALSE(nonces.use("", 1, now));
  CHECK_FALSE(nonces.use(one.substr(2), 1, now));
  CHECK_FALSE(nonces.use(std::string(48, '0'), 1, now));
  CHECK_FALSE(after_a_restart.use(one, 1, now));
  CHECK_FALSE(nonces.use(one, 1, now + nonce_lifetime + std::chrono::seconds(1)));
  CHECK(nonces.remembered() == 0);
  CHECK(nonces.use(one, 1, now + nonce_lifetime));
}

TEST_CASE("nonces: memory is bounded, and what had to be forgotten is stale rather than good again",
          "[node][openrosa]") {
  SeededRng rng(1);
  Nonces nonces(rng);
  const Instant now{std::chrono::hours(1)};
  std::vector<std::string> given;
  for (std::size_t i = 0; i < nonces_max + 10; ++i) {
    given.push_back(nonces.issue(now));
    REQUIRE(nonces.use(given.back(), 1, now));
  }
  CHECK(nonces.remembered() == nonces_max);
  for (const std::string& one : given) CHECK_FALSE(nonces.use(one, 1, now));
  const Instant later = now + nonce_lifetime + std::chrono::minutes(1);
  CHECK(nonces.use(nonces.issue(later), 1, later));
}

TEST_CASE("gate: only the right password to the right address and method, once, comes in", "[node][openrosa]") {
  const tests::DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  box.work([&](sync::Replica&, sync::Batch& batch) {
    return put_account(batch, {"may-1", node::Capability::read_general, {}, {}, ha1_of("may-1", realm, "dung")});
  });
  Gate gate(*box.engine);
  struct Try {
    std::string user = "may-1", password = "dung", uri = "/formList?x=1", nonce = {};
    http::Method method = http::Method::get;
    std::string count = "00000001";
  };
  const auto request_of = [](const Try& how) {
    DigestClaim claim{how.user, std::string(realm), how.nonce, how.uri, "c", how.count, 0, {}};
    const Md5Hash response = response_of(ha1_of(how.user, realm, how.password), claim, name_of(how.method));
    http::Request out;
    out.method = how.method;
    out.target = *http::parse_target("/formList?x=1");
    const std::string text = "Digest username=\"" + how.user + "\", realm=\"khuoi\", nonce=\"" + how.nonce +
                             "\", uri=\"" + how.uri + "\", qop=auth, cnonce=\"c\", nc=" + how.count + ", response=\"" +
                             to_hex(response) + "\"";
    out.headers.emplace_back("authorization", text);
    return out;
  };
  const auto challenge = [&](const http::Response& answer) {
    REQUIRE(answer.status == 401);
    REQUIRE(answer.headers.front().first == "WWW-Authenticate");
    return answer.headers.front().second;
  };
  const auto nonce_in = [](const std::string& text) { return text.substr(text.find("nonce=\"") + 7, 48); };
  http::Request bare;
  bare.target = *http::parse_target("/formList?x=1");
  const std::string first = challenge(*gate.admit(bare));
  CHECK(first.find("stale") == std::string::npos);
  CHECK(bare.account.empty());
  const std::string nonce = nonce_in(first);

  http::Request good = request_of({.nonce = nonce});
  CHECK_FALSE(gate.admit(good));
  CHECK(good.account == "may-1");
  CHECK(challenge(*gate.admit(good)).find("stale=true") != std::string::npos);  // heard in the air, sent again
  http::Request second = request_of({.nonce = nonce, .count = "00000002"});
  CHECK_FALSE(gate.admit(second));
  http::Request elsewhere = request_of({.uri = "/submission", .nonce = nonce, .count = "00000003"});
  CHECK(challenge(*gate.admit(elsewhere)).find("stale") == std::string::npos);
  http::Request other_method = request_of({.nonce = nonce, .count = "00000005"});
  other_method.method = http::Method::post;
  http::Request forged = request_of({.nonce = std::string(48, 'a')});
  CHECK(challenge(*gate.admit(forged)).find("stale=true") != std::string::npos);

  // From here on each is a wrong guess, and the next one has to wait.
  CHECK(challenge(*gate.admit(other_method)).find("stale") == std::string::npos);
  http::Request waiting = request_of({.nonce = nonce, .count = "00000004"});
  CHECK(gate.admit(waiting)->status == 429);
  http::Request nobody = request_of({.user = "khong-co", .nonce = nonce});
  CHECK(gate.admit(nobody)->status == 401);
  CHECK(gate.admit(nobody)->status == 429);
}
