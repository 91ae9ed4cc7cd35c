#pragma once

#include <iosfwd>
#include <map>
#include <memory>

#include "sim/air/bench_modem.h"

namespace khuoi::sim {

/// Modems in one air and in real time, on ptys: where real programs meet. Threads: one.
class ModemBench final {
 public:
  struct Modem {
    std::string name;
    std::string kind = "rnode";  ///< or "rylr896", "rylr998", "udp:PORT": a packet forwarder that sends there
  };
  struct Config {
    std::string folder;  ///< of the symlinks, one a modem; it exists
    std::vector<Modem> modems;
    Losses losses;
    std::vector<std::pair<std::string, std::string>> hidden;  ///< from each other
    std::uint64_t seed = 1;
  };
  explicit ModemBench(const Config& config);

  /// Returns why not, or an empty text.
  std::string start();
  /// Waits at most 20 ms for octets of hosts or for one of these descriptors (-1: none), and does what is due.
  void turn(int other = -1, int another = -1);
  /// `reset|pull|plug|lie|honest|full|empty NAME`, `delay NAME MS`. Returns what is wrong with it, or an empty text.
  std::string command(const std::string& line);
  /// One line of JSON; times in microseconds since the start.
  [[nodiscard]] std::string figures() const;
  [[nodiscard]] const Air& air() const { return air_; }

 private:
  [[nodiscard]] Instant real_now() const;

  std::vector<std::string> names_;
  std::int64_t began_us_;
  EventLoop loop_;
  Air air_;
  std::map<std::string, std::unique_ptr<BenchModem>> modems_;
};

/// `khuoi-sim --air FOLDER --modems A[=KIND],B[=KIND]... [--loss PERCENT] [--bursts] [--hidden A,B]... [--seed N]`, the
/// words behind `--air`. Says `ready` once the symlinks are there, takes commands from standard input, and prints the
/// figures on the line `figures` and at its end, which SIGTERM or SIGINT brings. Returns the exit code; 2 for a wrong
/// command line.
int run_air_command(const std::vector<std::string>& words);

}  // namespace khuoi::sim
