#include "sync/membership/recovery.h"

#include <cstddef>
#include <cstdint>

#include "sim/memory_store.h"
#include "tests/fuzz/fuzz_pair.h"

using namespace khuoi;

/// What a stranger hands to the commune as a request, or to a box as an answer, opens nothing and breaks nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto& pair = tests::FuzzPair::instance();
  static const auto commune = pair.open(*pair.commune_disk);
  static const auto hamlet = pair.open(*pair.hamlet_disk);
  const ByteView octets(data, size);
  KHUOI_CHECK(!sync::answer_recovery(commune->membership(), octets, pair.rng));
  const auto txn = hamlet->read();
  KHUOI_CHECK(!sync::open_recovery_answer(hamlet->membership(), **txn, octets));
  // As if this box had asked and signed it: else the signature would keep the fuzzer out.
  Bytes asked{1};
  append(asked, hamlet->self().node.view());
  append(asked, octets);
  append(asked, sync::sign(hamlet->keys().sign().secret_key, sync::Purpose::request, hamlet->self().commune, {asked}));
  KHUOI_CHECK(!sync::answer_recovery(commune->membership(), asked, pair.rng));
  (void)sync::recovery_octets("request", text_of(octets));
  return 0;
}
