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

PassphraseParams cheap_salted() {
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

TEST_CASE("passphrase: words of the list are one phrase in capitals, without marks and composed otherwise",
          "[sync][passphrase]") {
  const std::vector<std::string> forms = {"bac bai banh bao", "bạc bãi bánh báo"};
  CHECK(phrase_forms("bạc bãi bánh báo") == forms);
  const auto first = [](std::string_view typed) { return phrase_forms(typed).front(); };
  for (const std::string_view typed :
       {"Bạc bãi bánh báo", "BẠC BÃI BÁNH BÁO", "bac bai banh bao", "Bac Bai Banh Bao", "  bạc\tbãi\nbánh\u00a0 báo ",
        "ba\u0323c ba\u0303i ba\u0301nh ba\u0301o"}) {
    CAPTURE(typed);
    CHECK(first(typed) == "bac bai banh bao");
    CHECK(std::ranges::count(phrase_forms(typed), "bạc bãi bánh báo") == 1);  // how an older slot was made
    CHECK(std::ranges::count(phrase_forms(typed), normalise_phrase(typed)) == 1);
  }
  CHECK(first("Đất ĐÊM đen dép") == "dat dem den dep");
}

TEST_CASE("passphrase: one word from elsewhere, and letters count as they are, composed", "[sync][passphrase]") {
  CHECK(phrase_forms("Bạc bãi bánh xyz") == std::vector<std::string>{"Bạc bãi bánh xyz"});
  CHECK(phrase_forms("Bạc bãi bánh, báo") == std::vector<std::string>{"Bạc bãi bánh, báo"});
  CHECK(phrase_forms("mật  khẩu\u1ec7") == std::vector<std::string>{"mật khẩu\u1ec7"});
  const auto forms = phrase_forms("Nươ\u0301c mă\u0301m của tôi");
  CHECK(forms == std::vector<std::string>{"Nước mắm của tôi", "Nươ\u0301c mă\u0301m của tôi"});
  CHECK(phrase_forms(" \n\t").empty());
  CHECK(phrase_forms("\xff\xfe bạc").front() == "\xff\xfe bạc");
}

TEST_CASE("passphrase: every phrase that is offered folds to a form of its own", "[sync][passphrase]") {
  SeededRng rng(22);
  std::set<std::string> offered, folded;
  for (int i = 0; i < 300; ++i) {
    const std::string phrase = make_phrase(rng);
    offered.insert(phrase);
    folded.insert(phrase_forms(phrase).front());
    CHECK(std::ranges::count(phrase_forms(phrase_forms(phrase).front()), phrase) == 1);
  }
  CHECK(folded.size() == offered.size());
}

// Expected value: Python's cryptography 48 (OpenSSL) with the same salt, 1 pass, 64 KiB, 1 lane.
TEST_CASE("passphrase: Argon2id gives the same key on every machine", "[sync][passphrase]") {
  const auto key = derive_phrase_key(cheap_salted(), view_of("nước suối đá mây"));
  REQUIRE(key);
  CHECK(to_hex(key->view()) == "c3122abd4eeda9759bb166326939335bd99755433cf4bd777d08ccc287ca8dbb");
  PassphraseParams other = cheap_salted();
  other.salt[0] ^= 1U;
  CHECK(to_hex(derive_phrase_key(other, view_of("nước suối đá mây"))->view()) != to_hex(key->view()));
  CHECK(to_hex(derive_phrase_key(cheap_salted(), view_of("nước suối đá"))->view()) != to_hex(key->view()));
}

TEST_CASE("passphrase: costs outside a slot's limits are refused before memory is asked for", "[sync][passphrase]") {
  PassphraseParams params = cheap_salted();
  params.memory_kib = 0xffffffffU;
  CHECK(derive_phrase_key(params, view_of("x")).error().code == Errc::malformed);
  params = cheap_salted();
  params.operations = 0;
  CHECK(derive_phrase_key(params, view_of("x")).error().code == Errc::malformed);
}

TEST_CASE("passphrase: an empty one makes no key", "[sync][passphrase]") {
  CHECK(derive_phrase_key(cheap_salted(), {}).error().code == Errc::usage);
}

TEST_CASE("passphrase: new parameters have their own salt and cost at least 256 MiB", "[sync][passphrase]") {
  SeededRng rng(22);
  const PassphraseParams first = make_passphrase_params(rng);
  const PassphraseParams second = make_passphrase_params(rng);
  CHECK(first.salt != second.salt);
  CHECK(first.memory_kib >= 256 * 1024);
  CHECK(within_limits(first));
}
