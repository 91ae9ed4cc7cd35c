#pragma once

#include <array>
#include <memory>
#include <string>

#include "sync/base/bytes.h"

struct evp_md_ctx_st;

namespace khuoi::openrosa {

using Md5Hash = std::array<std::uint8_t, 16>;

/// MD5 (RFC 1321), which OpenRosa and Digest ask for by name; nothing else of the program relies on it.
class Md5 final {
 public:
  Md5();
  Md5& add(ByteView octets);
  Md5& add(std::string_view text) { return add(view_of(text)); }
  /// The object is spent then.
  Md5Hash finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// 32 lower-case hexadecimal digits.
std::string md5_hex(ByteView octets);

}  // namespace khuoi::openrosa
