#include "radio/modem/gwmp.h"

#include <sodium.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>

#include "sync/base/check.h"

namespace khuoi::radio {

namespace {

namespace json = boost::json;

constexpr std::uint8_t version = 2;
constexpr std::size_t entries_max = 256;  // a concentrator hands over 255 at once
constexpr std::size_t word_max = 40;

/// Nothing that a forwarder says is deeper than this.
std::optional<json::object> object_of(ByteView text) {
  json::parse_options options;
  options.max_depth = 8;
  boost::system::error_code failed;
  json::value value = json::parse(text_of(text), failed, {}, options);
  if (failed || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::optional<double> number(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains(key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double out = value->to_number<double>();
  return std::isfinite(out) ? std::optional(out) : std::nullopt;
}

std::optional<double> number_within(const json::object& from, std::string_view key, double least, double most) {
  const auto out = number(from, key);
  return out && *out >= least && *out <= most ? out : std::nullopt;
}

std::optional<std::string_view> text(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

template <typename T>
bool take_number(std::string_view& from, T& to) {
  const auto [end, failed] = std::from_chars(from.data(), from.data() + from.size(), to);
  if (failed != std::errc()) return false;
  from.remove_prefix(static_cast<std::size_t>(end - from.data()));
  return true;
}

bool take_word(std::string_view& from, std::string_view word) {
  if (!from.starts_with(word)) return false;
  from.remove_prefix(word.size());
  return true;
}

/// "SF9BW125" and "4/5".
std::optional<Modulation> modulation_of(std::string_view rate, std::string_view coding) {
  Modulation out;
  unsigned khz = 0;
  if (!take_word(rate, "SF") || !take_number(rate, out.spreading_factor) || !take_word(rate, "BW") ||
      !take_number(rate, khz) || !rate.empty()) {
    return std::nullopt;
  }
  if (!take_word(coding, "4/") || !take_number(coding, out.coding_rate) || !coding.empty()) return std::nullopt;
  if (out.spreading_factor < 5 || out.spreading_factor > 12 || out.coding_rate < 5 || out.coding_rate > 8 ||
      (khz != 125 && khz != 250 && khz != 500)) {
    return std::nullopt;
  }
  out.bandwidth_hz = khz * 1000;
  return out;
}

/// With padding or without.
std::optional<Bytes> octets_of(std::string_view base64) {
  while (base64.ends_with('=')) base64.remove_suffix(1);
  if (base64.empty()) return Bytes();
  Bytes out(base64.size());
  std::size_t size = 0;
  if (sodium_base642bin(out.data(), out.size(), base64.data(), base64.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

std::string base64_of(ByteView octets) {
  std::string out(sodium_base64_encoded_len(octets.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), octets.data(), octets.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();
  return out;
}

void take_entry(const json::value& entry, GwmpHeard& to) {
  if (!entry.is_object()) {
    ++to.malformed;
    return;
  }
  const json::object& from = entry.get_object();
  const auto status = number(from, "stat");
  const auto kind = text(from, "modu");
  if (!status || !kind) {
    ++to.malformed;
    return;
  }
  if (*status != 1 || *kind != "LORA") {
    ++to.other;
    return;
  }
  const auto modulation = modulation_of(text(from, "datr").value_or(""), text(from, "codr").value_or(""));
  const auto megahertz = number_within(from, "freq", 100, 3000);
  const auto size = number_within(from, "size", 0, frame_octets_max);
  const auto data = text(from, "data");
  const auto rssi = number_within(from, from.contains("rssis") ? "rssis" : "rssi", -300, 100);
  const auto snr = number_within(from, "lsnr", -100, 100);
  // Its length first, so that no long text is decoded.
  const bool short_enough = data && data->size() <= (frame_octets_max + 2) / 3 * 4;
  auto octets = short_enough ? octets_of(*data) : std::nullopt;
  if (!modulation || !megahertz || !size || !octets || static_cast<double>(octets->size()) != *size || !rssi || !snr) {
    ++to.malformed;
    return;
  }
  to.frames.push_back(
      {static_cast<std::uint32_t>(std::llround(*megahertz * 1e6)), *modulation, std::move(*octets), *rssi, *snr});
}

Error not_json(std::string_view what) {
  return fail(Errc::malformed, std::string(what) + " of the packet forwarder is no JSON object");
}

}  // namespace

Result<GwmpPacket> decode_gwmp(ByteView datagram) {
  Reader in(datagram);
  GwmpPacket out;
  const std::uint8_t of_version = in.u8();
  out.token = in.u16();
  const std::uint8_t kind = in.u8();
  const ByteView eui = in.raw(out.eui.size());
  if (!in.ok()) return fail(Errc::malformed, "the datagram is shorter than a forwarder's header");
  if (of_version != version) {
    return fail(Errc::malformed,
                "the packet forwarder speaks version " + std::to_string(of_version) + ": take one of version 2");
  }
  std::ranges::copy(eui, out.eui.begin());
  out.kind = static_cast<GwmpKind>(kind);
  out.json = in.rest();
  if (out.kind == GwmpKind::push_data || out.kind == GwmpKind::tx_ack) return out;
  if (out.kind == GwmpKind::pull_data && out.json.empty()) return out;
  return fail(Errc::malformed, "a packet forwarder sends no packet " + std::to_string(kind));
}

Bytes gwmp_ack(GwmpKind kind, std::uint16_t token) {
  Bytes out;
  Writer(out).u8(version).u16(token).u8(static_cast<std::uint8_t>(kind));
  return out;
}

Result<GwmpHeard> decode_push(ByteView text) {
  const auto root = object_of(text);
  if (!root) return not_json("PUSH_DATA");
  GwmpHeard out;
  const json::value* entries = root->if_contains("rxpk");
  if (entries == nullptr) return out;  // a status alone
  if (!entries->is_array() || entries->get_array().size() > entries_max) {
    return fail(Errc::malformed, "rxpk of the packet forwarder is no list of at most 256 packets");
  }
  for (const json::value& entry : entries->get_array()) take_entry(entry, out);
  return out;
}

Bytes encode_pull_resp(std::uint16_t token, const GwmpTx& tx) {
  KHUOI_CHECK(!tx.octets.empty() && tx.octets.size() <= frame_octets_max);
  const Modulation& modulation = tx.modulation;
  std::string hertz = std::to_string(tx.frequency_hz % 1'000'000);
  hertz.insert(0, 6 - hertz.size(), '0');
  Bytes out;
  Writer(out).u8(version).u16(token).u8(static_cast<std::uint8_t>(GwmpKind::pull_resp));
  append(out,
         view_of("{\"txpk\":{\"imme\":true,\"freq\":" + std::to_string(tx.frequency_hz / 1'000'000) + "." + hertz +
                 ",\"rfch\":0,\"powe\":" + std::to_string(tx.power_dbm) + ",\"modu\":\"LORA\",\"datr\":\"SF" +
                 std::to_string(modulation.spreading_factor) + "BW" + std::to_string(modulation.bandwidth_hz / 1000) +
                 "\",\"codr\":\"4/" + std::to_string(modulation.coding_rate) +
                 "\",\"ipol\":false,\"prea\":" + std::to_string(tx.preamble_symbols) +
                 ",\"size\":" + std::to_string(tx.octets.size()) + ",\"data\":\"" + base64_of(tx.octets) + "\"}}"));
  return out;
}

Result<GwmpTxAck> decode_tx_ack(ByteView json_text) {
  GwmpTxAck out;
  // Some end an empty one with a zero.
  if (std::ranges::all_of(json_text, [](std::uint8_t each) { return each == 0; })) return out;
  const auto root = object_of(json_text);
  if (!root) return not_json("TX_ACK");
  const json::value* said = root->if_contains("txpk_ack");
  if (said == nullptr || !said->is_object())
    return fail(Errc::malformed, "TX_ACK of the packet forwarder has no txpk_ack");
  const auto word = [&](std::string_view key) -> std::string {
    const auto found = text(said->get_object(), key);
    return std::string(found ? found->substr(0, word_max) : "");
  };
  out.error = word("error");
  out.warning = word("warn");
  if (out.error == "NONE") out.error.clear();
  return out;
}

std::string gwmp_error(std::string_view word) {
  const std::string its = " (" + std::string(word) + ")";
  if (word == "TOO_LATE" || word == "TOO_EARLY") {
    return "the concentrator had no time left for a frame" + its + ": look whether this machine is overloaded";
  }
  if (word == "COLLISION_PACKET" || word == "COLLISION_BEACON") {
    return "the concentrator is to send something else at that time" + its +
           ": no other server may use it, and beacons must be off in its global_conf.json";
  }
  if (word == "TX_FREQ") {
    return "the concentrator may not send on this frequency" + its +
           ": tx_freq_min and tx_freq_max of radio_0 in its global_conf.json must hold frequency_mhz";
  }
  if (word == "TX_POWER") {
    return "the concentrator has no such power" + its + ": choose a power_dbm of tx_gain_lut in its global_conf.json";
  }
  if (word == "GPS_UNLOCKED") {
    return "the concentrator waits for GPS" + its + ": set fake_gps or take gps_tty_path out of its global_conf.json";
  }
  std::string clean;
  for (const char each : word) clean += each >= ' ' && each <= '~' ? each : '?';
  return "the concentrator did not send a frame (" + clean + "): look at the log of its packet forwarder";
}

std::optional<GatewayEui> parse_eui(std::string_view text) {
  const auto octets = from_hex(text);
  GatewayEui out{};
  if (!octets || octets->size() != out.size()) return std::nullopt;
  std::ranges::copy(*octets, out.begin());
  return out;
}

}  // namespace khuoi::radio
