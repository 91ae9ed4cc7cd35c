#pragma once

#include "radio/frame.h"
#include "sync/base/frame_keys.h"

namespace khuoi::tests {

/// Keys that anybody could work out: enough to tell right frames from wrong ones.
class PlainKeys final : public FrameKeys {
 public:
  std::optional<FrameMac> mac(const Name& name, const Input& input) override {
    Hash hash;
    hash.add(name.tokens.hamlet);
    if (name.tokens.commune) hash.add(*name.tokens.commune);
    hash.add(Bytes{static_cast<std::uint8_t>(name.from_commune), static_cast<std::uint8_t>(input.counter),
                   static_cast<std::uint8_t>(input.counter >> 8U),
                   static_cast<std::uint8_t>(input.implied.has_value())});
    if (input.implied) hash.add(*input.implied);
    hash.add(input.octets);
    FrameMac out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(hash.state >> (8 * i + 20));
    return out;
  }
  std::optional<FrameMac> group_mac(unsigned which, const Input& input) override {
    return mac({0xffff, {{static_cast<std::uint8_t>(which), 0, 0, 1}, {}}, true}, input);
  }
  [[nodiscard]] Turn turn_of(RadioAlias alias) const override { return {alias - std::size_t{1}, 10}; }
  StreamDigest chain(const StreamDigest& before, ByteView body) override {
    Hash hash;
    hash.add(before);
    hash.add(body);
    StreamDigest out{};
    for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(hash.state >> (8 * i));
    return out;
  }

 private:
  struct Hash {
    std::uint64_t state = 0xcbf29ce484222325;
    void add(ByteView octets) {
      for (const std::uint8_t octet : octets) state = (state ^ octet) * 0x100000001b3;
      state = (state ^ octets.size()) * 0x100000001b3;
    }
  };
};

}  // namespace khuoi::tests
