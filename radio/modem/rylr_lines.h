#pragma once

#include <optional>
#include <string>

#include "radio/modem/modem.h"

namespace khuoi::radio {

/// An AT modem takes so many characters in a frame. Source: REYAX, LoRa AT command guides of 28-Jul-2022 (RYLR896) and
/// 23-OCT-2023 (RYLR998), AT+SEND.
inline constexpr std::size_t rylr_text_max = 240;
/// So many octets of a frame of ours fit into that: four of them become five characters.
inline constexpr std::size_t rylr_frame_octets_max = 192;

/// Octets as characters that every AT modem takes: the alphabet of ZeroMQ RFC 32 (Z85), which has no comma, space or
/// line end; what is left behind the last whole group of four gives one character more than it has octets.
std::string rylr_text(ByteView octets);
/// So many characters become of so many octets.
std::size_t rylr_text_size(std::size_t octets);
/// Nothing where the text is no such text.
std::optional<Bytes> rylr_octets(ByteView text);

/// What a modem said: `+NAME` or `+NAME=value`.
struct RylrSaid {
  std::string name, value;
  /// Of `+RCV`: what it heard.
  Bytes data;
  Signal signal;
  bool operator==(const RylrSaid& other) const {
    return name == other.name && value == other.value && data == other.data;
  }
};

/// Takes what a modem says off a cable. The data of +RCV is taken by its length, whatever is in it, so that nobody on
/// the air can make the modem seem to say something else. What is no such line (a boot loader's text, NULs) is left
/// out. Memory: one line of at most 300 octets.
class RylrReader final {
 public:
  /// Takes octets off the front, up to the end of the next line. Nothing: all were taken, and none ends here.
  std::optional<RylrSaid> take(ByteView& octets);
  /// The rest of a line will not come any more: the next octet begins a line.
  void forget();
  /// Lines that were dropped.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
  [[nodiscard]] bool in_line() const { return bad_ || !line_.empty(); }

 private:
  bool keep(std::uint8_t octet);
  bool read_header();
  std::optional<RylrSaid> end();

  std::string line_;
  std::size_t commas_ = 0;   ///< before the data of +RCV
  std::size_t data_at_ = 0;  ///< where it begins; 0: none is known
  std::size_t data_size_ = 0;
  bool bad_ = false;  ///< up to the next line end
  std::uint64_t dropped_ = 0;
};

/// What `+ERR=n` means, as the part of a sentence.
std::string rylr_error(unsigned number);

}  // namespace khuoi::radio
