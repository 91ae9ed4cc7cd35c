#pragma once

#include <deque>

#include "radio/modem/cable.h"
#include "radio/modem/gwmp.h"
#include "sync/base/rng.h"

namespace khuoi::radio {

/// Where a datagram comes from or goes to.
struct UdpPeer {
  std::string address;  ///< numeric
  std::uint16_t port = 0;
  auto operator<=>(const UdpPeer&) const = default;
};

struct Datagram {
  UdpPeer to;
  Bytes octets;
};

struct ForwarderConfig {
  ModemSettings settings;
  std::string where;  ///< "127.0.0.1:1700", for sentences
  /// The one machine that may be a forwarder; empty: this one.
  std::string address;
  std::optional<GatewayEui> eui;  ///< the one concentrator; nothing: any
};

/// Errors: usage, with what a concentrator can be set to.
Result<void> check_forwarder_can(const ModemSettings& settings);

/// What is known of a concentrator.
struct ForwarderFigures {
  std::optional<GatewayEui> eui;
  std::uint64_t sent = 0;       ///< frames handed over
  std::uint64_t received = 0;   ///< frames handed up
  std::uint64_t other = 0;      ///< heard and left out: damaged, of another bandwidth, in two parts, no LoRa
  std::uint64_t flood = 0;      ///< heard and left out: more than eight channels can carry
  std::uint64_t foreign = 0;    ///< datagrams of others
  std::uint64_t malformed = 0;  ///< datagrams or entries that do not decode
  std::uint64_t lost = 0;       ///< the forwarder said that it could not send one, or said nothing
  std::string last_error;       ///< of TX_ACK
};

/// The server of one packet forwarder, over datagrams and time. It listens to the first forwarder that asks (its
/// address, port and EUI), for as long as that one asks again within 30 s. Frames have the octet before them that an
/// RNode puts there and takes away. It never sees a socket or a clock.
///
/// The driver's rule: after every call take poll_transmit(), poll_frame() and poll_changed(), and set a timer at
/// next_deadline(). Threads: none. Memory: the frames of one datagram, and a few hundred octets.
class Forwarder final {
 public:
  /// Borrows `rng` for its life.
  Forwarder(ForwarderConfig config, Rng& rng) : config_(std::move(config)), rng_(rng) {}

  /// The socket is there.
  void opened(Instant now);
  void closed();
  void on_datagram(const UdpPeer& from, ByteView octets, Instant now);
  void on_timer(Instant now);
  /// While free(), 1 to 254 octets.
  void send(ByteView frame, const Channel& channel, Instant now);

  std::optional<Datagram> poll_transmit();
  std::optional<HeardFrame> poll_frame();
  bool poll_changed();
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  [[nodiscard]] bool up() const { return open_ && server_ && !refused_until_; }
  [[nodiscard]] bool free() const { return up() && !under_way_; }
  /// What keeps it down: one sentence with what to do; empty for the first 10 s.
  [[nodiscard]] const std::string& why() const { return why_; }
  [[nodiscard]] const ForwarderFigures& figures() const { return figures_; }
  [[nodiscard]] Channel base() const {
    return {config_.settings.frequency_hz, config_.settings.modulation.spreading_factor};
  }
  [[nodiscard]] Micros airtime(std::size_t octets, unsigned spreading_factor) const;

 private:
  struct Server {  ///< whom this node serves
    UdpPeer peer;  ///< where it listens
    GatewayEui eui{};
    Instant asked_at{};
  };
  struct UnderWay {
    std::uint16_t token = 0;
    bool acknowledged = false;
    Instant gone_at{};  ///< when it must have left
    Instant answer_by{};
  };
  [[nodiscard]] bool may_speak(const UdpPeer& from) const;
  void take_pull(const UdpPeer& from, const GwmpPacket& packet, Instant now);
  void take_push(const UdpPeer& from, const GwmpPacket& packet, Instant now);
  void take_frame(GwmpFrame&& frame, Instant now);
  void take_tx_ack(const UdpPeer& from, const GwmpPacket& packet, Instant now);
  void refuse(std::string why, Instant now);
  bool within_real_time(const GwmpFrame& frame, Instant now);
  [[nodiscard]] Modulation modulation(unsigned spreading_factor) const;

  ForwarderConfig config_;
  Rng& rng_;
  bool open_ = false, changed_ = false;
  std::string why_;
  ForwarderFigures figures_;
  Instant opened_at_{};
  std::optional<Server> server_;
  std::optional<UnderWay> under_way_;
  std::optional<Instant> refused_until_;   ///< it said that it cannot send
  unsigned unanswered_ = 0, refused_ = 0;  ///< frames in a row
  Micros claim_left_{};                    ///< of airtime that may be claimed; see within_real_time()
  Instant claimed_at_{};
  std::deque<Datagram> out_;
  std::deque<HeardFrame> heard_;
};

}  // namespace khuoi::radio
