#pragma once

#include <deque>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include "node/links/fiber/fiber.h"
#include "node/links/fiber/framing.h"
#include "node/links/fiber/tls_identity.h"
#include "sync/contact/session.h"

namespace khuoi::node {

/// One TLS connection and the session over it. The coroutines run on one io_context; the session itself is touched only
/// by jobs of the engine, one at a time, each with what has come since the last: what the session says goes onto the
/// wire after that job's commit.
/// Shared by the coroutine that runs it and by the job under way.
class FiberConnection final : public std::enable_shared_from_this<FiberConnection> {
 public:
  struct Config {
    bool dials = false;
    bool offers_grant = false;
    bool once = false;  ///< ends cleanly when both sides have nothing more to say
    LinkLimits limits;
  };
  struct Hooks {
    std::function<void(FiberConnection&)> believed;                 ///< the peer's hello was believed
    std::function<void(const sync::Counts&)> progress;
  };
  struct Outcome {
    bool heard_hello = false;  ///< the peer said something, at least
    bool believed = false;
    bool finished = false;     ///< both sides had nothing more to say
    NodeId peer;
    sync::Counts counts;
    std::chrono::milliseconds lasted{};
    Error why;                 ///< how it ended; of a clean end, who ended it
  };

  /// The socket is connected. Borrows the engine for its life.
  FiberConnection(Engine& engine, std::shared_ptr<TlsContext> tls, boost::asio::ip::tcp::socket socket,
                  const Config& config, Hooks hooks);

  /// From the handshake to the end, when no job of this link is left in the engine. Once.
  boost::asio::awaitable<Outcome> run();
  /// Ends it with a word of TLS to the other side, after what is queued.
  void close();
  /// Ends it now.
  void stop(Error why);
  void on_local_change();
  [[nodiscard]] bool believed() const { return believed_; }
  [[nodiscard]] const NodeId& peer() const { return peer_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Timer = boost::asio::steady_timer;
  struct Conversation;
  struct JobState;

  boost::asio::awaitable<void> converse();
  boost::asio::awaitable<void> read_loop();
  boost::asio::awaitable<bool> take_in(ByteView octets);
  boost::asio::awaitable<void> write_loop();
  boost::asio::awaitable<void> write_queue();
  boost::asio::awaitable<void> say_goodbye();
  boost::asio::awaitable<void> watch();
  boost::asio::awaitable<void> finish_jobs();
  boost::asio::awaitable<void> wake_of(Timer& timer);

  void pump();
  bool gathers();
  void post_job(std::size_t room);
  void on_job_done(JobState& job, const Result<void>& done);
  void end_if_finished();
  void adapt_window(std::size_t octets, Clock::duration took);
  void wake_all();
  void touch() { progress_at_ = Clock::now(); }
  [[nodiscard]] bool under_way() const;
  [[nodiscard]] std::pair<Clock::time_point, const char*> deadline() const;
  [[nodiscard]] std::size_t queued() const { return queue_.size() + writing_.size() - written_; }
  [[nodiscard]] sync::Counts counts() const;

  Engine& engine_;
  std::shared_ptr<TlsContext> tls_;
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  Config config_;
  Hooks hooks_;
  std::shared_ptr<Conversation> conversation_;  ///< shared with the job under way
  NodeId peer_;

  enum class Phase : std::uint8_t { handshake, hello, open, farewell, over } phase_ = Phase::handshake;
  Clock::time_point began_ = Clock::now();
  Clock::time_point phase_at_ = began_;
  Clock::time_point progress_at_ = began_;
  Error why_;
  bool closing_ = false;   ///< say goodbye once the queue is empty
  bool refused_ = false;   ///< what came may not be used: the peer is not believed, or sent rubbish
  bool heard_hello_ = false;
  bool believed_ = false;
  bool finished_ = false;

  FrameReader frames_;
  std::deque<sync::ReceivedMessage> inbox_;  ///< taken from the front, however many tiny ones wait
  std::size_t inbox_octets_ = 0;
  std::size_t job_octets_ = 0;
  bool job_running_ = false;
  Clock::time_point gather_until_ = began_;  ///< more is awaited before the next job
  bool gathering_ = false;
  bool more_ = false;      ///< the session may have more to say
  bool changed_ = false;   ///< something was written here
  sync::Counts session_counts_;
  std::uint64_t octets_in_ = 0;
  std::uint64_t octets_out_ = 0;

  Bytes queue_;            ///< framed, next to be written
  Bytes writing_;
  std::size_t written_ = 0;
  std::size_t window_;     ///< how much may be queued: about what the link takes in a second

  Timer reader_wake_;
  Timer writer_wake_;
  Timer gather_wake_;
  Timer watch_wake_;
};

}  // namespace khuoi::node
