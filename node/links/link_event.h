#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "sync/replica/replica.h"

namespace khuoi::node {

/// What the log and the pages hear of a link. Told on the sockets' thread, once the link's state says it.
struct LinkEvent {
  enum class What : std::uint8_t {
    up,
    down,
    refused,
    retry,
    outlook,  ///< what is told of what waits changed: for pages alone
  } what = What::up;
  std::string address;
  NodeId peer;          ///< zero before its key was proved
  sync::Counts counts;  ///< of the whole contact; bytes_* are octets of the link, what cuts it into messages too
  std::chrono::milliseconds lasted{};
  std::string why;  ///< of down, refused and retry: one sentence
};
using OnLinkEvent = std::function<void(const LinkEvent&)>;

}  // namespace khuoi::node
