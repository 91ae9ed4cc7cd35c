// Request targets, cookies and hosts: nothing decoded can leave its segment, and what is encoded again means the same.
#include <cstdlib>

#include "node/web_server/guard.h"
#include "node/web_server/target.h"
#include "sync/base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace khuoi;
  const std::string_view text = text_of(ByteView(data, size));
  if (const auto target = http::parse_target(text)) {
    std::string again;
    for (const std::string& segment : target->segments) {
      if (segment.empty() || segment == ".." || segment.find('/') != std::string::npos) std::abort();
      again += "/" + http::percent_encoded(segment);
    }
    if (again.empty()) again = "/";
    const auto same = http::parse_target(again);
    if (again.size() <= http::target_octets_max && (!same || same->segments != target->segments)) std::abort();
  }
  const std::string_view cookie = http::cookie_in(text, "khuoi");
  if (!cookie.empty() && (cookie.data() < text.data() || cookie.data() + cookie.size() > text.data() + size))
    std::abort();
  if (http::is_our_host(text, {}) && text.find("evil") != std::string_view::npos) std::abort();
  (void)http::is_our_origin(text, "khuoi.local");
  return 0;
}
