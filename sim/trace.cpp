#include "sim/trace.h"

#include <cstdio>

namespace khuoi::sim {

void Trace::mix(ByteView octets) {
  for (const std::uint8_t octet : octets) digest_ = (digest_ ^ octet) * 0x100000001b3U;
}

void Trace::print(const std::string& line) const {
  std::printf("%10.3f s    %s\n", static_cast<double>(micros_) / 1e6, line.c_str());
}

void Trace::note(const std::string& event) {
  ++events_;
  char time[32];
  std::snprintf(time, sizeof time, "%10.3f s  ", static_cast<double>(micros_) / 1e6);
  std::string line = time + event;
  mix(view_of(line));
  if (aloud_) std::printf("%s\n", line.c_str());
  last_.push_back(std::move(line));
  if (last_.size() > kept_max) last_.pop_front();
}

}  // namespace khuoi::sim
