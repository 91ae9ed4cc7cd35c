#include "radio/modem/forwarder.h"

#include <algorithm>
#include <utility>

#include "sync/base/check.h"

namespace khuoi::radio {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Micros first_word = seconds(10);
constexpr Micros silence_max = seconds(30);
constexpr Micros take_up = milliseconds(100);  // the forwarder looks at its queue every 10 ms
constexpr Micros tx_ack_patience = seconds(3);
constexpr Micros refused_pause = seconds(60);
constexpr Micros retry_pause = milliseconds(250);
constexpr unsigned unanswered_max = 3, refused_max = 5;
constexpr std::size_t header_octets = 1, frame_max = 254;
constexpr std::uint8_t split_flag = 0x01;
constexpr std::int64_t channels = 8;
/// A frame takes 9.4 s at SF12: eight of them may end at once.
constexpr Micros claim_max = seconds(10) * channels;
constexpr unsigned factor_least = 7;

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

bool is_lasting(std::string_view error) { return error == "TX_FREQ" || error == "TX_POWER" || error == "GPS_UNLOCKED"; }

}  // namespace

Result<void> check_forwarder_can(const ModemSettings& settings) {
  if (settings.modulation.bandwidth_hz != 125'000) {
    return fail(Errc::usage,
                "a concentrator hears its eight channels with a bandwidth of 125 kHz alone: choose "
                "bandwidth_khz = 125");
  }
  if (settings.power_dbm < 0 || settings.power_dbm > 27) {
    return fail(Errc::usage, "a concentrator cannot be set to power " + std::to_string(settings.power_dbm) +
                                 ": choose power_dbm = 0 to 27");
  }
  return {};
}

Modulation Forwarder::modulation(unsigned spreading_factor) const {
  Modulation out = config_.settings.modulation;
  out.spreading_factor = spreading_factor;
  return out;
}

Micros Forwarder::airtime(std::size_t octets, unsigned spreading_factor) const {
  const Modulation with = modulation(spreading_factor);
  return time_on_air(with, {.preamble_symbols = rnode_preamble_symbols(with)}, octets + header_octets);
}

void Forwarder::opened(Instant now) {
  open_ = changed_ = true;
  why_.clear();
  opened_at_ = claimed_at_ = now;
  claim_left_ = claim_max;
  refused_until_.reset();
}

void Forwarder::closed() {
  open_ = false;
  changed_ = true;
  server_.reset();
  under_way_.reset();
  out_.clear();
}

// Datagrams.

bool Forwarder::may_speak(const UdpPeer& from) const {
  return config_.address.empty() ? is_loopback(from.address) : from.address == config_.address;
}

void Forwarder::on_datagram(const UdpPeer& from, ByteView octets, Instant now) {
  if (!open_) return;
  if (!may_speak(from)) {
    ++figures_.foreign;
    changed_ = true;
    if (!server_) {
      why_ = "packets came from " + from.address + " to " + config_.where +
             ": if that is the packet forwarder, name it in [radio] of config.toml with forwarder and forwarder_eui";
    }
    return;
  }
  const auto packet = decode_gwmp(octets);
  if (!packet) {
    ++figures_.malformed;
    changed_ = true;
    return;
  }
  const bool known = server_ ? packet->eui == server_->eui && from.address == server_->peer.address
                             : !config_.eui || packet->eui == *config_.eui;
  if (!known) {
    ++figures_.foreign;
    changed_ = true;
    if (!server_) {
      why_ = "a concentrator with the EUI " + to_hex(packet->eui) + " asks at " + config_.where +
             ", which is not the forwarder_eui of config.toml";
    }
    return;
  }
  switch (packet->kind) {
    case GwmpKind::pull_data:
      return take_pull(from, *packet, now);
    case GwmpKind::push_data:
      return take_push(from, *packet, now);
    default:
      return take_tx_ack(from, *packet, now);
  }
}

void Forwarder::take_pull(const UdpPeer& from, const GwmpPacket& packet, Instant now) {
  if (server_ && from != server_->peer) {
    // One that starts anew asks from another port, and is taken once the old one is silent.
    ++figures_.foreign;
    changed_ = true;
    return;
  }
  if (!server_) {
    changed_ = true;
    why_.clear();
    refused_until_.reset();
    figures_.eui = packet.eui;
    unanswered_ = refused_ = 0;
    server_ = Server{from, packet.eui, now};
  }
  server_->asked_at = now;
  out_.push_back({from, gwmp_ack(GwmpKind::pull_ack, packet.token)});
}

void Forwarder::take_push(const UdpPeer& from, const GwmpPacket& packet, Instant now) {
  if (!server_) return;  // it asks within seconds
  out_.push_back({from, gwmp_ack(GwmpKind::push_ack, packet.token)});
  changed_ = true;
  auto heard = decode_push(packet.json);
  if (!heard) {
    ++figures_.malformed;
    return;
  }
  figures_.other += heard->other;
  figures_.malformed += heard->malformed;
  for (GwmpFrame& frame : heard->frames) take_frame(std::move(frame), now);
}

/// Eight channels cannot carry more than eight times real time. Who claims more makes frames up, to find one whose MAC
/// is right by chance.
bool Forwarder::within_real_time(const GwmpFrame& frame, Instant now) {
  claim_left_ = std::min(claim_max, claim_left_ + channels * (now - claimed_at_));
  claimed_at_ = now;
  const Micros claimed = time_on_air(frame.modulation, {}, frame.octets.size());
  if (claimed > claim_left_) return false;
  claim_left_ -= claimed;
  return true;
}

void Forwarder::take_frame(GwmpFrame&& frame, Instant now) {
  const Modulation& with = frame.modulation;
  if (with.bandwidth_hz != config_.settings.modulation.bandwidth_hz || with.spreading_factor < factor_least) {
    ++figures_.other;
    return;
  }
  if (!within_real_time(frame, now)) {
    ++figures_.flood;
    return;
  }
  if (frame.octets.size() <= header_octets || (frame.octets[0] & split_flag) != 0) {
    ++figures_.other;
    return;
  }
  ++figures_.received;
  frame.octets.erase(frame.octets.begin());
  Channel channel{frame.frequency_hz, with.spreading_factor};
  const std::int64_t off = std::int64_t{frame.frequency_hz} - std::int64_t{config_.settings.frequency_hz};
  if (std::abs(off) <= std::int64_t{with.bandwidth_hz} / 4) channel.frequency_hz = config_.settings.frequency_hz;
  heard_.push_back({std::move(frame.octets), {frame.rssi_dbm, frame.snr_db, channel}});
}

// Sending.

void Forwarder::send(ByteView frame, const Channel& channel, Instant now) {
  KHUOI_CHECK(free());
  KHUOI_CHECK(!frame.empty() && frame.size() <= frame_max);
  Bytes octets{static_cast<std::uint8_t>(rng_.below(16) << 4)};
  append(octets, frame);
  UnderWay next;
  next.token = static_cast<std::uint16_t>(rng_.below(0x10000));
  next.gone_at = now + take_up + airtime(frame.size(), channel.spreading_factor);
  next.answer_by = now + tx_ack_patience;
  const Modulation with = modulation(channel.spreading_factor);
  out_.push_back({server_->peer, encode_pull_resp(next.token, {channel.frequency_hz, with, config_.settings.power_dbm,
                                                               rnode_preamble_symbols(with), octets})});
  under_way_ = next;
  ++figures_.sent;
  changed_ = true;
}

void Forwarder::take_tx_ack(const UdpPeer& from, const GwmpPacket& packet, Instant now) {
  if (!under_way_ || from != server_->peer || under_way_->acknowledged || packet.token != under_way_->token) {
    ++figures_.foreign;
    changed_ = true;
    return;
  }
  const auto said = decode_tx_ack(packet.json);
  if (!said) {
    ++figures_.malformed;
    changed_ = true;
    return;
  }
  under_way_->acknowledged = true;
  unanswered_ = 0;
  if (!said->warning.empty()) figures_.last_error = said->warning;
  if (said->error.empty()) {
    refused_ = 0;
    return;
  }
  figures_.last_error = said->error;
  ++figures_.lost;
  changed_ = true;
  under_way_->gone_at = now + retry_pause;
  if (is_lasting(said->error) || ++refused_ >= refused_max) refuse(gwmp_error(said->error), now);
}

/// It is left alone for a while, for it would say the same again.
void Forwarder::refuse(std::string why, Instant now) {
  under_way_.reset();
  refused_until_ = now + refused_pause;
  why_ = std::move(why);
  unanswered_ = refused_ = 0;
  changed_ = true;
}

// Time.

void Forwarder::on_timer(Instant now) {
  if (!open_) return;
  if (refused_until_ && now >= *refused_until_) {
    refused_until_.reset();
    if (server_) why_.clear();
    changed_ = true;
  }
  if (!server_) {
    if (!why_.empty() || now - opened_at_ < first_word) return;
    why_ =
        "no packet forwarder asks at " + config_.where +
        ": start lora_pkt_fwd with server_address, serv_port_up and serv_port_down of its global_conf.json set to that";
    changed_ = true;
    return;
  }
  if (now - server_->asked_at >= silence_max) {
    why_ = "the packet forwarder of " + config_.where + " has been silent for 30 s: look whether lora_pkt_fwd runs";
    server_.reset();
    under_way_.reset();
    changed_ = true;
    return;
  }
  if (!under_way_ || now < under_way_->gone_at) return;
  if (under_way_->acknowledged) {
    under_way_.reset();
    changed_ = true;
  } else if (now >= under_way_->answer_by) {
    ++figures_.lost;
    under_way_.reset();
    changed_ = true;
    if (++unanswered_ >= unanswered_max) {
      refuse(
          "the packet forwarder does not confirm what it is given to send: look at its log, and whether it is of "
          "protocol version 2",
          now);
    }
  }
}

std::optional<Instant> Forwarder::next_deadline() const {
  if (!open_) return std::nullopt;
  std::optional<Instant> out;
  const auto also = [&](Instant at) { out = std::min(out.value_or(at), at); };
  if (refused_until_) also(*refused_until_);
  if (server_)
    also(server_->asked_at + silence_max);
  else if (why_.empty())
    also(opened_at_ + first_word);
  if (under_way_) {
    also(under_way_->acknowledged ? under_way_->gone_at : std::max(under_way_->gone_at, under_way_->answer_by));
  }
  return out;
}

std::optional<Datagram> Forwarder::poll_transmit() {
  if (out_.empty()) return std::nullopt;
  Datagram out = std::move(out_.front());
  out_.pop_front();
  return out;
}

std::optional<HeardFrame> Forwarder::poll_frame() {
  if (heard_.empty()) return std::nullopt;
  HeardFrame out = std::move(heard_.front());
  heard_.pop_front();
  return out;
}

bool Forwarder::poll_changed() { return std::exchange(changed_, false); }

}  // namespace khuoi::radio
