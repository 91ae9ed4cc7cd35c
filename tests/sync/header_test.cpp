#include "sync/record/header.h"

#include <catch2/catch.hpp>

#include "tests/support/golden.h"
#include "tests/support/print_result.h"
#include "tests/sync/record_samples.h"

using namespace khuoi;
using namespace khuoi::sync;

TEST_CASE("header: it stands in its golden octets and comes back", "[sync][header]") {
  const Header header = test::sample_header();
  CHECK(to_hex(header.encoded()) == tests::read_golden("record_golden.txt").at("header"));
  REQUIRE(decode_header(header.encoded()));
  CHECK(*decode_header(header.encoded()) == header);
  CHECK(header.ref() == Ref{header.author, header.run, header.number});
}

TEST_CASE("header: every class and rank comes back, and every other class octet is refused", "[sync][header]") {
  int known = 0;
  for (unsigned octet = 0; octet < 256; ++octet) {
    Header header = test::sample_header();
    auto octets = header.encoded();
    octets[1] = static_cast<std::uint8_t>(octet);
    const auto read = read_class_octet(static_cast<std::uint8_t>(octet));
    const auto decoded = decode_header(octets);
    REQUIRE(read.has_value() == decoded.has_value());
    if (!read) continue;
    ++known;
    CHECK(class_octet(read->first, read->second) == octet);
    CHECK(decoded->encoded() == octets);
  }
  CHECK(known == 12);
}

TEST_CASE("header: other versions are unsupported, other lengths malformed", "[sync][header]") {
  const auto octets = test::sample_header().encoded();
  for (const unsigned version : {0U, 2U, 255U}) {
    auto other = octets;
    other[0] = static_cast<std::uint8_t>(version);
    CHECK(decode_header(other).error().code == Errc::unsupported);
  }
  for (std::size_t size = 1; size < octets.size(); ++size) CHECK(!decode_header(ByteView(octets).first(size)));
  CHECK(!decode_header({}));
  Bytes longer = to_bytes(octets);
  longer.push_back(0);
  CHECK(decode_header(longer).error().code == Errc::malformed);
}

TEST_CASE("header: each flipped bit changes the header or is refused", "[sync][header]") {
  const Header header = test::sample_header();
  for (std::size_t bit = 0; bit < Header::octets * 8; ++bit) {
    auto octets = header.encoded();
    octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] ^ (1U << (bit % 8)));
    const auto read = decode_header(octets);
    if (read) CHECK(!(*read == header));
  }
}

TEST_CASE("opener: it stands in its golden octets and comes back, with a signature behind it or not",
          "[sync][header]") {
  const Opener opener = test::sample_opener();
  Bytes octets = encode_opener(opener);
  CHECK(octets.size() + 64 == opener_octets);
  CHECK(to_hex(octets) == tests::read_golden("record_golden.txt").at("opener"));
  for (const bool is_signed : {false, true}) {
    if (is_signed) octets.resize(opener_octets);
    const auto read = decode_opener(octets);
    REQUIRE(read);
    CHECK(read->enc == opener.enc);
    CHECK(read->recipient == opener.recipient);
    CHECK(read->previous == opener.previous);
    CHECK(read->previous_last == opener.previous_last);
    CHECK(read->ordinal == opener.ordinal);
    CHECK(read->wall == opener.wall);
    CHECK(read->wall_trusted);
  }
}

TEST_CASE("opener: any other length is refused", "[sync][header]") {
  const Bytes octets(opener_octets + 8);
  for (std::size_t size = 0; size <= octets.size(); ++size) {
    const bool fits = size == opener_octets || size == opener_octets - 64;
    CHECK(decode_opener(ByteView(octets).first(size)).has_value() == fits);
  }
}

TEST_CASE("opener: the HPKE info names the program, then who, then which run, then for whom", "[sync][header]") {
  const Header header = test::sample_header();
  const Bytes info = run_info(header.commune, header.author, header.run, header.audience);
  CHECK(text_of(ByteView(info).first(11)) == "khuoi/1/run");
  CHECK(to_hex(ByteView(info).subspan(11)) ==
        header.commune.hex() + header.author.hex() + header.run.hex() + header.audience.hex());
}
