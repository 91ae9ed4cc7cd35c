#pragma once

#include "sync/record/record.h"

namespace khuoi::sync {

/// The highest bit of a written wall time: whether the clock was trusted.
inline constexpr std::uint64_t trusted_bit = std::uint64_t{1} << 63U;

/// How a record travels.
enum class Class : std::uint8_t { opener = 0, sealed = 1, public_record = 2 };
/// What may wait; two bits of the class octet, told to everyone on the way.
enum class Rank : std::uint8_t { low = 0, normal = 1, high = 2, urgent = 3 };

/// Design section 6, fixed: version u8 | class u8 | commune 8 | author 8 | audience 8 | run 8 | number u32 BE.
/// It is the whole associated data of a sealed record, and a public record's signature covers it.
struct Header {
  static constexpr std::size_t octets = 38;
  static constexpr std::uint8_t version = 1;
  Class record_class = Class::sealed;
  Rank rank = Rank::normal;
  CommuneId commune;
  NodeId author;
  AudienceId audience;
  RunId run;
  std::uint32_t number = 0;

  [[nodiscard]] Ref ref() const { return {author, run, number}; }
  [[nodiscard]] std::array<std::uint8_t, octets> encoded() const;
  bool operator==(const Header&) const = default;
};
/// The class octet: bits 0-1 class, bits 2-3 rank, the rest zero.
std::uint8_t class_octet(Class record_class, Rank rank);
/// nullopt for a class octet this version does not know.
std::optional<std::pair<Class, Rank>> read_class_octet(std::uint8_t octet);
/// Errors: malformed, unsupported.
Result<Header> decode_header(ByteView octets);

/// A record as it is stored and travels: header and body (opener, ciphertext, or public body with signature).
struct Sealed {
  Header header;
  Bytes body;
  bool operator==(const Sealed&) const = default;
};

/// Record 0 of a run, in the clear and signed: who may open it, and which run came before. The chain of a lane (a
/// hamlet's runs towards its commune; a commune's public runs; a commune's runs towards one hamlet) names each
/// predecessor once, so two openers with one predecessor show a rollback or a clone.
struct Opener {
  std::array<std::uint8_t, 32> enc{};  ///< HPKE; zero in a public run
  AudienceId recipient;
  RunId previous;                      ///< zero for the first of a lane
  std::uint32_t previous_last = 0;     ///< the last number written there by then
  std::uint32_t ordinal = 0;           ///< starts of this author before this one
  UnixSeconds wall;
  bool wall_trusted = false;
  /// Without the signature.
  void write(Writer& to) const;
  void read(Reader& from);
  bool operator==(const Opener&) const = default;
};
inline constexpr std::size_t opener_octets = 32 + 8 + 8 + 4 + 4 + 8 + 64;
/// Without the signature; sign(purpose opener, header ‖ this) is appended.
Bytes encode_opener(const Opener& opener);
/// Of a body with or without its signature. Errors: malformed.
Result<Opener> decode_opener(ByteView body);

/// HPKE info: `khuoi/1/run` ‖ commune ‖ author ‖ run ‖ audience.
Bytes run_info(const CommuneId& commune, const NodeId& author, const RunId& run, const AudienceId& audience);

}  // namespace khuoi::sync
