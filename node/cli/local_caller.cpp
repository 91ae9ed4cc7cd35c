#include "node/cli/local_caller.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "node/engine/engine.h"
#include "node/engine/phrase.h"
#include "sync/record/file_name.h"

namespace khuoi::node {

using storage::Fd;
using sync::Secret;

namespace {

constexpr std::size_t compare_octets = 65536;

/// Whether two open files hold the same; the first one's offset does not matter.
Result<bool> same_content(int a, int b) {
  struct stat stat_a {};
  struct stat stat_b {};
  if (fstat(a, &stat_a) != 0 || fstat(b, &stat_b) != 0) return false;
  if (!S_ISREG(stat_b.st_mode) || stat_a.st_size != stat_b.st_size) return false;
  Bytes from_a(compare_octets);
  Bytes from_b(compare_octets);
  for (std::uint64_t at = 0; at < static_cast<std::uint64_t>(stat_a.st_size); at += compare_octets) {
    KHUOI_TRY(const std::size_t got_a, storage::read_some_at(a, at, from_a, "reading a file"));
    KHUOI_TRY(const std::size_t got_b, storage::read_some_at(b, at, from_b, "reading a file"));
    if (got_a != got_b ||
        !std::equal(from_a.begin(), from_a.begin() + static_cast<std::ptrdiff_t>(got_a), from_b.begin()))
      return false;
  }
  return true;
}

}  // namespace

void LocalCaller::end_progress() {
  if (progress_shown_) (void)storage::write_all(STDERR_FILENO, view_of("\r\x1b[K"), "writing to the terminal");
  progress_shown_ = false;
}

void LocalCaller::say(std::string_view text) {
  end_progress();
  if (!gone_ && !storage::write_all(STDOUT_FILENO, view_of(text), "writing to stdout")) gone_ = true;
}

void LocalCaller::warn(std::string_view sentence) {
  end_progress();
  const std::string line = "khuoi: " + std::string(sentence) + "\n";
  (void)storage::write_all(STDERR_FILENO, view_of(line), "writing to stderr");
}

void LocalCaller::progress(std::string_view what, std::uint64_t done, std::uint64_t of) {
  if (isatty(STDERR_FILENO) != 1) return;
  const std::string line = "\r\x1b[K" + std::string(what) + " " + std::to_string(done) + " of " + std::to_string(of);
  (void)storage::write_all(STDERR_FILENO, view_of(line), "writing to the terminal");
  progress_shown_ = true;
}

Result<Fd> LocalCaller::open_file(const std::string& path) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.open()) return storage::errno_error(errno, "opening " + path);
  struct stat about {};
  if (fstat(file.get(), &about) != 0) return storage::errno_error(errno, "opening " + path);
  if (S_ISDIR(about.st_mode)) return fail(Errc::usage, path + " is a folder: name a file");
  return file;
}

Result<Bytes> LocalCaller::read_file(const std::string& path, std::size_t octets_max) {
  KHUOI_TRY(const Fd file, open_file(path));
  struct stat about {};
  if (fstat(file.get(), &about) != 0) return storage::errno_error(errno, "reading " + path);
  const auto too_large = [&] {
    return fail(Errc::too_large, path + " is larger than " + std::to_string(octets_max) + " octets");
  };
  if (S_ISREG(about.st_mode) && static_cast<std::uint64_t>(about.st_size) > octets_max) return too_large();
  // A pipe tells no size; it is read to its end, as any file that grows meanwhile.
  Bytes out(S_ISREG(about.st_mode) ? static_cast<std::size_t>(about.st_size) + 1 : compare_octets);
  std::size_t have = 0;
  while (true) {
    if (have == out.size()) out.resize(std::min(out.size() * 2, octets_max + 1));
    const ssize_t got = ::read(file.get(), out.data() + have, out.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return storage::errno_error(errno, "reading " + path);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
    if (have > octets_max) return too_large();
  }
  out.resize(have);
  return out;
}

Result<void> LocalCaller::write_file(const std::string& path, Durable durable, const Content& content) {
  const std::filesystem::path target(path);
  const std::filesystem::path folder = storage::folder_of(target);
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return storage::errno_error(failed.value(), "making the folder " + folder.string());
  // With what is added, a name that is as long as a name may be must still fit.
  constexpr std::size_t name_octets_max = 240;
  const std::filesystem::path temporary =
      folder / ("." + sync::shortened_name(target.filename().string(), name_octets_max) + ".new");
  Fd file(::open(temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file.open()) return storage::errno_error(errno, "writing " + path);
  storage::RemoveUnlessKept litter(temporary);
  KHUOI_TRY_VOID(content([&](ByteView octets) { return storage::write_all(file.get(), octets, "writing " + path); }));
  const Fd before(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (before.open()) {
    KHUOI_TRY(const bool same, same_content(file.get(), before.get()));
    if (same) return {};
  }
  if (durable == Durable::yes) {
    KHUOI_TRY_VOID(storage::sync_fd(file.get(), "writing " + path));
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return storage::errno_error(errno, "writing " + path);
  litter.keep();
  return {};
}

Result<std::optional<Secret>> LocalCaller::phrase(Phrase which, Ask ask) {
  const bool fresh = which == Phrase::fresh;
  const std::string& file = request_.one(fresh ? "--new-passphrase-file" : "--passphrase-file");
  if (!file.empty()) {
    KHUOI_TRY(Secret phrase, phrase_from_file(file));
    return std::optional<Secret>(std::move(phrase));
  }
  KHUOI_TRY(auto from_environment, phrase_from_environment(fresh ? "KHUOI_NEW_PASSPHRASE" : "KHUOI_PASSPHRASE"));
  if (from_environment || ask == Ask::if_given || !can_ask()) return from_environment;
  end_progress();
  if (!fresh) {
    KHUOI_TRY(Secret phrase, ask_phrase("Passphrase"));
    return std::optional<Secret>(std::move(phrase));
  }
  SystemRng rng;
  KHUOI_TRY(Secret phrase, ask_new_phrase("whoever shall open this node", rng));
  return std::optional<Secret>(std::move(phrase));
}

Result<std::optional<bool>> LocalCaller::confirm(std::string_view question) {
  if (!can_ask()) return std::optional<bool>();
  end_progress();
  const std::string text = std::string(question) + " [yes/no] ";
  KHUOI_TRY_VOID(storage::write_all(STDERR_FILENO, view_of(text), "writing to the terminal"));
  std::string line;
  for (char c = 0; c != '\n' && line.size() < 100;) {
    if (::read(STDIN_FILENO, &c, 1) != 1) return std::optional(false);
    line += c;
  }
  return std::optional(line == "yes\n" || line == "y\n" || line == "có\n" || line == "co\n");
}

}  // namespace khuoi::node
