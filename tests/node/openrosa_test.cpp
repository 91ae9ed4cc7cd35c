// What phones are told: accounts, lists, answers, settings. The pure parts of node/openrosa.
#include <catch2/catch.hpp>
#include <set>

#include "node/openrosa/accounts.h"
#include "node/openrosa/answer.h"
#include "node/openrosa/collect_settings.h"
#include "node/openrosa/digest.h"
#include "node/openrosa/form_choice.h"
#include "node/openrosa/form_list.h"
#include "node/web_server/problem.h"
#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::openrosa;

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
  Account one{"may-1", node::Capability::read_health, {1000}, {0}, ha1_of("may-1", realm, "bcg-hkm")};
  Account two{"may-2", node::Capability::read_general, {-5}, {7}, {}};
  box.work([&](sync::Replica&, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY_VOID(put_account(batch, two));
    return put_account(batch, one);
  });
  const auto all = [&] {
    std::vector<Account> out;
    REQUIRE(box.engine->look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
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
  CHECK(all()[0].may == node::Capability::read_health);
  CHECK(all()[0].ha1 == one.ha1);
  CHECK(all()[1].made.value == -5);
  CHECK(all()[1].last.value == 7);
  box.work([&](sync::Replica&, sync::Batch& batch) { return erase_account(batch, "may-1"); });
  REQUIRE(all().size() == 1);
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

TEST_CASE("form list: the newest whole version is shown, and none of a form that was closed", "[node][openrosa]") {
  const auto form = [](const char* id, const char* version, std::uint64_t order, bool closed = false) {
    sync::FormEntry out;
    out.id = id;
    out.version = version;
    out.order = order;
    out.closed = closed;
    return out;
  };
  const std::vector<KnownForm> known = {
      {form("a", "1", 1)}, {form("a", "3", 5)},        {form("a", "2", 3)},  // published in another order than named
      {form("b", "1", 2)}, {form("b", "2", 6), false},  // the newer one's pictures are on their way
      {form("c", "1", 4)}, {form("c", "2", 7, true)},  {form("d", "1", 8), false}, {form("e", "1", 9, true)},
      {form("e", "2", 10)}};
  const auto shown = [&](bool all) {
    std::vector<std::string> out;
    for (const sync::FormEntry& one : forms_to_show(known, all)) out.push_back(one.id + one.version);
    return out;
  };
  CHECK(shown(false) == std::vector<std::string>{"a3", "b1", "d1", "e2"});
  CHECK(shown(true) == std::vector<std::string>{"a1", "a3", "a2", "b1", "b2", "c1", "d1", "e2"});
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
  CHECK(is_loopback(box, "http://127.0.0.1:43210"));
  CHECK(is_loopback(box, "http://[::1]:43210"));
  CHECK_FALSE(is_loopback(box, "http://10.42.0.1"));
  CHECK_FALSE(is_loopback(box, "http://[2001:db8::7]:8080"));
}
