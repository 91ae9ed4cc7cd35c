// A board that says anything at any time: the host's half stays in order, and says the same in whatever pieces it hears
// it. The input: n × (octets u8 | time u8, 50 ms each | octets that the board says)
#include "radio/modem/rnode.h"

#include <algorithm>

#include "sync/base/check.h"

namespace {

using namespace khuoi;
using namespace khuoi::radio;

const ModemSettings settings{921'400'000, {125'000, 9, 5, Chip::sx126x}, 14};

struct Said {
  Bytes written;
  std::vector<Bytes> heard;
  std::string why;
  bool up = false;
  bool operator==(const Said&) const = default;
};

class Host {
 public:
  explicit Host(std::size_t piece) : piece_(piece) { open(); }

  void hear(ByteView octets) {
    while (!octets.empty()) {
      const ByteView some = octets.first(std::min(piece_, octets.size()));
      octets = octets.subspan(some.size());
      rnode_.on_octets(some, now_);
    }
    take();
  }
  void pass(Micros time) {
    const Instant until = now_ + time;
    for (int turns = 0;; ++turns) {
      KHUOI_CHECK(turns < 1000);  // each turn moves the deadline
      const auto next = rnode_.next_deadline();
      if (!next || *next > until) break;
      now_ = std::max(now_, *next);
      rnode_.on_timer(now_);
      take();
    }
    now_ = until;
    if (rnode_.failed()) open();
    if (rnode_.free()) {
      rnode_.send(Bytes(20, 0xc0), now_);
      KHUOI_CHECK(!rnode_.free());
    }
    take();
  }
  [[nodiscard]] const Said& said() const { return said_; }

 private:
  void open() {
    rnode_.closed();
    rnode_.opened(now_);
  }
  void take() {
    append(said_.written, rnode_.poll_transmit());
    while (auto frame = rnode_.poll_frame()) {
      KHUOI_CHECK(!frame->octets.empty() && frame->octets.size() <= rnode_frame_octets_max);
      said_.heard.push_back(std::move(frame->octets));
    }
    said_.why = rnode_.why();
    said_.up = rnode_.up();
    KHUOI_CHECK(!rnode_.failed() || !said_.why.empty());
    KHUOI_CHECK(!rnode_.up() || said_.why.empty());
    KHUOI_CHECK(rnode_.failed() == !rnode_.next_deadline());
  }

  Rnode rnode_{{settings}};
  Instant now_{std::chrono::seconds(1000)};
  std::size_t piece_;
  Said said_;
};

Said run(ByteView input, std::size_t piece) {
  Host host(piece);
  Reader in(input);
  while (!in.rest().empty()) {
    const std::size_t octets = in.u8();
    const Micros time = std::chrono::milliseconds(50) * in.u8();
    host.hear(in.raw(std::min(octets, in.rest().size())));
    host.pass(time);
  }
  return host.said();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const ByteView input(data + 1, size - 1);
  KHUOI_CHECK(run(input, 256) == run(input, std::size_t{data[0]} + 1));
  return 0;
}
