#include "node/links/fiber/fiber_connection.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include "node/links/completion.h"
#include "node/links/fiber/fiber_job.h"
#include "node/links/fiber/line_options.h"
#include "sync/base/check.h"

namespace khuoi::node {

namespace asio = boost::asio;

namespace {

/// What the engine may be given by one link at a time, and what waits for it. Reading stops beyond.
constexpr std::size_t inflight_octets_max = std::size_t{8} << 20U;
/// After a job of a window or more the next waits for so much, or so long: a commit costs the same, whatever it holds.
constexpr std::size_t gathered_octets = std::size_t{4} << 20U;
constexpr std::chrono::milliseconds gathering_max{10};
/// What a message costs besides its octets, so that tiny ones are bounded too.
constexpr std::size_t message_cost = sizeof(sync::ReceivedMessage);
/// One TLS record.
constexpr std::size_t read_octets = 16 * 1024;
constexpr std::size_t window_min = 32 * 1024;
constexpr std::size_t window_max = std::size_t{1} << 20U;
constexpr std::size_t window_first = 64 * 1024;

}  // namespace

FiberConnection::FiberConnection(Engine& engine, std::shared_ptr<TlsContext> tls, asio::ip::tcp::socket socket,
                                 const Config& config, Hooks hooks)
    : engine_(engine),
      tls_(std::move(tls)),
      stream_(std::move(socket), SSL_new(tls_->native())),
      config_(config),
      hooks_(std::move(hooks)),
      frames_(sync::hello_octets_max),
      window_(window_first),
      reader_wake_(stream_.get_executor()),
      writer_wake_(stream_.get_executor()),
      gather_wake_(stream_.get_executor()),
      watch_wake_(stream_.get_executor()) {}

asio::awaitable<FiberConnection::Outcome> FiberConnection::run() {
  const auto self = shared_from_this();
  set_line_options(stream_.next_layer().native_handle());
  using namespace asio::experimental::awaitable_operators;
  co_await (converse() && watch());
  co_await finish_jobs();
  hooks_ = {};
  Outcome out;
  out.why = why_;
  out.heard_hello = heard_hello_;
  out.believed = believed_;
  out.finished = finished_;
  out.peer = peer_;
  out.counts = counts();
  out.lasted = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began_);
  co_return out;
}

asio::awaitable<void> FiberConnection::converse() {
  const auto side = config_.dials ? asio::ssl::stream_base::client : asio::ssl::stream_base::server;
  const auto [failed] = co_await stream_.async_handshake(side, completion);
  if (failed) {
    const bool wrong_key = config_.dials && SSL_get_verify_result(stream_.native_handle()) != X509_V_OK;
    stop(wrong_key ? fail(Errc::unauthenticated, "who answered there is not the commune of this node: its key is another")
                   : fail(Errc::closed, "the TLS handshake failed (" + failed.message() + ")"));
    co_return;
  }
  const Result<sync::SignPublic> key = peer_key(stream_.native_handle());
  if (!key) {
    stop(key.error());
    co_return;
  }
  if (phase_ == Phase::over) co_return;
  peer_ = sync::node_id_of(*key);
  conversation_ = std::make_shared<Conversation>();
  conversation_->config.dials = config_.dials;
  conversation_->config.offers_grant = config_.offers_grant;
  conversation_->peer_key = *key;
  phase_ = Phase::hello;
  phase_at_ = Clock::now();
  more_ = config_.dials;
  watch_wake_.cancel();
  pump();
  using namespace asio::experimental::awaitable_operators;
  co_await (read_loop() && write_loop());
}

// ---- the three loops ------------------------------------------------------------------------------------------------

/// A timer that nobody sets serves as a bell: whoever waits looks at the state again when it is cancelled.
asio::awaitable<void> FiberConnection::wake_of(Timer& timer) {
  timer.expires_at(Timer::time_point::max());
  co_await timer.async_wait(completion);
}

void FiberConnection::wake_all() {
  reader_wake_.cancel();
  writer_wake_.cancel();
  watch_wake_.cancel();
}

asio::awaitable<void> FiberConnection::read_loop() {
  Bytes buffer(read_octets);
  while (phase_ != Phase::over) {
    if (inbox_octets_ + job_octets_ > inflight_octets_max) {
      co_await wake_of(reader_wake_);
      continue;
    }
    const auto [failed, octets] = co_await stream_.async_read_some(asio::buffer(buffer), completion);
    if (failed) {
      const bool ended = failed == asio::error::eof || failed == asio::ssl::error::stream_truncated;
      stop(fail(Errc::closed, ended ? "the other side ended the connection"
                                    : "the connection broke (" + failed.message() + ")"));
      co_return;
    }
    touch();
    octets_in_ += octets;
    const bool goes_on = co_await take_in(ByteView(buffer).first(octets));
    if (!goes_on) co_return;
  }
}

/// False when the link is over. Until the peer is believed, it may send one small message and no more.
asio::awaitable<bool> FiberConnection::take_in(ByteView octets) {
  while (!octets.empty()) {
    Result<std::optional<Bytes>> message = frames_.take(octets);
    if (!message) {
      refused_ = true;
      stop(message.error());
      co_return false;
    }
    if (!*message) break;
    inbox_octets_ += (*message)->size() + message_cost;
    inbox_.emplace_back(**message);
    heard_hello_ = true;
    pump();
    while (!believed_ && phase_ != Phase::over) co_await wake_of(reader_wake_);
    if (phase_ == Phase::over) co_return false;
    frames_.set_octets_max(sync::frame_octets_max);
  }
  co_return true;
}

asio::awaitable<void> FiberConnection::write_loop() {
  while (phase_ != Phase::over) {
    end_if_finished();
    if (!queue_.empty()) {
      co_await write_queue();
    } else if (closing_) {
      co_await say_goodbye();
    } else {
      co_await wake_of(writer_wake_);
    }
  }
}

/// Waits for the other side's goodbye, so that closing cannot destroy octets that are still under way to it.
asio::awaitable<void> FiberConnection::say_goodbye() {
  phase_ = Phase::farewell;
  phase_at_ = Clock::now();
  watch_wake_.cancel();
  const auto [failed] = co_await stream_.async_shutdown(completion);
  stop(fail(Errc::closed, failed ? "this side ended the connection (" + failed.message() + ")"
                                 : "this side ended the connection"));
}

asio::awaitable<void> FiberConnection::write_queue() {
  writing_.clear();
  written_ = 0;
  writing_.swap(queue_);
  const auto began = Clock::now();
  while (written_ < writing_.size()) {
    const ByteView left = ByteView(writing_).subspan(written_);
    const auto [failed, octets] = co_await stream_.async_write_some(asio::buffer(left.data(), left.size()), completion);
    if (failed) {
      stop(fail(Errc::closed, "the connection broke (" + failed.message() + ")"));
      co_return;
    }
    touch();
    written_ += octets;
    octets_out_ += octets;
    pump();
  }
  adapt_window(writing_.size(), Clock::now() - began);
  writing_.clear();
  written_ = 0;
  pump();
}

/// Twice as much when the link took it at once, half when it took more than a second.
void FiberConnection::adapt_window(std::size_t octets, Clock::duration took) {
  if (took > std::chrono::seconds(1)) {
    window_ = std::max(window_ / 2, window_min);
  } else if (took < std::chrono::milliseconds(100) && octets >= window_ / 2) {
    window_ = std::min(window_ * 2, window_max);
  }
}

asio::awaitable<void> FiberConnection::watch() {
  while (phase_ != Phase::over) {
    const auto [at, why] = deadline();
    if (Clock::now() >= at) {
      stop(fail(Errc::closed, why));
      co_return;
    }
    watch_wake_.expires_at(at);
    co_await watch_wake_.async_wait(completion);
  }
}

/// The engine's own slowness is not the peer's fault: while a job runs, only the line is watched. Who dials also knows
/// whether it still waits for an answer; a listener that has nothing to say cannot.
bool FiberConnection::under_way() const {
  return queued() > 0 || (!job_running_ && (frames_.in_frame() || (config_.dials && !finished_)));
}

std::pair<FiberConnection::Clock::time_point, const char*> FiberConnection::deadline() const {
  const LinkLimits& limits = config_.limits;
  switch (phase_) {
    case Phase::handshake:
      return {phase_at_ + (config_.dials ? limits.connect : limits.handshake), "the TLS handshake took too long"};
    case Phase::hello:
      if (job_running_) break;
      return {phase_at_ + (config_.dials ? limits.answer : limits.hello), "the other side did not say hello in time"};
    case Phase::farewell: return {phase_at_ + limits.farewell, "the other side did not say goodbye"};
    case Phase::open:
    case Phase::over: break;
  }
  return {(under_way() ? progress_at_ : Clock::now()) + limits.stall, "the other side has stalled"};
}

void FiberConnection::stop(Error why) {
  if (phase_ == Phase::over) return;
  phase_ = Phase::over;
  why_ = std::move(why);
  boost::system::error_code ignored;
  stream_.next_layer().close(ignored);
  wake_all();
}

void FiberConnection::close() {
  if (phase_ == Phase::handshake || phase_ == Phase::hello) return stop(fail(Errc::closed, "this node is stopping"));
  closing_ = true;
  writer_wake_.cancel();
}

// ---- the session, by jobs of the engine -----------------------------------------------------------------------------

void FiberConnection::on_local_change() {
  changed_ = true;
  if (believed_) pump();
}

/// Gives the engine what there is to do, if it has nothing of this link already.
void FiberConnection::pump() {
  if (job_running_ || phase_ == Phase::over) return;
  const bool has_room = queued() <= window_ / 2;
  const bool to_say = !closing_ && (more_ || (changed_ && believed_));
  if (!to_say && !inbox_.empty() && gathers()) return;
  if (!inbox_.empty() || (to_say && has_room)) post_job(has_room && !closing_ ? window_ - queued() : 0);
}

/// Whether the next job waits for more; then this is asked again in time.
bool FiberConnection::gathers() {
  const bool enough = inbox_octets_ >= gathered_octets || messages_of_job(inbox_) < inbox_.size();
  if (enough || Clock::now() >= gather_until_) return false;
  if (!std::exchange(gathering_, true)) {
    gather_wake_.expires_at(gather_until_);
    gather_wake_.async_wait([self = shared_from_this()](const auto&) {
      self->gathering_ = false;
      self->pump();
    });
  }
  return true;
}

void FiberConnection::post_job(std::size_t room) {
  const auto job = std::make_shared<JobState>();
  const std::size_t messages = messages_of_job(inbox_);
  job->messages.assign(std::make_move_iterator(inbox_.begin()),
                       std::make_move_iterator(inbox_.begin() + static_cast<std::ptrdiff_t>(messages)));
  inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(messages));
  sync::ReceivedMessage::hash_chunks(job->messages);
  job_octets_ = 0;
  for (const sync::ReceivedMessage& message : job->messages) job_octets_ += message.octets + message_cost;
  inbox_octets_ -= job_octets_;
  job->room = room;
  job->changed = std::exchange(changed_, false);
  job_running_ = true;
  const auto executor = stream_.get_executor();
  engine_.post({.run = [job, with = conversation_](sync::Replica& replica,
                                                   sync::Batch& batch) { return job->run(*with, replica, batch); },
                // Moves the link along, so that it never ends on the engine's thread. The work guard keeps the
                // io_context running until the answer is there.
                .done =
                    [self = shared_from_this(), job, work = asio::make_work_guard(executor)](Result<void> done) mutable {
                      const auto at = work.get_executor();
                      asio::post(at, [self = std::move(self), job = std::move(job), done = std::move(done)] {
                        self->on_job_done(*job, done);
                      });
                      work.reset();
                    },
                .octets = job_octets_,
                .quiet = true});
}

void FiberConnection::on_job_done(JobState& job, const Result<void>& done) {
  job_running_ = false;
  if (job_octets_ >= window_first) gather_until_ = Clock::now() + gathering_max;
  job_octets_ = 0;
  touch();
  if (!done) {
    refused_ = true;
    stop(done.error());
    return wake_all();
  }
  session_counts_ = job.counts;
  finished_ = job.finished;
  more_ = !job.frames.empty() || job.room == 0;  // before the frames move on
  if (queue_.empty()) {
    queue_ = std::move(job.frames);
  } else {
    append(queue_, job.frames);
  }
  if (job.believed && !believed_) {
    believed_ = true;
    if (phase_ == Phase::hello) phase_ = Phase::open;
    if (hooks_.believed && phase_ != Phase::over) hooks_.believed(*this);
  }
  if (hooks_.progress) hooks_.progress(counts());
  pump();
  wake_all();
}

/// A single contact is over when both sides said so, and nothing waits anywhere.
void FiberConnection::end_if_finished() {
  const bool idle = !job_running_ && inbox_.empty() && queued() == 0 && !more_ && !frames_.in_frame();
  if (config_.once && finished_ && idle) closing_ = true;
}

/// What came whole before the link ended is as good as any: the next session need not bring it again.
asio::awaitable<void> FiberConnection::finish_jobs() {
  for (;; post_job(0)) {
    while (job_running_) co_await wake_of(reader_wake_);
    if (inbox_.empty() || refused_ || !believed_) co_return;
  }
}

sync::Counts FiberConnection::counts() const {
  sync::Counts out = session_counts_;
  out.bytes_in = octets_in_;
  out.bytes_out = octets_out_;
  return out;
}

}  // namespace khuoi::node
