#include "sync/peers/holdings.h"

#include "sync/base/check.h"
#include "tests/fuzz/fuzz_signer.h"

using namespace khuoi;
using namespace khuoi::sync;
using khuoi::tests::signer;

/// The octets as a statement, and as one that was signed rightly. What is understood is said again in the same words.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView octets(data, size);
  if (const auto said = decode_holdings(octets)) KHUOI_CHECK(!verify_holdings(octets, *said, signer().public_key));
  Bytes padded = to_bytes(octets);
  padded.resize(padded.size() + signature_octets);
  const auto said = decode_holdings(padded);
  if (!said) return 0;
  KHUOI_CHECK(said->wants.size() <= Holdings::wants_max);
  const Bytes again = encode_holdings(*said, signer().secret_key);
  const auto read = decode_holdings(again);
  KHUOI_CHECK(static_cast<bool>(read));
  KHUOI_CHECK(verify_holdings(again, *read, signer().public_key));
  KHUOI_CHECK(read->runs.size() == said->runs.size() && read->wants.size() == said->wants.size());
  KHUOI_CHECK(encode_holdings(*read, signer().secret_key) == again);
  return 0;
}
