#pragma once

#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "node/acts/capabilities.h"

namespace khuoi::http {

/// What one page is told as it happens (text/event-stream). On the sockets' thread, but for its making.
class EventFeed final {
 public:
  EventFeed(boost::asio::any_io_executor executor, node::Capabilities may, std::function<bool()> still_there);
  /// What to send next: events, or a comment every 15 s so that a dead connection is found out; empty at the end.
  boost::asio::awaitable<std::string> next();
  void put(std::string_view name, std::string_view data);
  void end();
  [[nodiscard]] node::Capabilities may() const { return may_; }

 private:
  boost::asio::steady_timer changed_;
  node::Capabilities may_;
  std::function<bool()> still_there_;           ///< asked now and then: whether the session still is what it was
  std::map<std::string, std::string> waiting_;  ///< by event: of each kind only the latest counts
  bool ended_ = false;
};

/// All feeds, and what they are told.
class Hub final {
 public:
  static constexpr std::size_t feeds_max = 32;
  explicit Hub(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  using Told = std::map<std::string, std::string>;
  /// Any thread. Null when too many listen. `first` is told at once, by event.
  std::shared_ptr<EventFeed> open(node::Capabilities may, std::function<bool()> still_there, const Told& first);
  /// Any thread: to each feed for whose capabilities `data` gives something.
  void publish(std::string name, std::function<std::optional<std::string>(node::Capabilities)> data);
  /// Any thread: what those who listen now may do.
  std::set<node::Capabilities> listening();
  /// On the sockets' thread.
  void stop();

 private:
  std::vector<std::shared_ptr<EventFeed>> alive();
  boost::asio::any_io_executor executor_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<EventFeed>> feeds_;
  bool stopped_ = false;
};

}  // namespace khuoi::http
