#include <algorithm>
#include <catch2/catch.hpp>

#include "sync/base/rng.h"
#include "sync/codec/counts.h"
#include "sync/codec/letters.h"
#include "sync/codec/range_coder.h"
#include "sync/codec/symbols.h"
#include "sync/codec/value_tokens.h"
#include "sync/codec/xml_pieces.h"

using namespace khuoi;
using namespace khuoi::sync;

TEST_CASE("range coder: intervals of any totals come back, carries included", "[sync][codec]") {
  struct Coded {
    std::uint32_t start, size, total;
  };
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed=" << seed);
    SeededRng rng(seed);
    std::vector<Coded> all;
    RangeEncoder encoder;
    for (std::uint64_t count = rng.below(400); count > 0; --count) {
      const auto total = static_cast<std::uint32_t>(1 + rng.below(seed % 3 == 0 ? 1U << 17U : 40));
      // Often the last interval, whose low end lies high: it is what makes carries.
      const auto start = seed % 2 == 0 ? total - 1 : static_cast<std::uint32_t>(rng.below(total));
      const auto size = static_cast<std::uint32_t>(1 + rng.below(total - start));
      all.push_back({start, size, total});
      encoder.encode(start, size, total);
    }
    const Bytes octets = encoder.finish();
    RangeDecoder decoder(octets);
    for (const Coded& coded : all) {
      const std::uint32_t target = decoder.target(coded.total);
      REQUIRE(target >= coded.start);
      REQUIRE(target < coded.start + coded.size);
      decoder.take(coded.start, coded.size, coded.total);
    }
    CHECK(decoder.at_end());
  }
}

TEST_CASE("letters: each Vietnamese letter comes back, and its two cases belong together", "[sync][codec]") {
  const std::string lower_case = "àáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ";
  const std::string upper_case = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ";
  std::string big;
  std::string back;
  std::size_t letters = 0;
  for (std::size_t at = 0; at < lower_case.size(); ++letters) {
    const CharacterAt here = character_at(std::string_view(lower_case).substr(at));
    CHECK(is_lower(here.character));
    CHECK(lower(upper(here.character)) == here.character);
    append_character(big, upper(here.character));
    append_character(back, here.character);
    at += here.octets;
  }
  CHECK(letters == vietnamese_letters);
  CHECK(big == upper_case);
  CHECK(back == lower_case);
}

TEST_CASE("letters: any octets are characters, and come back", "[sync][codec]") {
  SeededRng rng(4);
  for (int round = 0; round < 2000; ++round) {
    Bytes octets(1 + rng.below(12));
    rng.fill(octets);
    if (round % 2 == 0) octets[0] = 0xE1;
    std::string back;
    for (std::size_t at = 0; at < octets.size();) {
      const CharacterAt here = character_at(text_of(octets).substr(at));
      append_character(back, here.character);
      at += here.octets;
    }
    CHECK(back == text_of(octets));
  }
}

TEST_CASE("tokens: a value's tokens join to the value", "[sync][codec]") {
  const std::string_view value =
      "Lý A Páo  khuoi-07:00a1b2c3d4e5 12/80 uuid:0f8fad5b-d9cb-469f-a165-70867728950e 1.0 Đ";
  std::string back;
  std::vector<Token::Kind> kinds;
  for (std::string_view left = value; !left.empty();) {
    const Token token = token_at(left, false);
    back.append(token.text);
    kinds.push_back(token.kind);
    left.remove_prefix(token.text.size());
  }
  CHECK(back == value);
  CHECK(std::count(kinds.begin(), kinds.end(), Token::Kind::uuid) == 1);
  CHECK(std::count(kinds.begin(), kinds.end(), Token::Kind::hex) == 1);
}

TEST_CASE("tokens: a UUID is 122 bits and back", "[sync][codec]") {
  for (const std::string_view uuid : {"0f8fad5b-d9cb-469f-a165-70867728950e", "00000000-0000-4000-8000-000000000000",
                                      "ffffffff-ffff-4fff-bfff-ffffffffffff"}) {
    const UuidBits bits = uuid_bits(uuid);
    CHECK((bits.high >> 61U) == 0);
    CHECK((bits.low >> 61U) == 0);
    CHECK(uuid_text(bits) == uuid);
  }
}

TEST_CASE("tokens: only times that would be written the same way are times", "[sync][codec]") {
  for (const std::string_view good : {"2026-05-12T08:30:15.250+07:00", "2024-02-29T00:00:00.000Z",
                                      "0001-01-01T00:00:00.000-11:30", "9999-12-31T23:59:59.999+07:00"}) {
    const auto time = parse_date_time(good);
    REQUIRE(time);
    CHECK(date_time_text(time->ms, time->zone) == good);
  }
  for (const std::string_view bad :
       {"2026-05-12T08:30:15+07:00", "2026-02-29T00:00:00.000Z", "2026-05-12T24:00:00.000Z", "0000-01-01T00:00:00.000Z",
        "2026-05-12 08:30:15.250Z", "2026-05-12T08:30:15.250+7:00", "2026-05-12T08:30:15.250+07:00 ",
        "2026-13-12T08:30:15.250Z"}) {
    CHECK_FALSE(parse_date_time(bad));
  }
}

TEST_CASE("pieces: any octets are pieces, and join again", "[sync][codec]") {
  SeededRng rng(6);
  static constexpr std::string_view alphabet = "<>/ab= \"!-x\n";
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (std::uint64_t octets = rng.below(40); octets > 0; --octets)
      text.push_back(alphabet[rng.below(alphabet.size())]);
    std::string back;
    XmlPieces pieces(text);
    for (Piece piece; pieces.next(piece);) {
      back.append(piece.tag);
      if (piece.kind == Piece::Kind::leaf)
        back.append(piece.value).append("</").append(name_of_tag(piece.tag)).append(">");
      back.append(piece.tail);
    }
    CHECK(back == text);
  }
}

TEST_CASE("counts: what is learned after freezing is rolled back entirely", "[sync][codec]") {
  SymbolCounts counts;
  SeededRng rng(8);
  for (int round = 0; round < 5000; ++round) {
    counts.add(static_cast<std::uint32_t>(rng.below(300)), static_cast<std::uint32_t>(rng.below(40)));
  }
  counts.freeze();
  const auto picture = [&] {
    std::vector<std::uint32_t> out;
    for (std::uint32_t key = 0; key < 40'000; ++key) {
      const SymbolCounts::Seen seen = counts.find(key);
      out.push_back(seen.total);
      for (std::uint32_t entry = 0; entry < seen.distinct; ++entry) {
        out.push_back(seen.entries[entry].symbol);
        out.push_back(seen.entries[entry].count);
      }
    }
    return out;
  };
  const auto before = picture();
  for (int record = 0; record < 20; ++record) {
    for (int round = 0; round < 4000; ++round) {
      counts.add(static_cast<std::uint32_t>(rng.below(record % 2 == 0 ? 400 : 40'000)),
                 static_cast<std::uint32_t>(rng.below(90)));
    }
    counts.roll_back();
    REQUIRE(picture() == before);
  }
}

TEST_CASE("symbols: texts made after freezing are forgotten at roll-back", "[sync][codec]") {
  Symbols symbols;
  std::vector<Symbol> kept;
  for (int at = 0; at < 3000; ++at) kept.push_back(symbols.intern(SymbolKind::core, std::to_string(at)));
  symbols.freeze();
  for (int record = 0; record < 5; ++record) {
    for (int at = 0; at < 9000; ++at) symbols.intern(SymbolKind::core, std::to_string(at));
    symbols.roll_back();
    CHECK(symbols.find(SymbolKind::core, "3000") == no_symbol);
    for (int at = 0; at < 3000; ++at)
      REQUIRE(symbols.find(SymbolKind::core, std::to_string(at)) == kept[static_cast<std::size_t>(at)]);
  }
}
