#include "sync/seal/passphrase.h"

#include <sodium.h>

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
