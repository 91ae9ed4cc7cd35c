#pragma once

#include <memory>
#include <string>

#include "node/links/fiber.h"

namespace khuoi::node {

/// The local page: /healthz, /metrics (loopback only) and where people will one day see their dossiers.
/// Threads: every member on the io_context's thread, which must be a single one.
class HttpServer final {
 public:
  /// Listens at once. Errors: usage, busy, io.
  static Result<std::unique_ptr<HttpServer>> listen(boost::asio::io_context& io, Engine& engine, const HostPort& at,
                                                    std::function<FiberServer::Figures()> fiber);
  ~HttpServer();
  [[nodiscard]] std::string address() const;
  void stop();

 private:
  class Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  ///< shared with the coroutines it started
};

}  // namespace khuoi::node
