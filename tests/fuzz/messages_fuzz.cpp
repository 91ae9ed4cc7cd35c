#include "sync/wire/messages.h"

#include "sync/base/check.h"

using namespace khuoi;

/// Whatever is read as a message is written and read again as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = sync::decode_message(ByteView(data, size));
  if (!message) return 0;
  const Bytes once = sync::encode_message(*message);
  const auto again = sync::decode_message(once);
  KHUOI_CHECK(static_cast<bool>(again));
  KHUOI_CHECK(again->index() == message->index());
  KHUOI_CHECK(sync::encode_message(*again) == once);
  return 0;
}
