#include "storage/verify.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include "storage/files.h"
#include "storage/lmdb_cursor.h"
#include "storage/lmdb_env.h"
#include "storage/lmdb_store.h"

namespace khuoi::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t map_octets_max = LmdbOptions{}.map_octets_max;
constexpr std::size_t answer_octets_max = 8192;

Error damaged(const fs::path& dir, const std::string& what) {
  return fail(Errc::damaged,
              "the store " + dir.string() + " is damaged: " + what + ". Restore a backup into a new folder.");
}

/// Reads every octet, so that a page that cannot be read shows here and not in the service.
std::uint8_t touch(ByteView octets) {
  std::uint8_t sum = 0;
  for (const std::uint8_t octet : octets) sum = static_cast<std::uint8_t>(sum ^ octet);
  return sum;
}

class Walk final {
 public:
  Walk(LmdbEnv& env, MDB_txn* txn) : env_(env), txn_(txn) {}

  Result<VerifyReport> run() {
    MDB_envinfo info{};
    mdb_env_info(env_.raw(), &info);
    report_.pages = info.me_last_pgno + 1;
    for (std::size_t i = 0; i < sync::table_count; ++i) {
      const auto dbi = env_.dbi(static_cast<sync::Table>(i));
      if (dbi) KHUOI_TRY_VOID(walk_table(static_cast<sync::Table>(i), *dbi));
    }
    constexpr MDB_dbi free_list = 0;
    constexpr MDB_dbi table_of_tables = 1;
    KHUOI_TRY_VOID(count_pages(table_of_tables, "the table of tables"));
    KHUOI_TRY_VOID(count_pages(free_list, "the free list"));
    KHUOI_TRY_VOID(walk_free_list(free_list));
    constexpr std::uint64_t meta_pages = 2;
    if (pages_used_ + report_.pages_free + meta_pages != report_.pages) {
      return damaged(env_.dir(), "its pages do not add up");
    }
    return report_;
  }

 private:
  Result<MDB_stat> count_pages(MDB_dbi dbi, const std::string& name) {
    MDB_stat stat{};
    if (const int rc = mdb_stat(txn_, dbi, &stat); rc != 0) return env_.error(rc, "cannot read " + name);
    pages_used_ += stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
    report_.page_octets = stat.ms_psize;
    return stat;
  }

  Result<LmdbCursor> open_cursor(MDB_dbi dbi, const std::string& name) {
    MDB_cursor* cursor = nullptr;
    if (const int rc = mdb_cursor_open(txn_, dbi, &cursor); rc != 0) return env_.error(rc, "cannot read " + name);
    return LmdbCursor(cursor);
  }

  Result<void> walk_table(sync::Table table, MDB_dbi dbi) {
    const std::string name = "the table " + std::string(name_of(table));
    auto& counts = report_.tables.at(static_cast<std::size_t>(table));
    KHUOI_TRY(const MDB_stat stat, count_pages(dbi, name));
    KHUOI_TRY(LmdbCursor cursor, open_cursor(dbi, name));
    Bytes last_key;
    MDB_val key{};
    MDB_val value{};
    int rc = 0;
    while ((rc = cursor.move(key, value, MDB_NEXT)) == 0) {
      const ByteView key_view = view_of_val(key);
      // A damaged page may point back to earlier ones: keys that do not grow end the walk.
      if (counts.entries > 0 && compare(key_view, last_key) <= 0) return damaged(env_.dir(), name + " is out of order");
      last_key.assign(key_view.begin(), key_view.end());
      sum_ = static_cast<std::uint8_t>(sum_ ^ touch(view_of_val(value)));
      counts.octets += key_view.size() + value.mv_size;
      ++counts.entries;
    }
    if (rc != MDB_NOTFOUND) return env_.error(rc, "cannot read " + name);
    if (counts.entries != stat.ms_entries) return damaged(env_.dir(), name + " has lost or gained entries");
    return {};
  }

  Result<void> walk_free_list(MDB_dbi dbi) {
    std::vector<bool> free(report_.pages);
    KHUOI_TRY(LmdbCursor cursor, open_cursor(dbi, "the free list"));
    MDB_val key{};
    MDB_val value{};
    int rc = 0;
    while ((rc = cursor.move(key, value, MDB_NEXT)) == 0) {
      std::size_t count = 0;
      if (value.mv_size >= sizeof count) std::memcpy(&count, value.mv_data, sizeof count);
      if (count > value.mv_size / sizeof count - 1) return damaged(env_.dir(), "the free list is cut short");
      for (std::size_t i = 1; i <= count; ++i) {
        std::size_t page = 0;
        std::memcpy(&page, static_cast<const char*>(value.mv_data) + i * sizeof page, sizeof page);
        if (page < 2 || page >= free.size() || free[page])
          return damaged(env_.dir(), "the free list names a wrong page");
        free[page] = true;
      }
      report_.pages_free += count;
    }
    if (rc != MDB_NOTFOUND) return env_.error(rc, "cannot read the free list");
    return {};
  }

  LmdbEnv& env_;
  MDB_txn* txn_;
  VerifyReport report_;
  std::uint64_t pages_used_ = 0;
  volatile std::uint8_t sum_ = 0;  // volatile: or the compiler would not read the values
};

Result<VerifyReport> walk(const fs::path& dir) {
  KHUOI_TRY(const auto env, LmdbEnv::open(dir, {map_octets_max, true}));
  KHUOI_TRY(MDB_txn* const txn, env->begin(false));
  auto report = Walk(*env, txn).run();
  (void)env->end(txn, false, false);
  return report;
}

Bytes encode(const Result<VerifyReport>& answer) {
  Bytes out;
  Writer writer(out);
  writer.u8(answer ? 0 : 1);
  if (!answer) {
    writer.u8(static_cast<std::uint8_t>(answer.error().code)).raw(view_of(answer.error().what));
    return out;
  }
  for (const auto& table : answer->tables) writer.u64(table.entries).u64(table.octets);
  writer.u64(answer->pages).u64(answer->pages_free).u32(answer->page_octets);
  return out;
}

Result<VerifyReport> decode(ByteView octets, const fs::path& dir) {
  Reader reader(octets);
  if (reader.u8() == 1) {
    const auto code = static_cast<Errc>(reader.u8());
    return fail(code, std::string(text_of(reader.rest())));
  }
  VerifyReport report;
  for (auto& table : report.tables) {
    table.entries = reader.u64();
    table.octets = reader.u64();
  }
  report.pages = reader.u64();
  report.pages_free = reader.u64();
  report.page_octets = reader.u32();
  if (!reader.done()) return damaged(dir, "reading it ended in the middle");
  return report;
}

[[noreturn]] void child(const fs::path& dir, Fd answer_to) {
  for (const int signal : {SIGBUS, SIGSEGV, SIGABRT, SIGFPE, SIGILL}) ::signal(signal, SIG_DFL);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Held open here, the parent's writer lock and sockets would outlive it.
  const int out = ::dup2(answer_to.release(), 3);
  ::close_range(4, ~0U, 0);
  const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null >= 0) ::dup2(null, STDERR_FILENO);  // LMDB's own assertions; the parent says it in a sentence
  const Bytes answer = encode(walk(dir));
  const auto sent = write_all(out, answer, "answer");
  ::_exit(sent ? 0 : 1);
}

}  // namespace

Result<VerifyReport> verify_structure(const fs::path& dir) {
  if (!holds_store(dir)) return fail(Errc::not_found, "there is no store in " + dir.string());
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error(errno, "cannot start a check");
  Fd from_child(ends[0]);
  Fd to_parent(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(errno, "cannot start a check");
  if (pid == 0) child(dir, std::move(to_parent));
  to_parent.reset();
  Bytes answer(answer_octets_max);
  std::size_t have = 0;
  for (;;) {
    const ssize_t got = ::read(from_child.get(), answer.data() + have, answer.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS) {
    return damaged(dir, "part of it is missing or cannot be read (\"Bus error\")");
  }
  if (WIFSIGNALED(status)) {
    return damaged(dir, std::string("reading it raised \"") + ::strsignal(WTERMSIG(status)) + "\"");
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return damaged(dir, "reading it failed");
  return decode(ByteView(answer).first(have), dir);
}

}  // namespace khuoi::storage
