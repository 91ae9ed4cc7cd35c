#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "node/links/fiber/fiber_connection.h"
#include "node/links/fiber/framing.h"

/// What a fiber link gives its engine to do, one job at a time.
namespace khuoi::node {

inline constexpr std::size_t job_messages_max = 64;
/// Of records in one job, unless one message has more: about a thousand, so that nobody waits long for the turn.
inline constexpr std::size_t job_block_octets_max = 96 * 1024;

/// How many of what waits go into the next job.
inline std::size_t messages_of_job(const std::deque<sync::ReceivedMessage>& inbox) {
  std::size_t count = 0;
  for (std::size_t block_octets = 0; count < std::min(inbox.size(), job_messages_max); ++count) {
    const auto& message = inbox[count].message;
    const auto* records = message ? std::get_if<sync::RecordsMessage>(&*message) : nullptr;
    if (records == nullptr) continue;
    block_octets += records->block.size();
    if (count > 0 && block_octets > job_block_octets_max) break;
  }
  return count;
}

/// The session, which lives where the replica does: on the engine's side.
struct FiberConnection::Conversation {
  sync::Session::Config config;
  sync::SignPublic peer_key{};
  std::optional<sync::Session> session;  ///< made by the first job
};

struct FiberConnection::JobState {
  std::vector<sync::ReceivedMessage> messages;
  std::size_t room = 0;
  bool changed = false;
  // What came of it:
  Bytes frames;
  bool believed = false;
  bool finished = false;
  sync::Counts counts;
  Result<void> run(Conversation& with, sync::Replica& replica, sync::Batch& batch) {
    if (!with.session) with.session.emplace(replica, with.config, with.peer_key);
    sync::Session& session = *with.session;
    if (changed) session.on_local_change();
    for (sync::ReceivedMessage& message : messages) {
      KHUOI_TRY_VOID(session.on_message(batch, sync::ReceivedMessage(std::move(message))));  // given back at once
    }
    if (room > 0) {
      KHUOI_TRY(const auto out, session.transmit(batch, room));
      std::size_t octets = 0;
      for (const Bytes& message : out) octets += frame_head_octets + message.size();
      frames.reserve(octets);
      for (const Bytes& message : out) append_frame(frames, message);
    }
    believed = session.established();
    finished = session.finished();
    counts = session.counts();
    return {};
  }
};

}  // namespace khuoi::node
