#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/web_server/sealed_file.h"
#include "node/web_server/target.h"

namespace khuoi::people {
struct Viewer;
}

namespace khuoi::http {

enum class Method : std::uint8_t { get, head, post, put, del };

/// One part of a multipart body. What has a file name, or is larger than a field may be, lies in a sealed file.
struct Part {
  std::string name;
  std::string file_name;  ///< UTF-8 as sent; empty for a plain field
  std::string type;       ///< its Content-Type as sent: never to be trusted
  std::optional<SealedFile> file;
  Bytes octets;  ///< of a part without a file
  /// The whole content of either kind. Errors: too_large.
  [[nodiscard]] Result<Bytes> read(std::size_t octets_max) const;
};

/// A request whose body has come whole. Handlers get it on a worker's thread.
struct Request {
  Method method = Method::get;
  Target target;
  std::vector<std::string> values;  ///< what the route's ":name" segments stood for, in order, decoded
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string host;  ///< as the client wrote it, port included: links are built from it
  std::string from;  ///< the client's address, without its port
  bool loopback = false;
  bool known = false;  ///< the box's own screen, somebody logged in, or a phone with its password
  std::shared_ptr<const people::Viewer> viewer;  ///< who asks: the site knows (Site::admit), and there before a handler
  std::string account;             ///< whom a route's own `admit` let in; empty elsewhere
  Bytes body;                      ///< Body::memory
  std::optional<SealedFile> file;  ///< Body::file
  std::vector<Part> parts;         ///< Body::parts

  /// Empty when absent.
  [[nodiscard]] std::string_view header(std::string_view lower_case_name) const;
  [[nodiscard]] std::string_view query(std::string_view name) const { return target.query(name); }
};

/// Octets that are made as they leave: called on a worker's thread until it gives nothing. Errors end the connection.
using Pull = std::function<Result<Bytes>()>;

class EventFeed;

struct Response {
  unsigned status = 200;
  std::string type = "application/json; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< further ones
  bool cached = false;                                       ///< else Cache-Control: no-store
  bool brought = false;  ///< what people brought: no browser may take it for a page of ours (file_response.h)
  std::string told;      ///< of a refusal: a sentence of its own for people, where its status says too little
  /// Instead of body: exactly `octets` in all.
  Pull pull;
  std::uint64_t octets = 0;
  /// Instead of both: text/event-stream until either side ends.
  std::shared_ptr<EventFeed> events;

  Response& with(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

/// The status line and headers of an answer, the empty line included; `keep`: the connection goes on.
std::string head_of(const Response& response, bool keep);

Response text_response(unsigned status, std::string body, std::string type = "text/plain; charset=utf-8");

}  // namespace khuoi::http
