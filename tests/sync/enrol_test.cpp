#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "sync/membership/roster.h"
#include "tests/support/golden.h"
#include "tests/support/print_result.h"
#include "tests/sync/roster_samples.h"

using namespace khuoi;
using namespace khuoi::sync;
using khuoi::tests::RequestSample;
using khuoi::tests::RosterSamples;

// What is on disks, sticks and paper. A change here breaks what is out there: it needs a new version.
TEST_CASE("enrol: statements, requests, grant files and armour are those of the golden file", "[sync][roster]") {
  RosterSamples samples(2025);
  std::map<std::string, std::string> made;
  CommuneFacts commune = samples.commune(7, {samples.kem_key(), samples.kem_key()});
  commune.name = "Sảng Mộc";
  NodeFacts box = samples.box("Khuổi Mèo", 1'760'000'000);
  box.radio_alias = 0x1234;
  OfficerFacts officer = samples.officer("Nông Thị Hoa");
  officer.revoked = true;
  const std::map<RunId, std::uint32_t> counted = {{RunId::filled(0x11), 0}, {RunId::filled(0x22), 0xfffffffe}};
  const std::vector<Bytes> statements = {samples.statement(commune), samples.grant(box),
                                         samples.revocation(box.node, counted, 1'760'000'001),
                                         samples.statement(officer)};
  made["commune"] = to_hex(statements[0]);
  made["grant"] = to_hex(statements[1]);
  made["revocation"] = to_hex(statements[2]);
  made["officer"] = to_hex(statements[3]);
  made["request"] = to_hex(RequestSample(samples, "Khuổi Mèo").encoded());
  made["grant_file"] = to_hex(encode_grant_file(std::vector{statements[0], statements[1]}));
  made["armoured"] = armour("request", view_of("khuổi"));
  Roster roster = samples.roster();
  for (const Bytes& statement : statements) REQUIRE(roster.add(statement));
  Bytes digest;
  Writer(digest).u64(roster.digest());
  made["digest"] = to_hex(digest);

  const auto expected = tests::read_golden("roster_golden.txt");
  for (const auto& [name, text] : made) {
    INFO(name << " " << text);
    CHECK((expected.contains(name) && expected.at(name) == text));
  }
}

TEST_CASE("enrol: a request comes back as it was made", "[sync][roster]") {
  RosterSamples samples(30);
  const RequestSample sample(samples, "Khuổi Mèo");
  const auto back = decode_request(sample.encoded());
  REQUIRE(back);
  CHECK(back->name == "Khuổi Mèo");
  CHECK(back->sign == sample.request.sign);
  CHECK(back->auth == sample.request.auth);
  CHECK(back->reader_general == sample.request.reader_general);
  CHECK(back->reader_health == sample.request.reader_health);
  CHECK(sample.encoded().size() <= 300);  // fits a QR code that an old phone reads
}

TEST_CASE("enrol: every truncated and every flipped request is refused", "[sync][roster]") {
  RosterSamples samples(31);
  const Bytes octets = RequestSample(samples, "Nà Lay").encoded();
  for (std::size_t at = 0; at < octets.size(); ++at) {
    REQUIRE_FALSE(decode_request(ByteView(octets).first(at)));
    Bytes flipped = octets;
    flipped[at] ^= static_cast<std::uint8_t>(1U << samples.rng.below(8));
    REQUIRE_FALSE(decode_request(flipped));
  }
  Bytes longer = octets;
  longer.push_back(0);
  CHECK_FALSE(decode_request(longer));
  CHECK(decode_request(Bytes(1025, 0)).error().code == Errc::too_large);
}

TEST_CASE("enrol: a request with a bad name or an empty key is refused", "[sync][roster]") {
  RosterSamples samples(32);
  RequestSample sample(samples, "a\tb");
  CHECK(decode_request(sample.encoded()).error().code == Errc::malformed);
  sample.request.name = std::string(129, 'a');
  CHECK(decode_request(sample.encoded()).error().code == Errc::too_large);
  sample.request.name = std::string(128, 'a');
  CHECK(decode_request(sample.encoded()));
  sample.request.auth = {};
  CHECK(decode_request(sample.encoded()).error().code == Errc::malformed);
}

TEST_CASE("enrol: a statement is no request, nor a request a statement", "[sync][roster]") {
  RosterSamples samples(33);
  Roster roster = samples.roster();
  CHECK(roster.add(RequestSample(samples, "Nà Ca").encoded()).error().code == Errc::unauthenticated);
  CHECK_FALSE(decode_request(samples.grant(samples.box("Nà Ca", 1))));
}

TEST_CASE("enrol: names of people and places are good names", "[sync][roster]") {
  for (const char* name : {"Khuổi Mèo", "xóm Nà Lay (trường học)", "a", "ệ", "𠀀", "\xc2\xa0"}) CHECK(check_name(name));
  for (const char* name : {"", "\t", "a\r", "\xc2\x9f", "\xe2\x80\x8f", "\xd8\x9c", "\xed\xa0\x80"}) {
    CHECK_FALSE(check_name(name));
  }
  CHECK_FALSE(check_name(std::string_view("a\0b", 3)));
}

TEST_CASE("enrol: armour comes back, however mail has broken it", "[sync][roster]") {
  SeededRng rng(34);
  for (std::size_t octets = 0; octets < 70; ++octets) {
    Bytes given(octets);
    rng.fill(given);
    const std::string text = armour("grant", given);
    CHECK(text.starts_with("khuoi-grant-1:"));
    CHECK(text.find_first_of("+/= \r\n") == std::string::npos);
    CHECK(*unarmour("grant", text) == given);
    CHECK(*unarmour("grant", " \r\n" + text + "\r\n") == given);
    CHECK(*unarmour("grant", "\xef\xbb\xbf" + text) == given);
    std::string wrapped = text;
    for (std::size_t at = 20; at < wrapped.size(); at += 21) wrapped.insert(at, "\r\n");
    CHECK(*unarmour("grant", wrapped) == given);
  }
}

TEST_CASE("enrol: armour of another kind or version, or mistyped, is refused with a sentence", "[sync][roster]") {
  const std::string text = armour("request", view_of("four"));
  CHECK(text == "khuoi-request-1:Zm91cg");
  CHECK(unarmour("grant", text).error().code == Errc::malformed);
  CHECK(unarmour("request", "khuoi-request-2:Zm91cg").error().code == Errc::unsupported);
  CHECK(unarmour("request", "khuoi-request-").error().code == Errc::unsupported);
  for (const char* bad : {"", " ", "hello", "khuoi-request", "khuoi-request-1:Zm91c", "khuoi-request-1:Zm91ch",
                          "khuoi-request-1:Zm91cg==", "khuoi-request-1:Zm9+cg", "khuoi-request-1:Zm91cg\xc2\xa0"}) {
    INFO(bad);
    const auto back = unarmour("request", bad);
    REQUIRE_FALSE(back);
    CHECK(back.error().code == Errc::malformed);
  }
  CHECK(unarmour("request", std::string(24U << 20U, 'a')).error().code == Errc::too_large);
}

TEST_CASE("enrol: a grant file gives its statements back in order", "[sync][roster]") {
  RosterSamples samples(35);
  std::vector<Bytes> statements = {samples.statement(samples.commune(1, {samples.kem_key()}))};
  for (int i = 0; i < 20; ++i) statements.push_back(samples.grant(samples.box("Phú Cốc", i)));
  const Bytes octets = encode_grant_file(statements);
  CHECK(*decode_grant_file(octets) == statements);
  for (std::size_t at = 0; at < octets.size(); ++at) REQUIRE_FALSE(decode_grant_file(ByteView(octets).first(at)));
  Bytes longer = octets;
  longer.push_back(0);
  CHECK(decode_grant_file(longer).error().code == Errc::malformed);
}

TEST_CASE("enrol: a damaged grant file never gives a roster anything that was not signed", "[sync][roster]") {
  RosterSamples samples(36);
  const std::vector<Bytes> statements = {samples.statement(samples.commune(1, {samples.kem_key()})),
                                         samples.grant(samples.box("Nà Lay", 1))};
  const Bytes octets = encode_grant_file(statements);
  for (std::size_t at = 0; at < octets.size(); ++at) {
    Bytes flipped = octets;
    flipped[at] ^= static_cast<std::uint8_t>(1U << samples.rng.below(8));
    const auto back = decode_grant_file(flipped);
    if (!back) continue;
    Roster roster = samples.roster();
    for (const Bytes& statement : *back) {
      const auto added = roster.add(statement);
      if (added) CHECK(std::ranges::find(statements, statement) != statements.end());
    }
  }
}

TEST_CASE("enrol: a grant file that claims too much is refused before anything is allocated", "[sync][roster]") {
  const auto decode = [](const char* hex) { return decode_grant_file(*from_hex(hex)); };
  CHECK(decode("4b474631"
               "ffffffffffffffffff01")
            .error()
            .code == Errc::malformed);
  CHECK(decode("4b474631"
               "01"
               "ffffffffffffffffff01")
            .error()
            .code == Errc::malformed);
  CHECK(decode("4b474631"
               "00")
            .error()
            .code == Errc::malformed);
  CHECK(decode("4b474632"
               "0100")
            .error()
            .code == Errc::unsupported);
  CHECK(decode("4b4158310100").error().code == Errc::malformed);
  CHECK(decode_grant_file(Bytes(grant_file_octets_max + 1, 0)).error().code == Errc::too_large);
}
