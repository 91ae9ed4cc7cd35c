#include "sim/air/rnode_device.h"

#include <algorithm>
#include <array>

namespace khuoi::sim {

namespace {

constexpr std::uint8_t frame_end = 0xc0, frame_escape = 0xdb, escaped_end = 0xdc, escaped_escape = 0xdd;

enum Command : std::uint8_t {
  cmd_data = 0x00,
  cmd_frequency = 0x01,
  cmd_bandwidth = 0x02,
  cmd_power = 0x03,
  cmd_spreading_factor = 0x04,
  cmd_coding_rate = 0x05,
  cmd_radio = 0x06,
  cmd_detect = 0x08,
  cmd_short_limit = 0x0b,
  cmd_long_limit = 0x0c,
  cmd_promiscuous = 0x0e,
  cmd_ready = 0x0f,
  cmd_rssi = 0x23,
  cmd_snr = 0x24,
  cmd_channel = 0x25,
  cmd_physical = 0x26,
  cmd_battery = 0x27,
  cmd_csma = 0x28,
  cmd_platform = 0x48,
  cmd_mcu = 0x49,
  cmd_firmware = 0x50,
  cmd_reset = 0x55,
  cmd_error = 0x90,
};
constexpr std::uint8_t error_queue_full = 0x04;
constexpr std::uint8_t ask = 0xff;
constexpr int rssi_offset = 157;
constexpr std::uint32_t lie_hz = 12'500;
constexpr Micros boot_time = std::chrono::milliseconds(600);

/// The bandwidths of the chip, in Hz.
constexpr std::array<std::uint32_t, 10> bandwidths = {7'800,  10'400, 15'600,  20'800,  31'250,
                                                      41'700, 62'500, 125'000, 250'000, 500'000};

std::uint8_t octet_of(std::uint64_t value) { return static_cast<std::uint8_t>(value & 0xff); }

/// The chip counts in steps of 32 MHz / 2^25.
std::uint32_t stepped(std::uint32_t hz) {
  const std::uint64_t steps = (std::uint64_t{hz} << 25) / 32'000'000;
  return static_cast<std::uint32_t>((steps * 32'000'000) >> 25);
}

/// Per cent × 100.
std::uint16_t share(Micros part, Micros whole) {
  return static_cast<std::uint16_t>(std::min<std::int64_t>(10'000, part.count() * 10'000 / whole.count()));
}

}  // namespace

RnodeDevice::RnodeDevice(EventLoop& loop, Air& air, std::uint64_t seed)
    : loop_(loop), air_(air), transceiver_(loop, air, seed), booted_(loop), statistics_(loop) {
  transceiver_.set_hooks(
      {[this](ByteView packet, const radio::Signal& signal) { hear(packet, signal); }, [this] { on_octets({}); }});
  boot();
}

void RnodeDevice::power_off() {
  transceiver_.reset();
  booted_.clear();
  statistics_.clear();
  in_.clear();
  out_.clear();
  data_.clear();
  command_.reset();
  ready_ = in_frame_ = escape_ = false;
  frequency_hz_ = bandwidth_hz_ = 0;
  spreading_factor_ = 0;
  coding_rate_ = 5;
  power_dbm_ = 0xff;
  short_limit_ = long_limit_ = 0;
}

void RnodeDevice::boot() {
  power_off();
  // What an ESP32's boot loader says on the same cable.
  append(out_, view_of(std::string_view("ets Jul 29 2019 12:21:46\r\n\0\0rst:0x1 (POWERON_RESET)\r\n", 53)));
  booted_.set(loop_.now() + boot_time, [this] {
    ready_ = true;
    put(cmd_reset, {0xf8});
  });
}

// From the host.

void RnodeDevice::on_octets(ByteView octets) {
  if (!ready_) return;  // nobody reads while it boots
  append(in_, octets);
  std::size_t taken = 0;
  while (ready_ && taken < in_.size() && !transceiver_.is_sending()) read(in_[taken++]);
  if (ready_) in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(taken));
}

/// A command acts with its last octet, a packet with the C0 behind it; that C0 begins no other frame.
void RnodeDevice::read(std::uint8_t octet) {
  if (octet == frame_end) {
    const bool ends_packet = in_frame_ && command_ == cmd_data;
    if (ends_packet) take_packet();
    in_frame_ = !ends_packet;
    escape_ = false;
    command_.reset();
    data_.clear();
    return;
  }
  if (!in_frame_) return;
  if (!command_) {
    command_ = octet;
    return;
  }
  if (octet == frame_escape) {
    escape_ = true;
    return;
  }
  if (escape_ && octet == escaped_end) octet = frame_end;
  if (escape_ && octet == escaped_escape) octet = frame_escape;
  escape_ = false;
  if (data_.size() <= Transceiver::packet_octets_max) data_.push_back(octet);
  if (*command_ != cmd_data) run();
}

void RnodeDevice::take_packet() {
  if (data_.empty() || data_.size() > Transceiver::packet_octets_max) return;
  if (full_ || !transceiver_.enqueue(data_)) put(cmd_error, {error_queue_full});
}

void RnodeDevice::run() {
  const std::uint8_t octet = data_.back();
  if (*command_ >= cmd_frequency && *command_ <= cmd_coding_rate) return run_setting();
  if (*command_ == cmd_short_limit || *command_ == cmd_long_limit) return run_setting();
  if (data_.size() != 1) return;
  switch (*command_) {
    case cmd_radio:
      return run_radio(octet);
    case cmd_detect:
      if (octet == 0x73) put(cmd_detect, {0x46});
      return;
    case cmd_promiscuous:
      return put(cmd_promiscuous, {0});
    case cmd_ready:
      return put(cmd_ready, {octet_of(full_ || transceiver_.full() ? 0 : 1)});
    case cmd_platform:
      return put(cmd_platform, {0x80});
    case cmd_mcu:
      return put(cmd_mcu, {0x81});
    case cmd_firmware:
      return put(cmd_firmware, {1, 86});
    case cmd_reset:
      if (octet == 0xf8) boot();
      return;
    default:  // 0A FF, and what it does not know, is not answered
      return;
  }
}

void RnodeDevice::run_setting() {
  Reader in(data_);
  const bool is_wide = *command_ == cmd_frequency || *command_ == cmd_bandwidth;
  const bool is_limit = *command_ == cmd_short_limit || *command_ == cmd_long_limit;
  if (data_.size() != (is_wide ? 4U : is_limit ? 2U : 1U)) return;
  const std::uint32_t value = is_wide ? in.u32() : is_limit ? in.u16() : in.u8();
  const auto within = [&](unsigned least, unsigned most) { return octet_of(std::clamp(value, least, most)); };
  switch (*command_) {
    case cmd_frequency:
      if (value != 0) frequency_hz_ = stepped(value);
      put_u32(cmd_frequency, frequency_hz_ + (lying_ ? lie_hz : 0));
      break;
    case cmd_bandwidth:
      if (value != 0) {
        const auto at = std::lower_bound(bandwidths.begin(), bandwidths.end(), value);
        bandwidth_hz_ = at == bandwidths.end() ? bandwidths.back() : *at;
      }
      put_u32(cmd_bandwidth, bandwidth_hz_);
      break;
    case cmd_power:
      if (value != ask) power_dbm_ = within(0, 22);
      put(cmd_power, {power_dbm_});
      break;
    case cmd_spreading_factor:
      if (value != ask) spreading_factor_ = within(5, 12);
      put(cmd_spreading_factor, {spreading_factor_});
      break;
    case cmd_coding_rate:
      if (value != ask) coding_rate_ = within(5, 8);
      put(cmd_coding_rate, {coding_rate_});
      break;
    default: {
      std::uint16_t& limit = *command_ == cmd_short_limit ? short_limit_ : long_limit_;
      limit = static_cast<std::uint16_t>(value >= 10'000 ? 0 : value);
      put(*command_, {octet_of(limit >> 8), octet_of(limit)});
      return;
    }
  }
  const bool asked = is_wide ? value == 0 : value == ask;
  if (!asked && transceiver_.is_on()) retune();
}

bool RnodeDevice::can_start() const {
  return frequency_hz_ != 0 && bandwidth_hz_ != 0 && spreading_factor_ != 0 && power_dbm_ != 0xff;
}

void RnodeDevice::run_radio(std::uint8_t wanted) {
  if (wanted == 0) {
    transceiver_.stop();
    statistics_.clear();
  } else if (wanted == 1 && !transceiver_.is_on() && can_start()) {
    retune();
    put(cmd_csma, {1, 0, octet_of(Transceiver::window_slots)});
    statistics_.set(loop_.now() + std::chrono::seconds(1), [this] { tell_now_and_then(); });
  }
  put(cmd_radio, {octet_of(transceiver_.is_on() ? 1 : 0)});
}

void RnodeDevice::retune() {
  transceiver_.start({frequency_hz_, {bandwidth_hz_, spreading_factor_, coding_rate_}});
  put_physical();
}

// To the host.

void RnodeDevice::put(std::uint8_t command, const Bytes& data) {
  out_.insert(out_.end(), {frame_end, command});
  for (const std::uint8_t octet : data) {
    if (octet == frame_end)
      out_.insert(out_.end(), {frame_escape, escaped_end});
    else if (octet == frame_escape)
      out_.insert(out_.end(), {frame_escape, escaped_escape});
    else
      out_.push_back(octet);
  }
  out_.push_back(frame_end);
}

void RnodeDevice::put_u32(std::uint8_t command, std::uint32_t value) {
  Bytes data;
  Writer(data).u32(value);
  put(command, data);
}

void RnodeDevice::hear(ByteView packet, const radio::Signal& signal) {
  put(cmd_rssi, {octet_of(static_cast<std::uint64_t>(static_cast<int>(signal.rssi_dbm) + rssi_offset))});
  put(cmd_snr, {static_cast<std::uint8_t>(static_cast<std::int8_t>(signal.snr_db * 4))});
  put(cmd_data, to_bytes(packet));
}

void RnodeDevice::put_physical() {
  const radio::Modulation modulation{bandwidth_hz_, spreading_factor_, coding_rate_};
  const std::int64_t symbol = radio::symbol_time(modulation).count();
  const unsigned preamble = radio::rnode_preamble_symbols(modulation);
  const std::int64_t slot_ms = Transceiver::slot(modulation).count() / 1000;
  Bytes data;
  Writer out(data);
  for (const std::int64_t value :
       {symbol, 1'000'000 / symbol, std::int64_t{preamble}, preamble * symbol / 1000, slot_ms, 2 * slot_ms}) {
    out.u16(static_cast<std::uint16_t>(value));
  }
  put(cmd_physical, data);
}

void RnodeDevice::put_channel() {
  Bytes data;
  Writer out(data);
  for (const bool all : {false, true}) {
    for (const Micros window : {Micros(std::chrono::seconds(15)), Micros(std::chrono::hours(1))}) {
      Micros busy{};
      for (ModemNumber modem = 0; modem < air_.modems(); ++modem) {
        if (all || modem == transceiver_.number()) busy += air_.airtime_within(modem, window);
      }
      out.u16(share(busy, window));
    }
  }
  const std::uint8_t noise = octet_of(rssi_offset + Air::noise_dbm);
  out.u8(noise).u8(noise).u8(0xff);
  put(cmd_channel, data);
}

void RnodeDevice::tell_now_and_then() {
  // While a frame is on the air it tells nothing.
  if (!transceiver_.is_sending()) {
    put_channel();
    if (seconds_++ % 10 == 0) put(cmd_battery, {2, 100});
  }
  statistics_.set(loop_.now() + std::chrono::seconds(1), [this] { tell_now_and_then(); });
}

}  // namespace khuoi::sim
