#include "sync/base/check.h"
#include "sync/record/header.h"

/// A header or opener that decodes encodes to the same octets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace khuoi;
  const ByteView octets(data, size);
  if (const auto header = sync::decode_header(octets)) KHUOI_CHECK(equal(header->encoded(), octets));
  if (const auto opener = sync::decode_opener(octets)) {
    const Bytes again = sync::encode_opener(*opener);
    KHUOI_CHECK(starts_with(octets, again));
  }
  return 0;
}
