#include <sys/sysmacros.h>

#include <catch2/catch.hpp>

#include "node/sticks/file_system.h"
#include "node/sticks/outcome.h"
#include "node/sticks/plain_text.h"
#include "sync/base/nfc.h"

using namespace khuoi;
using namespace khuoi::mounts;
using What = Judgement::What;
using node::StickNews;

namespace {

constexpr const char* drive_path = "/org/freedesktop/UDisks2/drives/stick";
constexpr const char* part_path = "/org/freedesktop/UDisks2/block_devices/sdb1";

/// A FAT stick with one partition, as udisks2 2.9 tells of it.
DiskObjects stick() {
  DiskObjects out;
  out[drive_path][drive_interface] = {
      {"Removable", true}, {"MediaRemovable", true}, {"Optical", false}, {"ConnectionBus", std::string("usb")}};
  out[part_path][block_interface] = {{"Device", std::string("/dev/sdb1")},
                                     {"DeviceNumber", std::uint64_t{makedev(8, 17)}},
                                     {"Drive", std::string(drive_path)},
                                     {"IdUsage", std::string("filesystem")},
                                     {"IdType", std::string("vfat")},
                                     {"IdUUID", std::string("1234-ABCD")},
                                     {"Size", std::uint64_t{1} << 33U},
                                     {"HintIgnore", false},
                                     {"HintSystem", false},
                                     {"ReadOnly", false}};
  out[part_path][file_system_interface] = {{"MountPoints", std::vector<std::string>()}};
  return out;
}

DiskProperties& block_of(DiskObjects& objects) { return objects[part_path][block_interface]; }
DiskProperties& drive_of(DiskObjects& objects) { return objects[drive_path][drive_interface]; }

void mount_at(DiskObjects& objects, std::vector<std::string> points) {
  objects[part_path][file_system_interface]["MountPoints"] = std::move(points);
}

std::vector<Mount> mounted(const std::string& point, const std::string& options) {
  return parse_mountinfo("29 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n46 29 8:17 / " + point + " " +
                         options + " shared:20 - vfat /dev/sdb1 rw,uid=110,errors=remount-ro\n");
}

Judgement judged(const DiskObjects& objects, const std::vector<Mount>& mounts = {}) {
  const auto all = file_systems_of(objects);
  REQUIRE(all.size() == 1);
  return judge(all.front(), mounts);
}

}  // namespace

TEST_CASE("mounts: a stick is mounted, without rights to run, to be root, or to be a device", "[node][mounts]") {
  const DiskObjects objects = stick();
  CHECK(judged(objects).what == What::mount);
  const FileSystem one = file_systems_of(objects).front();
  CHECK(one.device == "/dev/sdb1");
  CHECK(short_name(one) == "sdb1");
  CHECK(one.number == makedev(8, 17));
  CHECK(mount_options(one) == "nosuid,nodev,noexec");
}

TEST_CASE("mounts: a write-protected stick is mounted read-only", "[node][mounts]") {
  DiskObjects objects = stick();
  block_of(objects)["ReadOnly"] = true;
  CHECK(mount_options(file_systems_of(objects).front()) == "nosuid,nodev,noexec,ro");
}

TEST_CASE("mounts: every file system that sticks have is taken, and nothing else", "[node][mounts]") {
  for (const char* type : {"vfat", "exfat", "ntfs", "ext2", "ext3", "ext4"}) {
    DiskObjects objects = stick();
    block_of(objects)["IdType"] = std::string(type);
    INFO(type);
    CHECK(judged(objects).what == What::mount);
  }
  for (const char* type : {"btrfs", "xfs", "hfsplus", "iso9660", "udf", "squashfs", "", "vfat2", "VFAT"}) {
    DiskObjects objects = stick();
    block_of(objects)["IdType"] = std::string(type);
    INFO(type);
    const Judgement refused = judged(objects);
    CHECK(refused.what == What::refuse);
    CHECK(refused.reason == "file_system");
    CHECK(refused.message.find("sdb1") != std::string::npos);
  }
}

TEST_CASE("mounts: a disk that is built in is left alone, one on USB is not", "[node][mounts]") {
  DiskObjects objects = stick();
  drive_of(objects)["Removable"] = false;
  drive_of(objects)["MediaRemovable"] = false;
  CHECK(judged(objects).what == What::mount);  // a disk in a case
  drive_of(objects)["ConnectionBus"] = std::string("sata");
  CHECK(judged(objects).what == What::leave);
  drive_of(objects)["MediaRemovable"] = true;  // a card reader
  CHECK(judged(objects).what == What::mount);
  drive_of(objects)["Optical"] = true;
  CHECK(judged(objects).what == What::leave);
  objects.erase(drive_path);
  CHECK(judged(objects).what == What::leave);
}

TEST_CASE("mounts: what the administrator hides, the system owns, or is no file system is left alone",
          "[node][mounts]") {
  for (const char* hint : {"HintIgnore", "HintSystem"}) {
    DiskObjects objects = stick();
    block_of(objects)[hint] = true;
    CHECK(judged(objects).what == What::leave);
  }
  DiskObjects objects = stick();
  block_of(objects)["IdUsage"] = std::string("crypto");
  CHECK(judged(objects).what == What::leave);
  objects = stick();
  objects[part_path].erase(file_system_interface);
  CHECK(file_systems_of(objects).empty());
}

TEST_CASE("mounts: properties of a wrong type count as missing", "[node][mounts]") {
  DiskObjects objects = stick();
  block_of(objects)["Drive"] = true;
  block_of(objects)["IdUsage"] = std::uint64_t{7};
  mount_at(objects, {});
  objects[part_path][file_system_interface]["MountPoints"] = std::string("/");
  CHECK(judged(objects).what == What::leave);
}

TEST_CASE("mounts: a USB disk that the machine runs from is no stick, with none of its partitions", "[node][mounts]") {
  const std::string other = "/org/freedesktop/UDisks2/block_devices/sdb2";
  DiskObjects objects = stick();
  objects[other] = objects[part_path];
  SECTION("the root is on it") { objects[other][file_system_interface]["MountPoints"] = std::vector<std::string>{"/"}; }
  SECTION("the data are on it, by a path that looks like a stick's") {
    objects[other][file_system_interface]["MountPoints"] = std::vector<std::string>{"/media/../var"};
  }
  SECTION("it swaps to it") {
    objects[other].erase(file_system_interface);
    objects[other][swap_interface] = {{"Active", true}};
  }
  for (const FileSystem& one : file_systems_of(objects)) CHECK(judge(one, {}).what == What::leave);
}

TEST_CASE("mounts: a stick that is mounted already is used only with all three flags", "[node][mounts]") {
  const std::string point = "/media/minh/USB";
  DiskObjects objects = stick();
  mount_at(objects, {point});
  const auto good = judged(objects, mounted(point, "rw,nosuid,nodev,noexec,relatime"));
  CHECK(good.what == What::use);
  CHECK(good.point == point);
  const auto flags = GENERATE(std::pair<const char*, const char*>{"rw,nosuid,nodev", "without noexec"},
                              std::pair<const char*, const char*>{"rw,noexec", "without nosuid and nodev"},
                              std::pair<const char*, const char*>{"rw", "without nosuid, nodev and noexec"},
                              std::pair<const char*, const char*>{"rw,nosuidX,nodev,noexec", "without nosuid"});
  const auto bad = judged(objects, mounted(point, flags.first));
  CHECK(bad.what == What::refuse);
  CHECK(bad.reason == "unsafe_mount");
  CHECK(bad.message.find(flags.second) != std::string::npos);
}

TEST_CASE("mounts: a mount that another one hides, or that is another device, is not trusted", "[node][mounts]") {
  const std::string point = "/media/minh/USB";
  DiskObjects objects = stick();
  mount_at(objects, {point});
  auto mounts = mounted(point, "rw,nosuid,nodev,noexec");
  const auto over = parse_mountinfo("50 46 0:44 / " + point + " rw,nosuid,nodev,noexec - tmpfs tmpfs rw\n");
  mounts.insert(mounts.end(), over.begin(), over.end());
  CHECK(judged(objects, mounts).what == What::refuse);
  CHECK(judged(objects, {}).message.find("does not see") != std::string::npos);
}

TEST_CASE("mounts: only below /media, /run/media and /mnt is a place of sticks", "[node][mounts]") {
  for (const char* place : {"/media/usb", "/run/media/khuoi/USB", "/mnt/a", "/media/..a/b"})
    CHECK(is_place_of_sticks(place));
  for (const char* place : {"/", "/home", "/mediaX/a", "/media/../etc", "/media/a/..", "media/a", "/var/media/a", ""}) {
    INFO(place);
    CHECK_FALSE(is_place_of_sticks(place));
  }
  const FileSystem one = file_systems_of(stick()).front();
  const auto outside = check_mounted(one, "/srv/usb", mounted("/srv/usb", "rw,nosuid,nodev,noexec"));
  REQUIRE_FALSE(outside.has_value());
  CHECK(outside.error().what.find("/run/media") != std::string::npos);
}

TEST_CASE("mounts: what was mounted for this user is told from what others mounted", "[node][mounts]") {
  CHECK(is_own_mount("/media/khuoi/USB", "khuoi"));
  CHECK(is_own_mount("/run/media/khuoi/USB", "khuoi"));
  CHECK_FALSE(is_own_mount("/media/khuoi2/USB", "khuoi"));
  CHECK_FALSE(is_own_mount("/media/khuoi", "khuoi"));
  CHECK_FALSE(is_own_mount("/mnt/khuoi/USB", "khuoi"));
  CHECK_FALSE(is_own_mount("/media/khuoi/../minh/USB", "khuoi"));
  CHECK_FALSE(is_own_mount("/media//USB", ""));
}

TEST_CASE("mounts: mountinfo is read with its escapes, optional fields and options", "[node][mounts]") {
  const auto mounts = parse_mountinfo(
      "36 35 98:0 /mnt1 /media/a/c\\306\\257\\341\\273\\233i\\040\\134x rw,noatime,nosuid master:1 shared:4 - vfat "
      "/dev/s\\040b "
      "rw,errors=remount-ro\n"
      "37 35 0:45 / /media/b ro,nodev - tmpfs none rw\n"
      "38 35 8:1 / /media/c rw,noexec - ext4 /dev/sda1 ro,errors=remount-ro\n");
  REQUIRE(mounts.size() == 3);
  CHECK(mounts[0].point == "/media/a/cƯới \\x");
  CHECK(mounts[0].device == makedev(98, 0));
  CHECK(mounts[0].type == "vfat");
  CHECK((mounts[0].nosuid && !mounts[0].nodev && !mounts[0].noexec && !mounts[0].read_only));
  CHECK((mounts[1].nodev && mounts[1].read_only));
  CHECK((mounts[2].noexec && mounts[2].read_only));
}

TEST_CASE("mounts: lines that are no mounts are passed over, wherever one is cut", "[node][mounts]") {
  const std::string line = "36 35 98:0 / /media/a rw,nosuid master:1 - vfat /dev/sdb1 rw";
  const std::size_t least = line.find(" rw", line.find(" - "));
  for (std::size_t octets = 0; octets < least; ++octets) CHECK(parse_mountinfo(line.substr(0, octets)).empty());
  CHECK(parse_mountinfo(
            "\n\n - \n36 35 x:0 / /a rw - a b c\n36 35 1 / /a rw - a b c\n36 35 1:99999999999 / /a rw - a b c")
            .empty());
  CHECK(parse_mountinfo("1 2 3:4 / /a\\04 rw - a b c").front().point == "/a\\04");
  CHECK_FALSE(read_mountinfo().empty());
}

TEST_CASE("mounts: text that a label stands in cannot break a page, a log or a line", "[node][mounts]") {
  CHECK(plain_text("/media/khuoi/CƯỚI XIN") == "/media/khuoi/CƯỚI XIN");
  CHECK(plain_text("a\xff\xfe"
                   "b\xc3") == "a??b?");
  CHECK(plain_text("a\nb\x1b[2Jc\x7f\xc2\x9b") == "a?b?[2Jc??");
  CHECK(plain_text("x\u202egnp\u2066\u200f") == "x?gnp??");
  CHECK(plain_text("\u1ed5\u1ed5", 5) == "\u1ed5");
  std::string every;
  for (int c = 1; c < 256; ++c) every += static_cast<char>(c);
  const std::string plain = plain_text(every);
  CHECK(sync::is_utf8(view_of(plain)));
  CHECK(plain.size() == 255);
}

TEST_CASE("mounts: a stick with two file systems may be pulled when the one that counts is done", "[node][mounts]") {
  StickNews safe;
  safe.what = StickNews::What::safe;
  safe.counts.records_out = 3;
  StickNews foreign;
  foreign.what = StickNews::What::foreign;
  StickNews unused;
  unused.what = StickNews::What::failed;
  unused.reason = "file_system";
  StickNews faulty = unused;
  faulty.reason = "io";
  CHECK(joined(safe, unused).what == StickNews::What::safe);
  CHECK(joined(unused, safe).counts.records_out == 3);
  CHECK(joined(foreign, safe).what == StickNews::What::safe);
  CHECK(joined(unused, foreign).what == StickNews::What::foreign);
  CHECK(joined(safe, faulty).reason == "io");
  CHECK(joined(unused, unused).reason == "file_system");
}

TEST_CASE("mounts: a stick that could not be mounted says why, and what to do", "[node][mounts]") {
  const FileSystem one = file_systems_of(stick()).front();
  const auto denied = why_not_mounted(one, "khuoi", fail(Errc::denied, "Not authorized"));
  CHECK(denied.find("50-khuoi-sticks.rules") != std::string::npos);
  CHECK(denied.find("khuoi") != std::string::npos);
  CHECK(reason_of_mounting(Errc::denied) == "mount_denied");
  CHECK(reason_of_mounting(Errc::io) == "mount_failed");
  CHECK(why_not_mounted(one, "", fail(Errc::io, "wrong fs type")).find("sdb1") != std::string::npos);
}

TEST_CASE("mounts: another medium in the same reader is another stick", "[node][mounts]") {
  DiskObjects objects = stick();
  const FileSystem before = file_systems_of(objects).front();
  mount_at(objects, {"/media/x/y"});
  CHECK(file_systems_of(objects).front().same_medium(before));
  block_of(objects)["IdUUID"] = std::string("9999-0000");
  CHECK_FALSE(file_systems_of(objects).front().same_medium(before));
}
