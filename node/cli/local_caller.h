#pragma once

#include "node/control/caller.h"
#include "node/control/request.h"

namespace khuoi::node {

/// The person at this process's own terminal.
class LocalCaller final : public Caller {
 public:
  explicit LocalCaller(const Request& request) : request_(request) {}
  ~LocalCaller() override { end_progress(); }
  LocalCaller(const LocalCaller&) = delete;
  LocalCaller& operator=(const LocalCaller&) = delete;

  void say(std::string_view text) override;
  void warn(std::string_view sentence) override;
  void progress(std::string_view what, std::uint64_t done, std::uint64_t of) override;
  bool gone() override { return gone_; }
  Result<Bytes> read_file(const std::string& path, std::size_t octets_max) override;
  Result<storage::Fd> open_file(const std::string& path) override;
  Result<void> write_file(const std::string& path, Durable durable, const Content& content) override;
  Result<std::optional<sync::Secret>> phrase(Phrase which, Ask ask) override;
  Result<std::optional<bool>> confirm(std::string_view question) override;

 private:
  void end_progress();
  const Request& request_;
  bool gone_ = false;
  bool progress_shown_ = false;
};

}  // namespace khuoi::node
