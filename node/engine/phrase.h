#pragma once

#include <functional>
#include <optional>
#include <string>

#include "sync/seal/passphrase.h"

namespace khuoi::node {

/// Argon2id in a child process (this program once more, with a hidden argument), so that its 256 MiB never count to a
/// service and a kill for memory hits only the child. The phrase goes there and the key comes back through pipes, never
/// through arguments, the environment or a file. Errors: as derive_phrase_key; io when the child could not run.
Result<sync::Secret> derive_in_child(const sync::PassphraseParams& params, const sync::Secret& phrase);
/// The key of a new slot: of the first of phrase_forms(). `typed` is what phrase_from_text() gave.
Result<sync::Secret> derive_new_key(const sync::PassphraseParams& params, const sync::Secret& typed);
/// Tries what a typed phrase may stand for, one after the other, until `opens` takes its key. Errors: denied when it
/// takes none; what the child and `opens` say otherwise.
Result<void> derive_each(const sync::PassphraseParams& params, const sync::Secret& typed,
                         const std::function<Result<void>(const sync::Secret& key)>& opens);
/// Whether two typings make the same slot: "Bac Bai" and "bạc bãi" do.
bool same_phrase(std::string_view one, std::string_view other);
/// What the child does; an exit code.
int derive_child_main();
inline constexpr const char* derive_child_argument = "--derive-phrase-key";

/// A phrase as a person typed it, its white space tidied, in locked memory. Errors: usage for an empty one.
Result<sync::Secret> phrase_from_text(std::string& text);
/// A file's whole content. Errors: not_found, read_only, too_large, usage.
Result<sync::Secret> phrase_from_file(const std::string& path);
/// An environment variable; nothing when it is not set. Errors: usage when it is empty.
Result<std::optional<sync::Secret>> phrase_from_environment(const char* name);

bool can_ask();
/// On the terminal, echo off. Errors: usage when nothing is typed, io.
Result<sync::Secret> ask_phrase(const std::string& prompt);
/// A new phrase: offers four random words, takes another one typed twice.
Result<sync::Secret> ask_new_phrase(const std::string& whose, Rng& rng);

/// Core files, ptrace and swap must not hold what is secret: called once at the start of the program.
void harden_process();

}  // namespace khuoi::node
