#pragma once

#include "node/web_server/multipart.h"
#include "node/web_server/router.h"

namespace khuoi::http {

/// A field that lies in memory is at most so long; a part with a file name always lies in a sealed file.
inline constexpr std::size_t field_octets_max = 64U << 10U;
/// All of one body that lies in memory: fields, and what stands before each part.
inline constexpr std::size_t fields_octets_max = 1U << 20U;

/// Takes a body in, piece by piece, as its route wants it. On workers' threads, one at a time.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// Errors: too_large, malformed, disk_full, busy (no descriptor to spare), io.
  virtual Result<void> feed(ByteView octets) = 0;
  /// All has come: puts it into the request.
  virtual Result<void> finish(Request& request) = 0;
};

/// Errors: malformed (a multipart route without a boundary).
Result<std::unique_ptr<BodySink>> make_body_sink(const Route& route, const Request& request,
                                                 const std::shared_ptr<Spool>& spool, Rng& rng);

}  // namespace khuoi::http
