#include "node/counter/dates.h"

#include <array>
#include <ctime>

namespace khuoi::http {

std::string date_text(UnixSeconds at) {
  constexpr std::int64_t vietnam_seconds = 7 * 3600;
  const auto local = static_cast<std::time_t>(at.value + vietnam_seconds);
  std::tm parts{};
  gmtime_r(&local, &parts);
  std::array<char, 16> text{};
  const std::size_t octets = std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts);
  return {text.data(), octets};
}

}  // namespace khuoi::http
