#pragma once

#include <deque>
#include <map>
#include <memory>

#include "radio/modem/modem.h"
#include "sim/air/airtime_log.h"
#include "sim/air/event_loop.h"
#include "sync/base/rng.h"

namespace khuoi::sim {

/// A modem on the air, by the order in which it came.
using ModemNumber = std::size_t;

/// What a modem hears and sends on.
struct Tuning {
  std::uint32_t frequency_hz = 0;
  radio::Modulation modulation;
};

/// Whether a modem tuned to one hears what is sent with the other: the same bandwidth and spreading factor, and
/// frequencies at most a quarter of the bandwidth apart. Source: SX1276 data sheet rev. 7, section 4.1.5.
bool hear_each_other(const Tuning& a, const Tuning& b);

/// Frames that are lost on an otherwise good way, each receiver for itself.
struct Losses {
  unsigned per_mille = 0;
  /// In frames, 1 and above: a frame that is lost begins a row of lost frames, on average so long (Gilbert–Elliott, the
  /// bad state loses all, the good one nothing). Nothing: each frame for itself.
  std::optional<unsigned> burst_frames = {};
};

/// What became of a frame at a modem.
enum class Fate : std::uint8_t {
  away,      ///< another tuning, off, or no way there
  received,  ///< handed up
  lost,      ///< by Losses
  collided,  ///< with another frame
  deaf,      ///< it was sending
  cut,       ///< the sender stopped in the middle
};

/// A frame as it was on the air.
struct AirFrame {
  std::uint64_t number = 0;  ///< from 1
  ModemNumber sender = 0;
  Tuning tuning;
  unsigned preamble_symbols = 0;
  Bytes octets;  ///< all of them, those of the modem's own included
  Instant start{}, end{};
  bool cut = false;
};

/// Who sits behind a modem's antenna. No call comes from within a call to Air, but from its event loop.
class Ear {
 public:
  virtual ~Ear() = default;
  virtual void heard(ByteView octets, const radio::Signal& signal) = 0;
  virtual void carrier_changed() = 0;
  /// The frame that send() began is over.
  virtual void sent() = 0;
};

/// The medium between modems: half duplex, collisions with capture, losses by seed. A concentrator has more than one
/// tuning, and hears frames of different ones at the same time. What it counts is what was on the air, whatever the
/// modems or nodes say. The same seed and the same calls give the same run. Threads: one. Memory: 24 octets a
/// frame.
class Air final {
 public:
  static constexpr int noise_dbm = -117;
  struct Figures {
    std::uint64_t frames = 0;  ///< sent
    Micros airtime{};
    Micros worst_hour{};                                           ///< the most on the air in any hour
    std::uint64_t received = 0, lost = 0, collided = 0, deaf = 0;  ///< of others
  };
  /// Every frame at its end, with its fate at each modem.
  using Hook = std::function<void(const AirFrame& frame, const std::vector<Fate>& fates)>;

  /// Borrows the loop for its life.
  Air(EventLoop& loop, std::uint64_t seed) : loop_(loop), seed_(seed) {}
  Air(const Air&) = delete;
  Air& operator=(const Air&) = delete;

  /// Borrows the ear for the air's life. At first it is off, and every modem reaches it.
  ModemNumber add(Ear& ear);
  /// Nothing: off. What was on its way to it is missed.
  void tune(ModemNumber modem, const std::optional<Tuning>& tuning);
  /// All of them at once; none: off.
  void tune(ModemNumber modem, std::vector<Tuning> tunings);
  /// Both ways, over noise_dbm.
  void set_snr(ModemNumber a, ModemNumber b, int snr_db);
  /// A ridge between them: neither hears the other.
  void hide(ModemNumber a, ModemNumber b) { way(a, b).reaches = way(b, a).reaches = false; }
  /// It is gone.
  void show(ModemNumber a, ModemNumber b) { way(a, b).reaches = way(b, a).reaches = true; }
  /// From now on.
  void set_losses(const Losses& losses);
  void set_hook(Hook hook) { hook_ = std::move(hook); }

  /// At most 255 octets, from a modem that is tuned and not sending; with the first of its tunings.
  void send(ModemNumber modem, Bytes octets, unsigned preamble_symbols);
  /// The same with any tuning.
  void send(ModemNumber modem, Bytes octets, unsigned preamble_symbols, const Tuning& tuning);
  /// In the middle of a frame; sent() is not called.
  void stop_sending(ModemNumber modem);
  [[nodiscard]] bool is_sending(ModemNumber modem) const { return modems_[modem].sending != nullptr; }
  /// Another modem's frame is to be heard there; its first symbols are not enough to tell.
  [[nodiscard]] bool hears_carrier(ModemNumber modem) const;

  [[nodiscard]] std::size_t modems() const { return modems_.size(); }
  [[nodiscard]] Figures figures(ModemNumber modem) const;
  /// How long it was on the air in the time just over.
  [[nodiscard]] Micros airtime_within(ModemNumber modem, Micros last) const;
  /// All of them together; its worst hour is that of the modem that has the longest.
  [[nodiscard]] Figures total() const;
  /// When the last frame ended, or will have ended; nothing before the first.
  [[nodiscard]] std::optional<Instant> last_frame_end() const { return last_end_; }

 private:
  struct Flight {
    AirFrame frame;
    Instant locked_from;  ///< a receiver that hears it whole from here on decodes it
    bool audible = false;
    EventLoop::Ticket audible_at, end_at;
  };
  struct Modem {
    Ear* ear = nullptr;
    std::vector<Tuning> tunings;
    Instant tuned_at{};
    Flight* sending = nullptr;
    AirtimeLog log;
    Figures figures;
  };
  struct Way {
    bool reaches = true;
    int snr_db = 8;
    bool bad = false;  ///< the state of Gilbert–Elliott
    bool drawn = false;
  };

  Way& way(ModemNumber from, ModemNumber to) { return ways_[{from, to}]; }
  [[nodiscard]] const Way& way(ModemNumber from, ModemNumber to) const;
  [[nodiscard]] bool reaches(const AirFrame& frame, ModemNumber to) const;
  [[nodiscard]] Fate fate(const Flight& flight, ModemNumber receiver);
  [[nodiscard]] bool collides(const Flight& flight, ModemNumber receiver) const;
  [[nodiscard]] bool was_sending(ModemNumber modem, Instant from, Instant to) const;
  bool is_lost(const AirFrame& frame, ModemNumber receiver);
  void end(Flight& flight);
  void tell_carrier(const AirFrame& frame);
  void forget_old();

  EventLoop& loop_;
  std::uint64_t seed_;
  Losses losses_;
  Hook hook_;
  std::vector<Modem> modems_;
  std::map<std::pair<ModemNumber, ModemNumber>, Way> ways_;
  std::deque<std::unique_ptr<Flight>> flights_;  ///< those on the air, and those that overlap one of them
  std::uint64_t last_number_ = 0;
  std::optional<Instant> last_end_;
};

}  // namespace khuoi::sim
