// A modem that says anything at any time: the host's half stays in order, and says the same in whatever pieces it hears
// it. The input: n × (octets u8 | time u8, 50 ms each | octets that the modem says)
#include "radio/modem/rylr.h"

#include <algorithm>

#include "sync/base/check.h"

namespace {

using namespace khuoi;
using namespace khuoi::radio;

const ModemSettings settings{922'500'000, {125'000, 9, 5, Chip::sx126x}, 14};

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
      rylr_.on_octets(some, now_);
    }
    take();
  }
  void pass(Micros time) {
    const Instant until = now_ + time;
    for (int turns = 0;; ++turns) {
      KHUOI_CHECK(turns < 1000);  // each turn moves the deadline
      const auto next = rylr_.next_deadline();
      if (!next || *next > until) break;
      now_ = std::max(now_, *next);
      rylr_.on_timer(now_);
      take();
    }
    now_ = until;
    if (rylr_.failed()) open();
    if (rylr_.free()) {
      rylr_.send(Bytes(20, 0xc0), now_);
      KHUOI_CHECK(!rylr_.free());
      if (time > std::chrono::seconds(10)) rylr_.listen(7 + static_cast<unsigned>(time.count() / 50'000 % 3), now_);
    }
    take();
  }
  [[nodiscard]] const Said& said() const { return said_; }

 private:
  void open() {
    rylr_.closed();
    rylr_.opened(now_);
  }
  void take() {
    append(said_.written, rylr_.poll_transmit());
    while (auto frame = rylr_.poll_frame()) {
      KHUOI_CHECK(!frame->octets.empty() && frame->octets.size() <= rylr_frame_octets_max);
      KHUOI_CHECK(rylr_octets(view_of(rylr_text(frame->octets))) == frame->octets);
      said_.heard.push_back(std::move(frame->octets));
    }
    said_.why = rylr_.why();
    said_.up = rylr_.up();
    KHUOI_CHECK(!rylr_.failed() || !said_.why.empty());
    KHUOI_CHECK(!rylr_.up() || said_.why.empty());
    KHUOI_CHECK(rylr_.failed() == !rylr_.next_deadline());
  }

  SeededRng rng_{1};
  Rylr rylr_{settings, rng_};
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
