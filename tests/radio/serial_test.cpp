#include "radio/modem/serial.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "radio/modem/rnode.h"
#include "tests/support/rnode_board.h"

using namespace khuoi;
using namespace khuoi::radio;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using tests::RnodeBoard;
namespace fs = std::filesystem;

namespace {

const RnodeConfig config{{921'400'000, {500'000, 7, 5, Chip::sx126x}, 14}};
const SerialModem::Pauses short_pauses{20ms, 80ms};
const Bytes frame(20, 0xc0);

/// A pty with a board behind it, which a thread answers for; a link at `path` leads to it.
class Plugged {
 public:
  explicit Plugged(fs::path path, const RnodeBoard& board = {}) : path_(std::move(path)), board_(board) {
    REQUIRE(openpty(&board_end_, &host_end_, nullptr, nullptr, nullptr) == 0);
    fs::remove(path_);
    fs::create_symlink(ttyname(host_end_), path_);
    thread_ = std::thread([this] { answer(); });
  }
  ~Plugged() {
    over_ = true;
    thread_.join();
    fs::remove(path_);
    close(host_end_);
    close(board_end_);
  }
  Plugged(const Plugged&) = delete;
  Plugged& operator=(const Plugged&) = delete;

  template <typename F>
  auto with_board(F&& function) {
    const std::lock_guard hold(mutex_);
    return function(board_);
  }
  void say(const Bytes& octets) {
    const std::lock_guard hold(mutex_);
    REQUIRE(::write(board_end_, octets.data(), octets.size()) == static_cast<ssize_t>(octets.size()));
  }

 private:
  void answer() {
    std::array<std::uint8_t, 512> octets{};
    while (!over_) {
      pollfd ready{board_end_, POLLIN, 0};
      if (poll(&ready, 1, 20) <= 0) continue;
      const ssize_t count = ::read(board_end_, octets.data(), octets.size());
      if (count <= 0) continue;
      const std::lock_guard hold(mutex_);
      const Bytes said = board_.answer(ByteView(octets).first(static_cast<std::size_t>(count)));
      if (!said.empty() && ::write(board_end_, said.data(), said.size()) < 0) return;
    }
  }

  fs::path path_;
  int board_end_ = -1, host_end_ = -1;
  std::mutex mutex_;
  RnodeBoard board_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

/// A modem in a loop of its own, at a path in a new folder.
struct Host {
  Host() {
    std::string name = (fs::temp_directory_path() / "khuoi-serial-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder = name;
    path = folder / "modem";
  }
  ~Host() {
    modem.reset();
    io.restart();
    io.poll();
    fs::remove_all(folder);
  }
  void start() {
    auto driver = std::make_unique<Rnode>(config);
    rnode = driver.get();
    modem.emplace(io, path.string(), std::move(driver), short_pauses);
    modem->start({[this](ByteView octets, const Signal& signal) {
                    heard.push_back({to_bytes(octets), signal});
                    if (on_frame) on_frame();
                  },
                  [this] { ++changes; }});
  }
  template <typename F>
  bool until(F&& holds) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!holds() && std::chrono::steady_clock::now() < end) {
      io.restart();
      io.run_one_for(20ms);
    }
    return holds();
  }
  bool comes_up() {
    return until([&] { return modem->state().up; });
  }
  bool says(const std::string& part) {
    return until([&] { return modem->state().why.find(part) != std::string::npos; });
  }

  boost::asio::io_context io{1};
  fs::path folder, path;
  std::vector<HeardFrame> heard;
  std::function<void()> on_frame;
  int changes = 0;
  std::optional<SerialModem> modem;
  const Rnode* rnode = nullptr;  ///< while the modem lives
};

}  // namespace

TEST_CASE("serial: over a pty, a modem comes up, sends, hears, and is left with its radio off", "[radio]") {
  Host host;
  Plugged plugged(host.path);
  host.start();
  CHECK_FALSE(host.modem->state().up);
  CHECK(host.modem->state().why.empty());
  REQUIRE(host.comes_up());
  REQUIRE(host.modem->free());
  CHECK(host.changes > 0);
  CHECK(host.modem->airtime(254, 7) == rnode_airtime(config.settings.modulation, 254));

  host.modem->send(frame, host.modem->base());
  CHECK_FALSE(host.modem->free());
  REQUIRE(host.until([&] { return host.modem->free(); }));
  CHECK(plugged.with_board([](const RnodeBoard& board) { return board.queue; }) == std::vector<Bytes>{frame});

  plugged.say(RnodeBoard::heard(Bytes(254, 0xdb), 57, 26));
  REQUIRE(host.until([&] { return !host.heard.empty(); }));
  CHECK(host.heard[0].octets == Bytes(254, 0xdb));
  CHECK(host.heard[0].signal.rssi_dbm == -100);
  CHECK(host.heard[0].signal.snr_db == 6.5);

  host.modem->stop();
  CHECK_FALSE(host.modem->state().up);
  CHECK(host.until([&] { return plugged.with_board([](const RnodeBoard& board) { return !board.on; }); }));
  host.modem->stop();
}

TEST_CASE("serial: a modem that is plugged in later, pulled out, and put back is found each time", "[radio]") {
  Host host;
  host.start();
  REQUIRE(host.says("is not there: plug the modem in"));
  for (int i = 0; i < 2; ++i) {
    {
      Plugged plugged(host.path);
      REQUIRE(host.comes_up());
      CHECK(host.modem->state().why.empty());
      host.modem->send(frame, host.modem->base());
    }
    REQUIRE(host.until([&] { return !host.modem->state().up; }));
    CHECK_FALSE(host.modem->free());
    CHECK_FALSE(host.modem->state().why.empty());
    REQUIRE(host.says("is not there"));
  }
}

TEST_CASE("serial: a port that another program has is named with that program, and taken once it is free", "[radio]") {
  Host host;
  Plugged plugged(host.path);
  const int other = open(host.path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(other >= 0);
  REQUIRE(flock(other, LOCK_EX | LOCK_NB) == 0);
  host.start();
  REQUIRE(host.says("is in use by "));
  CHECK_THAT(host.modem->state().why, Contains("process " + std::to_string(getpid())) && Contains("stop that program"));
  close(other);
  CHECK(host.comes_up());
}

TEST_CASE("serial: two modems never share one port", "[radio]") {
  Host host;
  Plugged plugged(host.path);
  host.start();
  REQUIRE(host.comes_up());
  SerialModem second(host.io, host.path.string(), std::make_unique<Rnode>(config), short_pauses);
  second.start({});
  REQUIRE(host.until([&] { return second.state().why.find("is in use by") != std::string::npos; }));
  CHECK(host.modem->state().up);
  host.modem->stop();
  CHECK(host.until([&] { return second.state().up; }));
}

TEST_CASE("serial: what is no serial port is refused with a sentence", "[radio]") {
  Host host;
  std::ofstream(host.path) << "text";
  host.start();
  CHECK(host.says("is no serial port: name the modem's device"));
}

TEST_CASE("serial: a modem that is down is asked again and comes up once it is mended", "[radio]") {
  Host host;
  RnodeBoard old;
  old.firmware_minor = 40;
  Plugged plugged(host.path, old);
  host.start();
  REQUIRE(host.says("firmware 1.40 is too old"));
  CHECK_THAT(host.modem->state().why, Contains(host.path.string() + ": "));
  plugged.with_board([](RnodeBoard& board) { board.firmware_minor = 86; });
  CHECK(host.comes_up());
}

TEST_CASE("serial: a modem that restarts comes up again by itself", "[radio]") {
  Host host;
  Plugged plugged(host.path);
  host.start();
  REQUIRE(host.comes_up());
  plugged.say(plugged.with_board([](RnodeBoard& board) { return board.boot(); }));
  REQUIRE(host.until([&] { return !host.modem->state().up; }));
  CHECK_THAT(host.modem->state().why, Contains("started anew"));
  REQUIRE(host.comes_up());
  CHECK(host.rnode->figures().resets == 1);
}

TEST_CASE("serial: whoever hears a frame may send, stop, or end the modem at once", "[radio]") {
  const int act = GENERATE(0, 1, 2);
  Host host;
  Plugged plugged(host.path);
  host.start();
  REQUIRE(host.comes_up());
  host.on_frame = [&] {
    if (act == 0) {
      if (host.modem->free()) host.modem->send(frame, host.modem->base());
    } else if (act == 1) {
      host.modem->stop();
    } else {
      host.modem.reset();
    }
  };
  Bytes three = RnodeBoard::heard({1});
  append(three, RnodeBoard::heard({2}));
  append(three, RnodeBoard::heard({3}));
  plugged.say(three);
  if (act == 0) {
    CHECK(host.until([&] { return host.heard.size() == 3; }));
    CHECK(host.until(
        [&] { return plugged.with_board([](const RnodeBoard& board) { return board.queue.size() == 1; }); }));
  } else {
    CHECK(host.until([&] { return plugged.with_board([](const RnodeBoard& board) { return !board.on; }); }));
    CHECK(host.heard.size() == 1);
  }
}

TEST_CASE("serial: a port that takes nothing, and a modem that is ended, leave nothing behind", "[radio]") {
  Host host;
  int board_end = -1, host_end = -1;
  REQUIRE(openpty(&board_end, &host_end, nullptr, nullptr, nullptr) == 0);
  fs::create_symlink(ttyname(host_end), host.path);
  host.start();
  host.until([&, end = std::chrono::steady_clock::now() + 1s] { return std::chrono::steady_clock::now() > end; });
  CHECK_FALSE(host.modem->state().up);
  host.modem.reset();
  host.io.restart();
  host.io.poll();
  CHECK(host.io.stopped());  // no handler is left
  close(host_end);
  close(board_end);
}
