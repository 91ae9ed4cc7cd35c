// Frames of whoever has every key: each is either dropped or leaves both stations able to go on. What is read is
// written the same, no frame is longer than a modem takes, and neither side asks for ever more without a frame or a
// deadline.
#include "radio/station.h"

#include <algorithm>

#include "radio/object_frames.h"
#include "radio/relay_frames.h"
#include "sync/base/check.h"

namespace {

using namespace khuoi;
using namespace khuoi::radio;

/// Every frame that ends in four zeros is right.
class OpenKeys final : public FrameKeys {
 public:
  std::optional<FrameMac> mac(const Name&, const Input&) override { return FrameMac{}; }
  std::optional<FrameMac> group_mac(unsigned, const Input&) override { return FrameMac{}; }
  [[nodiscard]] Turn turn_of(RadioAlias alias) const override { return {alias % 4U, 4}; }
  StreamDigest chain(const StreamDigest& before, ByteView body) override {
    StreamDigest out = before;
    for (std::size_t i = 0; i < body.size(); ++i) out[i % out.size()] ^= body[i];
    return out;
  }
};

constexpr std::size_t octets_held_max = std::size_t{1} << 20U;

struct Node {
  OpenKeys keys;
  SeededRng rng{5};
  DutyLedger ledger{{std::chrono::hours(1), Micros(0)}, BootId{}};
  Station station;
  Bytes arrived;

  explicit Node(bool commune)
      : station({commune,
                 {[](std::size_t octets) { return Micros(1000 * octets); }, Micros(300'000), frame_handed_max,
                  [](std::size_t octets, unsigned factor) { return Micros(150 * octets * factor); }},
                 {922'500'000, 9},
                 false},
                keys, rng, ledger) {
    station.set_peers({}, commune ? std::vector<RadioAlias>{1, 2, 3} : std::vector<RadioAlias>{1});
  }

  void work(Instant now) {
    for (int i = 0; i < 4; ++i) {
      const RadioWork asked = station.take_work(now);
      if (asked.empty()) return;
      RadioWorkDone done;
      for (const auto& one : asked.arrived) {
        append(arrived, one.octets);
        done.committed.push_back({one.alias, one.association, one.frames, Bytes(one.frames % 90U, 1)});
      }
      for (const auto& one : asked.objects_arrived) done.objects_taken.push_back({one.tag, one.octets.size() % 2 == 0});
      for (const auto& one : asked.wanted)
        done.loaded.push_back({one.alias, one.association, {{Bytes(300, 2), 1, false}}, 0, 0});
      if (!asked.listeners.empty() && arrived.size() % 3 == 0)
        done.object = RadioWorkDone::Object{1, Bytes(700, 9), false, asked.listeners};
      KHUOI_CHECK(arrived.size() <= octets_held_max);
      station.done(now, std::move(done));
    }
  }
  void speak(Instant now) {
    for (int i = 0; i < 8; ++i) {
      ledger.ended(now);
      station.tick(now);
      const unsigned factor = station.listens_at(now);
      KHUOI_CHECK(factor >= 7 && factor <= 12);
      const auto frame = station.next(now);
      if (!frame) return;
      KHUOI_CHECK(frame->size() >= frame_cost && frame->size() <= frame_handed_max);
      KHUOI_CHECK(station.channel().spreading_factor == factor);
    }
  }
};

void check_codecs(ByteView octets) {
  const auto frame = decode_frame(octets);
  if (frame) {
    Bytes again = begin_frame(frame->type, frame->flags, frame->alias, frame->counter, frame->body);
    append(again, frame->mac);
    KHUOI_CHECK(std::ranges::equal(again, octets));
  }
  const ByteView body = frame ? frame->body : octets;
  if (const auto ack = decode_ack(frame ? frame->flags : 0, body)) {
    const EncodedAck again = encode_ack(*ack);
    KHUOI_CHECK(!frame || again.flags == (frame->flags & 0x0fU));
    KHUOI_CHECK(std::ranges::equal(again.body, body));
  }
  if (const auto symbol = decode_symbol(body))
    KHUOI_CHECK(std::ranges::equal(encode_symbol(symbol->object, symbol->octets), body));
  if (const auto poll = decode_poll(body)) KHUOI_CHECK(std::ranges::equal(encode_poll(*poll), body));
  if (const auto report = decode_report(body)) KHUOI_CHECK(std::ranges::equal(encode_report(*report), body));
  if (const auto hears = decode_hears(body)) KHUOI_CHECK(std::ranges::equal(encode_hears(*hears), body));
  if (const auto serve = decode_serve(body)) KHUOI_CHECK(std::ranges::equal(encode_serve(*serve), body));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_codecs({data, size});
  Node commune(true), hamlet(false);
  Instant now{std::chrono::minutes(2)};
  // Each frame: pause in 100 ms, signal, length, octets without the MAC.
  for (Reader from({data, size}); from.rest().size() >= 3;) {
    now += std::chrono::milliseconds(100) * (1 + from.u8());
    const std::uint8_t signal = from.u8();
    const std::size_t length = std::min<std::size_t>(from.u8(), from.rest().size());
    Bytes frame = to_bytes(from.raw(length));
    frame.resize(std::min(frame.size(), frame_handed_max - 4));
    append(frame, FrameMac{});
    const Signal heard{-100, static_cast<double>(signal) / 8 - 20, {922'500'000, 9}};
    for (Node* node : {&commune, &hamlet}) {
      node->station.on_frame(now, frame, heard);
      node->work(now);
      node->speak(now);
      static_cast<void>(node->station.wake(now));
      static_cast<void>(node->station.figures());
    }
  }
  return 0;
}
