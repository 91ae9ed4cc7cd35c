#include "tests/storage/faulty_io.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>

#include "storage/backup.h"
#include "storage/lmdb_store.h"
#include "storage/stick_folder.h"
#include "storage/verify.h"
#include "storage/writer_lock.h"
#include "sync/base/rng.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/print_result.h"

namespace {

std::atomic<bool> armed = false;
std::atomic<int> left = 0;
std::atomic<int> error_planned = 0;
std::atomic<bool> one = false;
std::atomic<bool> struck = false;

std::atomic<std::uint64_t> bad_from = 0;
std::atomic<std::uint64_t> bad_octets = 0;
std::atomic<bool> bad_lies = false;

std::atomic<std::uint64_t> early_writes = 0;

bool fails_now() {
  if (!armed || left-- > 0 || (one && struck)) return false;
  struck = true;
  errno = error_planned;
  return true;
}

}  // namespace

// The dynamic linker finds these before libc's, for LMDB too.
extern "C" {
ssize_t write(int fd, const void* from, size_t octets) {
  return fd > 2 && fails_now() ? -1 : ::syscall(SYS_write, fd, from, octets);
}
ssize_t writev(int fd, const iovec* parts, int count) {
  return fails_now() ? -1 : ::syscall(SYS_writev, fd, parts, count);
}
ssize_t pwrite(int fd, const void* from, size_t octets, off_t at) {
  return fails_now() ? -1 : ::syscall(SYS_pwrite64, fd, from, octets, at);
}
int renameat(int from, const char* old_name, int to, const char* name) noexcept {
  return fails_now() ? -1 : static_cast<int>(::syscall(SYS_renameat, from, old_name, to, name));
}
ssize_t pread(int fd, void* to, size_t octets, off_t at) {
  const ssize_t got = ::syscall(SYS_pread64, fd, to, octets, at);
  const auto first = static_cast<std::uint64_t>(at);
  if (got <= 0 || bad_octets == 0 || first >= bad_from + bad_octets ||
      first + static_cast<std::uint64_t>(got) <= bad_from) {
    return got;
  }
  if (bad_lies) {
    *static_cast<unsigned char*>(to) ^= 1U;
    return got;
  }
  errno = EIO;
  return -1;
}
int sync_file_range(int fd, off64_t at, off64_t octets, unsigned int flags) {
  ++early_writes;
  return static_cast<int>(::syscall(SYS_sync_file_range, fd, at, octets, flags));
}
int fsync(int fd) { return fails_now() ? -1 : static_cast<int>(::syscall(SYS_fsync, fd)); }
int fdatasync(int fd) { return fails_now() ? -1 : static_cast<int>(::syscall(SYS_fdatasync, fd)); }
}

namespace khuoi::tests {

FaultyIo::FaultyIo(int good, int error, bool only_one) {
  left = good;
  error_planned = error;
  one = only_one;
  struck = false;
  armed = true;
}
FaultyIo::~FaultyIo() { armed = false; }

BadSectors::BadSectors(std::uint64_t from, std::uint64_t octets, Kind kind) {
  bad_from = from;
  bad_lies = kind == Kind::lying;
  bad_octets = octets;
}
BadSectors::~BadSectors() { bad_octets = 0; }

bool FaultyIo::happened() { return struck; }

namespace {

using storage::LmdbOptions;
using storage::LmdbStore;
using sync::Table;

std::optional<std::string> get(const sync::Store& store, std::string_view key) {
  const auto txn = store.begin_read();
  REQUIRE(txn);
  const auto value = (*txn)->get(Table::record, view_of(key));
  REQUIRE(value);
  if (!*value) return std::nullopt;
  return std::string(text_of(**value));
}

Result<void> put(sync::Store& store, std::string_view key, std::string_view value) {
  KHUOI_TRY(const auto txn, store.begin_write());
  KHUOI_TRY_VOID(txn->put(Table::record, view_of(key), view_of(value)));
  return txn->commit();
}

}  // namespace

TEST_CASE("store: whichever write or sync of a commit fails, it holds what was there before", "[storage][faults]") {
  const int error = GENERATE(ENOSPC, EIO);
  const TempFolder folder;
  auto store = std::move(*LmdbStore::open(folder / "store", LmdbOptions{.create = true}));
  REQUIRE(put(*store, "kept", "always"));
  bool failed = true;
  for (int good = 0; failed; ++good) {
    REQUIRE(good < 100);
    const std::string key = "key" + std::to_string(good);
    {
      const FaultyIo faulty(good, error);
      const auto done = put(*store, key, std::string(20'000, 'v'));
      failed = FaultyIo::happened();
      CHECK(done.has_value() == !failed);
      if (failed) CHECK(done.error().code == (error == ENOSPC ? Errc::disk_full : Errc::io));
    }
    CHECK(get(*store, "kept") == "always");
    CHECK(get(*store, key).has_value() == !failed);
    const auto again = put(*store, "again", std::to_string(good));  // the store goes on
    CHECK(again);
    CHECK(get(*store, "again") == std::to_string(good));
  }
  store.reset();
  REQUIRE(storage::verify_structure(folder / "store"));
  store = std::move(*LmdbStore::open(folder / "store"));
  CHECK(get(*store, "kept") == "always");
}

TEST_CASE("store: whichever write of its creation fails, nothing is left and the next try works", "[storage][faults]") {
  const TempFolder folder;
  bool failed = true;
  for (int good = 0; failed; ++good) {
    REQUIRE(good < 200);
    {
      const FaultyIo faulty(good, ENOSPC, true);
      const auto store = LmdbStore::open(folder / "store", LmdbOptions{.create = true});
      failed = FaultyIo::happened();
      if (failed && !store) CHECK(store.error().code == Errc::disk_full);
    }
    CHECK_FALSE(std::filesystem::exists(folder / "store.new"));
    const auto store = LmdbStore::open(folder / "store", LmdbOptions{.create = true});
    REQUIRE(store);
    REQUIRE(put(**store, "a", "one"));
    std::filesystem::remove_all(folder / "store");
  }
}

TEST_CASE("backup: whichever write fails, the earlier backup stays, without litter", "[storage][faults]") {
  const TempFolder folder;
  std::filesystem::create_directories(folder / "data");
  const auto store = LmdbStore::open(folder / "data/store", LmdbOptions{.create = true});
  REQUIRE(put(**store, "a", std::string(50'000, 'v')));
  std::filesystem::create_directory(folder / "out");
  const auto file = folder / "out/backup";
  REQUIRE(storage::backup_to(**store, file, folder / "data"));
  const Bytes before = read_file(file);
  bool failed = true;
  for (int good = 0; failed; ++good) {
    REQUIRE(good < 100);
    const FaultyIo faulty(good, ENOSPC, true);
    const auto done = storage::backup_to(**store, file, folder / "data");
    failed = FaultyIo::happened();
    CHECK(done.has_value() == !failed);
    if (failed) CHECK(done.error().code == Errc::disk_full);
    CHECK(read_file(file) == before);
    CHECK(entries_in(folder / "out") == 1);
  }
}

TEST_CASE("store: on a full disk it says so, raises no signal, loses nothing, and goes on when there is space",
          "[storage][faults]") {
  const TempFolder folder;
  const SmallDisk disk(folder / "disk", "size=1m");
  KHUOI_NEEDS_MOUNT(disk);
  auto store = std::move(*LmdbStore::open(disk.path() / "store", LmdbOptions{.create = true}));
  const std::filesystem::path ballast = disk.path() / "ballast";
  write_file(ballast, Bytes(100'000, 1));
  int kept = 0;
  std::optional<Error> error;
  while (!error && kept < 1000) {
    if (auto done = put(*store, "key" + std::to_string(kept), std::string(3000, 'v')); done) {
      ++kept;
    } else {
      error = done.error();
    }
  }
  REQUIRE(error);
  CHECK(error->code == Errc::disk_full);
  CHECK(kept > 20);
  for (int i = 0; i < kept; ++i) REQUIRE(get(*store, "key" + std::to_string(i)) == std::string(3000, 'v'));
  CHECK_FALSE(put(*store, "more", std::string(3000, 'v')));
  store.reset();
  const auto opened_full = LmdbStore::open(disk.path() / "store");
  REQUIRE(opened_full);
  std::filesystem::remove(ballast);
  CHECK(put(**opened_full, "more", std::string(3000, 'v')));
  REQUIRE(storage::verify_structure(disk.path() / "store"));
}

TEST_CASE("store: none can be created on a full disk, and no signal is raised", "[storage][faults]") {
  const TempFolder folder;
  for (const char* size : {"size=4k", "size=8k", "size=12k", "size=16k", "size=20k", "size=40k", "size=80k"}) {
    const SmallDisk disk(folder / "disk", size);
    KHUOI_NEEDS_MOUNT(disk);
    const auto store = LmdbStore::open(disk.path() / "store", LmdbOptions{.create = true});
    if (!store) {
      CHECK(store.error().code == Errc::disk_full);
      CHECK(entries_in(disk.path()) == 0);
    }
  }
}

TEST_CASE("store: a read-only disk can be read", "[storage][faults]") {
  const bool with_lock_file = GENERATE(true, false);
  const TempFolder folder;
  const SmallDisk disk(folder / "disk", "size=4m");
  KHUOI_NEEDS_MOUNT(disk);
  const auto path = disk.path() / "store";
  {
    const auto store = LmdbStore::open(path, LmdbOptions{.create = true});
    REQUIRE(put(**store, "a", "one"));
  }
  if (!with_lock_file) std::filesystem::remove(path / "lock.mdb");
  REQUIRE(disk.make_read_only());
  {
    const auto store = LmdbStore::open(path, LmdbOptions{.read_only = true});
    REQUIRE(store);
    CHECK(get(**store, "a") == "one");
    CHECK((*store)->begin_write().error().code == Errc::read_only);
  }
  CHECK(storage::verify_structure(path));
  const auto writable = LmdbStore::open(path);
  REQUIRE_FALSE(writable);
  CHECK(writable.error().code == Errc::read_only);
  CHECK(LmdbStore::open(disk.path() / "new", LmdbOptions{.create = true}).error().code == Errc::read_only);
}

namespace {

/// Leaves no octet of a small disk.
void fill(const std::filesystem::path& ballast) {
  std::ofstream out(ballast, std::ios::binary);
  for (const std::size_t piece : {std::size_t{65536}, std::size_t{1024}, std::size_t{1}}) {
    const std::string some(piece, 'b');
    while (out.write(some.data(), static_cast<std::streamsize>(piece)) && out.flush()) {
    }
    out.clear();
  }
}

}  // namespace

TEST_CASE("store: what LMDB calls an input error on a full disk is told as a full disk, and on another as a failing one",
          "[storage][faults]") {
  const TempFolder folder;
  const SmallDisk disk(folder / "disk", "size=1m");
  KHUOI_NEEDS_MOUNT(disk);
  const auto store = std::move(*LmdbStore::open(disk.path() / "store", LmdbOptions{.create = true}));
  REQUIRE(put(*store, "a", "one"));
  const auto refused = [&] {
    const FaultyIo faulty(0, EIO, true);
    const auto done = put(*store, "b", "two");
    REQUIRE_FALSE(done);
    return done.error();
  };
  const Error failing = refused();
  CHECK(failing.code == Errc::io);
  CHECK(failing.what.find("The disk of this machine may be failing") != std::string::npos);
  fill(disk.path() / "ballast");
  const Error full = refused();
  CHECK(full.code == Errc::disk_full);
  CHECK(full.what.find("failing") == std::string::npos);
  CHECK(get(*store, "a") == "one");
}

TEST_CASE("stick: a full one whose driver says EIO is full, not failing", "[storage][faults]") {
  const TempFolder folder;
  const SmallDisk disk(folder / "disk", "size=256k");
  KHUOI_NEEDS_MOUNT(disk);
  SeededRng rng(3);
  auto stick = storage::StickFolder::open(disk.path());
  REQUIRE(stick);
  REQUIRE(stick->prepare_for_writing(rng));
  const auto refused = [&]() -> Error {
    auto writer = stick->create("00000000000000aa.kbn", rng);
    if (!writer) return writer.error();
    const FaultyIo faulty(0, EIO);
    auto done = writer->write(Bytes(300'000, 1));
    if (done) done = writer->commit();
    REQUIRE_FALSE(done);
    return done.error();
  };
  CHECK(refused().code == Errc::io);
  fill(disk.path() / "ballast");
  CHECK(refused().code == Errc::disk_full);
}

TEST_CASE("backup: onto a full disk it names the backup, not the store that it reads", "[storage][faults]") {
  const TempFolder folder;
  const SmallDisk disk(folder / "disk", "size=64k");
  KHUOI_NEEDS_MOUNT(disk);
  std::filesystem::create_directories(folder / "data");
  const auto store = LmdbStore::open(folder / "data/store", LmdbOptions{.create = true});
  REQUIRE(put(**store, "a", std::string(200'000, 'v')));
  const auto done = storage::backup_to(**store, disk.path() / "backup", folder / "data");
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::disk_full);
  CHECK(done.error().what.find((disk.path() / "backup").string()) != std::string::npos);
  CHECK(done.error().what.find((folder / "data").string()) == std::string::npos);
  CHECK(entries_in(disk.path()) == 0);
}

TEST_CASE("writer lock: on a read-only disk readers share it, and keep a writer out", "[storage][faults]") {
  const TempFolder folder;
  const SmallDisk disk(folder / "disk", "size=1m");
  KHUOI_NEEDS_MOUNT(disk);
  const bool with_file = GENERATE(true, false);
  if (with_file) REQUIRE(storage::WriterLock::acquire(disk.path()));
  REQUIRE(disk.make_read_only());
  CHECK(storage::WriterLock::acquire(disk.path()).error().code == Errc::read_only);
  const auto one = storage::WriterLock::acquire_to_read(disk.path());
  REQUIRE(one);
  CHECK(storage::WriterLock::acquire_to_read(disk.path()));
  REQUIRE(::mount(nullptr, disk.path().c_str(), nullptr, MS_REMOUNT | MS_NOSUID | MS_NODEV, nullptr) == 0);
  if (with_file) CHECK(storage::WriterLock::acquire(disk.path()).error().code == Errc::busy);
  const auto other = TempFolder();
  const auto writer = storage::WriterLock::acquire(other.path());
  REQUIRE(writer);
  CHECK(storage::WriterLock::acquire_to_read(other.path()).error().code == Errc::busy);
}

TEST_CASE("stick: a file is written early in pieces worth it, parity blocks all together", "[storage][faults]") {
  constexpr std::size_t piece_octets = std::size_t{1} << 20U;
  const TempFolder folder;
  SeededRng rng(1);
  auto stick = std::move(*storage::StickFolder::open(folder.path()));
  REQUIRE(stick.prepare_for_writing(rng));
  for (const std::size_t pieces : {std::size_t{0}, std::size_t{4}, std::size_t{40}}) {
    const std::uint64_t before = early_writes;
    auto writer = std::move(*stick.create("0123456789abcdef.kbn", rng));
    REQUIRE(writer.write(Bytes(pieces * piece_octets + 2'000)));
    REQUIRE(writer.add_parity());
    REQUIRE(writer.commit());
    CHECK(early_writes - before == pieces);
  }
}

}  // namespace khuoi::tests
