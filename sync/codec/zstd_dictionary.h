#pragma once

#include "sync/base/bytes.h"
#include "sync/base/result.h"

struct ZSTD_CDict_s;
struct ZSTD_DDict_s;

namespace khuoi::sync {

/// Zstandard frames against a raw-content dictionary, without magic, size, checksum or dictionary id.
class ZstdDictionary final {
 public:
  /// `content` is copied; it may be empty.
  explicit ZstdDictionary(ByteView content);
  ~ZstdDictionary();
  ZstdDictionary(const ZstdDictionary&) = delete;
  ZstdDictionary& operator=(const ZstdDictionary&) = delete;

  /// Errors: io (the library has no memory).
  [[nodiscard]] Result<Bytes> compress(ByteView plain) const;
  /// One whole frame and nothing after it. Errors: malformed, too_large past octets_max, io.
  [[nodiscard]] Result<Bytes> decompress(ByteView frame, std::size_t octets_max) const;

  [[nodiscard]] std::size_t octets_used() const;

 private:
  ZSTD_CDict_s* compressing_;
  ZSTD_DDict_s* decompressing_;
};

}  // namespace khuoi::sync
