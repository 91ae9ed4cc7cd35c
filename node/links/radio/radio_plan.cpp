#include "node/links/radio/radio_plan.h"

#include "radio/modem/serial.h"

namespace khuoi::node {

namespace {
constexpr std::int64_t ppm = 1'000'000;
/// Of the hour, for what is urgent and for answers.
constexpr std::int64_t urgent_share = 5;
}  // namespace

Result<RadioPlan> plan_radio(const std::filesystem::path& data, std::string_view text, AirShare share) {
  KHUOI_TRY(const std::string device, parse_radio(text));
  KHUOI_TRY(const RadioSettings settings, read_radio_settings(data, share));
  RadioPlan out;
  out.name = text;
  out.limits.hour = Micros(std::chrono::hours(1)) * settings.duty_ppm / ppm;
  out.limits.urgent_only = out.limits.hour / urgent_share;
  radio::RnodeConfig config;
  config.settings = modem_settings(settings);
  config.long_airtime_ppm = settings.duty_ppm;  // a second lock, in the modem itself
  out.gap = radio::rnode_wait_max(config.settings.modulation);
  out.dwell_max = settings.dwell_max;
  out.make_modem = [device, config](boost::asio::io_context& io) {
    return std::make_unique<radio::RnodeModem>(io, device, config);
  };
  return out;
}

}  // namespace khuoi::node
