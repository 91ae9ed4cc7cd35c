#include "node/app/summary_turns.h"

#include <boost/asio/post.hpp>
#include <chrono>

#include "node/engine/log.h"

namespace khuoi::node {

namespace asio = boost::asio;

namespace {
constexpr std::chrono::seconds quiet{1};
/// Then it goes to work although commits come all the time.
constexpr int waits_max = 30;
}  // namespace

SummaryTurns::SummaryTurns(Engine& engine, std::shared_ptr<http::Workers> workers, const asio::any_io_executor& sockets)
    : engine_(engine),
      workers_(std::move(workers)),
      keeper_(engine, SummaryKeeper::From::beginning),
      timer_(sockets) {
  listener_ = engine_.on_commit([this] { note_commit(); }, Engine::Hears::all);
  note_commit();  // what was there before
}

SummaryTurns::~SummaryTurns() { engine_.forget(listener_); }

void SummaryTurns::stop() {
  stopped_ = true;
  timer_.cancel();
}

/// On the thread that committed.
void SummaryTurns::note_commit() {
  ++commits_;
  if (!waits_.exchange(true)) asio::post(timer_.get_executor(), [this] { wait(waits_max); });
}

void SummaryTurns::wait(int times_more) {
  if (stopped_) return;
  timer_.expires_after(quiet);
  timer_.async_wait([this, times_more, seen = commits_.load()](const boost::system::error_code& failed) {
    if (failed || stopped_) return;
    if (commits_ != seen && times_more > 0) return wait(times_more - 1);
    workers_->post(http::Lane::slow, [this] { turn(); });
  });
}

void SummaryTurns::turn() {
  waits_ = false;
  const auto more = keeper_.keep_some();
  if (!more && more.error().code != Errc::closed) log_warning("summaries_not_kept", {{"why", more.error().what}});
  if (more && *more) workers_->post(http::Lane::slow, [this] { turn(); });
}

}  // namespace khuoi::node
