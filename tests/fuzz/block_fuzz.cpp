#include "sync/wire/block.h"

#include "sync/base/check.h"

using namespace khuoi;

/// What decodes has one encoding: the one that was given.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView octets(data, size);
  const auto records = sync::decode_block(octets, CommuneId::filled(1));
  if (!records) return 0;
  KHUOI_CHECK(equal(sync::encode_block(*records), octets));
  return 0;
}
