// A board that says anything at any time: see fuzz_cable.h.
#include "radio/modem/rnode.h"

#include "tests/fuzz/fuzz_cable.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace khuoi::radio;
  const ModemSettings settings{921'400'000, {125'000, 9, 5, Chip::sx126x}, 14};
  FuzzCable::run(data, size, {[&] { return std::make_unique<Rnode>(RnodeConfig{settings}); }, {}, 6});
  return 0;
}
