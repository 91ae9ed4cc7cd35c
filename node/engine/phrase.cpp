#include "node/engine/phrase.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "storage/files.h"

namespace khuoi::node {

using storage::Fd;
using sync::PassphraseParams;
using sync::Secret;

namespace {

constexpr std::size_t phrase_octets_max = 1024;
constexpr std::size_t key_octets = 32;
constexpr std::uint8_t answer_key = 0, answer_error = 1;

struct Pipe {
  Fd read, write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return storage::errno_error(errno, "opening a pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

/// Everything up to the end of a pipe, at most `out.size()` octets.
Result<std::size_t> read_to_end(int fd, std::span<std::uint8_t> out) {
  std::size_t have = 0;
  while (have < out.size()) {
    const ssize_t got = read(fd, out.data() + have, out.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return storage::errno_error(errno, "reading from a pipe");
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return have;
}

Result<pid_t> spawn_child(const Fd& in, const Fd& out) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.get(), STDOUT_FILENO);
  std::string name = "khuoi";
  std::string argument = derive_child_argument;
  std::array<char*, 3> arguments{name.data(), argument.data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  pid_t child = 0;
  const int failed = posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return storage::errno_error(failed, "starting a child to derive the passphrase's key");
  return child;
}

Bytes encode_params(const PassphraseParams& params) {
  Bytes out;
  Writer(out).raw(params.salt).u32(params.operations).u32(params.memory_kib);
  return out;
}
constexpr std::size_t params_octets = 24;

constexpr char ctrl_c = 3;

/// Turns the terminal's echo off while it lives.
class Hush final {
 public:
  Hush() : on_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);  // a Ctrl-C must not leave the terminal mute:
    quiet.c_cc[VEOL] = ctrl_c;                             // it ends the line instead
    if (on_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~Hush() {
    if (on_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Hush(const Hush&) = delete;
  Hush& operator=(const Hush&) = delete;

 private:
  termios before_{};
  bool on_;
};

void tell(const std::string& text) {
  (void)storage::write_all(STDERR_FILENO, view_of(text), "writing to the terminal");
}

void wipe_text(std::string& text) { sync::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }

/// In locked memory, at least one. Errors: usage for an empty phrase.
Result<std::vector<Secret>> forms_of(const Secret& typed) {
  std::vector<Secret> out;
  for (std::string& form : sync::phrase_forms(text_of(typed.view()))) {
    const bool fits = form.size() <= phrase_octets_max;  // composing can make a text longer
    if (fits) out.push_back(Secret::copy_of(view_of(form)));
    wipe_text(form);
    if (!fits) return fail(Errc::usage, "the passphrase is longer than 1,024 octets");
  }
  if (out.empty()) return fail(Errc::usage, "the passphrase is empty");
  return out;
}

/// One line from the terminal, unseen; empty at the terminal's end.
std::string read_hushed_line(const std::string& prompt) {
  std::string line;
  char one = 0;
  {
    const Hush hush;
    tell(prompt);
    while (line.size() < phrase_octets_max && read(STDIN_FILENO, &one, 1) == 1 && one != '\n' && one != ctrl_c) {
      line.push_back(one);
    }
    tell("\n");
  }
  if (one == ctrl_c) {
    wipe_text(line);
    line.clear();
    std::raise(SIGINT);
  }
  return line;
}

}  // namespace

Result<Secret> derive_in_child(const PassphraseParams& params, const Secret& phrase) {
  KHUOI_TRY(Pipe to_child, make_pipe());
  KHUOI_TRY(Pipe from_child, make_pipe());
  KHUOI_TRY(const pid_t child, spawn_child(to_child.read, from_child.write));
  to_child.read.reset();
  from_child.write.reset();
  // Both fit a pipe's buffer, so this never waits; a child that died makes it fail, not kill us (SIGPIPE is ignored).
  Result<void> sent = storage::write_all(to_child.write.get(), encode_params(params), "writing to a child");
  if (sent) sent = storage::write_all(to_child.write.get(), phrase.view(), "writing to a child");
  to_child.write.reset();
  Secret answer(512);
  const auto got = read_to_end(from_child.read.get(), answer.writable());
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!sent) return sent.error();
  if (!got) return got.error();
  const ByteView octets = answer.view().first(*got);
  if (octets.size() == 1 + key_octets && octets[0] == answer_key) return Secret::copy_of(octets.subspan(1));
  if (octets.size() > 2 && octets[0] == answer_error) {
    return fail(static_cast<Errc>(octets[1]), std::string(text_of(octets.subspan(2))));
  }
  return fail(Errc::io, "the child that derives the passphrase's key ended early: 256 MiB of free memory are needed");
}

Result<Secret> derive_new_key(const PassphraseParams& params, const Secret& typed) {
  KHUOI_TRY(const auto forms, forms_of(typed));
  return derive_in_child(params, forms.front());
}

Result<void> derive_each(const PassphraseParams& params, const Secret& typed,
                         const std::function<Result<void>(const Secret& key)>& opens) {
  KHUOI_TRY(const auto forms, forms_of(typed));
  for (const Secret& form : forms) {
    KHUOI_TRY(const Secret key, derive_in_child(params, form));
    const Result<void> opened = opens(key);
    if (opened || opened.error().code != Errc::denied) return opened;
  }
  return fail(Errc::denied, "the passphrase is wrong");
}

bool same_phrase(std::string_view one, std::string_view other) {
  auto a = sync::phrase_forms(one);
  auto b = sync::phrase_forms(other);
  const bool same = !a.empty() && !b.empty() && a.front() == b.front();
  for (std::string& form : a) wipe_text(form);
  for (std::string& form : b) wipe_text(form);
  return same;
}

int derive_child_main() {
  Secret input(params_octets + phrase_octets_max);
  const auto got = read_to_end(STDIN_FILENO, input.writable());
  if (!got || *got < params_octets) return 1;
  const ByteView octets = input.view().first(*got);
  Reader from(octets);
  PassphraseParams params;
  params.salt = from.array<16>();
  params.operations = from.u32();
  params.memory_kib = from.u32();
  const auto key = sync::derive_phrase_key(params, from.rest());
  Bytes answer;
  if (key) {
    answer.reserve(1 + key_octets);
    Writer(answer).u8(answer_key).raw(key->view());
  } else {
    Writer(answer).u8(answer_error).u8(static_cast<std::uint8_t>(key.error().code)).raw(view_of(key.error().what));
    answer.resize(std::min<std::size_t>(answer.size(), 500));
  }
  const auto sent = storage::write_all(STDOUT_FILENO, answer, "answering");
  sync::wipe(answer);
  return sent ? 0 : 1;
}

Result<Secret> phrase_from_text(std::string& text) {
  std::string phrase = sync::normalise_phrase(text);
  wipe_text(text);
  if (phrase.empty()) return fail(Errc::usage, "the passphrase is empty");
  if (phrase.size() > phrase_octets_max) return fail(Errc::usage, "the passphrase is longer than 1,024 octets");
  Secret out = Secret::copy_of(view_of(phrase));
  wipe_text(phrase);
  return out;
}

Result<Secret> phrase_from_file(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return storage::errno_error(errno, "opening the passphrase file " + path);
  std::string text(4 * phrase_octets_max, '\0');
  const auto got = read_to_end(file.get(), {reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  if (!got) return got.error();
  text.resize(*got);
  auto phrase = phrase_from_text(text);
  if (!phrase) return fail(phrase.error().code, phrase.error().what + ", in " + path);
  return phrase;
}

Result<std::optional<Secret>> phrase_from_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::optional<Secret>();
  std::string text = value;
  auto phrase = phrase_from_text(text);
  if (!phrase) return fail(phrase.error().code, phrase.error().what + ", in " + std::string(name));
  return std::optional<Secret>(std::move(*phrase));
}

bool can_ask() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

Result<Secret> ask_phrase(const std::string& prompt) {
  std::string line = read_hushed_line(prompt + ": ");
  return phrase_from_text(line);
}

Result<Secret> ask_new_phrase(const std::string& whose, Rng& rng) {
  std::string offered = sync::make_phrase(rng);
  std::string typed = read_hushed_line(
      "A passphrase for " + whose + ":\n\n    " + offered +
      "\n\nWrite it down and keep it away from the box. Press Enter to take it, or type another one: ");
  if (typed.empty()) {
    std::string repeated = read_hushed_line("Type it once, so that it is certain to be noted: ");
    if (!same_phrase(repeated, offered)) {
      return fail(Errc::usage, "that was not the phrase offered; nothing was written");
    }
    wipe_text(repeated);
    return phrase_from_text(offered);
  }
  std::string again = read_hushed_line("Once more: ");
  const bool same = same_phrase(typed, again);
  wipe_text(again);
  if (!same) return fail(Errc::usage, "the two differ; nothing was written");
  return phrase_from_text(typed);
}

void harden_process() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  rlimit locked{};
  if (getrlimit(RLIMIT_MEMLOCK, &locked) == 0) {
    locked.rlim_cur = locked.rlim_max;
    setrlimit(RLIMIT_MEMLOCK, &locked);
  }
}

}  // namespace khuoi::node
