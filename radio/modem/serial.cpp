#include "radio/modem/serial.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/serial_port.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>

#include "radio/modem/serial_device.h"
#include "sync/base/check.h"

namespace khuoi::radio {

namespace asio = boost::asio;

namespace {

constexpr std::size_t read_octets = 1024;
constexpr Micros last_words = std::chrono::milliseconds(500);  // for what a modem that is given up is still told

Instant now() {
  return Instant(std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now().time_since_epoch()));
}

}  // namespace

class SerialModem::Impl final : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, std::string device, std::unique_ptr<CableModem> modem, const Pauses& pauses)
      : io_(io),
        device_(std::move(device)),
        pauses_(pauses),
        pause_(pauses.first),
        modem_(std::move(modem)),
        timer_(io) {}

  void start(Hooks hooks) {
    KHUOI_CHECK(!started_);
    started_ = true;
    hooks_ = std::move(hooks);
    asio::post(io_, [self = shared_from_this()] { self->open(); });
  }

  void stop() {
    if (std::exchange(stopped_, true)) return;
    timer_.cancel();
    if (!port_) return;
    modem_->leave();
    // A frame that is half written ends at the first C0 of this.
    const Bytes goodbye = modem_->poll_transmit();
    [[maybe_unused]] const auto written = ::write(port_->native_handle(), goodbye.data(), goodbye.size());
    close();
  }

  [[nodiscard]] State state() const {
    if (modem_->up()) return {true, {}};
    if (!why_.empty()) return {false, why_};
    return {false, modem_->why().empty() ? std::string() : device_ + ": " + modem_->why()};
  }
  [[nodiscard]] bool free() const { return modem_->free(); }
  [[nodiscard]] const CableModem& modem() const { return *modem_; }

  void send(ByteView frame, const Channel& channel) {
    KHUOI_CHECK(channel == modem_->channel());
    modem_->send(frame, now());
    settle();
  }
  void listen(unsigned spreading_factor) {
    modem_->listen(spreading_factor, now());
    settle();
  }

 private:
  void open() {
    if (stopped_ || port_) return;
    auto descriptor = open_serial(device_);
    if (!descriptor) return try_later(descriptor.error().what);
    port_.emplace(io_);
    boost::system::error_code failed;
    port_->assign(*descriptor, failed);
    if (failed) {
      ::close(*descriptor);
      port_.reset();
      return try_later(device_ + " cannot be read (" + failed.message() + "): name another device");
    }
    why_.clear();
    ++opened_;
    unwritten_.clear();
    writing_ = false;
    modem_->opened(now());
    read();
    settle();
  }

  void close() {
    if (!port_) return;
    leave_serial(port_->native_handle());
    boost::system::error_code ignored;
    port_->close(ignored);
    port_.reset();
    modem_->closed();
  }

  /// The port is closed; it is opened again after a pause.
  void try_later(std::string why) {
    why_ = std::move(why);
    retry_at_ = now() + pause_;
    pause_ = std::min(2 * pause_, pauses_.most);
    tell();
    arm(retry_at_);
  }

  void give_up_port(std::string why) {
    close();
    try_later(std::move(why));
  }

  void lost() { give_up_port(device_ + " was pulled out, or its modem restarts: put the modem's cable in again"); }

  void read() {
    port_->async_read_some(asio::buffer(read_), [self = shared_from_this(), which = opened_](
                                                    const boost::system::error_code& failed, std::size_t octets) {
      if (self->stopped_ || !self->port_ || which != self->opened_) return;
      if (failed) return self->lost();
      self->modem_->on_octets(ByteView(self->read_).first(octets), now());
      self->read();
      self->settle();
    });
  }

  void write() {
    if (writing_ || unwritten_.empty()) return;
    writing_ = true;
    // The octets belong to the handler: a port that is opened anew has others.
    const auto octets = std::make_shared<const Bytes>(std::exchange(unwritten_, {}));
    asio::async_write(
        *port_, asio::buffer(*octets),
        [self = shared_from_this(), which = opened_, octets](const boost::system::error_code& failed, std::size_t) {
          if (which != self->opened_) return;
          self->writing_ = false;
          if (self->stopped_ || !self->port_) return;
          if (failed) return self->lost();
          self->settle();
        });
  }

  /// After every call of modem_->
  void settle() {
    if (settling_) return;  // a hook called send(); the loop below goes on
    settling_ = true;
    while (auto frame = modem_->poll_frame()) {
      if (hooks_.on_frame) hooks_.on_frame(frame->octets, frame->signal);
      if (stopped_) break;
    }
    settling_ = false;
    if (stopped_) return;
    append(unwritten_, modem_->poll_transmit());
    write();
    if (modem_->poll_changed()) tell();
    if (modem_->up()) pause_ = pauses_.first;
    if (!modem_->failed()) {
      if (const auto next = modem_->next_deadline()) arm(*next);
    } else if (!writing_) {
      give_up_port(device_ + ": " + modem_->why());
    } else {
      arm(now() + last_words);
    }
  }

  void arm(Instant at) {
    timer_.expires_at(std::chrono::steady_clock::time_point(at.time_since_epoch()));
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (!cancelled && !self->stopped_) self->on_timer();
    });
  }

  void on_timer() {
    if (!port_) {
      if (now() >= retry_at_) open();
    } else if (modem_->failed()) {
      give_up_port(device_ + ": " + modem_->why());
    } else {
      modem_->on_timer(now());
      settle();
    }
  }

  void tell() {
    if (std::exchange(telling_, true)) return;
    asio::post(io_, [self = shared_from_this()] {
      self->telling_ = false;
      if (!self->stopped_ && self->hooks_.on_change) self->hooks_.on_change();
    });
  }

  asio::io_context& io_;
  std::string device_;
  Pauses pauses_;
  Micros pause_;
  Hooks hooks_;
  std::unique_ptr<CableModem> modem_;
  asio::steady_timer timer_;
  std::optional<asio::serial_port> port_;
  std::uint64_t opened_ = 0;  ///< tells handlers of one opening from those of the next
  std::string why_;           ///< why the port is closed
  Instant retry_at_{};
  std::array<std::uint8_t, read_octets> read_{};
  Bytes unwritten_;
  bool writing_ = false, settling_ = false, telling_ = false, started_ = false, stopped_ = false;
};

SerialModem::SerialModem(asio::io_context& io, std::string device, std::unique_ptr<CableModem> modem,
                         const Pauses& pauses)
    : impl_(std::make_shared<Impl>(io, std::move(device), std::move(modem), pauses)) {}
SerialModem::~SerialModem() { impl_->stop(); }

void SerialModem::start(Hooks hooks) { impl_->start(std::move(hooks)); }
void SerialModem::stop() { impl_->stop(); }
Modem::State SerialModem::state() const { return impl_->state(); }
bool SerialModem::free() const { return impl_->free(); }
Channel SerialModem::base() const { return impl_->modem().base(); }
void SerialModem::listen(unsigned spreading_factor) { impl_->listen(spreading_factor); }
void SerialModem::send(ByteView frame, const Channel& channel) { impl_->send(frame, channel); }
std::size_t SerialModem::frame_octets_max() const { return impl_->modem().frame_octets_max(); }
Micros SerialModem::airtime(std::size_t octets, unsigned spreading_factor) const {
  return impl_->modem().airtime(octets, spreading_factor);
}

}  // namespace khuoi::radio
