#include "radio/modem/rnode_reports.h"

#include <algorithm>

namespace khuoi::radio {

namespace {

constexpr int rssi_offset = 157;
constexpr int temperature_offset = 120;
constexpr std::uint32_t frequency_step_hz = 100;

Error wrong_length(const KissFrame& report) {
  return fail(Errc::malformed, "the modem's report " + to_hex(ByteView(&report.command, 1)) + " has " +
                                   std::to_string(report.data.size()) + " octets");
}

unsigned ppm_of(unsigned per_cent_hundredths) { return per_cent_hundredths * 100; }

Result<void> take_channel(const KissFrame& report, RnodeFigures& to) {
  Reader in(report.data);
  RnodeFigures::Channel out;
  out.airtime_short_ppm = ppm_of(in.u16());
  out.airtime_long_ppm = ppm_of(in.u16());
  out.load_short_ppm = ppm_of(in.u16());
  out.load_long_ppm = ppm_of(in.u16());
  if (in.ok() && !in.rest().empty()) {  // firmware before 1.80 ends here
    out.rssi_dbm = in.u8() - rssi_offset;
    out.noise_dbm = in.u8() - rssi_offset;
    const std::uint8_t interference = in.u8();
    if (interference != 0xff) out.interference_dbm = interference - rssi_offset;
  }
  if (!in.done()) return wrong_length(report);
  to.channel = out;
  return {};
}

Result<void> take_physical(const KissFrame& report, RnodeFigures& to) {
  Reader in(report.data);
  RnodeFigures::Physical out;
  out.symbol_us = in.u16();
  out.symbols_a_second = in.u16();
  out.preamble_symbols = in.u16();
  out.preamble_ms = in.u16();
  out.slot_ms = in.u16();
  if (in.ok() && !in.rest().empty()) out.difs_ms = in.u16();
  if (!in.done()) return wrong_length(report);
  to.physical = out;
  return {};
}

template <typename T>
bool take_octet(const KissFrame& report, std::optional<T>& to) {
  if (report.data.size() != 1) return false;
  if (report.data[0] != rnode_code::ask) to = T(report.data[0]);
  return true;
}

bool take_u32(const KissFrame& report, std::optional<std::uint32_t>& to) {
  Reader in(report.data);
  const std::uint32_t value = in.u32();
  if (in.done()) to = value;
  return in.done();
}

bool take_u16(const KissFrame& report, std::optional<unsigned>& to) {
  Reader in(report.data);
  const std::uint16_t value = in.u16();
  if (in.done()) to = value;
  return in.done();
}

std::string kept(const std::string& what, const std::string& is, const std::string& wanted, const std::string& advice) {
  return "the modem keeps " + what + " " + is + " where " + wanted + " was set: " + advice;
}

}  // namespace

Result<void> take_statistics(const KissFrame& report, RnodeFigures& to) {
  const Bytes& data = report.data;
  switch (report.command) {
    case rnode_code::channel:
      return take_channel(report, to);
    case rnode_code::physical:
      return take_physical(report, to);
    case rnode_code::battery:
      if (data.size() != 2) return wrong_length(report);
      to.battery = {data[0], data[1]};
      return {};
    case rnode_code::csma:
      if (data.size() != 3) return wrong_length(report);
      to.csma = {data[0], data[1], data[2]};
      return {};
    case rnode_code::temperature:
      if (data.size() != 1) return wrong_length(report);
      to.temperature_c = data[0] - temperature_offset;
      return {};
    default:
      return fail(Errc::malformed, "report " + to_hex(ByteView(&report.command, 1)) + " holds no statistics");
  }
}

bool RnodeReadings::complete() const {
  return frequency_hz && bandwidth_hz && power_dbm && spreading_factor && coding_rate && radio_on;
}

Result<void> take_reading(const KissFrame& report, RnodeReadings& to) {
  bool taken = false;
  switch (report.command) {
    case rnode_code::frequency:
      taken = take_u32(report, to.frequency_hz);
      break;
    case rnode_code::bandwidth:
      taken = take_u32(report, to.bandwidth_hz);
      break;
    case rnode_code::power:
      // FF is also what the firmware has in force before it was told a power.
      taken = report.data.size() == 1;
      if (taken) to.power_dbm = report.data[0];
      break;
    case rnode_code::spreading_factor:
      taken = take_octet(report, to.spreading_factor);
      break;
    case rnode_code::coding_rate:
      taken = take_octet(report, to.coding_rate);
      break;
    case rnode_code::radio:
      taken = report.data.size() == 1 && (report.data[0] <= 1 || report.data[0] == rnode_code::ask);
      if (taken && report.data[0] <= 1) to.radio_on = report.data[0] == 1;
      break;
    case rnode_code::short_airtime:
      taken = take_u16(report, to.short_airtime);
      break;
    case rnode_code::long_airtime:
      taken = take_u16(report, to.long_airtime);
      break;
    default:
      break;
  }
  if (!taken) return wrong_length(report);
  return {};
}

std::string difference(const ModemSettings& wanted, const RnodeReadings& is) {
  const std::uint32_t frequency = is.frequency_hz.value_or(0);
  if (std::max(frequency, wanted.frequency_hz) - std::min(frequency, wanted.frequency_hz) > frequency_step_hz) {
    return kept("the frequency", std::to_string(frequency) + " Hz", std::to_string(wanted.frequency_hz) + " Hz",
                "choose a frequency that this board is built for, or take another board");
  }
  if (is.bandwidth_hz != wanted.modulation.bandwidth_hz) {
    return kept("the bandwidth", std::to_string(is.bandwidth_hz.value_or(0)) + " Hz",
                std::to_string(wanted.modulation.bandwidth_hz) + " Hz", "choose 125, 250 or 500 kHz");
  }
  if (is.power_dbm != static_cast<unsigned>(wanted.power_dbm)) {
    return kept("the power", std::to_string(is.power_dbm.value_or(0)) + " dBm",
                std::to_string(wanted.power_dbm) + " dBm", "choose a power that this board can send with");
  }
  if (is.spreading_factor != wanted.modulation.spreading_factor) {
    return kept("spreading factor", std::to_string(is.spreading_factor.value_or(0)),
                std::to_string(wanted.modulation.spreading_factor), "choose one that this board knows");
  }
  if (is.coding_rate != wanted.modulation.coding_rate) {
    return kept("the coding rate", "4/" + std::to_string(is.coding_rate.value_or(0)),
                "4/" + std::to_string(wanted.modulation.coding_rate), "choose one that this board knows");
  }
  return {};
}

Result<void> check_rnode_can(const ModemSettings& settings) {
  const auto refuse = [](const std::string& what, long value, const std::string& range) {
    return fail(Errc::usage, "an RNode cannot be set to " + what + " " + std::to_string(value) + ": choose " + range);
  };
  const Modulation& modulation = settings.modulation;
  if (settings.frequency_hz < 100'000'000) return refuse("frequency", settings.frequency_hz, "100 MHz or more");
  if (modulation.spreading_factor < 5 || modulation.spreading_factor > 12) {
    return refuse("spreading factor", static_cast<long>(modulation.spreading_factor), "5 to 12");
  }
  if (modulation.coding_rate < 5 || modulation.coding_rate > 8) {
    return refuse("coding rate 4 to", static_cast<long>(modulation.coding_rate), "5 to 8");
  }
  if (modulation.bandwidth_hz < 7'800 || modulation.bandwidth_hz > 500'000) {
    return refuse("bandwidth", modulation.bandwidth_hz, "7,800 to 500,000 Hz");
  }
  if (settings.power_dbm < 0 || settings.power_dbm > 37) return refuse("power", settings.power_dbm, "0 to 37 dBm");
  return {};
}

}  // namespace khuoi::radio
