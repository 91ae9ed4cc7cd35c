#pragma once

#include <utility>

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>

#include "node/web_server/router.h"

namespace khuoi::http {

/// The threads that handlers run on, so that the sockets' own thread never waits for the engine, a disk or Argon2id.
class Workers final {
 public:
  Workers();
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  /// Runs `work` on the lane's thread; the coroutine goes on on its own executor, and keeps that busy meanwhile.
  boost::asio::awaitable<void> run(Lane lane, std::function<void()> work);
  /// Whether so many wait for that lane already that another one should not.
  [[nodiscard]] bool full(Lane lane) const;
  /// Without anybody waiting.
  void post(Lane lane, std::function<void()> work);
  /// Waits for what runs; what comes later is dropped.
  void stop();

 private:
  boost::asio::thread_pool& pool_of(Lane lane);
  boost::asio::thread_pool quick_;
  boost::asio::thread_pool slow_;
  boost::asio::thread_pool voice_;
  std::atomic<int> voices_ = 0;  ///< that wait or run
};

}  // namespace khuoi::http
