#include "radio/out_stream.h"

#include <algorithm>

namespace khuoi::radio {

void OutStream::add(std::vector<StreamPiece> pieces) {
  for (StreamPiece& piece : pieces) {
    octets_uncut_ += piece.octets.size();
    pieces_.push_back(std::move(piece));
  }
}

std::size_t OutStream::octets_waiting() const {
  std::size_t out = octets_uncut_;
  for (const Cut& cut : open_) out += cut.body.size();
  return out;
}

bool OutStream::urgent() const {
  return std::ranges::any_of(pieces_, &StreamPiece::urgent) || std::ranges::any_of(open_, &Cut::urgent);
}

const OutStream::Cut* OutStream::lost_from(std::uint32_t first) const {
  const auto found = std::ranges::find_if(open_, [&](const Cut& cut) { return cut.counter >= first && !cut.held; });
  return found == open_.end() ? nullptr : &*found;
}

const OutStream::Cut& OutStream::cut(std::size_t octets_max, bool last) {
  Cut out;
  out.counter = next_++;
  while (!pieces_.empty() && out.body.size() < octets_max) {
    StreamPiece& piece = pieces_.front();
    const std::size_t octets = std::min(octets_max - out.body.size(), piece.octets.size() - begun_);
    append(out.body, ByteView(piece.octets).subspan(begun_, octets));
    out.urgent = out.urgent || piece.urgent;
    begun_ += octets;
    if (begun_ < piece.octets.size()) break;
    out.ends.push_back(piece.name);
    pieces_.pop_front();
    begun_ = 0;
  }
  octets_uncut_ -= out.body.size();
  digest_ = keys_->chain(digest_, out.body);
  out.digest = digest_;
  promised_more_ = octets_uncut_ != 0;
  if (last || !promised_more_) out.flags |= stream_flag::last;
  if (promised_more_) out.flags |= stream_flag::more;
  if (out.urgent || urgent()) out.flags |= stream_flag::urgent;
  open_.push_back(std::move(out));
  return open_.back();
}

/// How many of the open frames it covers.
std::optional<std::size_t> OutStream::frames_through(std::uint8_t through) const {
  const std::uint32_t first = next_ - static_cast<std::uint32_t>(open_.size());
  const auto frames = static_cast<std::uint8_t>(through + 1U - first);
  return frames > open_.size() ? std::nullopt : std::optional<std::size_t>(frames);
}

const StreamDigest* OutStream::digest_through(std::uint8_t through) const {
  const auto frames = frames_through(through);
  if (!frames) return nullptr;
  return *frames == 0 ? &acknowledged_ : &open_[*frames - 1].digest;
}

std::vector<std::uint64_t> OutStream::acknowledge(const Ack& ack, Loss& loss) {
  std::vector<std::uint64_t> out;
  for (std::size_t frames = frames_through(ack.through).value_or(0); frames > 0; --frames) {
    acknowledged_ = open_.front().digest;
    loss.arrived(1);
    out.insert(out.end(), open_.front().ends.begin(), open_.front().ends.end());
    open_.pop_front();
  }
  for (std::size_t i = 1; i < open_.size(); ++i) open_[i].held = i <= 24 && (ack.held >> (i - 1) & 1U) != 0;
  if (!open_.empty()) open_.front().held = false;
  return out;
}

}  // namespace khuoi::radio
