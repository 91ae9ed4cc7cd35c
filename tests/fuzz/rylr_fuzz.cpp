// An AT modem that says anything at any time: see fuzz_cable.h.
#include "radio/modem/rylr.h"

#include "tests/fuzz/fuzz_cable.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace khuoi;
  using namespace khuoi::radio;
  const ModemSettings settings{922'500'000, {125'000, 9, 5, Chip::sx126x}, 14};
  SeededRng rng{1};
  const auto make = [&] {
    rng = SeededRng{1};
    return std::make_unique<Rylr>(settings, rng);
  };
  const auto check = [](const HeardFrame& frame) {
    KHUOI_CHECK(rylr_octets(view_of(rylr_text(frame.octets))) == frame.octets);
  };
  FuzzCable::run(data, size, {make, check, 3});
  return 0;
}
