#include "sync/seal/passphrase.h"

#include <sodium.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "sync/base/nfc.h"
#include "sync/seal/sodium.h"

namespace khuoi::sync {

namespace {

constexpr std::size_t words_per_phrase = 4;
constexpr std::string_view no_break_space = "\u00a0";  // some phone keyboards put it in

/// Octets of the white space the text starts with; 0 when there is none.
std::size_t space_octets(std::string_view text) {
  if (text.starts_with(no_break_space)) return no_break_space.size();
  return !text.empty() && std::string_view(" \t\r\n\v\f").find(text.front()) != std::string_view::npos ? 1 : 0;
}

/// Lower case without marks; đ is a letter of its own in Unicode and becomes d. What is no UTF-8 comes back as it is.
std::string without_marks(std::string_view word) {
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(word.data()), static_cast<utf8proc_ssize_t>(word.size()), &mapped,
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size < 0) return std::string(word);
  std::string out;
  for (std::string_view rest(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size)); !rest.empty();) {
    const bool d = rest.starts_with("\u0111");
    out += d ? 'd' : rest.front();
    rest.remove_prefix(d ? 2 : 1);
  }
  wipe({mapped, static_cast<std::size_t>(size)});
  return out;
}

}  // namespace

std::string make_phrase(Rng& rng) {
  const auto words = phrase_words();
  std::string out;
  for (std::size_t i = 0; i < words_per_phrase; ++i) {
    if (i != 0) out += ' ';
    out += words[rng.below(words.size())];
  }
  return out;
}

std::string normalise_phrase(std::string_view phrase) {
  std::string out;
  out.reserve(phrase.size());  // so that no part of a phrase is left behind by a growing string
  bool gap = false;
  while (!phrase.empty()) {
    const std::size_t space = space_octets(phrase);
    if (space != 0) {
      gap = true;
      phrase.remove_prefix(space);
      continue;
    }
    if (gap && !out.empty()) out += ' ';
    gap = false;
    out += phrase.front();
    phrase.remove_prefix(1);
  }
  return out;
}

std::vector<std::string> phrase_forms(std::string_view typed) {
  std::string as_typed = normalise_phrase(typed);
  if (as_typed.empty()) return {};
  std::string composed = to_nfc(as_typed);
  std::string plain, spelt;
  bool listed = true;
  for (std::string_view rest = composed; listed && !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    std::string word = without_marks(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto found = std::ranges::find(phrase_words(), word, without_marks);
    listed = found != phrase_words().end();
    if (!listed) break;
    plain += (plain.empty() ? "" : " ") + word;
    spelt += (spelt.empty() ? "" : " ") + std::string(*found);
    wipe({reinterpret_cast<std::uint8_t*>(word.data()), word.size()});
  }
  std::vector<std::string> out;
  const auto add = [&](std::string&& form) {
    if (std::ranges::find(out, form) == out.end()) out.push_back(std::move(form));
  };
  if (listed) {
    add(std::move(plain));
    add(std::move(spelt));
  }
  add(std::move(composed));
  add(std::move(as_typed));
  return out;
}

PassphraseParams make_passphrase_params(Rng& rng) {
  PassphraseParams out;
  rng.fill(out.salt);
  out.operations = 3;
  out.memory_kib = 256 * 1024;
  return out;
}

Result<Secret> derive_phrase_key(const PassphraseParams& params, ByteView phrase) {
  static_assert(crypto_pwhash_argon2id_SALTBYTES == sizeof params.salt);
  if (!within_limits(params)) {
    return fail(Errc::malformed, "passphrase parameters outside 8 KiB to 4 GiB and 1 to 64 passes");
  }
  if (phrase.empty()) return fail(Errc::usage, "the passphrase is empty; give at least one letter");
  require_sodium();
  Secret key(lock_key_octets);
  const int refused =
      crypto_pwhash_argon2id(key.writable().data(), key.view().size(), reinterpret_cast<const char*>(phrase.data()),
                             phrase.size(), params.salt.data(), params.operations,
                             std::size_t{params.memory_kib} * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13);
  if (refused != 0) {
    return fail(Errc::io,
                "the passphrase needs " + std::to_string(params.memory_kib / 1024) +
                    " MiB of free memory for a moment, which this machine refused; close something and retry");
  }
  return key;
}

}  // namespace khuoi::sync
