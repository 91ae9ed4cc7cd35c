#pragma once

#include <memory>
#include <string>
#include <vector>

#include "node/engine/host_port.h"
#include "node/web_server/site.h"

namespace boost::asio {
class io_context;
}

namespace khuoi::http {

class Workers;

/// The box's own web server: the pages and what stands behind them, plain http. Whom it serves at once: guests.h;
/// bodies are streamed.
/// Threads: every member on the io_context's thread, which must be a single one; handlers run on workers of its own.
class HttpServer final {
 public:
  /// Listens at once, and answers for `site` until another is set. Errors: usage, busy, io.
  static Result<std::unique_ptr<HttpServer>> listen(boost::asio::io_context& io, const node::HostPort& at,
                                                    std::vector<std::string> host_names,
                                                    std::shared_ptr<Workers> workers, std::shared_ptr<Site> site);
  ~HttpServer();
  void set_site(std::shared_ptr<Site> site);
  [[nodiscard]] std::string address() const;
  void stop();

 private:
  class Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  ///< shared with the coroutines it started
};

}  // namespace khuoi::http
