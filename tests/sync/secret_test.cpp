#include "sync/seal/secret.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "sync/seal/sodium.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {

std::uintptr_t page_of(ByteView octets) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  return reinterpret_cast<std::uintptr_t>(octets.data()) / page * page;
}

bool mapped(std::uintptr_t page) {
  unsigned char state = 0;
  return mincore(reinterpret_cast<void*>(page), 1, &state) == 0 || errno != ENOMEM;
}

/// The kernel's flags of the mapping that holds the address; empty where the kernel does not tell.
std::string flags_of(std::uintptr_t address) {
  std::ifstream file("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    std::uintptr_t first = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    std::istringstream range(line);
    if (range >> std::hex >> first >> dash >> end && dash == '-') inside = first <= address && address < end;
    if (inside && line.starts_with("VmFlags:")) return line + " ";
  }
  return {};
}

}  // namespace

TEST_CASE("secret: starts as zeros and keeps what is written", "[sync][secret]") {
  Secret secret(32);
  CHECK(to_hex(secret.view()) == std::string(64, '0'));
  secret.writable()[31] = 7;
  CHECK(secret.view()[31] == 7);
  CHECK_FALSE(secret.empty());
  CHECK(Secret().empty());
  CHECK(Secret(0).view().empty());
}

TEST_CASE("secret: a move leaves nothing behind and a duplicate is apart", "[sync][secret]") {
  Secret first = Secret::copy_of(view_of("nuoc suoi"));
  Secret copy = first.duplicate();
  copy.writable()[0] = 'x';
  CHECK(text_of(first.view()) == "nuoc suoi");
  Secret second = std::move(first);
  CHECK(first.empty());
  CHECK(text_of(second.view()) == "nuoc suoi");
  second = std::move(copy);
  CHECK(text_of(second.view()) == "xuoc suoi");
  CHECK(copy.empty());
  Secret& same = second;
  second = std::move(same);
  CHECK(text_of(second.view()) == "xuoc suoi");
}

TEST_CASE("secret: is not there in a forked child", "[sync][secret]") {
  for (const std::size_t octets : {1U, 76U, 4096U, 9000U}) {
    CAPTURE(octets);
    const Secret secret(octets);
    const std::uintptr_t page = page_of(secret.view());
    REQUIRE(mapped(page));
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) _exit(mapped(page) ? 1 : 0);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
}

TEST_CASE("secret: is left out of core files", "[sync][secret]") {
  const Secret secret(76);
  const std::string flags = flags_of(page_of(secret.view()));
  if (flags.empty()) {
    WARN("this kernel does not show the flags of a mapping");
  } else {
    CHECK(flags.find(" dd ") != std::string::npos);
  }
}

TEST_CASE("secret: wipe overwrites all octets", "[sync][secret]") {
  Bytes octets(100, 0xaa);
  wipe(octets);
  CHECK(octets == Bytes(100, 0));
  wipe({});
}
