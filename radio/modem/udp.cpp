#include "radio/modem/udp.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <utility>

#include "sync/base/check.h"

namespace khuoi::radio {

namespace asio = boost::asio;
using asio::ip::udp;

namespace {

constexpr std::size_t datagram_octets_max = 65'536;
constexpr std::chrono::seconds address_again{10};
constexpr Micros soonest = std::chrono::milliseconds(1);

Instant udp_now() {
  return Instant(std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now().time_since_epoch()));
}

UdpPeer peer_of(const udp::endpoint& from) {
  const asio::ip::address address = from.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return {asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string(), from.port()};
  }
  return {address.to_string(), from.port()};
}

}  // namespace

class UdpModem::Impl final : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, UdpPeer local, const ForwarderConfig& config, Rng& rng)
      : io_(io), local_(std::move(local)), forwarder_(config, rng), socket_(io), timer_(io) {}

  void start(Hooks hooks) {
    KHUOI_CHECK(!started_);
    started_ = true;
    hooks_ = std::move(hooks);
    asio::post(io_, [self = shared_from_this()] { self->open(); });
  }

  void stop() {
    if (std::exchange(stopped_, true)) return;
    timer_.cancel();
    boost::system::error_code ignored;
    socket_.close(ignored);
    forwarder_.closed();
  }

  [[nodiscard]] State state() const {
    if (forwarder_.up()) return {true, {}};
    return {false, why_.empty() ? forwarder_.why() : why_};
  }
  [[nodiscard]] const Forwarder& forwarder() const { return forwarder_; }
  [[nodiscard]] std::uint16_t port() const {
    boost::system::error_code failed;
    const auto here = socket_.local_endpoint(failed);
    return failed ? std::uint16_t{0} : here.port();
  }

  void send(ByteView frame, const Channel& channel) {
    forwarder_.send(frame, channel, udp_now());
    settle();
  }

 private:
  void open() {
    if (stopped_) return;
    boost::system::error_code failed;
    const auto address = asio::ip::make_address(local_.address, failed);
    const udp::endpoint here(address, local_.port);
    if (!failed) socket_.open(here.protocol(), failed);
    if (!failed) socket_.bind(here, failed);
    if (!failed) socket_.non_blocking(true, failed);
    if (failed) {
      boost::system::error_code ignored;
      socket_.close(ignored);
      why_ = local_.address + ":" + std::to_string(local_.port) + " cannot be taken (" + failed.message() +
             "): stop the program that has it, or name an address of this machine and a free port";
      tell();
      timer_.expires_after(address_again);
      timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
        if (!cancelled && !self->stopped_) self->open();
      });
      return;
    }
    why_.clear();
    forwarder_.opened(udp_now());
    receive();
    settle();
  }

  void receive() {
    socket_.async_receive_from(
        asio::buffer(read_), from_,
        [self = shared_from_this()](const boost::system::error_code& failed, std::size_t octets) {
          if (self->stopped_) return;
          // An error here tells of a datagram of ours that nobody took, and of nothing else.
          if (!failed) {
            self->forwarder_.on_datagram(peer_of(self->from_), ByteView(self->read_).first(octets), udp_now());
          }
          self->receive();
          self->settle();
        });
  }

  /// After every call of forwarder_.
  void settle() {
    if (settling_) return;  // a hook called send(); the loop below goes on
    settling_ = true;
    while (auto frame = forwarder_.poll_frame()) {
      if (hooks_.on_frame) hooks_.on_frame(frame->octets, frame->signal);
      if (stopped_) break;
    }
    settling_ = false;
    if (stopped_) return;
    while (const auto datagram = forwarder_.poll_transmit()) {
      boost::system::error_code ignored;  // as lost on the way: whoever waits for an answer asks again
      const auto address = asio::ip::make_address(datagram->to.address, ignored);
      if (!ignored) {
        socket_.send_to(asio::buffer(datagram->octets), udp::endpoint(address, datagram->to.port), 0, ignored);
      }
    }
    if (forwarder_.poll_changed()) tell();
    const auto next = forwarder_.next_deadline();
    if (!next) return;
    timer_.expires_at(std::chrono::steady_clock::time_point(std::max(*next, udp_now() + soonest).time_since_epoch()));
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (cancelled || self->stopped_) return;
      self->forwarder_.on_timer(udp_now());
      self->settle();
    });
  }

  void tell() {
    if (std::exchange(telling_, true)) return;
    asio::post(io_, [self = shared_from_this()] {
      self->telling_ = false;
      if (!self->stopped_ && self->hooks_.on_change) self->hooks_.on_change();
    });
  }

  asio::io_context& io_;
  UdpPeer local_;
  Hooks hooks_;
  Forwarder forwarder_;
  udp::socket socket_;
  asio::steady_timer timer_;
  std::string why_;  ///< why there is no socket
  udp::endpoint from_;
  std::array<std::uint8_t, datagram_octets_max> read_{};
  bool settling_ = false, telling_ = false, started_ = false, stopped_ = false;
};

UdpModem::UdpModem(asio::io_context& io, UdpPeer local, const ForwarderConfig& config, Rng& rng)
    : impl_(std::make_shared<Impl>(io, std::move(local), config, rng)) {}
UdpModem::~UdpModem() { impl_->stop(); }

void UdpModem::start(Hooks hooks) { impl_->start(std::move(hooks)); }
void UdpModem::stop() { impl_->stop(); }
Modem::State UdpModem::state() const { return impl_->state(); }
Channel UdpModem::base() const { return impl_->forwarder().base(); }
bool UdpModem::free() const { return impl_->forwarder().free(); }
void UdpModem::send(ByteView frame, const Channel& channel) { impl_->send(frame, channel); }
Micros UdpModem::airtime(std::size_t octets, unsigned spreading_factor) const {
  return impl_->forwarder().airtime(octets, spreading_factor);
}
std::uint16_t UdpModem::port() const { return impl_->port(); }
const ForwarderFigures& UdpModem::figures() const { return impl_->forwarder().figures(); }

}  // namespace khuoi::radio
