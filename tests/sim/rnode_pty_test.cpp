#include "sim/air/modem_pty.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>

#include "radio/modem/rnode.h"
#include "sim/air/modem_bench.h"
#include "sim/air/rnode_device.h"

using namespace khuoi;
using namespace khuoi::sim;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

namespace fs = std::filesystem;

struct OwnFolder {
  fs::path path;
  OwnFolder() {
    std::string name = (fs::temp_directory_path() / "khuoi-pty-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~OwnFolder() { fs::remove_all(path); }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;
};

/// Two modems on ptys, and a host that has one of them open.
struct Ports {
  OwnFolder folder;
  ModemBench bench{{folder.path.string(), {{"xa"}, {"xb"}}, {}, {}, 1}};
  std::map<std::string, int> open;
  std::map<std::string, Bytes> got;
  Ports() { REQUIRE(bench.start().empty()); }
  ~Ports() {
    for (const auto& [name, port] : open) ::close(port);
  }
  void plug_in(const std::string& name) {
    open[name] = ::open((folder.path / name).c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK);
    REQUIRE(open[name] >= 0);
  }
  void leave(const std::string& name) {
    ::close(open[name]);
    open.erase(name);
    got[name].clear();
  }
  void say(const std::string& name, const std::string& hex) {
    const Bytes octets = *from_hex(hex);
    REQUIRE(::write(open[name], octets.data(), octets.size()) == ssize_t(octets.size()));
  }
  /// Whether these octets come, one behind the other, before a generous wait is over.
  bool comes(const std::string& name, const std::string& hex) {
    const Bytes wanted = *from_hex(hex);
    Bytes& all = got[name];
    for (int turn = 0; turn < 1500; ++turn) {
      bench.turn(open[name]);
      std::array<std::uint8_t, 512> octets{};
      const ssize_t count = ::read(open[name], octets.data(), octets.size());
      if (count > 0) all.insert(all.end(), octets.begin(), octets.begin() + count);
      const auto at = std::search(all.begin(), all.end(), wanted.begin(), wanted.end());
      if (at == all.end()) continue;
      all.erase(all.begin(), at + std::ptrdiff_t(wanted.size()));
      return true;
    }
    UNSCOPED_INFO(name << " only had " << to_hex(all));
    return false;
  }
  /// 921.4 MHz, 125 kHz, 14 dBm, SF7, 4/5.
  void bring_up(const std::string& name) {
    if (!open.contains(name)) plug_in(name);
    REQUIRE(comes(name, "c055f8c0"));
    say(name, "c00136eb72dbdcc0c0020001e848c0c0030ec0c00407c0c00505c0c00601c0");
    REQUIRE(comes(name, "c00601c0"));
  }
};

/// A driver of ours and a modem, joined by a cable without delay, in virtual time.
struct Cable {
  EventLoop& loop;
  RnodeDevice device;
  radio::Rnode driver;
  std::vector<Bytes> heard;
  Cable(EventLoop& at, Air& air, std::uint64_t seed)
      : loop(at), device(at, air, seed), driver(radio::RnodeConfig{{921'400'000, {125'000, 7, 5}, 14}}) {
    driver.opened(loop.now());
  }
  void work() {
    for (;;) {
      const Bytes down = driver.poll_transmit();
      if (!down.empty()) device.on_octets(down);
      const Bytes up = device.take_output();
      if (!up.empty()) driver.on_octets(up, loop.now());
      if (down.empty() && up.empty()) break;
    }
    while (auto frame = driver.poll_frame()) heard.push_back(frame->octets);
  }
};

/// Steps of a millisecond, in which both cables carry what there is.
void run(EventLoop& loop, std::vector<Cable*> cables, Micros time) {
  const Instant until = loop.now() + time;
  while (loop.now() < until) {
    loop.run_for(milliseconds(1));
    for (Cable* cable : cables) {
      cable->work();
      const auto deadline = cable->driver.next_deadline();
      if (deadline && *deadline <= loop.now()) cable->driver.on_timer(loop.now());
      cable->work();
    }
  }
}

}  // namespace

TEST_CASE("rnode pty: a modem is found, set up and asked as the host protocol says", "[sim][air]") {
  Ports it;
  it.plug_in("xa");
  CHECK(it.comes("xa", "c055f8c0"));
  it.say("xa", "c00873c0c05000c0c04800c0c04900c0");
  CHECK(it.comes("xa", "c00846c0c0500156c0c04880c0c04981c0"));
  // Without settings the radio does not start.
  it.say("xa", "c00601c0");
  CHECK(it.comes("xa", "c00600c0"));
  // C0 and DB in a value have an escape; what is told is the chip's next step below.
  it.say("xa", "c00136dbdcdbdd00c0");
  CHECK(it.comes("xa", "c00136dbdcdaffc0"));
  it.say("xa", "c00136eb72dbdcc0");
  it.say("xa", "c0020001d4dbdcc0c00200000000c0");
  CHECK(it.comes("xa", "c00136eb72bfc0c0020001e848c0c0020001e848c0"));
  it.say("xa", "c0031ec0c003ffc0c0040dc0c004ffc0c00505c0c005ffc0");
  CHECK(it.comes("xa", "c00316c0c00316c0c0040cc0c0040cc0c00505c0c00505c0"));
  it.say("xa", "c00b01f4c0c00c0064c0");
  CHECK(it.comes("xa", "c00b01f4c0c00c0064c0"));
  it.say("xa", "c00407c0c00601c0c006ffc0c00fffc0");
  CHECK(it.comes("xa", "c00407c0"));
  // Symbol 1,024 us, 976 a second, 24 of preamble in 24 ms, slots of 24 ms, DIFS of 48.
  CHECK(it.comes("xa",
                 "c026040003d0001800180018"
                 "0030c0"));
  CHECK(it.comes("xa", "c02801000ec0c00601c0c00601c0c00f01c0"));
  CHECK(it.comes("xa",
                 "c0250000000000000000"
                 "2828ffc0"));
}

TEST_CASE("rnode pty: a packet comes out at the other modem behind how well it was heard", "[sim][air]") {
  Ports it;
  it.plug_in("xb");  // before it has booted, so that it says so to somebody
  it.bring_up("xa");
  it.bring_up("xb");
  it.say("xa", "c00001dbdc02dbdd03c0");
  CHECK(it.comes("xb", "c02330c0c02420c0c00001dbdc02dbdd03c0"));
  // 300 octets go as two frames and come as one packet.
  it.say("xb", "c000" + std::string(600, '1') + "c0");
  CHECK(it.comes("xa", "c000" + std::string(600, '1') + "c0"));
  CHECK(it.bench.air().total().frames == 3);
  const radio::FrameShape shape{.preamble_symbols = 24};
  CHECK(it.bench.air().figures(0).airtime == radio::time_on_air({125'000, 7, 5}, shape, 1 + 5));
  CHECK(it.bench.air().figures(1).airtime ==
        radio::time_on_air({125'000, 7, 5}, shape, 255) + radio::time_on_air({125'000, 7, 5}, shape, 1 + 46));
  CHECK(it.bench.figures().find("\"xa\":{\"frames\":1,") != std::string::npos);
}

TEST_CASE("rnode pty: what is done to a modem is seen by its host", "[sim][air]") {
  Ports it;
  it.bring_up("xa");
  CHECK_FALSE(it.bench.command("reset").empty());
  CHECK_FALSE(it.bench.command("reset xc").empty());
  CHECK_FALSE(it.bench.command("melt xa").empty());
  CHECK_FALSE(it.bench.command("delay xa soon").empty());

  REQUIRE(it.bench.command("full xa").empty());
  it.say("xa", "c00f00c0c0000102c0");
  CHECK(it.comes("xa", "c00f00c0c09004c0"));
  REQUIRE(it.bench.command("empty xa").empty());
  it.say("xa", "c00f00c0");
  CHECK(it.comes("xa", "c00f01c0"));

  REQUIRE(it.bench.command("lie xa").empty());
  it.say("xa", "c00100000000c0");
  CHECK(it.comes("xa", "c00136eba393c0"));
  REQUIRE(it.bench.command("honest xa").empty());

  // A reset with a frame queued: neither the frame nor a setting is left.
  it.say("xa", "c0000102c0c00fffc0");
  REQUIRE(it.comes("xa", "c00f01c0"));
  REQUIRE(it.bench.command("reset xa").empty());
  CHECK(it.comes("xa", "c055f8c0"));
  it.say("xa", "c004ffc0c006ffc0");
  CHECK(it.comes("xa", "c00400c0c00600c0"));
  CHECK(it.bench.air().total().frames == 0);

  REQUIRE(it.bench.command("delay xa 40").empty());
  it.say("xa", "c00873c0");
  CHECK(it.comes("xa", "c00846c0"));
}

TEST_CASE("rnode pty: a modem that was pulled is found again by its symlink", "[sim][air]") {
  Ports it;
  it.bring_up("xa");
  REQUIRE(it.bench.command("pull xa").empty());
  CHECK_FALSE(fs::exists(fs::symlink_status(it.folder.path / "xa")));
  CHECK(::write(it.open["xa"], "x", 1) == -1);
  REQUIRE(it.bench.command("plug xa").empty());
  it.leave("xa");
  it.plug_in("xa");
  CHECK(it.comes("xa", "c055f8c0"));
  // A host that leaves and comes back finds the modem as it left it, on a port that nobody else has alone.
  it.say("xa", "c0040ac0");
  CHECK(it.comes("xa", "c0040ac0"));
  const fs::path first = fs::read_symlink(it.folder.path / "xa");
  it.leave("xa");
  for (int turn = 0; turn < 5; ++turn) it.bench.turn();
  it.plug_in("xa");
  it.say("xa", "c004ffc0");
  CHECK(it.comes("xa", "c0040ac0"));
}

TEST_CASE("rnode device: our driver brings it up, sends and hears over it, and notices what goes wrong", "[sim][air]") {
  EventLoop loop;
  Air air(loop, 1);
  Cable a(loop, air, 1);
  Cable b(loop, air, 2);
  const std::vector<Cable*> both{&a, &b};
  run(loop, both, seconds(10));
  INFO(a.driver.why());
  REQUIRE(a.driver.up());
  REQUIRE(b.driver.up());
  for (int n = 0; n < 20; ++n) {
    REQUIRE(a.driver.free());
    a.driver.send(Bytes(254, std::uint8_t(n)), loop.now());
    run(loop, both, seconds(3));
  }
  CHECK(b.heard.size() == 20);
  CHECK(air.figures(0).frames == 20);
  CHECK(a.driver.figures().malformed + b.driver.figures().malformed == 0);
  REQUIRE(a.driver.figures().physical);
  CHECK(a.driver.figures().physical->preamble_symbols == 24);
  // It starts anew by itself, with a frame queued: up again, and the frame is gone.
  a.driver.send(Bytes(10, 1), loop.now());
  a.work();
  a.device.boot();
  run(loop, both, seconds(20));
  CHECK(a.driver.up());
  CHECK(a.driver.figures().resets >= 1);
  CHECK(air.figures(0).frames == 20);
  // It lies about its frequency after the next start.
  a.device.set_lying(true);
  a.device.boot();
  run(loop, both, minutes(1));
  CHECK_FALSE(a.driver.up());
  CHECK_FALSE(a.driver.why().empty());
}

TEST_CASE("modem bench: a kind that is not known, or a port that is none, is a wrong command line", "[sim][air]") {
  const OwnFolder folder;
  for (const char* modems : {"a=lora", "a=", "a=udp", "a=udp:", "a=udp:0", "a=udp:65536", "a=udp:17x",
                             "a=rnode,a=rylr998", "A=rnode", "a=rnode=rnode", ""}) {
    CAPTURE(modems);
    CHECK(run_air_command({folder.path.string(), "--modems", modems}) == 2);
  }
}

TEST_CASE("modem bench: an AT modem behind a pty answers, and a packet forwarder has no symlink", "[sim][air]") {
  const OwnFolder folder;
  ModemBench bench({folder.path.string(), {{"xa", "udp:9"}, {"xb", "rylr998"}}, {}, {}, 1});
  REQUIRE(bench.start().empty());
  CHECK_FALSE(fs::exists(fs::symlink_status(folder.path / "xa")));
  const int port = ::open((folder.path / "xb").c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(port >= 0);
  std::string got;
  std::array<char, 256> text{};
  for (int turn = 0; turn < 500 && got.find("+VER=") == std::string::npos; ++turn) {
    if (turn == 20) REQUIRE(::write(port, "AT+VER?\r\n", 9) == 9);
    bench.turn();
    const ssize_t count = ::read(port, text.data(), text.size());
    if (count > 0) got.append(text.data(), static_cast<std::size_t>(count));
  }
  CHECK(got.find("+READY\r\n") != std::string::npos);
  CHECK(got.find("+VER=RYLR998_REYAX_V1.2.2\r\n") != std::string::npos);
  ::close(port);
}
