#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <utility>

#include "node/engine/engine.h"

namespace khuoi::node {

/// Calls `then(*owner)` on the io_context's thread after commits, once for many in a row, as long as the owner lives.
/// The engine forgets the listener before the io_context ends.
template <typename Owner, typename Then>
Engine::Listener after_local_changes(Engine& engine, boost::asio::io_context& io, std::weak_ptr<Owner> owner, Then then) {
  const auto posted = std::make_shared<std::atomic<bool>>(false);  // shared with the call that is on its way
  return engine.on_commit([&io, posted, then, weak = std::move(owner)] {
    const auto self = weak.lock();
    if (!self || posted->exchange(true)) return;
    boost::asio::post(io, [self, posted, then] {
      *posted = false;
      then(*self);
    });
  });
}

}  // namespace khuoi::node
