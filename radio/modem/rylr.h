#pragma once

#include <deque>
#include <optional>
#include <string>

#include "radio/modem/cable.h"
#include "radio/modem/rylr_lines.h"
#include "sync/base/result.h"
#include "sync/base/rng.h"

namespace khuoi::radio {

/// The two families of AT modems. They do not hear each other.
enum class RylrModel : std::uint8_t {
  rylr896,  ///< SX1276: SF7 to 12, 62.5 to 500 kHz, up to 15 dBm
  rylr998,  ///< LLCC68: SF7 to 9 at 125 kHz, to 10 at 250, to 11 at 500; up to 22 dBm
};

/// How long an AT modem is on the air for a frame of so many octets (at most 192): as characters, with 8 octets of the
/// modem's own and a preamble of 12 symbols (an RYLR896 has 7).
Micros rylr_airtime(const Modulation& modulation, std::size_t octets);

/// How long the driver waits at most before it gives a frame to the modem. An AT modem does not listen before it talks,
/// so that each waits a random time, of the same slots as an RNode's.
Micros rylr_wait_max(const Modulation& modulation);

/// Errors: usage, with what a modem of this family, or of any, can be set to.
Result<void> check_rylr_can(const ModemSettings& settings, std::optional<RylrModel> model = {});

/// What is known of an AT modem.
struct RylrFigures {
  std::string version;          ///< "RYLR998_REYAX_V1.2.3"
  std::uint64_t sent = 0;       ///< frames handed over
  std::uint64_t received = 0;   ///< frames handed up
  std::uint64_t foreign = 0;    ///< heard and left out: no text of ours
  std::uint64_t damaged = 0;    ///< the modem said that what it heard was damaged
  std::uint64_t busy = 0;       ///< it was still sending, and the frame was given to it again later
  std::uint64_t lost = 0;       ///< it said that it could not send one
  std::uint64_t resets = 0;     ///< it started anew, or had lost its settings
  std::uint64_t malformed = 0;  ///< lines that do not decode
  std::optional<unsigned> last_error;
};

/// One RYLR896 or RYLR998 over octets and time. What differs from what is wanted is set, the rest is left alone: each
/// setting is written to a memory that bears some 10^5 changes, listen() too. Memory: the frames of one on_octets() and
/// a few hundred octets.
class Rylr final : public CableModem {
 public:
  /// Borrows `rng` for its life.
  Rylr(const ModemSettings& settings, Rng& rng)
      : config_(settings), settings_(settings), asked_for_(settings.modulation.spreading_factor), rng_(rng) {}

  void opened(Instant now) override;
  void closed() override;
  void on_octets(ByteView octets, Instant now) override;
  void on_timer(Instant now) override;
  void send(ByteView frame, Instant now) override;
  void listen(unsigned spreading_factor, Instant now) override;
  /// Nothing: it has no radio to turn off.
  void leave() override { out_.clear(); }

  Bytes poll_transmit() override;
  std::optional<HeardFrame> poll_frame() override;
  bool poll_changed() override;
  [[nodiscard]] std::optional<Instant> next_deadline() const override;

  [[nodiscard]] bool up() const override { return phase_ == Phase::up; }
  [[nodiscard]] bool failed() const override { return phase_ == Phase::failed; }
  [[nodiscard]] bool free() const override { return up() && frame_.empty() && !switching(); }
  [[nodiscard]] const std::string& why() const override { return why_; }
  [[nodiscard]] Channel channel() const override {
    return {settings_.frequency_hz, settings_.modulation.spreading_factor};
  }
  [[nodiscard]] Channel base() const override { return {config_.frequency_hz, config_.modulation.spreading_factor}; }
  [[nodiscard]] std::size_t frame_octets_max() const override { return rylr_frame_octets_max; }
  [[nodiscard]] Micros airtime(std::size_t octets, unsigned spreading_factor) const override;
  [[nodiscard]] const RylrFigures& figures() const { return figures_; }

 private:
  /// finding: does it answer AT; naming: which one is it; setting: each value is read, set where it differs, and read
  /// back.
  enum class Phase : std::uint8_t { closed, finding, naming, setting, up, failed };
  enum class Step : std::uint8_t { none, read, write, read_back, check };
  struct Item {
    std::string name, value;
  };

  void take(RylrSaid&& said, Instant now);
  void take_heard(RylrSaid&& said, Instant now);
  void take_error(unsigned number, Instant now);
  void on_busy(Instant now);
  void take_version(const std::string& version, Instant now);
  void take_value(const std::string& value, Instant now);

  void begin(Phase phase, Instant now);
  void begin_item(std::size_t number, Step step, Instant now);
  void end_item(Instant now);
  void next_question(Instant now);
  void ask(Instant now);
  void restart(Phase phase, std::string why, Instant now);
  void fail_with(std::string why, bool reset);
  void on_silence(Instant now);
  [[nodiscard]] Item item(std::size_t number) const;

  void wait_for_turn(Instant now);
  void hand_over(Instant now);
  void on_sent(Instant now);
  void on_send_timer(Instant now);
  void drop_frame(Instant now);
  void put(std::string_view line);
  [[nodiscard]] bool switching() const { return settings_.modulation.spreading_factor != asked_for_; }

  ModemSettings config_;
  ModemSettings settings_;  ///< those of config_ but for the spreading factor, which listen() changes
  unsigned asked_for_;      ///< the spreading factor that listen() named last
  Rng& rng_;
  Phase phase_ = Phase::closed;
  std::string why_;
  bool changed_ = false;
  RylrFigures figures_;
  std::optional<RylrModel> model_;
  RylrReader reader_;
  Instant heard_at_{};  ///< the last octet
  Bytes out_;
  std::deque<HeardFrame> heard_;

  Step step_ = Step::none;  ///< of the value that is asked for or set
  std::size_t item_ = 0;
  unsigned target_ = 0;               ///< the spreading factor that goes with it
  std::optional<Instant> answer_by_;  ///< a question is out
  Instant ask_at_{};                  ///< when the next one is put
  unsigned silences_ = 0;             ///< questions without an answer, in a row
  std::size_t checked_ = 0;           ///< which value is looked at next while up
  std::deque<Instant> restarts_;

  std::string frame_;  ///< the command with the frame that was handed over; empty: none
  Micros airtime_{};
  Instant turn_at_{};               ///< when it is given to the modem
  std::optional<Instant> gone_at_;  ///< the modem has it: when it must have left
  bool taken_ = false;              ///< the modem said +OK
  std::optional<Instant> busy_since_;
};

}  // namespace khuoi::radio
