#include "node/links/radio/air_log.h"

#include <algorithm>

#include "radio/frame.h"

namespace khuoi::node {

class AirLog::NotingKeys final : public FrameKeys {
 public:
  NotingKeys(std::vector<Asked>& asked, FrameKeys& real) : asked_(asked), real_(real) {}
  std::optional<FrameMac> mac(const Name& name, const Input& input) override {
    const auto out = real_.mac(name, input);
    if (out) asked_.push_back({FrameProof{name, input.counter}, *out});
    return out;
  }
  std::optional<FrameMac> group_mac(unsigned which, const Input& input) override {
    const auto out = real_.group_mac(which, input);
    if (out) asked_.push_back({std::nullopt, *out});
    return out;
  }
  [[nodiscard]] Turn turn_of(RadioAlias alias) const override { return real_.turn_of(alias); }
  StreamDigest chain(const StreamDigest& before, ByteView body) override { return real_.chain(before, body); }

 private:
  std::vector<Asked>& asked_;
  FrameKeys& real_;
};

AirLog::AirLog() = default;
AirLog::~AirLog() = default;

FrameKeys& AirLog::keys(FrameKeys& real) {
  keys_ = std::make_unique<NotingKeys>(asked_, real);
  return *keys_;
}

/// The station computes the MAC that a frame ought to have: it is verified if one of these is the frame's.
const AirLog::Asked* AirLog::proof_of(ByteView octets) const {
  const auto frame = radio::decode_frame(octets);
  if (!frame) return nullptr;
  const auto found = std::ranges::find(asked_, frame->mac, &Asked::mac);
  return found == asked_.end() ? nullptr : &*found;
}

void AirLog::heard(const Moment& at, ByteView octets, const radio::Signal& signal, Micros airtime) {
  PassedFrame out{0, at.wall, false, to_bytes(octets), signal, signal.channel.spreading_factor, airtime, false, {}};
  const Asked* proof = proof_of(octets);
  const std::lock_guard held(mutex_);
  if (proof != nullptr) {
    out.verified = true;
    if (proof->proof) out.counter = proof->proof->counter;
    const auto frame = radio::decode_frame(octets);
    const bool stream = frame->type == radio::FrameType::join || frame->type == radio::FrameType::data;
    survey_.heard(at.now, {frame->alias, stream, proof->proof, signal, airtime});
  }
  add(std::move(out));
}

void AirLog::sent(const Moment& at, ByteView octets, unsigned spreading_factor, Micros airtime) {
  const Asked* proof = proof_of(octets);
  PassedFrame out{0, at.wall, true, to_bytes(octets), {}, spreading_factor, airtime, proof != nullptr, {}};
  if (proof != nullptr && proof->proof) out.counter = proof->proof->counter;
  const std::lock_guard held(mutex_);
  // What is passed on for a neighbour has an alias that anybody may have made up.
  if (proof != nullptr) survey_.sent(at.now, radio::decode_frame(octets)->alias, airtime);
  add(std::move(out));
}

void AirLog::add(PassedFrame frame) {
  frame.number = ++newest_;
  frames_.push_back(std::move(frame));
  if (frames_.size() > frames_max) frames_.pop_front();
  passed_.notify_all();
}

AirLog::Passed AirLog::after(std::uint64_t number, Micros wait) const {
  std::unique_lock held(mutex_);
  passed_.wait_for(held, wait, [&] { return newest_ > number; });
  Passed out;
  for (const PassedFrame& frame : frames_) {
    if (frame.number > number) out.frames.push_back(frame);
  }
  if (!out.frames.empty()) out.missed = out.frames.front().number - number - 1;
  return out;
}

std::uint64_t AirLog::newest() const {
  const std::lock_guard held(mutex_);
  return newest_;
}

std::map<RadioAlias, AirSurvey::Row> AirLog::survey(Instant now, unsigned hours) const {
  const std::lock_guard held(mutex_);
  return survey_.rows(now, hours);
}

}  // namespace khuoi::node
