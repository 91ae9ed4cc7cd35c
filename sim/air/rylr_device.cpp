#include "sim/air/rylr_device.h"

#include <array>
#include <charconv>
#include <vector>

namespace khuoi::sim {

namespace {

constexpr Micros rylr_boot = std::chrono::milliseconds(200);
constexpr std::size_t header_octets = 8, data_octets_max = 240, command_octets_max = 300;
constexpr std::uint8_t header_mark = 0xa5;
constexpr unsigned lie = 12'500;
constexpr std::array<std::uint32_t, 10> widths = {7'800,  10'400, 15'600,  20'800,  31'250,
                                                  41'700, 62'500, 125'000, 250'000, 500'000};

enum : unsigned {
  no_line_end = 1,
  no_at = 2,
  unknown_command = 4,
  wrong_length = 5,
  too_long = 13,
  still_sending = 17,
  wrong_preamble = 18
};

std::optional<unsigned> number_in(std::string_view text, unsigned least, unsigned most) {
  unsigned out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || out < least || out > most) {
    return std::nullopt;
  }
  return out;
}

std::vector<std::string> fields_of(const std::string& text) {
  std::vector<std::string> out(1);
  for (const char each : text) {
    if (each == ',')
      out.emplace_back();
    else
      out.back().push_back(each);
  }
  return out;
}

}  // namespace

RylrDevice::RylrDevice(EventLoop& loop, Air& air, Model model)
    : loop_(loop), air_(air), model_(model), number_(air.add(*this)), booted_(loop) {
  const bool newer = model == Model::rylr998;
  factor_ = newer ? 9 : 12;
  preamble_ = newer ? 12 : 4;
  network_ = newer ? 18 : 0;
  power_ = newer ? 22 : 15;
  boot();
}

void RylrDevice::power_off() {
  air_.tune(number_, std::nullopt);
  booted_.clear();
  in_.clear();
  out_.clear();
  ready_ = false;
}

void RylrDevice::boot() {
  power_off();
  booted_.set(loop_.now() + rylr_boot, [this] {
    ready_ = true;
    retune();
    say("+READY");
  });
}

void RylrDevice::retune() {
  if (mode_ != 0) return air_.tune(number_, std::nullopt);
  air_.tune(number_, Tuning{band_hz_, {widths[bandwidth_], factor_, rate_ + 4}});
}

void RylrDevice::say(const std::string& line) { append(out_, view_of(line + "\r\n")); }

// From the host.

void RylrDevice::on_octets(ByteView octets) {
  if (!ready_) return;
  for (const std::uint8_t octet : octets) {
    in_.push_back(static_cast<char>(octet));
    if (in_.size() > command_octets_max) {
      in_.clear();
      say_error(no_line_end);
    }
    if (!in_.ends_with("\r\n")) continue;
    const std::string line = in_.substr(0, in_.size() - 2);
    in_.clear();
    if (!line.empty()) run(line);
    if (!ready_) return;  // it was told to reset
  }
}

void RylrDevice::run(const std::string& line) {
  if (!line.starts_with("AT")) return say_error(no_at);
  if (line == "AT") return say("+OK");
  if (!line.starts_with("AT+")) return say_error(unknown_command);
  const std::string rest = line.substr(3);
  if (rest == "RESET") {
    boot();
    return say("+RESET");
  }
  if (rest == "VER?") return say(model_ == Model::rylr998 ? "+VER=RYLR998_REYAX_V1.2.2" : "+VER=RYLR89C_V1.2.7");
  if (rest.starts_with("SEND=")) return run_send(rest.substr(5));
  const std::size_t sign = rest.find('=');
  if (sign != std::string::npos) return run_setting(rest.substr(0, sign), rest.substr(sign + 1));
  if (!rest.ends_with('?') || !is_known(rest.substr(0, rest.size() - 1))) return say_error(unknown_command);
  const std::string name = rest.substr(0, rest.size() - 1);
  say("+" + name + "=" + value_of(name));
}

bool RylrDevice::is_known(const std::string& name) const { return !value_of(name).empty(); }

std::string RylrDevice::value_of(const std::string& name) const {
  if (name == "MODE") return std::to_string(mode_);
  if (name == "BAND") return std::to_string(band_hz_ + (lying_ ? lie : 0));
  if (name == "ADDRESS") return std::to_string(address_);
  if (name == "NETWORKID") return std::to_string(network_);
  if (name == "CRFOP") return std::to_string(power_);
  if (name == "IPR") return "115200";
  if (name != "PARAMETER") return "";
  return std::to_string(factor_) + "," + std::to_string(bandwidth_) + "," + std::to_string(rate_) + "," +
         std::to_string(preamble_);
}

void RylrDevice::run_setting(const std::string& name, const std::string& value) {
  if (air_.is_sending(number_)) return say_error(still_sending);
  if (!set(name, value))
    return say_error(name == "PARAMETER" && value.ends_with(",99") ? wrong_preamble : unknown_command);
  ++writes_;
  retune();
  say("+OK");
}

bool RylrDevice::set(const std::string& name, const std::string& value) {
  const bool newer = model_ == Model::rylr998;
  const auto take = [](unsigned& to, std::optional<unsigned> from) {
    if (from) to = *from;
    return from.has_value();
  };
  if (name == "MODE") return take(mode_, number_in(value, 0, 1));
  if (name == "ADDRESS") return take(address_, number_in(value, 0, 65'535));
  if (name == "CRFOP") return take(power_, number_in(value, 0, newer ? 22 : 15));
  if (name == "NETWORKID") {
    if (newer && value == "18") return take(network_, 18);
    return take(network_, newer ? number_in(value, 3, 15) : number_in(value, 0, 16));
  }
  if (name == "BAND") {
    const auto hertz = number_in(value, newer ? 820'000'000 : 862'000'000, newer ? 960'000'000 : 1'020'000'000);
    if (hertz) band_hz_ = *hertz;
    return hertz.has_value();
  }
  return name == "PARAMETER" && set_parameter(value);
}

bool RylrDevice::set_parameter(const std::string& value) {
  const bool newer = model_ == Model::rylr998;
  const auto fields = fields_of(value);
  if (fields.size() != 4) return false;
  const auto bandwidth = number_in(fields[1], newer ? 7 : 0, 9);
  if (!bandwidth) return false;
  const auto factor = number_in(fields[0], newer ? 5 : 7, newer ? 2 + *bandwidth : 12);
  const auto rate = number_in(fields[2], 1, 4);
  const unsigned least = newer && network_ != 18 ? 12 : 4;
  const auto preamble = number_in(fields[3], least, !newer ? 7 : network_ == 18 ? 24 : 12);
  if (!factor || !rate || !preamble) return false;
  factor_ = *factor;
  bandwidth_ = *bandwidth;
  rate_ = *rate;
  preamble_ = *preamble;
  return true;
}

/// `address,length,data`; the data has no line end, or the line would have ended there.
void RylrDevice::run_send(const std::string& arguments) {
  const std::size_t first = arguments.find(',');
  const std::size_t second = arguments.find(',', first + 1);
  if (first == std::string::npos || second == std::string::npos) return say_error(unknown_command);
  const auto to = number_in(arguments.substr(0, first), 0, 65'535);
  const auto size = number_in(arguments.substr(first + 1, second - first - 1), 0, 9'999);
  if (!to || !size) return say_error(unknown_command);
  if (*size > data_octets_max) return say_error(too_long);
  const std::string data = arguments.substr(second + 1);
  if (data.size() != *size) return say_error(wrong_length);
  if (full_ || air_.is_sending(number_)) return say_error(still_sending);
  if (mode_ != 0) return say_error(unknown_command);
  Bytes octets;
  Writer out(octets);
  out.u8(header_mark).u8(static_cast<std::uint8_t>(network_)).u16(static_cast<std::uint16_t>(*to));
  out.u16(static_cast<std::uint16_t>(address_)).u8(static_cast<std::uint8_t>(*size));
  out.u8(static_cast<std::uint8_t>(model_));
  append(octets, view_of(data));
  air_.send(number_, std::move(octets), preamble_);
  if (early_ok_) say("+OK");
}

void RylrDevice::sent() {
  if (!early_ok_) say("+OK");
}

void RylrDevice::heard(ByteView octets, const radio::Signal& signal) {
  if (octets.size() < header_octets || octets[0] != header_mark || octets[7] != static_cast<std::uint8_t>(model_))
    return;
  Reader in(octets.subspan(2));
  const unsigned to = in.u16();
  const unsigned from = in.u16();
  const ByteView data = octets.subspan(header_octets);
  if (octets[1] != network_ || (to != 0 && to != address_) || octets[6] != data.size()) return;
  append(out_, view_of("+RCV=" + std::to_string(from) + "," + std::to_string(data.size()) + ","));
  append(out_, data);
  say("," + std::to_string(static_cast<int>(signal.rssi_dbm)) + "," + std::to_string(static_cast<int>(signal.snr_db)));
}

}  // namespace khuoi::sim
