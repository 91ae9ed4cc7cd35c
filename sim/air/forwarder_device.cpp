#include "sim/air/forwarder_device.h"

#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <cstdio>

namespace khuoi::sim {

namespace {

constexpr std::uint8_t protocol_version = 2, push_data = 0, push_ack = 1, pull_data = 2, pull_resp = 3, pull_ack = 4,
                       tx_ack = 5;
constexpr Micros starts_in = std::chrono::milliseconds(300);
constexpr Micros keepalive = std::chrono::seconds(5);
constexpr Micros fetch_pause = std::chrono::milliseconds(10);
constexpr unsigned channels = 8;
constexpr std::uint64_t base64_rest = 0;
constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_base64(ByteView octets) {
  std::string out;
  for (std::size_t at = 0; at < octets.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t n = 0; n < 3; ++n) group = group << 8 | (at + n < octets.size() ? octets[at + n] : base64_rest);
    for (std::size_t n = 0; n < 4; ++n) {
      out += at + n > octets.size() ? '=' : letters[group >> (18 - 6 * n) & 0x3f];
    }
  }
  return out;
}

Bytes from_base64(std::string_view text) {
  Bytes out;
  std::uint32_t bits = 0, count = 0;
  for (const char each : text) {
    const std::size_t value = letters.find(each);
    if (value == std::string_view::npos) break;
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<std::uint8_t>(bits >> count & 0xff));
  }
  return out;
}

std::string in_megahertz(std::uint32_t hertz) {
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%.6f", hertz / 1e6);
  return out.data();
}

}  // namespace

ForwarderDevice::ForwarderDevice(EventLoop& loop, Air& air, std::uint64_t eui, std::uint32_t first_channel_hz)
    : loop_(loop),
      air_(air),
      eui_(eui),
      first_hz_(first_channel_hz),
      number_(air.add(*this)),
      pulls_(loop),
      pushes_(loop) {
  boot();
}

void ForwarderDevice::power_off() {
  air_.tune(number_, std::nullopt);
  pulls_.clear();
  pushes_.clear();
  packets_.clear();
  out_.clear();
  on_ = false;
  unanswered_ = 0;
}

void ForwarderDevice::boot() {
  power_off();
  pulls_.set(loop_.now() + starts_in, [this] {
    on_ = true;
    std::vector<Tuning> tunings;
    for (unsigned channel = 0; channel < channels; ++channel) {
      for (unsigned factor = 5; factor <= 12; ++factor) {
        tunings.push_back({first_hz_ + channel * channel_step_hz, {125'000, factor, 5}});
      }
    }
    air_.tune(number_, std::move(tunings));
    pull();
  });
}

// Up.

void ForwarderDevice::put(Socket socket, std::uint8_t kind, std::uint16_t token, const std::string& json) {
  Bytes octets;
  Writer(octets).u8(protocol_version).u16(token).u8(kind).u64(eui_);
  append(octets, view_of(json));
  out_.push_back({socket, std::move(octets)});
  if (on_output_) on_output_();
}

void ForwarderDevice::pull() {
  ++unanswered_;
  put(Socket::down, pull_data, ++last_token_, "");
  pulls_.set(loop_.now() + keepalive, [this] { pull(); });
}

void ForwarderDevice::heard(ByteView octets, const radio::Signal& signal) {
  const auto channel = (signal.channel.frequency_hz - first_hz_ + channel_step_hz / 2) / channel_step_hz;
  std::array<char, 300> text{};
  std::snprintf(
      text.data(), text.size(),
      R"({"jver":1,"tmst":%u,"chan":%u,"rfch":0,"freq":%s,"mid":%u,"stat":1,"modu":"LORA","datr":"SF%uBW125",)"
      R"("codr":"4/5","rssis":%.0f,"lsnr":%.1f,"foff":-12,"rssi":%.0f,"size":%zu,"data":")",
      static_cast<unsigned>(loop_.now().time_since_epoch().count()), channel,
      in_megahertz(first_hz_ + channel * channel_step_hz).c_str(), 8 + channel, signal.channel.spreading_factor,
      signal.rssi_dbm, signal.snr_db, signal.rssi_dbm, octets.size());
  packets_ += (packets_.empty() ? "" : ",") + std::string(text.data()) + to_base64(octets) + "\"}";
  if (!pushes_.when()) pushes_.set(loop_.now() + fetch_pause, [this] { push(); });
}

void ForwarderDevice::push() {
  ++unanswered_;
  put(Socket::up, push_data, ++last_token_, "{\"rxpk\":[" + std::exchange(packets_, {}) + "]}");
}

// Down.

void ForwarderDevice::on_datagram(Socket socket, ByteView octets) {
  if (!on_ || octets.size() < 4 || octets[0] != protocol_version) return;
  if (socket == Socket::up && octets[3] == push_ack) unanswered_ = 0;
  if (socket == Socket::down && octets[3] == pull_ack) unanswered_ = 0;
  if (socket == Socket::down && octets[3] == pull_resp) take_response(octets);
}

void ForwarderDevice::take_response(ByteView octets) {
  Reader in(octets.subspan(1));
  const std::uint16_t token = in.u16();
  std::string error = lying_ ? "TX_FREQ" : full_ ? "COLLISION_PACKET" : "";
  if (silent_) return;
  if (error.empty()) error = transmit(std::string(text_of(octets.subspan(4))));
  put(Socket::down, tx_ack, token, error.empty() ? "" : "{\"txpk_ack\":{\"error\":\"" + error + "\"}}");
}

/// Returns the error, or an empty text.
std::string ForwarderDevice::transmit(const std::string& json) {
  boost::system::error_code failed;
  const boost::json::value root = boost::json::parse(json, failed);
  if (failed || !root.is_object() || !root.as_object().contains("txpk")) return "NO_TXPK";
  const boost::json::object& packet = root.at("txpk").as_object();
  const auto text = [&](std::string_view key) { return std::string(packet.at(key).as_string()); };
  const auto number = [&](std::string_view key) { return packet.at(key).to_number<double>(); };
  unsigned factor = 0, width = 0, rate = 0;
  const bool good = packet.at("imme").as_bool() && !packet.at("ipol").as_bool() && text("modu") == "LORA" &&
                    !packet.contains("ncrc") && number("rfch") == 0 &&
                    std::sscanf(text("datr").c_str(), "SF%uBW%u", &factor, &width) == 2 &&
                    std::sscanf(text("codr").c_str(), "4/%u", &rate) == 1;
  const Bytes octets = from_base64(text("data"));
  if (!good || static_cast<double>(octets.size()) != number("size")) return "BAD_TXPK";
  if (air_.is_sending(number_)) return "COLLISION_PACKET";
  const auto hertz = static_cast<std::uint32_t>(std::llround(number("freq") * 1e6));
  air_.send(number_, octets, static_cast<unsigned>(number("prea")), Tuning{hertz, {width * 1000, factor, rate}});
  return "";
}

}  // namespace khuoi::sim
