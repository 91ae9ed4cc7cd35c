#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace khuoi::node {

/// A coroutine of a link gets an operation's error as a value beside its result: a broken line is nothing exceptional.
inline constexpr auto completion = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace khuoi::node
