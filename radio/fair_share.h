#pragma once

#include <functional>
#include <utility>

#include "radio/peer.h"

namespace khuoi::radio {

/// Of the hamlets that may, the urgent ones first, then whoever was on the air least.
Peer* first_of(auto& peers, const auto& may, const auto& urgent) {
  Peer* best = nullptr;
  for (auto& [alias, one] : peers) {
    if (!may(*one.peer)) continue;
    const auto place = [&](const Peer& of) { return std::pair(!std::invoke(urgent, of), of.spent); };
    if (best == nullptr || place(*one.peer) < place(*best)) best = one.peer.get();
  }
  return best;
}

}  // namespace khuoi::radio
