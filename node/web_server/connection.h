#pragma once

#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <string>
#include <vector>

#include "node/web_server/guests.h"
#include "node/web_server/site.h"
#include "node/web_server/workers.h"

namespace khuoi::http {

inline constexpr std::uint32_t header_octets_max = 16U << 10U;
inline constexpr std::chrono::seconds patience{30};

/// One connection: requests one after the other, each whole before its handler sees it. A header has 30 s to come, and
/// each further 32 KiB of a body 30 s more; answers likewise. What is refused before its body was read closes the
/// connection, as does anything that two readers might take for two different requests.
class Connection final {
 public:
  struct Shared {
    std::shared_ptr<Site> site;  ///< shared with requests under way when the first start ends
    Workers& workers;
    const std::vector<std::string>& host_names;
    const bool& stopped;
  };
  struct Client {
    Guests& guests;
    Guests::Guest& guest;  ///< its place among them
    bool loopback = false;
  };
  /// Borrows the stream and the client's place; `shared` is asked anew for each request.
  Connection(std::function<Shared()> shared, boost::beast::tcp_stream& stream, Client client)
      : shared_(std::move(shared)), stream_(stream), buffer_(header_octets_max), client_(client) {}
  boost::asio::awaitable<void> run();

 private:
  class Exchange;
  std::function<Shared()> shared_;
  boost::beast::tcp_stream& stream_;
  boost::beast::flat_buffer buffer_;
  Client client_;
};

}  // namespace khuoi::http
