#pragma once

#include <optional>
#include <set>

#include "tests/tidy/source_text.h"

namespace khuoi::tidy {

/// Each rule gives one line for each place that breaks it: "path:line: what is wrong".
using Findings = std::vector<std::string>;

inline std::string place(const Source& source, std::size_t line) {
  return source.path + ":" + std::to_string(line) + ": ";
}

inline std::string_view first_folder(std::string_view path) { return path.substr(0, path.find('/')); }
inline bool is_in(std::string_view path, std::string_view folder) { return path.starts_with(folder); }

/// The folders that take bytes and a time and hand back bytes and a deadline.
inline bool is_pure(std::string_view path) {
  return is_in(path, "sync/") ||
         (is_in(path, "radio/") && !is_in(path, "radio/modem/serial") && !is_in(path, "radio/modem/udp")) ||
         (is_in(path, "sim/air/") && !is_in(path, "sim/air/modem_"));
}

// ---- include direction ----------------------------------------------------------------------------------------------

/// sync/base ← radio; sync ← storage; {sync, storage, radio} ← node and ← sim; everything ← tests.
inline bool may_include(std::string_view from, std::string_view what) {
  const std::string_view folder = first_folder(from);
  const std::string_view target = first_folder(what);
  if (folder == "tests") return true;
  if (is_in(from, "sync/base/")) return is_in(what, "sync/base/");
  if (folder == "sync") return target == "sync";
  if (folder == "radio") return target == "radio" || is_in(what, "sync/base/");
  if (folder == "storage") return target == "storage" || target == "sync";
  if (is_in(from, "sim/air/")) return is_in(what, "sim/air/") || target == "radio" || is_in(what, "sync/base/");
  if (folder == "node" || folder == "sim") return target == folder || is_any_of(target, {"sync", "storage", "radio"});
  return false;
}

inline Findings include_direction(const Source& source) {
  Findings out;
  for (const Include& include : includes_of(source.text)) {
    const bool ours = is_any_of(first_folder(include.name), {"sync", "storage", "radio", "node", "sim", "tests"});
    if (include.quoted && !ours) {
      out.push_back(place(source, include.line) + "\"" + include.name + "\" does not start at the project's root");
    } else if (ours && !include.quoted) {
      out.push_back(place(source, include.line) + "<" + include.name + "> is ours: use quotes");
    } else if (ours && !may_include(source.path, include.name)) {
      out.push_back(place(source, include.line) + source.path + " may not include " + include.name);
    }
  }
  return out;
}

/// A source proves that its own header can be included by itself, as the first one (tests/tidy/CMakeLists.txt).
/// `headers`: the paths of all.
inline Findings own_header_first(const Source& source, const std::set<std::string>& headers) {
  if (!source.path.ends_with(".cpp")) return {};
  const std::string own = source.path.substr(0, source.path.size() - 4) + ".h";
  if (!headers.contains(own)) return {};
  const auto includes = includes_of(source.text);
  if (!includes.empty() && includes.front().name == own) return {};
  return {place(source, 1) + "does not include " + own + " before all others"};
}

// ---- packages -------------------------------------------------------------------------------------------------------

struct Package {
  std::string_view name;
  std::vector<std::string_view> headers;  ///< what its headers' names start with
  std::vector<std::string_view> folders;  ///< where it may be used; tests/ may always
};

inline const std::vector<Package>& packages() {
  static const std::vector<Package> all = {
      {"Cap'n Proto", {"capnp/", "kj/"}, {"sync/"}},
      {"pugixml", {"pugixml"}, {"sync/"}},
      {"zstd", {"zstd", "zdict"}, {"sync/"}},
      {"utf8proc", {"utf8proc"}, {"sync/"}},
      // node/ draws entropy from it and keeps secrets in its locked memory.
      {"libsodium", {"sodium"}, {"sync/", "node/", "radio/modem/gwmp"}},
      {"LMDB", {"lmdb"}, {"storage/"}},
      {"ISA-L", {"isa-l"}, {"storage/", "radio/"}},
      {"Asio", {"boost/asio", "boost/beast"}, {"node/", "radio/modem/serial", "radio/modem/udp"}},
      {"OpenSSL", {"openssl/"}, {"sync/seal/chacha", "node/", "radio/modem/serial"}},
      {"prometheus-cpp", {"prometheus/"}, {"node/"}},
      {"systemd", {"systemd/"}, {"node/"}},
      {"spdlog", {"spdlog/", "fmt/"}, {"node/", "sim/"}},
      {"CLI11", {"CLI/"}, {"node/", "sim/"}},
      {"toml++", {"toml++/"}, {"node/", "sim/"}},
      {"Boost.JSON", {"boost/json"}, {"node/", "sim/", "radio/modem/gwmp"}},
  };
  return all;
}

inline Findings package_use(const Source& source) {
  Findings out;
  if (is_in(source.path, "tests/")) return out;
  const auto starts_with_any = [](std::string_view text, const std::vector<std::string_view>& starts) {
    return std::any_of(starts.begin(), starts.end(), [&](std::string_view start) { return text.starts_with(start); });
  };
  for (const Include& include : includes_of(source.text)) {
    for (const Package& package : packages()) {
      if (starts_with_any(include.name, package.headers) && !starts_with_any(source.path, package.folders)) {
        out.push_back(place(source, include.line) + std::string(package.name) + " does not belong in this folder");
      }
    }
  }
  return out;
}

// ---- purity ---------------------------------------------------------------------------------------------------------

/// What a word would bring into a pure folder, or nothing.
inline std::optional<std::string> impurity(const Word& word) {
  const std::string_view text = word.text;
  const bool is_member = word.before == "." || word.before == "->";
  // A word right before a name makes it a declaration of ours, such as `Micros time(...)`.
  const bool is_c_call = word.after == '(' && !is_member &&
                         (word.before.empty() || !is_word(word.before.back()) || word.before == "return");
  if (is_any_of(text, {"system_clock", "steady_clock", "high_resolution_clock", "gettimeofday", "clock_gettime",
                       "timespec_get", "localtime", "localtime_r", "gmtime", "mktime"}) ||
      (text == "now" && word.before == "::") || (is_c_call && is_any_of(text, {"time", "clock"}))) {
    return "reads a clock";
  }
  if (is_any_of(text, {"sleep_for", "sleep_until", "nanosleep", "usleep", "clock_nanosleep"})) return "sleeps";
  const bool makes_key = text.starts_with("crypto_") && (text.ends_with("_keypair") || text.ends_with("_keygen")) &&
                         !text.ends_with("_seed_keypair");
  if (makes_key || text.starts_with("randombytes") || text.starts_with("mt19937") ||
      is_any_of(text, {"random_device", "getrandom", "getentropy", "arc4random", "default_random_engine", "srand",
                       "rand_r", "drand48"}) ||
      (is_c_call && is_any_of(text, {"rand", "random"}))) {
    return "draws entropy, or from a generator that is not ours";
  }
  if (text.starts_with("pthread_") || text.starts_with("condition_variable") ||
      is_any_of(text, {"jthread", "thread_local", "mutex", "shared_mutex", "recursive_mutex", "lock_guard",
                       "scoped_lock", "unique_lock", "this_thread", "promise", "packaged_task", "fork", "vfork"}) ||
      (is_any_of(text, {"thread", "async"}) && word.before == "::")) {
    return "uses threads or processes";
  }
  if (is_any_of(text, {"fopen",  "freopen", "fdopen",  "ifstream", "ofstream", "fstream", "filesystem", "mmap",
                       "openat", "opendir", "mkstemp", "tmpfile",  "fwrite",   "fread",   "getenv",     "secure_getenv",
                       "printf", "puts",    "fprintf", "fputs",    "cout",     "cerr",    "clog",       "ioctl"})) {
    return "touches files, the environment or the terminal";
  }
  return std::nullopt;
}

/// Headers that have no use in a pure folder.
inline bool is_impure_header(std::string_view name) {
  return name.starts_with("sys/") || name.starts_with("netinet/") || name.starts_with("arpa/") ||
         is_any_of(name,
                   {"thread",   "mutex",    "shared_mutex", "condition_variable", "future",   "stop_token", "semaphore",
                    "latch",    "barrier",  "fstream",      "filesystem",         "iostream", "random",     "ctime",
                    "time.h",   "unistd.h", "fcntl.h",      "pthread.h",          "dirent.h", "poll.h",     "sched.h",
                    "signal.h", "csignal"});
}

/// Memory that is locked and never crosses a fork can only be had from the system.
inline bool is_needed_for_secrets(const Source& source, const Include& include) {
  return source.path == "sync/seal/secret.cpp" && is_any_of(include.name, {"sys/mman.h", "unistd.h"});
}

inline Findings purity(const Source& source) {
  Findings out;
  // A broken check says so on its way out; nothing else in the core speaks.
  if (!is_pure(source.path) || source.path == "sync/base/check.h") return out;
  for (const Include& include : includes_of(source.text)) {
    if (!include.quoted && is_impure_header(include.name) && !is_needed_for_secrets(source, include)) {
      out.push_back(place(source, include.line) + "<" + include.name + "> has no use in a pure folder");
    }
  }
  const std::string code = code_only(source.text);
  for (const Word& word : words_of(code)) {
    if (const auto what = impurity(word)) {
      out.push_back(place(source, word.line) + "'" + std::string(word.text) + "' " + *what);
    }
  }
  return out;
}

// ---- joined sources -------------------------------------------------------------------------------------------------

/// Sources of a folder are compiled as one (joined_sources.cmake): what one opens for itself stays open for the next.
inline Findings leaks(const Source& source) {
  Findings out;
  if (is_in(source.path, "tests/") || !source.path.ends_with(".cpp")) return out;
  std::size_t line = 1;
  std::string_view rest = source.text;
  for (; !rest.empty(); ++line) {
    const std::size_t octets = std::min(rest.find('\n'), rest.size());
    const std::string_view text = rest.substr(0, octets);
    if (text.starts_with("using namespace ")) {
      out.push_back(place(source, line) + "'using namespace' outside a function reaches the folder's other sources");
    } else if (text.starts_with("#define ")) {
      out.push_back(place(source, line) + "a macro reaches the folder's other sources: define it for the target");
    }
    rest.remove_prefix(std::min(octets + 1, rest.size()));
  }
  return out;
}

// ---- size, and where it was built -----------------------------------------------------------------------------------

inline constexpr std::ptrdiff_t lines_max = 400;

inline Findings file_length(const Source& source) {
  const auto lines = std::count(source.text.begin(), source.text.end(), '\n');
  if (lines <= lines_max) return {};
  return {place(source, static_cast<std::size_t>(lines)) + std::to_string(lines) + " lines: split it by noun"};
}

/// A folder of somebody's own machine, such as a home folder; it means nothing on another one.
inline Findings machine_paths(const Source& source) {
  Findings out;
  std::size_t line = 1;
  for (std::size_t i = 0; i < source.text.size(); ++i) {
    if (source.text[i] == '\n') ++line;
    if (source.text[i] != '/' || (i > 0 && (is_word(source.text[i - 1]) || source.text[i - 1] == '/'))) continue;
    const std::string_view rest = std::string_view(source.text).substr(i + 1);
    const std::size_t slash = rest.find('/');
    if (slash != std::string_view::npos && is_any_of(rest.substr(0, slash), {"home", "root", "work", "Users"})) {
      out.push_back(place(source, line) + "a path of one machine: /" + std::string(rest.substr(0, slash)) + "/...");
    }
  }
  return out;
}

}  // namespace khuoi::tidy
