#include "node/web_server/pages.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "node/web_server/gzip.h"

namespace khuoi::http {

namespace {

struct TypeOf {
  std::string_view ending;
  std::string_view type;
};
constexpr std::array<TypeOf, 12> types = {{{".html", "text/html; charset=utf-8"},
                                           {".js", "text/javascript; charset=utf-8"},
                                           {".css", "text/css; charset=utf-8"},
                                           {".svg", "image/svg+xml"},
                                           {".png", "image/png"},
                                           {".webp", "image/webp"},
                                           {".ico", "image/x-icon"},
                                           {".json", "application/json"},
                                           {".webmanifest", "application/manifest+json"},
                                           {".wasm", "application/wasm"},
                                           {".woff2", "font/woff2"},
                                           {".txt", "text/plain; charset=utf-8"}}};

constexpr std::string_view not_built =
    "<!doctype html>\n<html lang=\"vi\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width\">\n<title>khuổi</title>\n<h1>khuổi</h1>\n<p>Máy đang chạy, nhưng chương trình này "
    "được dựng mà không có các trang. Hãy dựng lại bằng <code>./run</code>.</p>\n</html>\n";

std::string_view type_of(std::string_view path) {
  const auto known = std::ranges::find_if(types, [&](const TypeOf& one) { return path.ends_with(one.ending); });
  return known == types.end() ? "application/octet-stream" : known->type;
}

/// For the rare client that takes no gzip. Empty if it does not inflate, which would be our own bug.
std::string inflated(ByteView gzipped) {
  z_stream stream{};
  if (inflateInit2(&stream, gzip_window) != Z_OK) return {};
  stream.next_in = const_cast<Bytef*>(gzipped.data());
  stream.avail_in = static_cast<uInt>(gzipped.size());
  std::string out;
  std::array<char, 16384> piece{};
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return state == Z_STREAM_END ? out : std::string();
}

Response file_page(const Request& request, const PageFile& file) {
  Response out;
  out.type = type_of(file.path);
  out.cached = true;
  const std::string tag = "\"" + std::string(file.hash.substr(0, 32)) + "\"";
  // Names below assets/ change with their content; everything else is asked for anew.
  out.with("Cache-Control", file.path.starts_with("assets/") ? "public, max-age=31536000, immutable" : "no-cache");
  out.with("ETag", tag).with("Vary", "Accept-Encoding");
  if (request.header("if-none-match") == tag) {
    out.status = 304;
    return out;
  }
  const bool takes_gzip = request.header("accept-encoding").find("gzip") != std::string_view::npos;
  if (takes_gzip) {
    out.with("Content-Encoding", "gzip");
    out.body = text_of(file.gzipped);
  } else {
    out.body = inflated(file.gzipped);
  }
  return out;
}

}  // namespace

std::string_view build_of_pages() {
  const auto files = page_files();
  const auto index = std::ranges::find(files, "index.html", &PageFile::path);
  return index == files.end() ? std::string_view() : index->hash;
}

std::optional<Response> page_for(const Request& request, std::string_view entry) {
  const auto& segments = request.target.segments;
  if (!segments.empty() && segments.front() == "api") return std::nullopt;
  std::string path;
  for (const std::string& segment : segments) path += (path.empty() ? "" : "/") + segment;
  if (path.find('.') == std::string::npos) path = entry;
  const auto files = page_files();
  const auto file = std::ranges::find(files, path, &PageFile::path);
  if (file != files.end()) return file_page(request, *file);
  if (path != entry) return std::nullopt;
  return text_response(200, std::string(not_built), "text/html; charset=utf-8");
}

}  // namespace khuoi::http
