#pragma once

#include <initializer_list>
#include <span>

#include "sync/base/bytes.h"

namespace khuoi::sync {

/// HKDF-SHA-256, RFC 5869; parts are taken one after the other as if joined.
inline constexpr std::size_t hkdf_prk_octets = 32;
inline constexpr std::size_t hkdf_expand_octets_max = 255 * hkdf_prk_octets;

void hkdf_extract(std::span<std::uint8_t, hkdf_prk_octets> prk, ByteView salt, std::initializer_list<ByteView> ikm);
/// out: at most hkdf_expand_octets_max.
void hkdf_expand(std::span<std::uint8_t> out, ByteView prk, std::initializer_list<ByteView> info);

}  // namespace khuoi::sync
