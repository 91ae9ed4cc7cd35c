#include "node/links/fiber/dial.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "node/links/completion.h"

namespace khuoi::node {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

asio::awaitable<Result<tcp::socket>> connect(const HostPort& to) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  const auto [unknown, places] = co_await resolver.async_resolve(to.host, to.port, completion);
  if (unknown) {
    co_return fail(Errc::closed, "no address is known for " + to.text() + " (" + unknown.message() +
                                     "): check the name, or give the number");
  }
  tcp::socket socket(executor);
  const auto [failed, place] = co_await asio::async_connect(socket, places, completion);
  if (failed) {
    co_return fail(Errc::closed, "nobody answered at " + to.text() + " (" + failed.message() +
                                     "): check the address, the cable, and that 'khuoi serve --listen' runs there");
  }
  co_return socket;
}

}  // namespace

Result<std::shared_ptr<TlsContext>> dialling_context(Engine& engine) {
  std::shared_ptr<TlsContext> out;
  KHUOI_TRY_VOID(engine.look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    const sync::CommuneFacts* commune = reader.roster().commune();
    if (reader.self().is_commune()) {
      return fail(Errc::denied, "this node is a commune: it waits for its hamlets, with 'khuoi serve --listen'");
    }
    if (!reader.self().granted() || commune == nullptr) {
      return fail(Errc::denied, "this node belongs to no commune yet: see 'khuoi enrol request'");
    }
    KHUOI_TRY(out, TlsContext::client(reader.keys().sign(), commune->sign));
    return {};
  }));
  return out;
}

asio::awaitable<Result<tcp::socket>> dial(const HostPort& to, std::chrono::milliseconds patience) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(patience);
  auto first = co_await (connect(to) || timer.async_wait(completion));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(Errc::closed, "nobody answered at " + to.text() + " in time: check the address and the cable");
}

}  // namespace khuoi::node
