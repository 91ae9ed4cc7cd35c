#include "sync/peers/start_proof.h"

#include "sync/base/check.h"
#include "tests/fuzz/fuzz_signer.h"

using namespace khuoi;
using namespace khuoi::sync;
using khuoi::tests::signer;

/// The octets as a proof, which nobody can have signed; and what is understood of them, signed rightly, is said again in
/// the same words.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView octets(data, size);
  const auto proof = decode_start_proof(octets);
  if (!proof) return 0;
  KHUOI_CHECK(size == start_proof_octets);
  KHUOI_CHECK(!verify_start_proof(octets, *proof, signer().public_key));
  const Bytes again = encode_start_proof(*proof, signer().secret_key);
  KHUOI_CHECK(equal(ByteView(again).first(again.size() - signature_octets), octets.first(size - signature_octets)));
  const auto read = decode_start_proof(again);
  KHUOI_CHECK(static_cast<bool>(read));
  KHUOI_CHECK(*read == *proof);
  KHUOI_CHECK(verify_start_proof(again, *read, signer().public_key));
  return 0;
}
