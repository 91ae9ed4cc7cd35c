#include "node/links/radio/radio_plan.h"

#include "radio/modem/rnode.h"
#include "radio/modem/rylr.h"
#include "radio/modem/serial.h"
#include "radio/modem/udp.h"

namespace khuoi::node {

namespace {
constexpr std::int64_t ppm = 1'000'000;
/// Of the hour, for what is urgent and for answers.
constexpr std::int64_t urgent_share = 5;

void plan_rnode(const RadioSettings& settings, const std::string& device, RadioPlan& to) {
  radio::RnodeConfig config;
  config.settings = modem_settings(settings);
  config.long_airtime_ppm = settings.duty_ppm;  // a second lock, in the modem itself
  to.gap = radio::rnode_wait_max(config.settings.modulation);
  to.make_modem = [device, config](boost::asio::io_context& io, Rng&) {
    return std::make_unique<radio::SerialModem>(io, device, std::make_unique<radio::Rnode>(config));
  };
}

void plan_rylr(const RadioSettings& settings, const std::string& device, RadioPlan& to) {
  const radio::ModemSettings modem = modem_settings(settings);
  to.gap = radio::rylr_wait_max(modem.modulation);
  to.make_modem = [device, modem](boost::asio::io_context& io, Rng& rng) {
    return std::make_unique<radio::SerialModem>(io, device, std::make_unique<radio::Rylr>(modem, rng));
  };
}

void plan_udp(const RadioSettings& settings, const RadioName& name, RadioPlan& to) {
  radio::ForwarderConfig config;
  config.settings = modem_settings(settings);
  config.where = name.device + ":" + std::to_string(name.port);
  config.address = settings.forwarder;
  config.eui = radio::parse_eui(settings.forwarder_eui);
  to.gap_at = [modulation = config.settings.modulation](unsigned factor) mutable {
    modulation.spreading_factor = factor;
    return radio::rnode_wait_max(modulation);  // of the RNodes that answer
  };
  to.gap = to.gap_at(config.settings.modulation.spreading_factor);
  to.make_modem = [local = radio::UdpPeer{name.device, name.port}, config](boost::asio::io_context& io, Rng& rng) {
    return std::make_unique<radio::UdpModem>(io, local, config, rng);
  };
}

}  // namespace

Result<RadioPlan> plan_radio(const std::filesystem::path& data, std::string_view text, AirShare share) {
  KHUOI_TRY(const RadioName name, parse_radio(text));
  KHUOI_TRY(const RadioSettings settings, read_radio_settings(data, share));
  KHUOI_TRY_VOID(check_radio_can(data, name, settings, share));
  RadioPlan out;
  out.name = text;
  out.limits.hour = Micros(std::chrono::hours(1)) * settings.duty_ppm / ppm;
  out.limits.urgent_only = out.limits.hour / urgent_share;
  out.spreading_factor = modem_settings(settings).modulation.spreading_factor;
  out.dwell_max = settings.dwell_max;
  out.wait_for_fiber = settings.wait_for_fiber;
  out.relay_at_once = settings.relay_at_once;
  switch (name.kind) {
    case RadioName::Kind::rylr:
      plan_rylr(settings, name.device, out);
      out.quick_bursts = false;  // each change is written into its memory, which bears some 300,000
      break;
    case RadioName::Kind::udp:
      plan_udp(settings, name, out);
      break;
    default:
      plan_rnode(settings, name.device, out);
      break;
  }
  return out;
}

}  // namespace khuoi::node
