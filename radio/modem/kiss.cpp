#include "radio/modem/kiss.h"

#include <utility>

namespace khuoi::radio {

namespace {

constexpr std::uint8_t frame_end = 0xc0;
constexpr std::uint8_t frame_escape = 0xdb;
constexpr std::uint8_t escaped_end = 0xdc;
constexpr std::uint8_t escaped_escape = 0xdd;

}  // namespace

void append_kiss(Bytes& to, std::uint8_t command, ByteView data) {
  to.push_back(frame_end);
  to.push_back(command);
  for (const std::uint8_t octet : data) {
    if (octet == frame_end || octet == frame_escape) {
      to.push_back(frame_escape);
      to.push_back(octet == frame_end ? escaped_end : escaped_escape);
    } else {
      to.push_back(octet);
    }
  }
  to.push_back(frame_end);
}

std::optional<KissFrame> KissReader::end() {
  switch (state_) {
    case State::data:
      state_ = State::between;
      return std::exchange(frame_, {});
    case State::escape:
      drop();
      break;
    default:
      break;
  }
  // This C0 begins a frame. After a bad one it may have been its end: then the next octet is C0, and begins one as
  // well.
  state_ = State::command;
  return std::nullopt;
}

void KissReader::keep(std::uint8_t octet) {
  if (frame_.data.size() == kiss_data_octets_max) {
    drop();
  } else {
    frame_.data.push_back(octet);
    state_ = State::data;
  }
}

void KissReader::drop() {
  ++dropped_;
  frame_ = {};
  state_ = State::bad;
}

std::optional<KissFrame> KissReader::take(ByteView& octets) {
  while (!octets.empty()) {
    const std::uint8_t octet = octets.front();
    octets = octets.subspan(1);
    if (octet == frame_end) {
      if (auto frame = end()) return frame;
      continue;
    }
    switch (state_) {
      case State::between:
      case State::bad:
        break;
      case State::command:
        frame_ = {octet, {}};
        state_ = State::data;
        break;
      case State::data:
        if (octet == frame_escape) {
          state_ = State::escape;
        } else {
          keep(octet);
        }
        break;
      case State::escape:
        if (octet == escaped_end || octet == escaped_escape) {
          keep(octet == escaped_end ? frame_end : frame_escape);
        } else {
          drop();
        }
        break;
    }
  }
  return std::nullopt;
}

}  // namespace khuoi::radio
