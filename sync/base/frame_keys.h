#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "sync/base/bytes.h"

namespace khuoi {

/// A hamlet on the air, in both directions: the 16 bits that its grant gave it.
using RadioAlias = std::uint16_t;
/// The last octets of a frame: BLAKE2b-32, keyed.
using FrameMac = std::array<std::uint8_t, 4>;
/// BLAKE2b-128 of all that went over one direction of an association, frame by frame.
using StreamDigest = std::array<std::uint8_t, 16>;

/// What tells one association of a hamlet and its commune from every other: each side draws four octets for it, and
/// keeps them in memory alone. Without the commune's: the key of the pair itself.
struct AssociationTokens {
  std::array<std::uint8_t, 4> hamlet{};
  std::optional<std::array<std::uint8_t, 4>> commune;
  auto operator<=>(const AssociationTokens&) const = default;
};

/// Keys of frames, kept by whoever knows the roster. A station only names them.
class FrameKeys {
 public:
  virtual ~FrameKeys() = default;

  struct Name {
    RadioAlias alias = 0;
    AssociationTokens tokens;
    bool from_commune = false;
  };
  struct Input {
    std::uint32_t counter = 0;
    std::optional<StreamDigest> implied;  ///< of an acknowledgement: what it says was committed
    ByteView octets;                      ///< of the frame, all before the MAC
  };
  /// BLAKE2b-32 over "khuoi/1/radio" | commune 8 | kind u8 (1: with a digest) | direction u8 (1: from the commune) |
  /// counter u32 | implied 16 (zeros without) | octets, keyed. Nothing: nobody in force has that alias.
  virtual std::optional<FrameMac> mac(const Name& name, const Input& input) = 0;
  /// The same over a frame to all hamlets, by a key of their group: 0 the newest, 1 the one before. Nothing: there is none.
  virtual std::optional<FrameMac> group_mac(unsigned which, const Input& input) = 0;
  /// Hamlets in force, and the place of one of them: the order in which they answer what was said to all.
  struct Turn {
    std::size_t place = 0;
    std::size_t of = 1;
  };
  [[nodiscard]] virtual Turn turn_of(RadioAlias alias) const = 0;
  /// BLAKE2b-128 of `before` and the body that followed it.
  virtual StreamDigest chain(const StreamDigest& before, ByteView body) = 0;
};

}  // namespace khuoi
