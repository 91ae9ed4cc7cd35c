#include "sim/junk_sender.h"

namespace khuoi::sim {

namespace {
constexpr std::size_t remembered_max = 64;
}  // namespace

JunkSender::JunkSender(EventLoop& loop, Air& air, const Tuning& tuning, Micros every, std::uint64_t seed)
    : loop_(loop), air_(air), tuning_(tuning), every_(every), rng_(seed), number_(air.add(*this)), speaks_(loop) {
  air_.tune(number_, tuning_);
  wait();
}

void JunkSender::stop() {
  speaks_.clear();
  air_.tune(number_, std::nullopt);
}

void JunkSender::heard(ByteView octets, const radio::Signal&) {
  heard_.push_back(to_bytes(octets));
  // He keeps old ones too: an association may be over when its frames come again.
  if (heard_.size() > remembered_max)
    heard_.erase(heard_.begin() + static_cast<std::ptrdiff_t>(rng_.below(heard_.size())));
}

void JunkSender::wait() {
  const auto pause = static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(2 * every_.count())));
  speaks_.set(loop_.now() + Micros(pause), [this] {
    if (!air_.is_sending(number_)) air_.send(number_, make(), radio::rnode_preamble_symbols(tuning_.modulation));
    wait();
  });
}

Bytes JunkSender::make() {
  const std::uint64_t what = rng_.below(3);
  if (heard_.empty() || what == 0) {
    Bytes out(1 + rng_.below(radio::frame_octets_max));
    rng_.fill(out);
    return out;
  }
  Bytes out = heard_[rng_.below(heard_.size())];
  for (std::uint64_t flips = what == 1 ? 0 : 1 + rng_.below(4); flips > 0; --flips) {
    out[rng_.below(out.size())] ^= static_cast<std::uint8_t>(1U << rng_.below(8));
  }
  return out;
}

}  // namespace khuoi::sim
