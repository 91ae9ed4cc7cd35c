#include "node/web_server/events.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace khuoi::http {

namespace asio = boost::asio;
using node::Capabilities;

namespace {
constexpr std::chrono::seconds comment_every{15};
}

EventFeed::EventFeed(asio::any_io_executor executor, Capabilities may, std::function<bool()> still_there)
    : changed_(std::move(executor)), may_(may), still_there_(std::move(still_there)) {}

asio::awaitable<std::string> EventFeed::next() {
  if (!ended_ && waiting_.empty()) {
    changed_.expires_after(comment_every);
    co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  std::string out;
  if (ended_) co_return out;
  if (!still_there_()) {
    ended_ = true;
    co_return "event: session\ndata: {}\n\n";
  }
  for (const auto& [name, data] : waiting_) out += "event: " + name + "\ndata: " + data + "\n\n";
  waiting_.clear();
  if (out.empty()) out = ": still here\n\n";
  co_return out;
}

void EventFeed::put(std::string_view name, std::string_view data) {
  waiting_[std::string(name)] = data;
  changed_.cancel();
}

void EventFeed::end() {
  ended_ = true;
  changed_.cancel();
}

std::shared_ptr<EventFeed> Hub::open(Capabilities may, std::function<bool()> still_there, const Told& first) {
  auto feed = std::make_shared<EventFeed>(executor_, may, std::move(still_there));
  for (const auto& [name, data] : first) feed->put(name, data);
  const std::lock_guard held(mutex_);
  std::erase_if(feeds_, [](const auto& one) { return one.expired(); });
  if (stopped_ || feeds_.size() >= feeds_max) return nullptr;
  feeds_.push_back(feed);
  return feed;
}

std::vector<std::shared_ptr<EventFeed>> Hub::alive() {
  std::vector<std::shared_ptr<EventFeed>> out;
  const std::lock_guard held(mutex_);
  for (const auto& one : feeds_) {
    if (auto feed = one.lock()) out.push_back(std::move(feed));
  }
  return out;
}

void Hub::publish(std::string name, std::function<std::optional<std::string>(Capabilities)> data) {
  const auto feeds = alive();
  if (feeds.empty()) return;
  asio::post(executor_, [feeds, name = std::move(name), data = std::move(data)] {
    for (const auto& feed : feeds) {
      if (const auto told = data(feed->may())) feed->put(name, *told);
    }
  });
}

std::set<Capabilities> Hub::listening() {
  std::set<Capabilities> out;
  for (const auto& feed : alive()) out.insert(feed->may());
  return out;
}

void Hub::stop() {
  for (const auto& feed : alive()) feed->end();
  const std::lock_guard held(mutex_);
  stopped_ = true;
}

}  // namespace khuoi::http
