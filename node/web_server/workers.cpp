#include "node/web_server/workers.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace khuoi::http {

namespace asio = boost::asio;

namespace {
constexpr std::size_t quick_threads = 2;  // the engine lets one at a time at the replica; the other sends files
constexpr int voices_max = 8;
}

Workers::Workers() : quick_(quick_threads), slow_(1), voice_(1) {}
Workers::~Workers() { stop(); }

void Workers::stop() {
  quick_.join();
  slow_.join();
  voice_.join();
}

asio::thread_pool& Workers::pool_of(Lane lane) {
  return lane == Lane::slow ? slow_ : lane == Lane::voice ? voice_ : quick_;
}

bool Workers::full(Lane lane) const { return lane == Lane::voice && voices_ >= voices_max; }

void Workers::post(Lane lane, std::function<void()> work) { asio::post(pool_of(lane), std::move(work)); }

namespace {

/// Ends when `work` has run on the pool. No coroutine: one's frame would hold the closure, whose type has no name.
asio::awaitable<void> carried_out(asio::thread_pool& pool, const asio::any_io_executor& executor,
                                  std::function<void()> work) {
  const auto hand_over = [&pool, executor, work = std::move(work)](auto handler) {
    auto busy = asio::make_work_guard(executor);
    asio::post(pool, [executor, work, busy = std::move(busy), handler = std::move(handler)]() mutable {
      work();
      asio::post(executor, std::move(handler));
    });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void()>(hand_over, asio::use_awaitable);
}

}  // namespace

asio::awaitable<void> Workers::run(Lane lane, std::function<void()> work) {
  const auto executor = co_await asio::this_coro::executor;
  if (lane == Lane::voice) {
    ++voices_;
    work = [this, work = std::move(work)] {
      work();
      --voices_;
    };
  }
  co_await carried_out(pool_of(lane), executor, std::move(work));
}

}  // namespace khuoi::http
