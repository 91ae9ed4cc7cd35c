#include "node/control/control_server.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <catch2/catch.hpp>
#include <set>

#include "node/control/channel.h"
#include "node/control/control_client.h"
#include "tests/storage/temp_folder.h"

using namespace khuoi;
using namespace khuoi::node;
using tests::TempFolder;

namespace {

constexpr std::size_t places = 16;  // what the service carries out side by side

class QuietCaller final : public Caller {
 public:
  void say(std::string_view) override {}
  void warn(std::string_view) override {}
  void progress(std::string_view, std::uint64_t, std::uint64_t) override {}
  bool gone() override { return false; }
  Result<Bytes> read_file(const std::string&, std::size_t) override { return fail(Errc::not_found, "none"); }
  Result<storage::Fd> open_file(const std::string&) override { return fail(Errc::not_found, "none"); }
  Result<void> write_file(const std::string&, Durable, const Content&) override { return {}; }
  Result<std::optional<sync::Secret>> phrase(Phrase, Ask) override { return std::optional<sync::Secret>(); }
  Result<std::optional<bool>> confirm(std::string_view) override { return std::optional<bool>(); }
};

std::string data_folder(const TempFolder& folder, const std::string& name) {
  std::filesystem::create_directories(folder / name / "run");
  return (folder / name).string();
}

storage::Fd socket_at(const std::string& data, bool listening) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = control_socket_of(data);
  REQUIRE(path.size() < sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  storage::Fd out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* at = reinterpret_cast<const sockaddr*>(&address);
  REQUIRE((listening ? ::bind(out.get(), at, sizeof address) : ::connect(out.get(), at, sizeof address)) == 0);
  if (listening) REQUIRE(::listen(out.get(), 1) == 0);
  return out;
}

/// What a command sends first, as a service of nothing but a socket receives it.
Bytes first_frame(const TempFolder& folder, const std::string& command) {
  const std::string data = data_folder(folder, "nobody");
  const storage::Fd service = socket_at(data, true);
  std::thread asking([&] {
    QuietCaller caller;
    (void)ask_service({command, {{"--data", {data}}}}, caller);
  });
  Bytes out;
  {
    Channel channel(storage::Fd(::accept(service.get(), nullptr, nullptr)));
    auto frame = channel.receive();
    if (frame) out = std::move(frame->payload);
  }
  asking.join();
  return out;
}

/// Carries out nothing until it is told to go on, and counts.
struct Work {
  std::mutex mutex;
  std::condition_variable changed;
  bool go = false;
  std::size_t at_once = 0;
  std::size_t at_once_most = 0;
  std::multiset<std::string> carried;

  Result<int> carry(const Request& request) {
    std::unique_lock held(mutex);
    carried.insert(request.command);
    at_once_most = std::max(at_once_most, ++at_once);
    changed.notify_all();
    changed.wait(held, [this] { return go; });
    --at_once;
    return 7;
  }
  void wait_until_full() {
    std::unique_lock held(mutex);
    changed.wait(held, [this] { return at_once == places; });
  }
  void go_on() {
    const std::lock_guard held(mutex);
    go = true;
    changed.notify_all();
  }
};

struct Commands {
  std::vector<std::thread> threads;
  std::atomic<int> answered = 0;
  void give(const std::string& data, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back([this, data] {
        QuietCaller caller;
        const auto code = ask_service({"wait", {{"--data", {data}}}}, caller);
        if (code && *code == 7) ++answered;
      });
    }
  }
  void join() {
    for (std::thread& thread : threads) thread.join();
  }
};

}  // namespace

TEST_CASE("control: commands past those carried out at once wait their turn, and all are answered", "[node][control]") {
  const TempFolder folder;
  const std::string data = data_folder(folder, "node");
  Work work;
  const auto server =
      std::move(*ControlServer::listen(data, [&](const Request& request, Caller&) { return work.carry(request); }));
  Commands commands;
  commands.give(data, 100);
  work.wait_until_full();
  work.go_on();
  commands.join();
  CHECK(commands.answered == 100);
  CHECK(work.carried.count("wait") == 100);
  CHECK(work.at_once_most == places);
}

TEST_CASE("control: a command that is gone before its turn is not carried out, and holds up nobody",
          "[node][control]") {
  const TempFolder folder;
  const std::string data = data_folder(folder, "node");
  const Bytes request = first_frame(folder, "submit");
  REQUIRE_FALSE(request.empty());
  Work work;
  const auto server = std::move(*ControlServer::listen(data, [&](const Request& r, Caller&) { return work.carry(r); }));
  Commands commands;
  commands.give(data, places);
  work.wait_until_full();
  for (std::size_t i = 0; i < 3 * places; ++i) {
    Channel leaving(socket_at(data, false));
    REQUIRE(leaving.send(FrameType::request, request));
  }
  commands.give(data, 1);
  work.go_on();
  commands.join();
  CHECK(commands.answered == places + 1);
  CHECK(work.carried.count("submit") == 0);
}

TEST_CASE("control: who still waits when the service stops learns that no service runs", "[node][control]") {
  const TempFolder folder;
  const std::string data = data_folder(folder, "node");
  Work work;
  auto server = std::move(*ControlServer::listen(data, [&](const Request& r, Caller&) { return work.carry(r); }));
  Commands commands;
  commands.give(data, places);
  work.wait_until_full();
  std::optional<Errc> why;
  std::thread late([&] {
    QuietCaller caller;
    const auto code = ask_service({"late", {{"--data", {data}}}}, caller);
    if (!code) why = code.error().code;
  });
  std::thread stopping([&] { server->stop(); });
  late.join();
  work.go_on();
  stopping.join();
  commands.join();
  CHECK(why == Errc::not_found);
  CHECK(work.carried.count("late") == 0);
}
