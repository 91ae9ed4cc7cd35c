#include "node/engine/radio_settings.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <sstream>

#include "node/engine/config_file.h"
#include "radio/band.h"
#include "radio/modem/forwarder.h"
#include "radio/modem/rnode_reports.h"
#include "radio/modem/rylr.h"

namespace khuoi::node {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view custom_band = "custom";
constexpr int usual_power_max = 22;  // of boards with an SX1262; more must be asked for
constexpr int rnode_power_max = 37;
constexpr int wait_for_fiber_hours_max = 12;
constexpr std::size_t frame_octets_least = 40;  // a record's part with its frame around it is worth sending

/// What a band begins with. Vietnam: beside the channels of LoRaWAN's AS923-2 (921.4 to 922.0 MHz). eu868: the part
/// with a tenth of the hour.
constexpr std::array<std::pair<std::string_view, std::uint32_t>, 3> usual_frequencies = {
    {{"vietnam", 922'500'000}, {"as923-2", 921'600'000}, {"eu868", 869'525'000}}};

bool is_numeric_address(const std::string& text) {
  std::array<std::uint8_t, sizeof(in6_addr)> out{};
  return inet_pton(AF_INET, text.c_str(), out.data()) == 1 || inet_pton(AF_INET6, text.c_str(), out.data()) == 1;
}

std::string plain(double value) {
  std::ostringstream out;
  out.precision(10);
  out << value;
  return out.str();
}

std::string text_of_value(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return "\"" + *text + "\"";
  if (const auto whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
  if (const auto number = node.value_exact<double>()) return plain(*number);
  if (const auto truth = node.value_exact<bool>()) return *truth ? "true" : "false";
  return "something else than one value";
}

/// What the table says, key by key.
class RadioTable {
 public:
  RadioTable(const fs::path& data, const toml::table* table) : data_(data), table_(table) {}

  [[nodiscard]] const toml::node* find(std::string_view key) const {
    return table_ == nullptr ? nullptr : table_->get(key);
  }
  /// "... [radio] power_dbm = 30: allowed"
  [[nodiscard]] Error wrong(std::string_view key, const std::string& allowed) const {
    const toml::node* node = find(key);
    const std::string value = node == nullptr ? "" : " = " + text_of_value(*node);
    if (node == nullptr) node = table_;
    if (node == nullptr) return fail(Errc::usage, "[radio] " + std::string(key) + ": " + allowed);
    return wrong_config(data_, *node, "radio", std::string(key) + value + ": " + allowed);
  }
  /// Leaves `to` alone when the key is missing.
  Result<void> number(std::string_view key, double low, double high, std::optional<double>& to) const {
    const toml::node* node = find(key);
    if (node == nullptr) return {};
    const auto value = node->is_number() ? node->value<double>() : std::nullopt;
    if (!value || !(*value >= low && *value <= high)) return wrong(key, "choose " + plain(low) + " to " + plain(high));
    to = value;
    return {};
  }
  Result<void> whole(std::string_view key, int low, int high, std::optional<int>& to) const {
    std::optional<double> value;
    KHUOI_TRY_VOID(number(key, low, high, value));
    if (!value) return {};
    if (*value != std::floor(*value)) {
      return wrong(key, "choose a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    }
    to = static_cast<int>(*value);
    return {};
  }
  /// A custom band has no default for it.
  Result<double> needed(std::string_view key, double low, double high, std::string_view meaning) const {
    std::optional<double> value;
    KHUOI_TRY_VOID(number(key, low, high, value));
    if (!value) return wrong(key, "a custom band needs this: " + std::string(meaning));
    return *value;
  }

 private:
  const fs::path& data_;
  const toml::table* table_;
};

/// The rules that hold at the frequency.
struct Rules {
  radio::SubBand part;
  Micros dwell_max{};
};

std::uint32_t hertz_of(double megahertz) { return static_cast<std::uint32_t>(std::llround(megahertz * 1e6)); }

Result<void> check_keys(const fs::path& data, const toml::table& table, bool custom) {
  static const std::set<std::string_view> known = {"band",          "frequency_mhz", "spreading_factor",
                                                   "bandwidth_khz", "coding_rate",   "antenna_dbi",
                                                   "power_dbm",     "duty_percent",  "dwell_ms",
                                                   "forwarder",     "forwarder_eui", "wait_for_fiber_hours",
                                                   "relay"};
  static const std::set<std::string_view> of_custom = {"low_mhz", "high_mhz", "erp_dbm"};
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    if (known.contains(name)) continue;
    if (!of_custom.contains(name))
      return wrong_config(data, value, "radio", "has no setting '" + name + "': take it out");
    if (!custom) return wrong_config(data, value, "radio", name + " goes with band = \"custom\" alone: take it out");
  }
  return {};
}

Result<void> take_modulation(const RadioTable& table, RadioSettings& to) {
  std::optional<int> factor, rate;
  KHUOI_TRY_VOID(table.whole("spreading_factor", 7, 12, factor));
  KHUOI_TRY_VOID(table.whole("coding_rate", 5, 8, rate));
  to.spreading_factor = static_cast<unsigned>(factor.value_or(static_cast<int>(to.spreading_factor)));
  to.coding_rate = static_cast<unsigned>(rate.value_or(static_cast<int>(to.coding_rate)));
  if (const toml::node* node = table.find("bandwidth_khz")) {
    const double khz = node->is_number() ? node->value<double>().value_or(0) : 0;
    constexpr std::array allowed = {62.5, 125.0, 250.0, 500.0};
    if (std::ranges::find(allowed, khz) == allowed.end()) {
      return table.wrong("bandwidth_khz", "choose 62.5, 125, 250 or 500");
    }
    to.bandwidth_hz = static_cast<std::uint32_t>(khz * 1000);
  }
  return {};
}

Result<Rules> custom_rules(const RadioTable& table, const RadioSettings& settings) {
  KHUOI_TRY(const double low, table.needed("low_mhz", 100, 1000, "the lowest frequency that is allowed"));
  KHUOI_TRY(const double high, table.needed("high_mhz", 100, 1000, "the highest frequency that is allowed"));
  KHUOI_TRY(const double power,
            table.needed("erp_dbm", -30, 40, "the most that may leave the antenna, effective radiated"));
  KHUOI_TRY(const double duty, table.needed("duty_percent", 0.01, 100, "how much of any hour may be on the air"));
  KHUOI_TRY(const double frequency, table.needed("frequency_mhz", low, high, "where this commune's radios send"));
  const double half_mhz = settings.bandwidth_hz / 2e6;
  if (frequency - half_mhz < low || frequency + half_mhz > high) {
    return table.wrong("frequency_mhz", "with a bandwidth of " + plain(settings.bandwidth_hz / 1e3) + " kHz choose " +
                                            plain(low + half_mhz) + " to " + plain(high - half_mhz));
  }
  const auto ppm = static_cast<unsigned>(std::lround(duty * 10'000));
  return Rules{{hertz_of(low), hertz_of(high), power, false, ppm, ppm}, Micros(0)};
}

Result<Rules> take_band(const RadioTable& table, RadioSettings& to) {
  std::optional<double> megahertz;
  if (to.band == custom_band) {
    KHUOI_TRY(const Rules rules, custom_rules(table, to));
    KHUOI_TRY_VOID(table.number("frequency_mhz", 100, 1000, megahertz));
    to.frequency_hz = hertz_of(*megahertz);
    return rules;
  }
  const auto band = radio::band_named(to.band);
  if (!band) return table.wrong("band", band.error().what + ", or custom");
  KHUOI_TRY_VOID(table.number("frequency_mhz", 100, 1000, megahertz));
  const auto usual =
      std::ranges::find(usual_frequencies, band->name, &std::pair<std::string_view, std::uint32_t>::first);
  if (!megahertz && usual == usual_frequencies.end()) {
    return table.wrong("frequency_mhz", "band '" + to.band + "' has no usual one: choose one");
  }
  to.frequency_hz = megahertz ? hertz_of(*megahertz) : usual->second;
  const auto part = radio::part_of(*band, to.frequency_hz, to.bandwidth_hz);
  if (!part) return table.wrong(megahertz ? "frequency_mhz" : "bandwidth_khz", part.error().what);
  return Rules{*part, band->dwell_max};
}

Result<void> take_power(const RadioTable& table, const Rules& rules, RadioSettings& to) {
  std::optional<double> gain;
  KHUOI_TRY_VOID(table.number("antenna_dbi", -20, 30, gain));
  to.antenna_dbi = gain.value_or(to.antenna_dbi);
  const int most = std::min(radio::modem_power_max(rules.part, to.antenna_dbi), rnode_power_max);
  if (most < 0) {
    return table.wrong("antenna_dbi", "with this antenna even 0 dBm is more than band '" + to.band +
                                          "' allows: take one with less gain");
  }
  std::optional<int> power;
  if (!table.whole("power_dbm", 0, most, power)) {
    return table.wrong("power_dbm", "with an antenna of " + plain(to.antenna_dbi) + " dBi, band '" + to.band +
                                        "' allows whole numbers from 0 to " + std::to_string(most));
  }
  to.power_dbm = power.value_or(std::min(most, usual_power_max));
  return {};
}

Result<void> take_limits(const RadioTable& table, const Rules& rules, AirShare share, RadioSettings& to) {
  const unsigned allowed = share == AirShare::commune ? rules.part.gateway_duty_ppm : rules.part.node_duty_ppm;
  std::optional<double> percent;
  KHUOI_TRY_VOID(table.number("duty_percent", 0.01, allowed / 1e4, percent));
  to.duty_ppm = percent ? static_cast<unsigned>(std::lround(*percent * 10'000)) : allowed;

  to.dwell_max = rules.dwell_max;
  const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(rules.dwell_max).count();
  std::optional<int> dwell;
  KHUOI_TRY_VOID(table.whole("dwell_ms", most == 0 ? 0 : 1, most == 0 ? 60'000 : static_cast<int>(most), dwell));
  if (dwell) to.dwell_max = std::chrono::milliseconds(*dwell);
  if (to.dwell_max == Micros(0)) return {};
  const radio::Modulation modulation = modem_settings(to).modulation;
  const auto octets =
      radio::octets_within(modulation, {.preamble_symbols = radio::rnode_preamble_symbols(modulation)}, to.dwell_max);
  if (octets.value_or(0) >= frame_octets_least) return {};
  const std::string limit = std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(to.dwell_max).count());
  return table.wrong("spreading_factor", "no frame fits into " + limit +
                                             " ms (dwell_ms): choose a lower spreading_factor" +
                                             (dwell ? ", or a longer dwell_ms" : ""));
}

Result<void> take_relay(const RadioTable& table, AirShare share, RadioSettings& to) {
  const toml::node* relay = table.find("relay");
  if (relay == nullptr) return {};
  const std::string said = relay->value_exact<std::string>().value_or("");
  if (said != "when needed" && said != "ask at once")
    return table.wrong("relay", "choose \"when needed\" or \"ask at once\"");
  to.relay_at_once = said == "ask at once";
  if (to.relay_at_once && share == AirShare::commune)
    return table.wrong("relay", "only a hamlet asks its neighbours to pass its frames on: take it out here");
  return {};
}

Result<void> take_forwarder(const RadioTable& table, RadioSettings& to) {
  const toml::node* address = table.find("forwarder");
  const toml::node* eui = table.find("forwarder_eui");
  if (address != nullptr) {
    to.forwarder = address->value_exact<std::string>().value_or("");
    if (!is_numeric_address(to.forwarder)) {
      return table.wrong("forwarder",
                         "write the numeric address of the packet forwarder's machine, such as \"192.168.7.2\"");
    }
  }
  if (eui != nullptr) {
    to.forwarder_eui = eui->value_exact<std::string>().value_or("");
    if (!radio::parse_eui(to.forwarder_eui)) {
      return table.wrong("forwarder_eui", "write the sixteen hexadecimal digits of gateway_ID in its global_conf.json");
    }
  }
  if (address != nullptr && eui == nullptr) return table.wrong("forwarder", "say forwarder_eui as well");
  if (eui != nullptr && address == nullptr) return table.wrong("forwarder_eui", "say forwarder as well");
  return {};
}

}  // namespace

Result<RadioSettings> read_radio_settings(const fs::path& data, AirShare share) {
  KHUOI_TRY(const toml::table file, read_config_file(data));
  KHUOI_TRY(const toml::table* named, config_table(data, file, "radio"));
  const RadioTable table(data, named);
  RadioSettings out;
  out.band = "vietnam";
  if (const toml::node* band = table.find("band")) {
    out.band = band->value_exact<std::string>().value_or("");
    if (out.band.empty()) return table.wrong("band", "choose vietnam, as923-2, eu868 or custom");
  }
  if (named != nullptr) KHUOI_TRY_VOID(check_keys(data, *named, out.band == custom_band));
  KHUOI_TRY_VOID(take_modulation(table, out));
  KHUOI_TRY(const Rules rules, take_band(table, out));
  KHUOI_TRY_VOID(take_power(table, rules, out));
  KHUOI_TRY_VOID(take_limits(table, rules, share, out));
  std::optional<int> wait;
  KHUOI_TRY_VOID(table.whole("wait_for_fiber_hours", 0, wait_for_fiber_hours_max, wait));
  out.wait_for_fiber = std::chrono::hours(wait.value_or(static_cast<int>(out.wait_for_fiber.count())));
  KHUOI_TRY_VOID(take_relay(table, share, out));
  KHUOI_TRY_VOID(take_forwarder(table, out));
  return out;
}

radio::ModemSettings modem_settings(const RadioSettings& settings) {
  return {settings.frequency_hz,
          {settings.bandwidth_hz, settings.spreading_factor, settings.coding_rate, radio::Chip::sx126x},
          settings.power_dbm};
}

namespace {

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

/// "127.0.0.1:1700" or "[::1]:1700".
std::optional<RadioName> udp_name(std::string_view where) {
  const std::size_t colon = where.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  RadioName out{RadioName::Kind::udp, std::string(where.substr(0, colon)), 0};
  if (out.device.starts_with('[') && out.device.ends_with(']'))
    out.device = out.device.substr(1, out.device.size() - 2);
  const std::string_view port = where.substr(colon + 1);
  const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (failed != std::errc() || end != port.data() + port.size() || out.port == 0) return std::nullopt;
  return is_numeric_address(out.device) ? std::optional(out) : std::nullopt;
}

Result<void> check_udp(const RadioName& name, const RadioSettings& settings, AirShare share) {
  const std::string said = "--radio udp:" + name.device + ":" + std::to_string(name.port);
  if (share == AirShare::hamlet) {
    return fail(Errc::usage,
                said + ": a concentrator is for the commune alone; name an RNode here: rnode:/dev/ttyUSB0");
  }
  if (!is_loopback(name.device) && settings.forwarder.empty()) {
    return fail(Errc::usage, said +
                                 " is open to other machines: listen at 127.0.0.1, or name the packet forwarder in "
                                 "[radio] of config.toml with forwarder and forwarder_eui");
  }
  return {};
}

}  // namespace

Result<RadioName> parse_radio(std::string_view text) {
  const std::string said = "--radio " + std::string(text);
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string device(colon == std::string_view::npos ? "" : text.substr(colon + 1));
  if (kind == "rnode" && !device.empty()) return RadioName{RadioName::Kind::rnode, device, 0};
  if (kind == "rylr" && !device.empty()) return RadioName{RadioName::Kind::rylr, device, 0};
  if (kind == "udp") {
    if (auto name = udp_name(device)) return std::move(*name);
    return fail(Errc::usage, said + " names no address and port: write udp:ADDRESS:PORT, such as udp:127.0.0.1:1700");
  }
  return fail(Errc::usage, said +
                               " names no modem: write rnode:DEVICE, rylr:DEVICE or udp:ADDRESS:PORT, such as "
                               "rnode:/dev/ttyUSB0");
}

Result<void> check_radio_can(const fs::path& data, const RadioName& name, const RadioSettings& settings,
                             AirShare share) {
  const auto in_file = [&](const std::string& what) {
    return fail(Errc::usage, (data / "config.toml").string() + ", [radio]: " + what);
  };
  const radio::ModemSettings modem = modem_settings(settings);
  if (name.kind == RadioName::Kind::udp) {
    KHUOI_TRY_VOID(check_udp(name, settings, share));
  } else if (!settings.forwarder.empty()) {
    return in_file("forwarder goes with --radio udp: alone: take it out, and forwarder_eui");
  }
  if (name.kind == RadioName::Kind::rylr && settings.dwell_max > Micros(0) &&
      radio::rylr_airtime(modem.modulation, frame_octets_least) > settings.dwell_max) {
    return in_file("with an AT modem no frame fits into dwell_ms: choose a lower spreading_factor, or an RNode");
  }
  const auto can = name.kind == RadioName::Kind::udp    ? radio::check_forwarder_can(modem)
                   : name.kind == RadioName::Kind::rylr ? radio::check_rylr_can(modem)
                                                        : radio::check_rnode_can(modem);
  if (can) return {};
  return in_file(can.error().what);
}

}  // namespace khuoi::node
