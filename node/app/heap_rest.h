#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "node/engine/engine.h"

namespace khuoi::node {

/// Memory that a service freed stays with it while commits follow each other (keep_freed_memory_for_a_while), and goes
/// back to the machine once they have ended. Threads: that of the io_context, which outlives it.
class HeapRest final {
 public:
  HeapRest(boost::asio::io_context& io, Engine& engine);
  /// Nothing comes after it.
  ~HeapRest();
  HeapRest(const HeapRest&) = delete;
  HeapRest& operator=(const HeapRest&) = delete;

 private:
  struct State;
  static void wait(const std::shared_ptr<State>& state);

  Engine& engine_;
  std::shared_ptr<State> state_;  ///< shared with the timer's wait and with a commit's call
  Engine::Listener listener_;
};

}  // namespace khuoi::node
