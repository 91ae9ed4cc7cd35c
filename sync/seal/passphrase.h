#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/result.h"
#include "sync/base/rng.h"
#include "sync/seal/slot.h"

namespace khuoi::sync {

/// A phrase to offer: four words drawn from phrase_words(), NFC lower case, one space between; at least 36 bits, which
/// Argon2id over 256 MiB makes about as dear to guess as 60.
std::string make_phrase(Rng& rng);
/// Common Vietnamese syllables. No two are alike once the marks are dropped or when spoken in the North, and none has
/// two accepted spellings (hoà/hòa, lý/lí), so that what was heard or noted down is typed as it was drawn.
std::span<const std::string_view> phrase_words();

/// As typed, without white space at the ends and with one space for any run of it inside. Letters stay as they are.
std::string normalise_phrase(std::string_view phrase);

/// What a typed phrase may stand for, without repeats. First the form that a new slot is made with: of a phrase whose
/// words are all in phrase_words(), whatever their case and with or without marks, lower case without marks, one space
/// between (phones write capitals, and half of the people no marks; the words stay distinct); of any other, NFC. Then
/// the forms that older slots were made with: the list's own spelling, and what was typed.
/// Empty for white space alone. Each is secret: the caller wipes them.
std::vector<std::string> phrase_forms(std::string_view typed);

/// A new salt; 256 MiB and 3 passes, libsodium's "moderate" (about 0.6 s on a 2020 core).
PassphraseParams make_passphrase_params(Rng& rng);

/// Argon2id (RFC 9106, version 1.3, one lane) of the phrase as given: the caller normalises it. 32 octets.
/// Takes params.memory_kib of memory, in one mapping that is gone afterwards: run it in a child, so that a refusal or a
/// kill hits only that. Errors: malformed for parameters outside a slot's limits; usage for an empty phrase; io when
/// the memory cannot be had.
Result<Secret> derive_phrase_key(const PassphraseParams& params, ByteView phrase);

}  // namespace khuoi::sync
