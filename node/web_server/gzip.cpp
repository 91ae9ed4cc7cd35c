#include "node/web_server/gzip.h"

#include <zlib.h>

namespace khuoi::http {

namespace {

constexpr int memory_level = 8;

/// Empty when zlib has no memory.
std::string gzipped(const std::string& plain) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
    return {};
  std::string out(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(whole ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

}  // namespace

void gzip_for(const Request& request, Response& answer) {
  answer.with("Vary", "Accept-Encoding");
  if (request.header("accept-encoding").find("gzip") == std::string_view::npos) return;
  std::string packed = gzipped(answer.body);
  if (packed.empty() || packed.size() >= answer.body.size()) return;
  answer.body = std::move(packed);
  answer.with("Content-Encoding", "gzip");
}

}  // namespace khuoi::http
