#include "sync/wire/crc32c.h"

#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace khuoi::sync {

namespace {
constexpr std::uint32_t polynomial_reflected = 0x82f63b78U;
constexpr std::size_t lanes = 8;
using Tables = std::array<std::array<std::uint32_t, 256>, lanes>;

/// tables[k][b] is what octet b does to the remainder when k more octets follow it ("slicing by 8").
constexpr Tables make_tables() {
  Tables out{};
  for (std::uint32_t octet = 0; octet < 256; ++octet) {
    std::uint32_t remainder = octet;
    for (int bit = 0; bit < 8; ++bit)
      remainder = (remainder >> 1U) ^ ((remainder & 1U) != 0 ? polynomial_reflected : 0);
    out[0][octet] = remainder;
  }
  for (std::size_t lane = 1; lane < lanes; ++lane) {
    for (std::size_t octet = 0; octet < 256; ++octet) {
      const std::uint32_t before = out[lane - 1][octet];
      out[lane][octet] = (before >> 8U) ^ out[0][before & 0xffU];
    }
  }
  return out;
}
constexpr Tables tables = make_tables();

std::uint32_t step(std::uint32_t remainder, std::uint8_t octet) {
  return (remainder >> 8U) ^ tables[0][(remainder ^ octet) & 0xffU];
}

#if defined(__x86_64__)
/// 64 KiB take 8 µs this way and 43 µs from tables (a 2-core build machine), which a 200 MB attachment would feel.
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(ByteView octets, std::uint32_t remainder) {
  std::uint64_t wide = remainder;
  while (octets.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, octets.data(), sizeof(word));
    wide = _mm_crc32_u64(wide, word);
    octets = octets.subspan(sizeof(word));
  }
  auto out = static_cast<std::uint32_t>(wide);
  for (const std::uint8_t octet : octets) out = _mm_crc32_u8(out, octet);
  return out;
}
#endif
}  // namespace

std::uint32_t crc32c_portable(ByteView octets, std::uint32_t so_far) {
  std::uint32_t remainder = ~so_far;
  while (octets.size() >= lanes) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < lanes; ++i) {
      const auto mixed = i < 4 ? static_cast<std::uint8_t>(octets[i] ^ (remainder >> (8 * i))) : octets[i];
      next ^= tables[lanes - 1 - i][mixed];
    }
    remainder = next;
    octets = octets.subspan(lanes);
  }
  for (const std::uint8_t octet : octets) remainder = step(remainder, octet);
  return ~remainder;
}

std::uint32_t crc32c(ByteView octets, std::uint32_t so_far) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2") != 0) return ~by_instruction(octets, ~so_far);
#endif
  return crc32c_portable(octets, so_far);
}

}  // namespace khuoi::sync
