#pragma once

#include <algorithm>
#include <compare>
#include <functional>
#include <map>
#include <optional>

#include "sync/base/check.h"
#include "sync/base/time.h"

namespace khuoi::sim {

/// What is to happen, in the order of time; at one instant in the order in which it was asked for. Time is whatever the
/// driver says: it jumps from deadline to deadline in a test, and follows a real clock behind ptys. Threads: one.
class EventLoop final {
 public:
  using Action = std::function<void()>;
  /// Names what was asked for; the default names nothing.
  struct Ticket {
    Instant when{};
    std::uint64_t number = 0;
    auto operator<=>(const Ticket&) const = default;
  };

  EventLoop() = default;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  [[nodiscard]] Instant now() const { return now_; }
  /// A time that is over means now.
  Ticket at(Instant when, Action action) {
    const Ticket ticket{std::max(when, now_), ++last_};
    waiting_.emplace(ticket, std::move(action));
    return ticket;
  }
  Ticket after(Micros pause, Action action) { return at(now_ + pause, std::move(action)); }
  /// What has happened already, or was never asked for, is left alone.
  void cancel(const Ticket& ticket) { waiting_.erase(ticket); }
  [[nodiscard]] std::optional<Instant> next_deadline() const {
    return waiting_.empty() ? std::nullopt : std::optional(waiting_.begin()->first.when);
  }

  /// All that is due until then, that instant included; afterwards it is then.
  void run_until(Instant until) {
    while (!waiting_.empty() && waiting_.begin()->first.when <= until) step();
    now_ = std::max(now_, until);
  }
  void run_for(Micros time) { run_until(now_ + time); }
  /// Until it is so, or until then at the latest. Returns whether it is so.
  bool run_until(Instant until, const std::function<bool()>& is_so) {
    while (!is_so()) {
      if (waiting_.empty() || waiting_.begin()->first.when > until) {
        now_ = std::max(now_, until);
        return false;
      }
      step();
    }
    return true;
  }

 private:
  void step() {
    auto first = waiting_.extract(waiting_.begin());
    KHUOI_CHECK(first.key().when >= now_);
    now_ = first.key().when;
    first.mapped()();
  }

  Instant now_{};
  std::uint64_t last_ = 0;
  std::map<Ticket, Action> waiting_;
};

/// One deadline of somebody who tells after each call when to be called again.
class Alarm final {
 public:
  explicit Alarm(EventLoop& loop) : loop_(loop) {}
  ~Alarm() { clear(); }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  /// In place of what was set before.
  void set(Instant when, EventLoop::Action action) {
    clear();
    when_ = when;
    ticket_ = loop_.at(when, [this, action = std::move(action)] {
      when_.reset();
      action();
    });
  }
  void clear() {
    if (when_) loop_.cancel(ticket_);
    when_.reset();
  }
  [[nodiscard]] std::optional<Instant> when() const { return when_; }

 private:
  EventLoop& loop_;
  EventLoop::Ticket ticket_;
  std::optional<Instant> when_;
};

}  // namespace khuoi::sim
