#pragma once

#include "sync/base/bytes.h"

namespace khuoi {

/// N octets that name one kind of thing. Ids of different kinds do not convert into each other.
template <typename Tag, std::size_t N>
struct Id {
  static constexpr std::size_t octets = N;
  std::array<std::uint8_t, N> value{};

  Id() = default;
  explicit Id(const std::array<std::uint8_t, N>& from) : value(from) {}
  /// nullopt unless exactly N octets are given.
  static std::optional<Id> from(ByteView view) {
    if (view.size() != N) return std::nullopt;
    Id out;
    std::copy(view.begin(), view.end(), out.value.begin());
    return out;
  }
  static std::optional<Id> from_hex_text(std::string_view text) {
    const auto octets_in = from_hex(text);
    return octets_in ? from(*octets_in) : std::nullopt;
  }
  static Id filled(std::uint8_t octet) {
    Id out;
    out.value.fill(octet);
    return out;
  }
  [[nodiscard]] ByteView view() const { return value; }
  [[nodiscard]] std::string hex() const { return to_hex(value); }
  [[nodiscard]] bool is_zero() const {
    for (const std::uint8_t octet : value) {
      if (octet != 0) return false;
    }
    return true;
  }
  auto operator<=>(const Id&) const = default;
};

/// BLAKE2b-64 of the commune's authority key.
using CommuneId = Id<struct CommuneTag, 8>;
/// BLAKE2b-64 of a node's signing key; the author of what it wrote.
using NodeId = Id<struct NodeTag, 8>;
/// A hamlet outlives its boxes: the NodeId of its first box.
using HamletId = Id<struct HamletTag, 8>;
/// BLAKE2b-64 of a recipient's public key, or all ones for everyone.
using AudienceId = Id<struct AudienceTag, 8>;
/// Eight random octets, new at every start of a writer and at every change of a recipient's key.
using RunId = Id<struct RunTag, 8>;
/// First 16 octets of BLAKE2b-256 of the instanceID's text.
using DossierId = Id<struct DossierTag, 16>;
/// BLAKE2b-256 of a chunk's stored octets; of a file's root.
using ChunkHash = Id<struct ChunkTag, 32>;
/// First 4 octets of BLAKE2b of all that a model is made of.
using ModelHash = Id<struct ModelTag, 4>;

inline AudienceId audience_everyone() { return AudienceId::filled(0xff); }

}  // namespace khuoi
