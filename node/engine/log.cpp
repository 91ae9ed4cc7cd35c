#include "node/engine/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace khuoi::node {

namespace {

spdlog::logger& logger() {
  static spdlog::logger out = [] {
    spdlog::logger made("khuoi", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made.set_pattern("time=%Y-%m-%dT%H:%M:%S.%e%z level=%l %v");
    made.flush_on(spdlog::level::trace);
    return made;
  }();
  return out;
}

/// A value with blanks, quotes or control characters is quoted; nothing in it can begin a new field or line.
std::string quoted(const std::string& value) {
  const bool plain = !value.empty() && value.find_first_of(" =\"\\") == std::string::npos &&
                     std::none_of(value.begin(), value.end(),
                                  [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (plain) return value;
  std::string out = "\"";
  for (const char c : value) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (c == '"' || c == '\\') out += '\\';
    out += control ? ' ' : c;
  }
  return out + "\"";
}

void log(spdlog::level::level_enum level, std::string_view event, LogFields fields) {
  std::string line = "event=" + std::string(event);
  for (const auto& [name, value] : fields) line += " " + std::string(name) + "=" + quoted(value);
  logger().log(level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void log_info(std::string_view event, LogFields fields) { log(spdlog::level::info, event, fields); }
void log_warning(std::string_view event, LogFields fields) { log(spdlog::level::warn, event, fields); }
void log_error(std::string_view event, LogFields fields) { log(spdlog::level::err, event, fields); }

}  // namespace khuoi::node
