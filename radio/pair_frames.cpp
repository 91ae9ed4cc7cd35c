#include "radio/pair_frames.h"

#include <algorithm>

namespace khuoi::radio {

namespace {
EncodedAck encoded_answer(const Association& with, bool confirmed, const Grant& grant) {
  EncodedAck out = encode_ack({with.in.through(), grant, with.in.held(), ByteView(with.note)});
  if (!confirmed) out.body.insert(out.body.begin(), with.tokens.commune->begin(), with.tokens.commune->end());
  return out;
}
}  // namespace

bool PairFrames::verified(const AssociationTokens& tokens, const Frame& frame, std::uint32_t counter,
                          const std::optional<StreamDigest>& implied) const {
  const auto mac = keys_.mac({alias_, tokens, !commune_}, {counter, implied, frame.before_mac});
  return mac && *mac == frame.mac;
}

Bytes PairFrames::finish(Bytes begun, const AssociationTokens& tokens, std::uint32_t counter,
                         const std::optional<StreamDigest>& implied) const {
  const auto mac = keys_.mac({alias_, tokens, commune_}, {counter, implied, begun});
  append(begun, mac.value_or(FrameMac{}));  // without a key it is junk to whoever hears it
  return begun;
}

Bytes PairFrames::call() const { return finish(begin_frame(FrameType::call, 0, alias_, 0, {}), {}, 0); }

Bytes PairFrames::join(Association& with) const {
  if (with.out.frames_cut() == 0) with.out.cut(timing_.body_max() - token_octets, true);
  const OutStream::Cut& cut = with.out.open().front();
  const auto flags = static_cast<std::uint8_t>(cut.flags | (with.relayed ? join_flag::relayed : 0));
  Bytes body(with.tokens.hamlet.begin(), with.tokens.hamlet.end());
  append(body, cut.body);
  return finish(begin_frame(FrameType::join, flags, alias_, 0, body), with.tokens, 0);
}

Bytes PairFrames::data(const Association& with, const OutStream::Cut& cut) const {
  const auto low = static_cast<std::uint8_t>(cut.counter);
  return finish(begin_frame(FrameType::data, cut.flags, alias_, low, cut.body), with.tokens, cut.counter);
}

/// Asking alone costs a frame more when the frame was lost, sending it along its octets when it was not.
bool PairFrames::asks_with_data(const Association& with) const {
  if (with.out.open().size() != 1) return false;
  const std::size_t octets = with.out.open().front().body.size() + frame_cost + 2;
  return octets <= timing_.frame_octets_max && 3 * timing_.airtime(octets) <= 10 * timing_.airtime(frame_cost + 2);
}

Bytes PairFrames::ask(Association& with) const {
  Bytes body;
  if (asks_with_data(with)) {
    const OutStream::Cut& cut = with.out.open().front();
    Writer(body).u8(static_cast<std::uint8_t>(cut.counter)).u8(cut.flags).raw(cut.body);
  }
  const std::uint32_t counter = with.control_out++;
  return finish(begin_frame(FrameType::ask, 0, alias_, static_cast<std::uint8_t>(counter), body), with.tokens, counter);
}

Bytes PairFrames::answer(Association& with, bool confirmed, const Grant& grant) const {
  const EncodedAck ack = encoded_answer(with, confirmed, grant);
  const FrameType type = confirmed ? FrameType::ack : FrameType::welcome;
  const std::uint32_t counter = with.control_out++;
  return finish(begin_frame(type, ack.flags, alias_, static_cast<std::uint8_t>(counter), ack.body), with.tokens,
                counter, with.in.digest());
}

Bytes PairFrames::report(Association& with, const Report& report, const std::optional<StreamDigest>& has) const {
  const std::uint32_t counter = with.control_out++;
  return finish(
      begin_frame(FrameType::report, 0, alias_, static_cast<std::uint8_t>(counter), encode_report(report)),
      with.tokens, counter, has);
}

Bytes PairFrames::control(Association& with, FrameType type, ByteView body) const {
  const std::uint32_t counter = with.control_out++;
  return finish(begin_frame(type, 0, alias_, static_cast<std::uint8_t>(counter), body), with.tokens, counter);
}

std::size_t PairFrames::note_octets_max() const {
  return std::min(radio_note_octets_max, timing_.body_max() - token_octets - ack_octets_max);
}

std::size_t PairFrames::join_octets(const Association& with) const {
  const auto& open = with.out.open();
  return frame_cost + token_octets +
         (open.empty() ? std::min(timing_.body_max() - token_octets, with.out.octets_uncut())
                       : open.front().body.size());
}

std::size_t PairFrames::ask_octets(const Association& with) const {
  return frame_cost + (asks_with_data(with) ? 2 + with.out.open().front().body.size() : 0);
}

std::size_t PairFrames::data_octets(const Association& with, const OutStream::Cut* cut) const {
  return frame_cost + (cut != nullptr ? cut->body.size() : std::min(timing_.body_max(), with.out.octets_uncut()));
}

std::size_t PairFrames::answer_octets(const Association& with, bool confirmed, const Grant& grant) const {
  return frame_cost + encoded_answer(with, confirmed, grant).body.size();
}

}  // namespace khuoi::radio
