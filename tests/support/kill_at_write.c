// Preloaded (LD_PRELOAD) into the program under test: counts the calls that change files below a folder and ends the
// process by SIGKILL at the N-th. What a process leaves behind there is what a power cut could leave, at each step.
//
//   KHUOI_KILL_DIR=DIR[:DIR]  only calls on files below these count
//   KHUOI_KILL_AT=N           SIGKILL before the N-th call, from 1; 0 or unset: only count
//   KHUOI_KILL_HALF=1         instead, after half of the octets of that call (of a call without octets: after it)
//   KHUOI_KILL_COUNT=FILE     at a normal end the number of calls is written there
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;
static long kill_at;
static bool half;
static char folders[PATH_MAX * 2];
static pid_t started_in;

__attribute__((constructor)) static void start(void) {
  const char* at = getenv("KHUOI_KILL_AT");
  const char* dir = getenv("KHUOI_KILL_DIR");
  kill_at = at != NULL ? atol(at) : 0;
  half = getenv("KHUOI_KILL_HALF") != NULL && strcmp(getenv("KHUOI_KILL_HALF"), "1") == 0;
  if (dir != NULL) snprintf(folders, sizeof folders, "%s", dir);
  started_in = getpid();
}

__attribute__((destructor)) static void stop(void) {
  const char* file = getenv("KHUOI_KILL_COUNT");
  char text[32];
  if (file == NULL || getpid() != started_in) return;
  const int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return;
  const int octets = snprintf(text, sizeof text, "%ld\n", (long)atomic_load(&calls));
  syscall(SYS_write, fd, text, (size_t)octets);
  syscall(SYS_close, fd);
}

static bool below(const char* path) {
  for (const char* at = folders; *at != '\0';) {
    const size_t length = strcspn(at, ":");
    if (length > 0 && strncmp(path, at, length) == 0 && (path[length] == '/' || path[length] == '\0')) return true;
    at += length + (at[length] == ':');
  }
  return false;
}

static bool path_of_fd(int fd, char* out) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t octets = readlink(link, out, PATH_MAX - 1);
  if (octets <= 0) return false;
  out[octets] = '\0';
  return true;
}

static bool fd_counts(int fd) {
  char path[PATH_MAX];
  return fd > 2 && path_of_fd(fd, path) && below(path);
}

static bool path_counts(int folder, const char* path) {
  char whole[2 * PATH_MAX + 2], base[PATH_MAX];
  if (path[0] == '/') return below(path);
  if (folder == AT_FDCWD ? getcwd(base, sizeof base) == NULL : !path_of_fd(folder, base)) return false;
  snprintf(whole, sizeof whole, "%s/%s", base, path);
  return below(whole);
}

static _Noreturn void die(void) {
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

/// Counts one call; true when this one is to be done by half, and the process ended then.
static bool counted(bool counts) {
  if (!counts || getpid() != started_in) return false;
  const long n = atomic_fetch_add(&calls, 1) + 1;
  if (n != kill_at) return false;
  if (!half) die();
  return true;
}

#define REAL(name, ...) ((__typeof__(&name))real(#name, &real_##name))(__VA_ARGS__)
#define SLOT(name) static _Atomic(void*) real_##name
static void* real(const char* name, _Atomic(void*)* slot) {
  void* found = atomic_load(slot);
  if (found == NULL) atomic_store(slot, found = dlsym(RTLD_NEXT, name));
  return found;
}

SLOT(write);
ssize_t write(int fd, const void* octets, size_t n) {
  const bool last = counted(fd_counts(fd));
  const ssize_t done = REAL(write, fd, octets, last ? (n + 1) / 2 : n);
  if (last) die();
  return done;
}

SLOT(pwrite);
ssize_t pwrite(int fd, const void* octets, size_t n, off_t at) {
  const bool last = counted(fd_counts(fd));
  const ssize_t done = REAL(pwrite, fd, octets, last ? (n + 1) / 2 : n, at);
  if (last) die();
  return done;
}

SLOT(pwrite64);
ssize_t pwrite64(int fd, const void* octets, size_t n, off64_t at) {
  const bool last = counted(fd_counts(fd));
  const ssize_t done = REAL(pwrite64, fd, octets, last ? (n + 1) / 2 : n, at);
  if (last) die();
  return done;
}

SLOT(writev);
ssize_t writev(int fd, const struct iovec* parts, int n) {
  const bool last = counted(fd_counts(fd));
  const ssize_t done = REAL(writev, fd, parts, last ? (n + 1) / 2 : n);
  if (last) die();
  return done;
}

SLOT(pwritev);
ssize_t pwritev(int fd, const struct iovec* parts, int n, off_t at) {
  const bool last = counted(fd_counts(fd));
  const ssize_t done = REAL(pwritev, fd, parts, last ? (n + 1) / 2 : n, at);
  if (last) die();
  return done;
}

SLOT(pwritev64);
ssize_t pwritev64(int fd, const struct iovec* parts, int n, off64_t at) {
  const bool last = counted(fd_counts(fd));
  const ssize_t done = REAL(pwritev64, fd, parts, last ? (n + 1) / 2 : n, at);
  if (last) die();
  return done;
}

SLOT(copy_file_range);
ssize_t copy_file_range(int from, off64_t* from_at, int to, off64_t* to_at, size_t n, unsigned flags) {
  const bool last = counted(fd_counts(to));
  const ssize_t done = REAL(copy_file_range, from, from_at, to, to_at, last ? (n + 1) / 2 : n, flags);
  if (last) die();
  return done;
}

SLOT(sendfile);
ssize_t sendfile(int to, int from, off_t* at, size_t n) {
  const bool last = counted(fd_counts(to));
  const ssize_t done = REAL(sendfile, to, from, at, last ? (n + 1) / 2 : n);
  if (last) die();
  return done;
}

SLOT(sendfile64);
ssize_t sendfile64(int to, int from, off64_t* at, size_t n) {
  const bool last = counted(fd_counts(to));
  const ssize_t done = REAL(sendfile64, to, from, at, last ? (n + 1) / 2 : n);
  if (last) die();
  return done;
}

// Calls without octets to halve: with KHUOI_KILL_HALF the process ends after them.
#define WHOLE(name, counts, parameters, ...)       \
  SLOT(name);                                      \
  int name parameters {                            \
    const bool last = counted(counts);             \
    const int done = REAL(name, __VA_ARGS__);      \
    const int why = errno;                         \
    if (last) die();                               \
    errno = why;                                   \
    return done;                                   \
  }

WHOLE(fsync, fd_counts(fd), (int fd), fd)
WHOLE(fdatasync, fd_counts(fd), (int fd), fd)
WHOLE(ftruncate, fd_counts(fd), (int fd, off_t octets), fd, octets)
WHOLE(ftruncate64, fd_counts(fd), (int fd, off64_t octets), fd, octets)
WHOLE(fallocate, fd_counts(fd), (int fd, int mode, off_t at, off_t octets), fd, mode, at, octets)
WHOLE(posix_fallocate, fd_counts(fd), (int fd, off_t at, off_t octets), fd, at, octets)
WHOLE(msync, true, (void* at, size_t octets, int flags), at, octets, flags)
WHOLE(unlink, path_counts(AT_FDCWD, path), (const char* path), path)
WHOLE(unlinkat, path_counts(dir, path), (int dir, const char* path, int flags), dir, path, flags)
WHOLE(rmdir, path_counts(AT_FDCWD, path), (const char* path), path)
WHOLE(mkdir, path_counts(AT_FDCWD, path), (const char* path, mode_t mode), path, mode)
WHOLE(mkdirat, path_counts(dir, path), (int dir, const char* path, mode_t mode), dir, path, mode)
WHOLE(rename, path_counts(AT_FDCWD, to), (const char* from, const char* to), from, to)
WHOLE(renameat, path_counts(dir, to), (int from_dir, const char* from, int dir, const char* to), from_dir, from, dir, to)
WHOLE(renameat2, path_counts(dir, to), (int from_dir, const char* from, int dir, const char* to, unsigned flags), from_dir,
      from, dir, to, flags)
WHOLE(linkat, path_counts(dir, to), (int from_dir, const char* from, int dir, const char* to, int flags), from_dir, from,
      dir, to, flags)
