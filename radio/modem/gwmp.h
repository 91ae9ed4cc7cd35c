#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "radio/modem/modem.h"
#include "sync/base/result.h"

namespace khuoi::radio {

// Semtech's protocol between a packet forwarder and its server, version 2, of which this is the server's side. Source:
// sx1302_hal, packet_forwarder/PROTOCOL.md, protocol revision 1.5.

using GatewayEui = std::array<std::uint8_t, 8>;

enum class GwmpKind : std::uint8_t {
  push_data = 0,
  push_ack = 1,
  pull_data = 2,
  pull_resp = 3,
  pull_ack = 4,
  tx_ack = 5,
};

/// A datagram of a forwarder.
struct GwmpPacket {
  GwmpKind kind = GwmpKind::push_data;  ///< push_data, pull_data or tx_ack
  std::uint16_t token = 0;
  GatewayEui eui{};
  ByteView json;  ///< of the datagram; empty where there is none
};

/// `version u8 = 2 | token u16 | kind u8 | EUI 8 | JSON`. Errors: malformed.
Result<GwmpPacket> decode_gwmp(ByteView datagram);

/// `version u8 = 2 | token u16 | kind u8`: PUSH_ACK or PULL_ACK.
Bytes gwmp_ack(GwmpKind kind, std::uint16_t token);

/// A frame that the concentrator heard, with a good checksum.
struct GwmpFrame {
  std::uint32_t frequency_hz = 0;
  Modulation modulation;
  Bytes octets;
  double rssi_dbm = 0, snr_db = 0;
};

struct GwmpHeard {
  std::vector<GwmpFrame> frames;
  std::size_t other = 0;      ///< heard with a bad checksum or none, or no LoRa
  std::size_t malformed = 0;  ///< entries that are none
};

/// The JSON of PUSH_DATA. One bad entry does not spoil the others. Errors: malformed.
Result<GwmpHeard> decode_push(ByteView json);

/// What is to be sent at once.
struct GwmpTx {
  std::uint32_t frequency_hz = 0;
  Modulation modulation;
  int power_dbm = 0;
  unsigned preamble_symbols = 8;
  ByteView octets;
};
/// PULL_RESP: `version u8 = 2 | token u16 | kind u8 | JSON`.
Bytes encode_pull_resp(std::uint16_t token, const GwmpTx& tx);

/// The JSON of TX_ACK, which may be missing: the error or the warning, both empty when all is well. Errors: malformed.
struct GwmpTxAck {
  std::string error, warning;
};
Result<GwmpTxAck> decode_tx_ack(ByteView json);

/// What an error or warning of TX_ACK means: one sentence with what to do.
std::string gwmp_error(std::string_view word);

/// Sixteen hexadecimal digits.
std::optional<GatewayEui> parse_eui(std::string_view text);

}  // namespace khuoi::radio
