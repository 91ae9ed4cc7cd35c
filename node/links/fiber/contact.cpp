#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "node/links/fiber/dial.h"

namespace khuoi::node {

namespace asio = boost::asio;

namespace {

asio::awaitable<Result<FiberConnection::Outcome>> contact(Engine& engine, const HostPort& to, bool offers_grant,
                                                          const LinkLimits& limits,
                                                          const std::function<void(const sync::Counts&)>& progress) {
  auto tls = dialling_context(engine);
  if (!tls) co_return tls.error();
  auto socket = co_await dial(to, limits.connect);
  if (!socket) co_return socket.error();
  const FiberConnection::Config config{.dials = true, .offers_grant = offers_grant, .once = true, .limits = limits};
  const auto link = std::make_shared<FiberConnection>(engine, std::move(*tls), std::move(*socket), config,
                                                      FiberConnection::Hooks{.believed = {}, .progress = progress});
  co_return co_await link->run();
}

Result<FiberConnection::Outcome> contact_and_wait(Engine& engine, const HostPort& to, bool offers_grant,
                                                  const LinkLimits& limits,
                                                  const std::function<void(const sync::Counts&)>& progress) {
  asio::io_context io(1);
  Result<FiberConnection::Outcome> outcome = fail(Errc::io, "the contact did not run");
  asio::co_spawn(io, contact(engine, to, offers_grant, limits, progress),
                 [&](const std::exception_ptr& failed, Result<FiberConnection::Outcome> what) {
                   if (failed) std::rethrow_exception(failed);  // only for want of memory
                   outcome = std::move(what);
                 });
  io.run();
  return outcome;
}

/// One sentence, for the person who asked for the contact.
Error said_by(const FiberConnection::Outcome& outcome, const HostPort& to) {
  Error out = outcome.why;
  if (!outcome.heard_hello && !outcome.peer.is_zero()) {
    out.what = "the commune at " + to.text() +
               " ended the connection before a word: it does not know this node, or has "
               "revoked it";
  } else {
    out.what = "the contact with " + to.text() + " was not finished: " + out.what;
    if (outcome.believed) out.what += "; what has come stays, and the next contact goes on from there";
  }
  return out;
}

}  // namespace

Result<sync::Counts> contact_once(Engine& engine, const HostPort& to, const LinkLimits& limits,
                                  const std::function<void(const sync::Counts&)>& progress) {
  KHUOI_TRY(FiberConnection::Outcome outcome, contact_and_wait(engine, to, false, limits, progress));
  const bool forgotten = !outcome.heard_hello && !outcome.peer.is_zero() && outcome.why.code == Errc::closed;
  if (forgotten) {
    KHUOI_TRY(outcome, contact_and_wait(engine, to, true, limits, progress));
  }
  if (!outcome.finished) return said_by(outcome, to);
  return outcome.counts;
}

}  // namespace khuoi::node
