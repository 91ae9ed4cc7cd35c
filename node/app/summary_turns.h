#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "node/acts/summary_keeper.h"
#include "node/web_server/workers.h"

namespace khuoi::node {

/// A service's SummaryKeeper: once no commit came for a while, it works on the workers' slow lane, a turn at a time, so that
/// it holds up nothing that comes in. The workers must have stopped before it goes.
class SummaryTurns final {
 public:
  /// Borrows the engine for its life. `workers` are shared with all else that is slow; `sockets` runs on one thread.
  SummaryTurns(Engine& engine, std::shared_ptr<http::Workers> workers, const boost::asio::any_io_executor& sockets);
  ~SummaryTurns();
  SummaryTurns(const SummaryTurns&) = delete;
  SummaryTurns& operator=(const SummaryTurns&) = delete;
  /// On the sockets' thread: nothing is awaited any more.
  void stop();

 private:
  void note_commit();
  void wait(int times_more);
  void turn();

  Engine& engine_;
  std::shared_ptr<http::Workers> workers_;
  SummaryKeeper keeper_;                ///< on the slow lane
  boost::asio::steady_timer timer_;     ///< on the sockets' thread, as is stopped_
  bool stopped_ = false;
  std::atomic<bool> waits_ = false;     ///< a turn is to come
  std::atomic<std::uint64_t> commits_ = 0;
  Engine::Listener listener_ = 0;
};

}  // namespace khuoi::node
