#pragma once

#include <optional>
#include <vector>

#include "radio/frame.h"

namespace khuoi::radio {

/// The body of HEARS: n × (alias 2 | signal to noise in dB, i8). Of a hamlet: whom it hears calling in vain.
struct NeighbourHeard {
  RadioAlias alias = 0;
  std::int8_t snr_db = 0;
};
inline constexpr std::size_t neighbours_max = 16;

inline Bytes encode_hears(const std::vector<NeighbourHeard>& all) {
  Bytes out;
  Writer to(out);
  for (const NeighbourHeard& one : all) to.u16(one.alias).u8(static_cast<std::uint8_t>(one.snr_db));
  return out;
}
inline std::optional<std::vector<NeighbourHeard>> decode_hears(ByteView body) {
  if (body.empty() || body.size() % 3 != 0 || body.size() / 3 > neighbours_max) return std::nullopt;
  std::vector<NeighbourHeard> out;
  for (Reader from(body); from.rest().size() != 0;) {
    const RadioAlias alias = from.u16();
    out.push_back({alias, static_cast<std::int8_t>(from.u8())});
  }
  return out;
}

/// The body of SERVE: n × alias 2. Of the commune: for whom this hamlet passes frames on from now on, all of them.
inline Bytes encode_serve(const std::vector<RadioAlias>& all) {
  Bytes out;
  Writer to(out);
  for (const RadioAlias alias : all) to.u16(alias);
  return out;
}
inline std::optional<std::vector<RadioAlias>> decode_serve(ByteView body) {
  if (body.size() % 2 != 0 || body.size() / 2 > neighbours_max) return std::nullopt;
  std::vector<RadioAlias> out;
  for (Reader from(body); from.rest().size() != 0;) out.push_back(from.u16());
  return out;
}

}  // namespace khuoi::radio
