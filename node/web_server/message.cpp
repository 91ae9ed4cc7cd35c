#include "node/web_server/message.h"

#include <array>
#include <boost/beast/http/status.hpp>
#include <ctime>

namespace khuoi::http {

namespace wire = boost::beast::http;

namespace {

constexpr std::string_view content_policy =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'";

/// Opened by itself it has an origin of its own, runs nothing, loads nothing and leads nowhere.
constexpr std::string_view brought_policy = "default-src 'none'; frame-ancestors 'none'; sandbox";

std::string http_date() {
  std::array<char, 40> text{};
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  const std::size_t octets = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), octets};
}

}  // namespace

std::string_view Request::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

Result<Bytes> Part::read(std::size_t octets_max) const {
  if (!file) {
    if (octets.size() > octets_max) return fail(Errc::too_large, "the part '" + name + "' is too large");
    return octets;
  }
  if (file->octets() > octets_max) return fail(Errc::too_large, "the part '" + name + "' is too large");
  Bytes out;
  out.reserve(static_cast<std::size_t>(file->octets()));
  KHUOI_TRY_VOID(file->read([&](ByteView piece) -> Result<void> {
    append(out, piece);
    return {};
  }));
  return out;
}

Response text_response(unsigned status, std::string body, std::string type) {
  Response out;
  out.status = status;
  out.type = std::move(type);
  out.body = std::move(body);
  return out;
}

std::string head_of(const Response& response, bool keep) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " " +
                    std::string(wire::obsolete_reason(wire::int_to_status(response.status))) + "\r\n";
  const auto add = [&](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  const bool bodyless = response.status == 204 || response.status == 304;
  add("Date", http_date());
  if (!bodyless) add("Content-Type", response.type);
  if (!bodyless && !response.events)
    add("Content-Length", std::to_string(response.pull ? response.octets : response.body.size()));
  if (!response.cached) add("Cache-Control", "no-store");
  add("Content-Security-Policy", response.brought ? brought_policy : content_policy);
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Resource-Policy", "same-origin");
  for (const auto& [name, value] : response.headers) add(name, value);
  add("Connection", keep ? "keep-alive" : "close");
  return out + "\r\n";
}

}  // namespace khuoi::http
