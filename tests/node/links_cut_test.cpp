#include <poll.h>

#include <cstdlib>

#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

/// Stands between two nodes and cuts each connection after some octets, anywhere: in the handshake, within a frame.
class CuttingLine final {
 public:
  CuttingLine(std::uint16_t to, std::uint64_t seed, std::uint64_t octets_max)
      : to_(to), rng_(seed), octets_max_(octets_max), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t octets = sizeof(here);
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&here), octets) == 0);
    REQUIRE(::listen(listener_, 16) == 0);
    REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &octets) == 0);
    place_ = {"127.0.0.1", std::to_string(ntohs(here.sin_port))};
    thread_ = std::thread([this] { run(); });
  }
  ~CuttingLine() {
    stopped_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  CuttingLine(const CuttingLine&) = delete;
  CuttingLine& operator=(const CuttingLine&) = delete;
  [[nodiscard]] const node::HostPort& place() const { return place_; }

 private:
  void run() {
    while (!stopped_) {
      const int near = ::accept(listener_, nullptr, nullptr);
      if (near < 0) continue;
      const RawSocket far(to_);
      carry(near, far.get(), 1 + rng_.below(octets_max_));
      if (rng_.below(2) == 0) {
        const linger at_once{1, 0};  // a reset, where a close would still deliver
        ::setsockopt(near, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        ::setsockopt(far.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
      }
      ::close(near);
    }
  }
  static void carry(int near, int far, std::uint64_t left) {
    std::array<pollfd, 2> ends = {pollfd{near, POLLIN, 0}, pollfd{far, POLLIN, 0}};
    while (left > 0 && ::poll(ends.data(), ends.size(), -1) > 0) {
      for (std::size_t from = 0; from < 2; ++from) {
        if (ends[from].revents == 0) continue;
        Bytes some(std::min<std::uint64_t>(left, 1000));
        const ssize_t got = ::recv(ends[from].fd, some.data(), some.size(), 0);
        if (got <= 0) return;
        left -= static_cast<std::uint64_t>(got);
        if (::send(ends[1 - from].fd, some.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got) return;
      }
    }
  }

  std::uint16_t to_;
  SeededRng rng_;
  std::uint64_t octets_max_;
  int listener_;
  std::atomic<bool> stopped_ = false;
  node::HostPort place_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("links: a line that is cut anywhere, over and over, brings everything once in the end", "[node][links]") {
  const char* given = std::getenv("KHUOI_SEED");
  const std::uint64_t seed = given == nullptr ? 11 : std::strtoull(given, nullptr, 10);
  CAPTURE(seed);
  constexpr std::size_t records = 600;
  const DiskPair pair;
  Serving serving(*pair.commune.engine);
  contact(pair.hamlet, serving.place());
  pair.hamlet.submit(1, records);
  const CuttingLine line(serving.port(), seed, 60'000);
  std::size_t contacts = 1;
  for (; contacts < 500; ++contacts) {
    if (node::contact_once(*pair.hamlet.engine, line.place())) break;
    if (contacts % 3 == 0) pair.hamlet.submit(records + contacts);  // life goes on meanwhile
  }
  INFO("contacts=" << contacts);
  REQUIRE(contacts < 500);
  contact(pair.hamlet, serving.place());
  CHECK(pair.hamlet.count_in_state("received") == pair.hamlet.list().size());
  CHECK(pair.commune.list().size() == pair.hamlet.list().size());
  const auto status = [](const DiskNode& node) {
    sync::ReplicaStatus out;
    REQUIRE(node.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY_VOID(reader.verify(txn));
      KHUOI_TRY(out, reader.status(txn));
      return {};
    }));
    return out;
  };
  CHECK(status(pair.hamlet).waiting == 0);
  CHECK(status(pair.commune).quarantined == 0);
  CHECK(status(pair.commune).forks == 0);
}
