#include "node/app/heap_rest.h"

#include <boost/asio/post.hpp>
#include <chrono>

#include "node/engine/heap.h"

namespace khuoi::node {

namespace asio = boost::asio;

namespace {
/// Longer than from one commit of a large file to the next.
constexpr std::chrono::milliseconds rest_after{500};
}  // namespace

struct HeapRest::State {
  explicit State(asio::io_context& io) : timer(io) {}
  asio::steady_timer timer;
  std::atomic<bool> waits = false;
  std::atomic<bool> again = false;  ///< a commit came since the timer was set
  bool ended = false;
};

HeapRest::HeapRest(asio::io_context& io, Engine& engine)
    : engine_(engine), state_(std::make_shared<State>(io)) {
  const auto on_commit = [&io, state = state_] {
    state->again = true;
    if (!state->waits.exchange(true)) asio::post(io, [state] { wait(state); });
  };
  listener_ = engine_.on_commit(on_commit, Engine::Hears::all);
}

HeapRest::~HeapRest() {
  engine_.forget(listener_);
  state_->ended = true;
  state_->timer.cancel();
}

void HeapRest::wait(const std::shared_ptr<State>& state) {
  if (state->ended) return;
  state->again = false;
  state->timer.expires_after(rest_after);
  state->timer.async_wait([state](const boost::system::error_code& failed) {
    if (failed) return;
    if (state->again) return wait(state);
    give_back_freed_memory();
    state->waits = false;  // a commit from now on waits anew; one that came meanwhile did not
    if (state->again && !state->waits.exchange(true)) wait(state);
  });
}

}  // namespace khuoi::node
