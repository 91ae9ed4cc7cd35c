#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "node/links/completion.h"
#include "node/links/fiber/dial.h"
#include "node/links/local_changes.h"

namespace khuoi::node {

namespace asio = boost::asio;

namespace {

/// A link that held this long was worth its handshake, even if nothing was new.
constexpr std::chrono::seconds worthwhile{5};

bool was_worth_it(const FiberConnection::Outcome& outcome) {
  const sync::Counts& counts = outcome.counts;
  return outcome.believed && (outcome.finished || outcome.lasted >= worthwhile ||
                              counts.records_in + counts.records_out + counts.control_in + counts.control_out > 0);
}

}  // namespace

class FiberDialer::Impl final : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, Engine& engine, std::optional<HostPort> to, const LinkLimits& limits, OnLinkEvent on_event)
      : io_(io), engine_(engine), to_(std::move(to)), limits_(limits), on_event_(std::move(on_event)), wake_(io) {
    if (to_) health_.state.word = LinkState::Word::down;
  }

  [[nodiscard]] bool dials() const { return to_.has_value(); }

  void start() {
    if (!to_) return;
    set_state(LinkState::Word::down, "");
    asio::co_spawn(io_, run(), [self = shared_from_this()](const std::exception_ptr& failed) {
      if (failed) std::rethrow_exception(failed);  // only for want of memory: ends the program, loses nothing
    });
    listener_ = after_local_changes(engine_, io_, weak_from_this(), [](Impl& self) { self.on_local_change(); });
  }

  void stop() {
    if (stopped_.exchange(true)) return;
    if (listener_) engine_.forget(*listener_);
    if (link_) link_->close();
    wake_.cancel();
  }

  /// What others ask about, on their own threads.
  struct Health {
    LinkState state;
    std::int64_t contacts = 0;
    std::int64_t retries = 0;
  };
  [[nodiscard]] Health health() const {
    const std::lock_guard held(health_mutex_);
    return health_;
  }

  /// Any thread. After stop() the io_context may be gone: nothing is posted then.
  void hold(int change) {
    const std::lock_guard held(holds_mutex_);
    if (stopped_) return;
    asio::post(io_, [self = shared_from_this(), change] {
      self->holds_ += change;
      if (self->holds_ > 0 && self->link_) self->link_->close();
      self->wake_.cancel();
    });
  }
  void stop_holds() {
    const std::lock_guard held(holds_mutex_);
    stop();
  }

 private:
  void on_local_change() {
    if (link_) link_->on_local_change();
    if (waits_for_grant_) wake_.cancel();
  }

  asio::awaitable<void> run() {
    bool offers_grant = false;
    auto pause = limits_.retry_min;
    while (!stopped_) {
      if (holds_ > 0) {
        co_await sleep(limits_.retry_max);
        continue;
      }
      const FiberConnection::Outcome outcome = co_await one_link(offers_grant);
      if (stopped_) break;
      // Closed before a word: the commune may have forgotten this node, after a restore.
      offers_grant = !outcome.heard_hello && !outcome.peer.is_zero();
      if (was_worth_it(outcome)) pause = limits_.retry_min;
      waits_for_grant_ = outcome.why.code == Errc::denied;
      co_await sleep(jittered(pause));
      waits_for_grant_ = false;
      pause = std::min(2 * pause, limits_.retry_max);
    }
  }

  /// Half of it to all of it, so that ten hamlets whose line came back do not dial as one.
  std::chrono::milliseconds jittered(std::chrono::milliseconds pause) {
    const auto half = static_cast<std::uint64_t>(pause.count() / 2);
    return std::chrono::milliseconds(static_cast<std::int64_t>(half + engine_.rng().below(half + 1)));
  }

  asio::awaitable<void> sleep(std::chrono::milliseconds pause) {
    wake_.expires_after(pause);
    co_await wake_.async_wait(completion);
  }

  asio::awaitable<FiberConnection::Outcome> one_link(bool offers_grant) {
    FiberConnection::Outcome outcome;
    auto tls = dialling_context(engine_);
    if (!tls) {
      outcome.why = tls.error();
      tell(LinkEvent::What::retry, outcome);
      co_return outcome;
    }
    auto socket = co_await dial(*to_, limits_.connect);
    if (stopped_ || holds_ > 0) co_return outcome;
    if (!socket) {
      outcome.why = socket.error();
      tell(LinkEvent::What::retry, outcome);
      co_return outcome;
    }
    FiberConnection::Hooks hooks;
    hooks.believed = [this](FiberConnection& link) {
      FiberConnection::Outcome begun;
      begun.peer = link.peer();
      tell(LinkEvent::What::up, begun);
    };
    link_ = std::make_shared<FiberConnection>(
        engine_, std::move(*tls), std::move(*socket),
        FiberConnection::Config{.dials = true, .offers_grant = offers_grant, .limits = limits_}, std::move(hooks));
    outcome = co_await link_->run();
    link_.reset();
    tell(outcome.believed ? LinkEvent::What::down : LinkEvent::What::retry, outcome);
    co_return outcome;
  }

  void tell(LinkEvent::What what, const FiberConnection::Outcome& outcome) {
    note(what, outcome.why.what);
    if (on_event_) on_event_({what, to_->text(), outcome.peer, outcome.counts, outcome.lasted, outcome.why.what});
  }

  void note(LinkEvent::What what, const std::string& why) {
    const bool up = what == LinkEvent::What::up;
    set_state(up ? LinkState::Word::up : LinkState::Word::down, up ? "" : why);
    const std::lock_guard held(health_mutex_);
    health_.contacts += up ? 1 : 0;
    health_.retries += what == LinkEvent::What::retry ? 1 : 0;
  }

  void set_state(LinkState::Word word, std::string why) {
    const std::lock_guard held(health_mutex_);
    const bool same = health_.state.word == word && health_.state.since.value != 0;
    if (!same) health_.state.since = engine_.now().wall;
    health_.state.word = word;
    health_.state.why = std::move(why);
  }

  asio::io_context& io_;
  Engine& engine_;
  std::optional<HostPort> to_;
  LinkLimits limits_;
  OnLinkEvent on_event_;
  asio::steady_timer wake_;
  std::optional<Engine::Listener> listener_;
  std::mutex holds_mutex_;
  std::atomic<bool> stopped_ = false;
  bool waits_for_grant_ = false;
  int holds_ = 0;
  std::shared_ptr<FiberConnection> link_;
  mutable std::mutex health_mutex_;
  Health health_;
};

class FiberDialer::Hold final {
 public:
  explicit Hold(std::shared_ptr<Impl> dialer) : dialer_(std::move(dialer)) { dialer_->hold(1); }
  ~Hold() { dialer_->hold(-1); }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  std::shared_ptr<Impl> dialer_;
};

FiberDialer::FiberDialer(asio::io_context& io, Engine& engine, std::optional<HostPort> to, const LinkLimits& limits,
                         OnLinkEvent on_event)
    : impl_(std::make_shared<Impl>(io, engine, std::move(to), limits, std::move(on_event))) {}
FiberDialer::~FiberDialer() { impl_->stop_holds(); }
Result<void> FiberDialer::start() {
  impl_->start();
  return {};
}
void FiberDialer::stop() { impl_->stop_holds(); }
LinkState FiberDialer::state() const { return impl_->health().state; }
std::shared_ptr<void> FiberDialer::hold() { return impl_->dials() ? std::make_shared<Hold>(impl_) : nullptr; }

std::vector<LinkFigure> FiberDialer::figures() const {
  using enum LinkFigure::Shape;
  const Impl::Health health = impl_->health();
  return {{"contacts", "Times that the commune answered.", counter, health.contacts},
          {"retries", "Times that it was dialled in vain.", counter, health.retries}};
}

}  // namespace khuoi::node
