#include "sync/base/check.h"
#include "sync/record/record.h"

/// Whatever decodes is within the limits and comes back when written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace khuoi;
  const ByteView octets(data, size);
  (void)sync::decode_announcement_content(octets);
  const auto plain = sync::decode_plain(octets);
  if (!plain) return 0;
  KHUOI_CHECK(sync::check_body(plain->body).has_value());
  const auto written = sync::encode_plain_checked(*plain);
  if (!written) return 0;  // a reader accepts messages laid out more tightly than our writer lays them out
  const auto back = sync::decode_plain(*written);
  KHUOI_CHECK(back.has_value());
  KHUOI_CHECK(*back == *plain);
  return 0;
}
