#include "sim/air/modem_bench.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <sstream>

#include "sim/air/modem_pty.h"
#include "sim/air/modem_udp.h"
#include "sim/air/rnode_device.h"
#include "sim/air/rylr_device.h"

namespace khuoi::sim {

namespace {

constexpr std::int64_t turn_ms_max = 20;
constexpr unsigned burst_frames = 4;
constexpr std::uint64_t eui_base = 0xaa555a0000000000;
constexpr std::array<std::string_view, 3> kinds = {"rnode", "rylr896", "rylr998"};
constexpr std::string_view usage_text =
    "usage: khuoi-sim --air FOLDER --modems A[=KIND],B[=KIND]... [--loss PERCENT] [--bursts] [--hidden A,B]... [--seed "
    "N]\n"
    "  Modems on ptys, in one air and in real time; FOLDER/A leads to A's port. KIND: rnode (if left out), rylr896,\n"
    "  rylr998, or udp:PORT, a packet forwarder that sends to 127.0.0.1:PORT. Lines on standard input:\n"
    "  figures | reset A | pull A | plug A | lie A | honest A | full A | empty A | delay A MILLISECONDS\n";

std::int64_t real_us() {
  return std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::optional<std::uint64_t> whole_number(const std::string& text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::vector<std::string> parts_of(const std::string& text, char between) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, between);) out.push_back(part);
  return out;
}

bool is_name(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '-' || each == '_';
  });
}

/// `A` or `A=KIND`.
ModemBench::Modem parse_modem(const std::string& text) {
  const std::size_t sign = text.find('=');
  if (sign == std::string::npos) return {text};
  return {text.substr(0, sign), text.substr(sign + 1)};
}

/// Of `udp:PORT`.
std::optional<std::uint16_t> udp_port_of(const std::string& kind) {
  const std::string_view udp = "udp:";
  const auto port = kind.starts_with(udp) ? whole_number(kind.substr(udp.size())) : std::nullopt;
  return port && *port >= 1 && *port <= 0xffff ? std::optional(static_cast<std::uint16_t>(*port)) : std::nullopt;
}

std::unique_ptr<CableDevice> device_of(const std::string& kind, EventLoop& loop, Air& air, std::uint64_t seed) {
  if (kind == "rylr896") return std::make_unique<RylrDevice>(loop, air, RylrDevice::Model::rylr896);
  if (kind == "rylr998") return std::make_unique<RylrDevice>(loop, air, RylrDevice::Model::rylr998);
  return std::make_unique<RnodeDevice>(loop, air, seed);
}

std::string json_of(const Air::Figures& figures) {
  std::ostringstream out;
  out << "\"frames\":" << figures.frames << ",\"airtime_us\":" << figures.airtime.count()
      << ",\"worst_hour_us\":" << figures.worst_hour.count() << ",\"received\":" << figures.received
      << ",\"lost\":" << figures.lost << ",\"collided\":" << figures.collided << ",\"deaf\":" << figures.deaf;
  return out.str();
}

}  // namespace

ModemBench::ModemBench(const Config& config) : began_us_(real_us()), air_(loop_, config.seed) {
  air_.set_losses(config.losses);
  for (const auto& [name, kind] : config.modems) {
    names_.push_back(name);
    const std::uint64_t seed = config.seed + modems_.size() + 1;
    if (const auto port = udp_port_of(kind))
      modems_[name] = std::make_unique<ModemUdp>(loop_, air_, eui_base + seed, *port);
    else
      modems_[name] = std::make_unique<ModemPty>(loop_, device_of(kind, loop_, air_, seed), config.folder + "/" + name);
  }
  for (const auto& [a, b] : config.hidden) air_.hide(modems_.at(a)->number(), modems_.at(b)->number());
}

Instant ModemBench::real_now() const { return Instant(Micros(real_us() - began_us_)); }

std::string ModemBench::start() {
  loop_.run_until(real_now());
  for (auto& [name, modem] : modems_) {
    if (std::string why = modem->plug(); !why.empty()) return why;
  }
  return "";
}

void ModemBench::turn(int other, int another) {
  std::vector<pollfd> waits{{other, POLLIN, 0}, {another, POLLIN, 0}};
  for (const auto& [name, modem] : modems_) {
    const auto events = static_cast<short>(POLLIN | (modem->wants_to_write() ? POLLOUT : 0));
    waits.push_back({modem->descriptor(), events, 0});
  }
  std::int64_t wait_ms = turn_ms_max;
  if (const auto deadline = loop_.next_deadline()) {
    const std::int64_t left_us = (*deadline - real_now()).count();
    wait_ms = std::clamp<std::int64_t>((left_us + 999) / 1000, 0, turn_ms_max);
  }
  ::poll(waits.data(), waits.size(), static_cast<int>(wait_ms));
  loop_.run_until(real_now());
  for (auto& [name, modem] : modems_) modem->work();
}

std::string ModemBench::command(const std::string& line) {
  const std::vector<std::string> words = parts_of(line, ' ');
  if (words.size() < 2) return "'" + line + "' is no command: a word and a modem's name are wanted";
  const auto at = modems_.find(words[1]);
  if (at == modems_.end()) return "'" + line + "': there is no modem called " + words[1];
  BenchModem& modem = *at->second;
  if (words[0] == "delay") {
    const auto delay_ms = words.size() == 3 ? whole_number(words[2]) : std::nullopt;
    if (!delay_ms || *delay_ms > 60'000) return "'" + line + "': delay NAME MILLISECONDS, at most 60000";
    modem.set_delay(std::chrono::milliseconds(*delay_ms));
    return "";
  }
  if (words.size() != 2) return "'" + line + "' has too many words";
  if (words[0] == "plug") return modem.plug();
  if (words[0] == "pull")
    modem.pull();
  else if (words[0] == "reset")
    modem.reset();
  else if (words[0] == "lie" || words[0] == "honest")
    modem.set_lying(words[0] == "lie");
  else if (words[0] == "full" || words[0] == "empty")
    modem.set_full(words[0] == "full");
  else
    return "'" + line + "' is no command: " + words[0] + " is not known";
  return "";
}

std::string ModemBench::figures() const {
  std::string out = "{\"now_us\":" + std::to_string(loop_.now().time_since_epoch().count());
  if (const auto last = air_.last_frame_end()) {
    out += ",\"last_frame_end_us\":" + std::to_string(last->time_since_epoch().count());
  }
  out += ",\"total\":{" + json_of(air_.total()) + "},\"modems\":{";
  for (std::size_t n = 0; n < names_.size(); ++n) {
    const ModemNumber number = modems_.at(names_[n])->number();
    out += (n == 0 ? "\"" : ",\"") + names_[n] + "\":{" + json_of(air_.figures(number)) + "}";
  }
  return out + "}}";
}

namespace {

std::optional<ModemBench::Config> parse_air(const std::vector<std::string>& words) {
  ModemBench::Config out;
  if (words.empty() || words[0].empty()) return std::nullopt;
  out.folder = words[0];
  bool bursts = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--bursts") {
      bursts = true;
      continue;
    }
    if (i + 1 == words.size()) return std::nullopt;
    const std::string& option = words[i];
    const std::string& value = words[++i];
    const auto number = whole_number(value);
    if (option == "--modems") {
      for (const std::string& modem : parts_of(value, ',')) out.modems.push_back(parse_modem(modem));
    } else if (option == "--hidden") {
      const auto pair = parts_of(value, ',');
      if (pair.size() != 2 || pair[0] == pair[1]) return std::nullopt;
      out.hidden.emplace_back(pair[0], pair[1]);
    } else if (option == "--loss" && number && *number <= 100) {
      out.losses.per_mille = static_cast<unsigned>(*number * 10);
    } else if (option == "--seed" && number) {
      out.seed = *number;
    } else {
      return std::nullopt;
    }
  }
  if (bursts) out.losses.burst_frames = burst_frames;
  const auto known = [&](const std::string& name) {
    return std::count_if(out.modems.begin(), out.modems.end(), [&](const auto& each) { return each.name == name; }) ==
           1;
  };
  const auto is_good = [&](const ModemBench::Modem& each) {
    return is_name(each.name) && known(each.name) &&
           (udp_port_of(each.kind) || std::find(kinds.begin(), kinds.end(), each.kind) != kinds.end());
  };
  const bool good = !out.modems.empty() && std::all_of(out.modems.begin(), out.modems.end(), is_good) &&
                    std::all_of(out.hidden.begin(), out.hidden.end(),
                                [&](const auto& pair) { return known(pair.first) && known(pair.second); });
  return good ? std::optional(out) : std::nullopt;
}

/// Lines of standard input, as they come.
class Lines final {
 public:
  /// Without waiting. False once the input is at its end.
  bool read() {
    pollfd state{STDIN_FILENO, POLLIN, 0};
    if (::poll(&state, 1, 0) <= 0 || state.revents == 0) return true;
    std::array<char, 1024> text{};
    const ssize_t count = ::read(STDIN_FILENO, text.data(), text.size());
    if (count > 0) held_.append(text.data(), static_cast<std::size_t>(count));
    return count > 0;
  }
  std::optional<std::string> take() {
    const std::size_t end = held_.find('\n');
    if (end == std::string::npos) return std::nullopt;
    std::string out = held_.substr(0, end);
    held_.erase(0, end + 1);
    return out;
  }

 private:
  std::string held_;
};

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

}  // namespace

int run_air_command(const std::vector<std::string>& words) {
  const auto config = parse_air(words);
  if (!config) {
    std::fputs(usage_text.data(), stderr);
    return 2;
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  ::sigprocmask(SIG_BLOCK, &ends, nullptr);
  const int signals = ::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
  ModemBench bench(*config);
  if (const std::string why = bench.start(); signals < 0 || !why.empty()) {
    std::fprintf(stderr, "khuoi-sim: %s\n", why.empty() ? "cannot wait for signals" : why.c_str());
    return 1;
  }
  say("ready");
  Lines lines;
  bool open = true;
  signalfd_siginfo signal{};
  while (::read(signals, &signal, sizeof signal) <= 0) {
    bench.turn(signals, open ? STDIN_FILENO : -1);
    open = open && lines.read();
    while (const auto line = lines.take()) {
      if (*line == "figures")
        say(bench.figures());
      else if (const std::string wrong = bench.command(*line); !wrong.empty())
        std::fprintf(stderr, "khuoi-sim: %s\n", wrong.c_str());
    }
  }
  ::close(signals);
  say(bench.figures());
  return 0;
}

}  // namespace khuoi::sim
