#pragma once

#include <cstdint>

namespace khuoi::sync {

/// The first part of every context's number. The values are part of the format.
enum class Ctx : std::uint32_t {
  spell = 1,  // + SymbolKind, up to 16 of them
  shape = 20,
  shape_any,
  word_after,
  word_any,
  mark_after,
  mark_any,
  value_kind,
  value_seen,
  time_zone,
  time_zone_any,
  time_bits,
  token_two,
  token_one,
  token_at,
  run_length,
  run_length_any,
  digit,
  digit_after,
  piece,
  piece_after,
  piece_in,
  piece_more,
  tail,
  tail_after,
  tail_any,
};
constexpr std::uint32_t number(Ctx kind) { return static_cast<std::uint32_t>(kind); }

}  // namespace khuoi::sync
