// What phones are told, and how they prove who they are: the pure parts of node/openrosa.
#include <catch2/catch.hpp>
#include <set>

#include "node/http/problem.h"
#include "node/openrosa/accounts.h"
#include "node/openrosa/answer.h"
#include "node/openrosa/collect_settings.h"
#include "node/openrosa/digest.h"
#include "node/openrosa/form_list.h"
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

TEST_CASE("accounts: a name is what any phone can type", "[node][openrosa]") {
  CHECK(account_name_of("Máy chị Mỷ (Đỏ)") == "may-chi-my-do");
  CHECK(account_name_of("  A--b__c ") == "a-b-c");
  CHECK(account_name_of("☎ 电话").empty());
  CHECK(account_name_of("").empty());
  CHECK(account_name_of(std::string(100, 'x')).size() == account_name_octets_max);
  CHECK(account_name_of(std::string(31, 'x') + " y") == std::string(31, 'x'));
}

TEST_CASE("accounts: a password has no letter that a keyboard changes or an eye mistakes", "[node][openrosa]") {
  SeededRng rng(7);
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string one = make_password(rng);
    CHECK(one.size() == 19);
    CHECK(one.find_first_of("aeiouywdfsjl01z") == std::string::npos);
    CHECK(seen.insert(one).second);
  }
}

TEST_CASE("accounts: one is kept as a hash, found by its name, and gone when it is removed", "[node][openrosa]") {
  const tests::DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  Account one{"may-1", {false, true}, {1000}, {0}, ha1_of("may-1", realm, "bcg-hkm")};
  Account two{"may-2", {true, false}, {-5}, {7}, {}};
  box.work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(put_account(batch, two));
    return put_account(batch, one);
  });
  const auto all = [&] {
    std::vector<Account> out;
    REQUIRE(box.engine->look([&](sync::Replica&, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(out, accounts(txn));
      for (const char* name : {"", "may", "may-1/", "khong"}) {
        KHUOI_TRY(const auto none, account_named(txn, name));
        CHECK_FALSE(none);
      }
      KHUOI_TRY(const auto long_name, account_named(txn, std::string(5000, 'x')));
      CHECK_FALSE(long_name);
      return {};
    }));
    return out;
  };
  REQUIRE(all().size() == 2);
  CHECK(all()[0].name == "may-1");
  CHECK(all()[0].domains == http::Domains{false, true});
  CHECK(all()[0].ha1 == one.ha1);
  CHECK(all()[1].made.value == -5);
  CHECK(all()[1].last.value == 7);
  box.work([&](sync::Replica&, sync::Batch& batch) { return erase_account(batch, "may-1"); });
  REQUIRE(all().size() == 1);
}

TEST_CASE("gate: only the right password to the right address and method, once, comes in", "[node][openrosa]") {
  const tests::DiskNode box(sync::Role::hamlet, "Khuổi Mèo");
  box.work([&](sync::Replica&, sync::Batch& batch) {
    return put_account(batch, {"may-1", {true, false}, {}, {}, ha1_of("may-1", realm, "dung")});
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

TEST_CASE("answers: XML from what forms and people say is XML still", "[node][openrosa]") {
  CHECK(xml_text("a<b>&\"c\" Mỷ\n\t") == "a&lt;b&gt;&amp;&quot;c&quot; Mỷ\n\t");
  CHECK(xml_text(std::string("a\0b\x1b", 4)) ==
        "a\xef\xbf\xbd"
        "b\xef\xbf\xbd");
  CHECK(xml_text("a\xef\xbf\xbf") == "a\xef\xbf\xbd");
  CHECK(xml_text("\xc0\xaf<") == "\xef\xbf\xbd\xef\xbf\xbd&lt;");
}

TEST_CASE("answers: a refusal is a sentence in an OpenRosaResponse, with the version of the API", "[node][openrosa]") {
  for (const auto& [code, status] : {std::pair{Errc::malformed, 400U},
                                     {Errc::not_found, 404U},
                                     {Errc::conflict, 409U},
                                     {Errc::too_large, 413U},
                                     {Errc::store_full, 507U},
                                     {Errc::disk_full, 507U},
                                     {Errc::denied, 403U},
                                     {Errc::io, 500U},
                                     {Errc::busy, 503U}}) {
    const http::Response out = dressed(http::problem_of(fail(code, "an English sentence")));
    CHECK(out.status == status);
    CHECK(out.type == "text/xml; charset=utf-8");
    const std::string begin = "<OpenRosaResponse xmlns=\"http://openrosa.org/http/response\"><message>";
    CHECK(out.body.find(begin) != std::string::npos);
    CHECK(out.body.find("English") == std::string::npos);
    CHECK(out.headers.back() == std::pair<std::string, std::string>("X-OpenRosa-Version", "1.0"));
  }
  const http::Response wait = dressed(http::problem_wait(8));
  CHECK(wait.status == 429);
  CHECK(wait.body.find("chờ 8 giây") != std::string::npos);
  const http::Response fine = dressed(http::text_response(200, "x", "image/png"));
  CHECK((fine.body == "x" && fine.type == "image/png"));
  CHECK(fine.headers.back().first == "X-OpenRosa-Version");
}

TEST_CASE("form list: every form says its id, version, hash and absolute addresses, escaped", "[node][openrosa]") {
  const std::vector<ListedForm> forms = {{"a&b", "<Khai sinh>", "", "00ff", "k1", "Phiếu", false},
                                         {"c", "C", "2", "11", "k2", "", true}};
  const std::string text = form_list_xml(forms, "http://10.0.0.1:8080", false);
  CHECK(text.find("<xforms xmlns=\"http://openrosa.org/xforms/xformsList\">") != std::string::npos);
  CHECK(text.find("<xform><formID>a&amp;b</formID><name>&lt;Khai sinh&gt;</name><version></version>"
                  "<hash>md5:00ff</hash><downloadUrl>http://10.0.0.1:8080/forms/k1/form.xml</downloadUrl></xform>") !=
        std::string::npos);
  CHECK(text.find("<manifestUrl>http://10.0.0.1:8080/forms/k2/manifest.xml</manifestUrl>") != std::string::npos);
  CHECK(text.find("descriptionText") == std::string::npos);
  CHECK(form_list_xml(forms, "", true).find("<descriptionText>Phiếu</descriptionText>") != std::string::npos);
  const std::string media = manifest_xml({{"ảnh 1.png", "22"}}, "http://h", "k2");
  CHECK(media.find("<manifest xmlns=\"http://openrosa.org/xforms/xformsManifest\">") != std::string::npos);
  CHECK(media.find("<mediaFile><filename>ảnh 1.png</filename><hash>md5:22</hash>"
                   "<downloadUrl>http://h/forms/k2/media/%E1%BA%A3nh%201.png</downloadUrl></mediaFile>") !=
        std::string::npos);
}

TEST_CASE("phones: addresses are those a phone can reach, the asked and the wireless one first", "[node][openrosa]") {
  const std::vector<Address> box = {{"lo", "127.0.0.1", false, true},
                                    {"eth0", "192.168.1.7", false, false},
                                    {"wlan0", "10.42.0.1", false, false},
                                    {"eth0", "2001:db8::7", true, false},
                                    {"lo", "::1", true, true}};
  using Urls = std::vector<std::string>;
  CHECK(urls_for_phones(box, "0.0.0.0:8080", "localhost:8080") ==
        Urls{"http://10.42.0.1:8080", "http://192.168.1.7:8080"});
  CHECK(urls_for_phones(box, "0.0.0.0:80", "192.168.1.7") == Urls{"http://192.168.1.7", "http://10.42.0.1"});
  CHECK(urls_for_phones(box, "[::]:8080", "khuoi.local") ==
        Urls{"http://10.42.0.1:8080", "http://192.168.1.7:8080", "http://[2001:db8::7]:8080"});
  CHECK(urls_for_phones(box, "10.42.0.1:8080", "192.168.1.7:8080") == Urls{"http://10.42.0.1:8080"});
  CHECK(urls_for_phones(box, "127.0.0.1:43210", "127.0.0.1:43210") == Urls{"http://127.0.0.1:43210"});
  CHECK(urls_for_phones({}, "0.0.0.0:8080", "x").empty());
}
