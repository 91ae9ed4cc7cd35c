#include "sync/seal/passphrase.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {

constexpr std::pair<std::string_view, std::string_view> marked_letters[] = {
    {"a", "àáảãạăằắẳẵặâầấẩẫậ"}, {"e", "èéẻẽẹêềếểễệ"}, {"i", "ìíỉĩị"}, {"o", "òóỏõọôồốổỗộơờớởỡợ"},
    {"u", "ùúủũụưừứửữự"},       {"y", "ỳýỷỹỵ"},       {"d", "đ"},
};

std::size_t letter_octets(char first) {
  const auto lead = static_cast<unsigned char>(first);
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : 3;
}

/// The word as someone without a Vietnamese keyboard writes it; empty when it has a letter that is not a composed
/// lower-case Vietnamese one.
std::string without_marks(std::string_view word) {
  std::string out;
  for (std::size_t at = 0; at < word.size(); at += letter_octets(word[at])) {
    const std::string_view letter = word.substr(at, letter_octets(word[at]));
    if (letter.size() == 1) {
      if (letter[0] < 'a' || letter[0] > 'z') return {};
      out += letter;
      continue;
    }
    const auto* found = std::ranges::find_if(
        marked_letters, [&](const auto& row) { return row.second.find(letter) != std::string_view::npos; });
    if (found == std::end(marked_letters)) return {};
    out += found->first;
  }
  return out;
}

/// In the North tr and ch, s and x, d, gi and r at the start of a word sound alike.
std::string northern_sound(std::string word) {
  const auto swap = [&](std::string_view from, std::string_view to) {
    if (!word.starts_with(from)) return false;
    word = std::string(to) + word.substr(from.size());
    return true;
  };
  (void)(swap("tr", "ch") || swap("s", "x") || swap("gi", "d") || swap("r", "d"));
  return word;
}

PassphraseParams cheap() {
  PassphraseParams out;
  for (std::size_t i = 0; i < out.salt.size(); ++i) out.salt[i] = static_cast<std::uint8_t>(i);
  out.operations = 1;
  out.memory_kib = 64;
  return out;
}

}  // namespace

TEST_CASE("passphrase: the list gives 9 bits a word, in short composed lower case", "[sync][passphrase]") {
  CHECK(phrase_words().size() >= 512);
  for (const std::string_view word : phrase_words()) {
    CAPTURE(word);
    const std::string plain = without_marks(word);
    CHECK(plain.size() >= 2);
    CHECK(plain.size() <= 6);
  }
}

TEST_CASE("passphrase: no two words are alike without marks or in a northern mouth", "[sync][passphrase]") {
  std::map<std::string, std::string_view> plain;
  std::map<std::string, std::string_view> sounds;
  for (const std::string_view word : phrase_words()) {
    const auto [same_letters, new_letters] = plain.emplace(without_marks(word), word);
    if (!new_letters) FAIL_CHECK(word << " and " << same_letters->second);
    const auto [same_sound, new_sound] = sounds.emplace(northern_sound(std::string(word)), word);
    if (!new_sound) FAIL_CHECK(word << " and " << same_sound->second);
  }
}

TEST_CASE("passphrase: no word has two accepted spellings", "[sync][passphrase]") {
  for (const std::string_view word : phrase_words()) {
    CAPTURE(word);
    const std::string plain = without_marks(word);
    const bool marked = plain != word;
    for (const std::string_view ending : {"oa", "oe", "uy"}) {  // hoà or hòa
      CHECK_FALSE((marked && plain.ends_with(ending)));
    }
    for (const std::string_view syllable : {"hi", "ki", "li", "mi", "si", "ti", "hy", "ky", "ly", "my", "sy", "ty"}) {
      CHECK(plain != syllable);  // lí or lý
    }
  }
}

TEST_CASE("passphrase: four words of the list, other ones each time", "[sync][passphrase]") {
  SeededRng rng(21);
  std::set<std::string> phrases;
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    const std::string phrase = make_phrase(rng);
    CHECK(normalise_phrase(phrase) == phrase);
    CHECK(std::ranges::count(phrase, ' ') == 3);
    phrases.insert(phrase);
    std::size_t at = 0;
    for (std::size_t end = 0; end != std::string::npos; at = end + 1) {
      end = phrase.find(' ', at);
      const std::string word = phrase.substr(at, end == std::string::npos ? end : end - at);
      CHECK(std::ranges::find(phrase_words(), word) != phrase_words().end());
      seen.insert(word);
    }
  }
  CHECK(phrases.size() == 2000);
  CHECK(seen.size() == phrase_words().size());  // 8,000 draws of ~550: none is left out
}

TEST_CASE("passphrase: white space of any kind does not matter, letters do", "[sync][passphrase]") {
  CHECK(normalise_phrase("  nước \t suối\r\n\u00a0 đá  ") == "nước suối đá");
  CHECK(normalise_phrase("Nước SUỐI") == "Nước SUỐI");
  CHECK(normalise_phrase(" \n\t") == "");
  CHECK(normalise_phrase("") == "");
  CHECK(normalise_phrase("nu\u031bo\u031b\u0301c") == "nu\u031bo\u031b\u0301c");  // not composed for the person
}

// Expected value: Python's cryptography 48 (OpenSSL) with the same salt, 1 pass, 64 KiB, 1 lane.
TEST_CASE("passphrase: Argon2id gives the same key on every machine", "[sync][passphrase]") {
  const auto key = derive_phrase_key(cheap(), view_of("nước suối đá mây"));
  REQUIRE(key);
  CHECK(to_hex(key->view()) == "c3122abd4eeda9759bb166326939335bd99755433cf4bd777d08ccc287ca8dbb");
  PassphraseParams other = cheap();
  other.salt[0] ^= 1U;
  CHECK(to_hex(derive_phrase_key(other, view_of("nước suối đá mây"))->view()) != to_hex(key->view()));
  CHECK(to_hex(derive_phrase_key(cheap(), view_of("nước suối đá"))->view()) != to_hex(key->view()));
}

TEST_CASE("passphrase: costs outside a slot's limits are refused before memory is asked for", "[sync][passphrase]") {
  PassphraseParams params = cheap();
  params.memory_kib = 0xffffffffU;
  CHECK(derive_phrase_key(params, view_of("x")).error().code == Errc::malformed);
  params = cheap();
  params.operations = 0;
  CHECK(derive_phrase_key(params, view_of("x")).error().code == Errc::malformed);
}

TEST_CASE("passphrase: an empty one makes no key", "[sync][passphrase]") {
  CHECK(derive_phrase_key(cheap(), {}).error().code == Errc::usage);
}

TEST_CASE("passphrase: new parameters have their own salt and cost at least 256 MiB", "[sync][passphrase]") {
  SeededRng rng(22);
  const PassphraseParams first = make_passphrase_params(rng);
  const PassphraseParams second = make_passphrase_params(rng);
  CHECK(first.salt != second.salt);
  CHECK(first.memory_kib >= 256 * 1024);
  CHECK(within_limits(first));
}
