#include "radio/in_stream.h"

#include <algorithm>
#include <iterator>

namespace khuoi::radio {

std::optional<std::uint32_t> InStream::counter_of(std::uint8_t low) const {
  const auto ahead = static_cast<std::int8_t>(low - static_cast<std::uint8_t>(handed_up_));
  const std::int64_t counter = std::int64_t{handed_up_} + ahead;
  return counter < 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(counter));
}

bool InStream::take(std::uint32_t counter, std::uint8_t flags, ByteView body) {
  const bool wanted = counter >= handed_up_ && counter < committed_ + window_frames;
  if (!wanted || !early_.emplace(counter, to_bytes(body)).second) return false;
  latest_ = counter + 1;
  if (counter >= newest_) {
    newest_ = counter + 1;
    newest_flags_ = flags;
  }
  return true;
}

std::optional<InStream::Ready> InStream::hand_up() {
  Ready out;
  for (auto next = early_.begin(); next != early_.end() && next->first == handed_up_; next = early_.erase(next)) {
    append(out.octets, next->second);
    handed_up_digest_ = keys_->chain(handed_up_digest_, next->second);
    digests_[++handed_up_] = handed_up_digest_;
    out.frames = handed_up_;
  }
  return out.frames == 0 ? std::nullopt : std::optional(std::move(out));
}

void InStream::committed(std::uint32_t frames) {
  const auto known = digests_.find(frames);
  if (known == digests_.end()) return;
  committed_ = frames;
  digest_ = known->second;
  digests_.erase(digests_.begin(), std::next(known));
}

std::uint32_t InStream::held() const {
  std::uint32_t out = 0;
  for (const auto& [counter, body] : early_) {
    const std::uint32_t bit = counter - committed_ - 1;  // the one at committed_ itself is missing
    if (counter > committed_ && bit < 24) out |= 1U << bit;
  }
  return out;
}

std::uint32_t InStream::missing() const {
  return newest_ <= handed_up_ ? 0 : newest_ - handed_up_ - static_cast<std::uint32_t>(early_.size());
}

void InStream::grant(std::uint32_t frames) {
  latest_ = handed_up_;
  burst_end_ = handed_up_;
  for (; frames > 0 && burst_end_ < committed_ + window_frames; ++burst_end_)
    frames -= early_.contains(burst_end_) ? 0 : 1;
}

std::uint32_t InStream::left_of_burst() const {
  const bool all_came = (newest_flags_ & (stream_flag::last | stream_flag::more)) == stream_flag::last;
  const std::uint32_t from = std::max(latest_, handed_up_);
  const std::uint32_t end = all_came ? std::min(burst_end_, newest_) : burst_end_;
  if (end <= from) return 0;
  const auto here = std::distance(early_.lower_bound(from), early_.lower_bound(end));
  return end - from - static_cast<std::uint32_t>(here);
}

bool InStream::complete() const {
  return missing() == 0 && (newest_flags_ & (stream_flag::last | stream_flag::more)) == stream_flag::last;
}

}  // namespace khuoi::radio
