#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sync/base/bytes.h"
#include "sync/base/result.h"

namespace khuoi::http {

/// What stands before one part of a multipart body.
struct PartHead {
  std::string name;
  std::string file_name;  ///< empty when there is none; as sent, no path rules applied
  std::string type;       ///< Content-Type, empty when there is none
};

/// Whom a MultipartReader tells what it finds. Errors end the reading and are passed on.
class PartSink {
 public:
  virtual ~PartSink() = default;
  virtual Result<void> begin(PartHead head) = 0;
  virtual Result<void> data(ByteView octets) = 0;
  virtual Result<void> end() = 0;
};

/// Takes a multipart/form-data body apart as it arrives (RFC 7578, RFC 2046 section 5.1), holding back no more than a
/// delimiter's length. Nested multiparts and transfer encodings are refused: nobody sends them any more.
class MultipartReader final {
 public:
  static constexpr std::size_t parts_max = 1000;
  static constexpr std::size_t head_octets_max = 8192;
  static constexpr std::size_t boundary_octets_max = 70;  // RFC 2046

  /// Borrows the sink for its life.
  MultipartReader(std::string_view boundary, PartSink& sink);
  /// Errors: malformed; too_large (a part's head, too many parts); the sink's.
  Result<void> feed(ByteView octets);
  /// The body ended. Errors: malformed when the closing delimiter has not come.
  Result<void> finish();

 private:
  enum class State : std::uint8_t { preamble, after_delimiter, head, data, epilogue };
  Result<bool> step();
  Result<bool> take_until_delimiter(bool to_sink);
  Result<bool> take_after_delimiter();
  Result<bool> take_head();

  PartSink& sink_;
  std::string delimiter_;  ///< CRLF, two dashes, the boundary
  Bytes held_;             ///< what came and was not yet taken
  std::size_t at_ = 0;     ///< of it, what was taken
  std::size_t parts_ = 0;
  State state_ = State::preamble;
};

/// The boundary of a Content-Type, when it is multipart/form-data and has a legal one; else empty.
std::string boundary_of(std::string_view content_type);

/// A header's parameter ("name", "filename"), quoted or not, in UTF-8; filename* (RFC 5987) goes before filename.
std::string header_parameter(std::string_view header, std::string_view name);

}  // namespace khuoi::http
