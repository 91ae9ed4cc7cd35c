#include "storage/stick_folder.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

#include "tests/storage/faulty_io.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/print_result.h"

namespace khuoi::tests {
namespace {

using storage::StickFolder;
using storage::StickLimits;
using storage::StickListing;
using storage::StickSkip;

constexpr const char* one = "0123456789abcdef.kbn";
constexpr const char* two = "fedcba9876543210.kbn";

Bytes random_octets(std::uint64_t seed, std::size_t octets) {
  SeededRng rng(seed);
  Bytes out(octets);
  rng.fill(out);
  return out;
}

StickFolder open_stick(const std::filesystem::path& dir, const StickLimits& limits = {}) {
  auto stick = StickFolder::open(dir, limits);
  REQUIRE(stick);
  return std::move(*stick);
}

StickFolder prepared_stick(const std::filesystem::path& dir) {
  SeededRng rng(1);
  StickFolder stick = open_stick(dir);
  REQUIRE(stick.prepare_for_writing(rng));
  return stick;
}

Result<void> write_bundle(StickFolder& stick, const std::string& name, ByteView octets, std::uint64_t seed = 2) {
  SeededRng rng(seed);
  KHUOI_TRY(auto writer, stick.create(name, rng));
  KHUOI_TRY_VOID(writer.write(octets));
  KHUOI_TRY_VOID(writer.add_parity());
  return writer.commit();
}

StickListing listing_of(const StickFolder& stick) {
  auto listing = stick.list();
  REQUIRE(listing);
  return std::move(*listing);
}

std::uint64_t skipped(const StickListing& listing, StickSkip reason) {
  return listing.skipped.at(static_cast<std::size_t>(reason));
}

/// What a reader makes of the only bundle there is.
Bytes read_bundle(const StickFolder& stick, const std::filesystem::path& private_dir) {
  const StickListing listing = listing_of(stick);
  REQUIRE(listing.entries.size() == 1);
  auto file = stick.copy(listing.entries[0], private_dir);
  REQUIRE(file);
  REQUIRE(file->repair());
  auto octets = file->read(0, std::size_t{64} << 20);
  REQUIRE(octets);
  return std::move(*octets);
}

}  // namespace

TEST_CASE("stick: a bundle written is listed and read back, from memory and from a file", "[storage][stick]") {
  const TempFolder folder;
  StickFolder stick = prepared_stick(folder.path());
  const std::size_t octets = GENERATE(1, 5000, 300'000, 3'000'000);
  const Bytes data = random_octets(3, octets);
  REQUIRE(write_bundle(stick, one, data));
  CHECK(entries_in(folder / "KHUOI") == 2);  // and README.txt
  std::filesystem::create_directory(folder / "private");
  CHECK(read_bundle(stick, folder / "private") == data);
  CHECK(read_bundle(open_stick(folder.path(), {.memory_octets_max = 10}), folder / "private") == data);
  CHECK(entries_in(folder / "private") == 0);
}

TEST_CASE("stick: one without our folder is empty, and stays as it is", "[storage][stick]") {
  const TempFolder folder;
  StickFolder stick = open_stick(folder.path());
  CHECK_FALSE(stick.present());
  CHECK(listing_of(stick).entries.empty());
  SeededRng rng(1);
  CHECK(stick.create(one, rng).error().code == Errc::not_found);
  CHECK(stick.sync());
  CHECK(entries_in(folder.path()) == 0);
  CHECK(StickFolder::open(folder / "none").error().code == Errc::not_found);
}

TEST_CASE("stick: the note for a finder is written once", "[storage][stick]") {
  const TempFolder folder;
  (void)prepared_stick(folder.path());
  const Bytes note = read_file(folder / "KHUOI/README.txt");
  CHECK(text_of(note).find("Ủy ban nhân dân xã") != std::string_view::npos);
  CHECK(text_of(note).find("commune") != std::string_view::npos);
  write_file(folder / "KHUOI/README.txt", view_of("mine"));
  (void)prepared_stick(folder.path());
  CHECK(read_file(folder / "KHUOI/README.txt") == to_bytes(view_of("mine")));
}

TEST_CASE("stick: whatever else lies in the folder is counted and left alone", "[storage][stick]") {
  const TempFolder folder;
  StickFolder stick = prepared_stick(folder.path());
  const auto dir = folder / "KHUOI";
  const Bytes octets = random_octets(4, 100);
  write_file(folder / "outside.kbn", octets);
  const auto id = [](int i) { return "000000000000000" + std::to_string(i) + ".kbn"; };
  write_file(dir / id(0), octets);
  write_file(dir / "AAAAAAAAAAAAAAAA.KBN", octets);
  std::filesystem::create_symlink("../outside.kbn", dir / id(1));
  std::filesystem::create_symlink("/etc/passwd", dir / id(2));
  REQUIRE(::mkfifo((dir / id(3)).c_str(), 0600) == 0);
  std::filesystem::create_directory(dir / id(4));
  std::filesystem::create_hard_link(folder / "outside.kbn", dir / id(5));
  write_file(dir / id(6), {});
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (dir / id(7)).string().copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(socket);
  const std::vector<std::string> foreign = {"0123456789abcdef.kbn.",
                                            "0123456789abcdef.kbn ",
                                            "012345~1.kbn",
                                            "thesis.odt",
                                            "\xff\xfe.kbn",
                                            "\xe2\x80\xae"
                                            "0123456789abcdef.kbn",
                                            "0123456789abcdeg.kbn",
                                            "0123456789abcde.kbn",
                                            ".khuoi-0123.tmp",
                                            "autorun.inf"};
  for (const std::string& name : foreign) write_file(dir / name, octets);
  std::filesystem::create_directories(dir / "a/b/c/d");

  const StickListing listing = listing_of(stick);
  REQUIRE(listing.entries.size() == 2);
  CHECK(listing.entries[0].name == id(0));
  CHECK(listing.entries[1].name == "aaaaaaaaaaaaaaaa.kbn");
  CHECK(listing.entries[1].on_stick == "AAAAAAAAAAAAAAAA.KBN");
  CHECK(skipped(listing, StickSkip::not_a_file) == 5);
  CHECK(skipped(listing, StickSkip::linked) == 1);
  CHECK(skipped(listing, StickSkip::empty) == 1);
  CHECK(skipped(listing, StickSkip::foreign_name) == foreign.size() + 1);

  for (const auto& entry : listing.entries) CHECK(stick.copy(entry, folder.path()));
  // Put in place of what was listed, they are refused all the same.
  for (const int i : {1, 2, 3, 4, 5, 6, 7})
    CHECK(stick.copy({id(i), id(i), 100}, folder.path()).error().code == Errc::denied);
  for (const char* name : {"../outside.kbn", "/etc/passwd", "thesis.odt", ""}) {
    CHECK(stick.copy({name, name, 100}, folder.path()).error().code == Errc::not_found);
    REQUIRE(stick.remove({name, name, 100}));
  }
  CHECK(std::filesystem::exists(folder / "outside.kbn"));
  REQUIRE(stick.remove(listing.entries[1]));
  REQUIRE(stick.remove(listing.entries[1]));
  CHECK(listing_of(stick).entries.size() == 1);
  for (const std::string& name : foreign) CHECK(std::filesystem::exists(dir / name));
}

TEST_CASE("stick: huge and sparse files are refused by their size", "[storage][stick]") {
  const TempFolder folder;
  StickFolder stick = prepared_stick(folder.path());
  const auto sparse = folder / "KHUOI" / one;
  const auto huge = folder / "KHUOI" / two;
  write_file(sparse, {});
  write_file(huge, {});
  std::filesystem::resize_file(sparse, std::uintmax_t{4} << 30);
  std::filesystem::resize_file(huge, std::uintmax_t{16} << 30);
  const StickListing listing = listing_of(stick);
  CHECK(listing.entries.empty());
  CHECK(skipped(listing, StickSkip::sparse) == 1);
  CHECK(skipped(listing, StickSkip::too_large) == 1);
  CHECK(stick.copy({one, one, 100}, folder.path()).error().code == Errc::too_large);
  CHECK(stick.copy({two, two, 100}, folder.path()).error().code == Errc::too_large);
}

TEST_CASE("stick: a folder of very many names is given up at the limits", "[storage][stick]") {
  const TempFolder folder;
  (void)prepared_stick(folder.path());
  for (int i = 0; i < 300; ++i) write_file(folder / "KHUOI" / ("thing" + std::to_string(i)), {});
  const StickListing many = listing_of(open_stick(folder.path(), {.entries_max = 100}));
  CHECK(skipped(many, StickSkip::foreign_name) == 100);
  CHECK(skipped(many, StickSkip::past_limit) == 1);
  for (int i = 10; i < 60; ++i)
    write_file(folder / "KHUOI" / ("00000000000000" + std::to_string(i) + ".kbn"), Bytes(1));
  const StickListing few = listing_of(open_stick(folder.path(), {.names_max = 20}));
  CHECK(few.entries.size() == 20);
  CHECK(skipped(few, StickSkip::past_limit) == 1);
}

TEST_CASE("stick: a million names take no time and no memory", "[.][slow]") {
  const TempFolder folder;
  const SmallDisk disk(folder / "disk", "size=2g,nr_inodes=2000000");
  KHUOI_NEEDS_MOUNT(disk);
  const StickFolder stick = prepared_stick(disk.path());
  for (int i = 0; i < 1'000'100; ++i) {
    const int fd = ::open((disk.path() / "KHUOI" / ("thing" + std::to_string(i))).c_str(), O_CREAT | O_WRONLY, 0600);
    REQUIRE(fd >= 0);
    ::close(fd);
  }
  CHECK(skipped(listing_of(stick), StickSkip::past_limit) == 1);
}

TEST_CASE("stick: KHUOI as a link, a file or another file system is refused", "[storage][stick]") {
  const TempFolder folder;
  const auto khuoi = folder / "KHUOI";
  SECTION("a link") { std::filesystem::create_directory_symlink("/tmp", khuoi); }
  SECTION("a file") { write_file(khuoi, Bytes(1)); }
  SECTION("a mount point") {
    const SmallDisk disk(khuoi, "size=1m");
    KHUOI_NEEDS_MOUNT(disk);
    CHECK(StickFolder::open(folder.path()).error().code == Errc::denied);
    return;
  }
  CHECK(StickFolder::open(folder.path()).error().code == Errc::denied);
}

TEST_CASE("stick: leftovers of ours are cleared away, others' files never", "[storage][stick]") {
  const TempFolder folder;
  (void)prepared_stick(folder.path());
  const auto dir = folder / "KHUOI";
  write_file(dir / ".khuoi-0123456789abcdef.tmp", Bytes(1000));
  write_file(dir / ".khuoi-0123456789abcdef.tmp.mine", Bytes(1));
  write_file(dir / one, Bytes(1));
  (void)open_stick(folder.path());
  CHECK(entries_in(dir) == 4);
  (void)prepared_stick(folder.path());
  CHECK(entries_in(dir) == 3);
  CHECK_FALSE(std::filesystem::exists(dir / ".khuoi-0123456789abcdef.tmp"));
}

TEST_CASE("stick: a writer dropped halfway leaves nothing", "[storage][stick]") {
  const TempFolder folder;
  StickFolder stick = prepared_stick(folder.path());
  {
    SeededRng rng(1);
    auto writer = stick.create(one, rng);
    REQUIRE(writer->write(Bytes(1'000'000)));
    CHECK(entries_in(folder / "KHUOI") == 2);
    const storage::StickWriter moved = std::move(*writer);
    CHECK(moved.octets() == 1'000'000);
  }
  CHECK(entries_in(folder / "KHUOI") == 1);
}

TEST_CASE("stick: pulled at any write, the bundles that were there stay whole", "[storage][stick][faults]") {
  const int error = GENERATE(EIO, ENOSPC);
  const TempFolder folder;
  StickFolder stick = prepared_stick(folder.path());
  const Bytes before = random_octets(5, 20'000);
  REQUIRE(write_bundle(stick, one, before));
  const Bytes file_before = read_file(folder / "KHUOI" / one);
  bool failed = true;
  for (int good = 0; failed; ++good) {
    REQUIRE(good < 200);
    {
      const FaultyIo faulty(good, error);
      const auto done = write_bundle(stick, good % 2 == 0 ? one : two, random_octets(6, 600'000));
      failed = FaultyIo::happened();
      CHECK(done.has_value() == !failed);
      if (failed) CHECK(done.error().code == (error == ENOSPC ? Errc::disk_full : Errc::io));
    }
    if (!failed) break;
    const bool renamed =
        std::filesystem::exists(folder / "KHUOI" / two) || read_file(folder / "KHUOI" / one) != file_before;
    if (renamed) break;  // only the folder's sync was left: the bundle is whole, and told as failed
    CHECK(entries_in(folder / "KHUOI") == 2);
  }
  CHECK(listing_of(stick).entries.size() <= 2);
}

TEST_CASE("stick: a full one says so and keeps what it had", "[storage][stick][faults]") {
  const TempFolder folder;
  const SmallDisk disk(folder / "disk", "size=2m");
  KHUOI_NEEDS_MOUNT(disk);
  StickFolder stick = prepared_stick(disk.path());
  const Bytes data = random_octets(7, 500'000);
  REQUIRE(write_bundle(stick, one, data));
  const auto before = stick.space();
  REQUIRE(before);
  CHECK(before->free_octets < 1'600'000);
  CHECK(before->cluster_octets == 4096);
  CHECK(write_bundle(stick, two, random_octets(8, 3'000'000)).error().code == Errc::disk_full);
  CHECK(write_bundle(stick, two, random_octets(8, static_cast<std::size_t>(before->free_octets) - 100)).error().code ==
        Errc::disk_full);  // the parity no longer fits
  CHECK(stick.space()->free_octets == before->free_octets);
  CHECK(read_bundle(stick, folder.path()) == data);
}

TEST_CASE("stick: with no room for the note or the folder it says so", "[storage][stick][faults]") {
  const TempFolder folder;
  const SmallDisk disk(folder / "disk", "size=4k,nr_inodes=2");
  KHUOI_NEEDS_MOUNT(disk);
  SeededRng rng(1);
  StickFolder stick = open_stick(disk.path());
  CHECK(stick.prepare_for_writing(rng).error().code == Errc::disk_full);
}

TEST_CASE("stick: a read-only one can be read, and says why it is not written", "[storage][stick][faults]") {
  const TempFolder folder;
  const SmallDisk disk(folder / "disk", "size=2m");
  KHUOI_NEEDS_MOUNT(disk);
  const Bytes data = random_octets(7, 50'000);
  {
    StickFolder stick = prepared_stick(disk.path());
    REQUIRE(write_bundle(stick, one, data));
  }
  REQUIRE(disk.make_read_only());
  StickFolder stick = open_stick(disk.path());
  CHECK(read_bundle(stick, folder.path()) == data);
  CHECK(write_bundle(stick, two, data).error().code == Errc::read_only);
  CHECK(stick.remove(listing_of(stick).entries[0]).error().code == Errc::read_only);
}

TEST_CASE("stick: one that gives back other octets than were written is found out", "[storage][stick][faults]") {
  const TempFolder folder;
  StickFolder stick = prepared_stick(folder.path());
  const std::uint64_t at = GENERATE(0, 299'999, 305'000);
  const Bytes data = random_octets(7, 300'000);
  SeededRng rng(1);
  auto writer = stick.create(one, rng);
  REQUIRE(writer->write(data));
  REQUIRE(writer->add_parity());
  {
    const BadSectors bad(at, 1, BadSectors::Kind::lying);
    CHECK(writer->commit().error().code == Errc::damaged);
  }
  CHECK_FALSE(std::filesystem::exists(folder / "KHUOI" / one));
}

TEST_CASE("stick: bad sectors are mended by parity; too many end the reading", "[storage][stick][faults]") {
  const TempFolder folder;
  StickFolder stick = prepared_stick(folder.path());
  const Bytes data = random_octets(9, 6'000'000);
  REQUIRE(write_bundle(stick, one, data));
  const auto entry = listing_of(stick).entries.at(0);
  {
    auto file = [&] {
      const BadSectors bad(1'000'000, 130'000, BadSectors::Kind::unreadable);
      return stick.copy(entry, folder.path());
    }();
    REQUIRE(file);
    CHECK(file->octets_unreadable() >= 130'000);
    const auto report = file->repair();
    REQUIRE(report);
    CHECK(report->still_damaged.empty());
    CHECK(report->blocks_repaired > 30);
    CHECK(*file->read(0, 6'000'000) == data);
  }
  const BadSectors bad(1'000'000, 3'000'000, BadSectors::Kind::unreadable);
  CHECK(stick.copy(entry, folder.path()).error().code == Errc::io);
}

TEST_CASE("stick: what changes on it after the copy changes nothing", "[storage][stick]") {
  const TempFolder folder;
  StickFolder stick = prepared_stick(folder.path());
  const Bytes data = random_octets(9, 100'000);
  REQUIRE(write_bundle(stick, one, data));
  const auto entry = listing_of(stick).entries.at(0);
  auto file = stick.copy(entry, folder.path());
  write_file(folder / "KHUOI" / one, Bytes(100'000, 1));
  REQUIRE(file->repair());
  CHECK(*file->read(0, 1'000'000) == data);
  CHECK(file->read(100'000, 10)->empty());
  CHECK(file->read(~std::uint64_t{0}, 10)->empty());
}

}  // namespace khuoi::tests
