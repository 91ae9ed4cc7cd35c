#include "node/control/channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "node/control/remote_caller.h"
#include "sync/base/rng.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::node;
using tests::TempFolder;

namespace {

struct Ends {
  std::optional<Channel> a, b;
  Ends() {
    std::array<int, 2> fds{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) == 0);
    a.emplace(storage::Fd(fds[0]));
    b.emplace(storage::Fd(fds[1]));
  }
  void put(ByteView octets) {
    REQUIRE(::write(a->fd(), octets.data(), octets.size()) == static_cast<ssize_t>(octets.size()));
  }
};

}  // namespace

TEST_CASE("channel: frames of any size come out as they went in", "[node][channel]") {
  Ends ends;
  SeededRng rng(1);
  for (const std::size_t octets : {std::size_t{0}, std::size_t{1}, std::size_t{70'000}, frame_octets_max}) {
    Bytes payload(octets);
    rng.fill(payload);
    std::thread sender([&] { CHECK(ends.a->send(FrameType::octets, payload)); });
    const auto frame = ends.b->receive();
    sender.join();
    REQUIRE(frame);
    CHECK(frame->type == FrameType::octets);
    CHECK((frame->payload == payload));
    CHECK_FALSE(frame->descriptor.open());
  }
}

TEST_CASE("channel: an open file goes along with its frame", "[node][channel]") {
  Ends ends;
  TempFolder folder;
  tests::write_file(folder / "photo.jpg", view_of("ảnh"));
  const storage::Fd file(::open((folder / "photo.jpg").c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(ends.a->send(FrameType::say, view_of("first")));
  REQUIRE(ends.a->send(FrameType::descriptor, {}, file.get()));
  REQUIRE(ends.a->send(FrameType::say, view_of("last")));
  CHECK_FALSE(ends.b->receive()->descriptor.open());
  const auto frame = ends.b->receive();
  REQUIRE(frame);
  REQUIRE(frame->descriptor.open());
  CHECK((::fcntl(frame->descriptor.get(), F_GETFD) & FD_CLOEXEC) != 0);
  Bytes content(16);
  const auto got = storage::read_some_at(frame->descriptor.get(), 0, content, "reading");
  REQUIRE(got);
  CHECK(text_of(ByteView(content).first(*got)) == "ảnh");
  CHECK_FALSE(ends.b->receive()->descriptor.open());
}

TEST_CASE("channel: a length past the limit is refused before anything is kept for it", "[node][channel]") {
  Ends ends;
  ends.put(Bytes{0xff, 0xff, 0xff, 0xff, 1});
  const auto frame = ends.b->receive();
  REQUIRE_FALSE(frame);
  CHECK(frame.error().code == Errc::too_large);
}

TEST_CASE("channel: whoever goes away in the middle of a frame has closed it", "[node][channel]") {
  for (std::size_t octets = 0; octets < 8; ++octets) {
    Ends ends;
    const Bytes whole{0, 0, 0, 3, 1, 'a', 'b', 'c'};
    ends.put(ByteView(whole).first(octets));
    ends.a.reset();
    const auto frame = ends.b->receive();
    REQUIRE_FALSE(frame);
    CHECK(frame.error().code == Errc::closed);
    CHECK_FALSE(ends.b->send(FrameType::say, view_of("x")));
  }
}

TEST_CASE("channel: a failure is told as it was, and a made-up one is none", "[node][channel]") {
  const Error told = decode_failure(encode_failure(fail(Errc::locked, "khoá rồi")));
  CHECK(told.code == Errc::locked);
  CHECK(told.what == "khoá rồi");
  CHECK(decode_failure({}).code == Errc::io);
  CHECK(decode_failure(Bytes{200, 'x'}).code == Errc::io);
}

TEST_CASE("channel: a caller that hangs up while nothing is said is gone", "[node][channel]") {
  Ends ends;
  const std::atomic<bool> stopping = false;
  RemoteCaller caller(*ends.a, stopping);
  CHECK_FALSE(caller.gone());
  REQUIRE(ends.b->send(FrameType::none));
  CHECK_FALSE(caller.gone());  // it said something, and is there
  ends.b.reset();
  CHECK(caller.gone());
}
