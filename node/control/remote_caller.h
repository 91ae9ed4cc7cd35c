#pragma once

#include <atomic>

#include "node/control/caller.h"
#include "node/control/channel.h"

namespace khuoi::node {

/// A caller at the other end of the control socket. Once it is gone, everything fails with `closed`.
class RemoteCaller final : public Caller {
 public:
  /// Borrows both. `stopping` is set when the service ends.
  RemoteCaller(Channel& channel, const std::atomic<bool>& stopping) : channel_(channel), stopping_(stopping) {}

  void say(std::string_view text) override { send(FrameType::say, view_of(text)); }
  void warn(std::string_view sentence) override { send(FrameType::warn, view_of(sentence)); }
  void progress(std::string_view what, std::uint64_t done, std::uint64_t of) override;
  bool gone() override;
  Result<Bytes> read_file(const std::string& path, std::size_t octets_max) override;
  Result<storage::Fd> open_file(const std::string& path) override;
  Result<void> write_file(const std::string& path, Durable durable, const Content& content) override;
  Result<std::optional<sync::Secret>> phrase(Phrase which, Ask ask) override;
  Result<std::optional<bool>> confirm(std::string_view question) override;

 private:
  void send(FrameType type, ByteView payload);
  Result<Frame> ask(FrameType type, ByteView payload);
  Channel& channel_;
  const std::atomic<bool>& stopping_;
  bool gone_ = false;
};

}  // namespace khuoi::node
