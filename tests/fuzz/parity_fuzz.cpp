// A file from a stick is whatever someone wrote there: repairing it must stay inside its octets and memory. The first
// octet says whether the rest is taken as a file, or as data whose section is then damaged at places the octets name.
#include "storage/parity.h"

#include <algorithm>
#include <cstdlib>

#include "storage/parity_code.h"
#include "sync/base/bytes.h"

namespace {

using namespace khuoi;

storage::RepairReport repair(Bytes& file) {
  const std::size_t octets_max = file.size() + (std::size_t{1} << 20);
  const auto report = storage::repair_data(
      file.size(),
      [&](std::uint64_t offset, std::span<std::uint8_t> out) -> Result<std::size_t> {
        if (offset >= file.size()) return std::size_t{0};
        const std::size_t have = std::min(out.size(), file.size() - static_cast<std::size_t>(offset));
        std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(offset), have, out.begin());
        return have;
      },
      [&](std::uint64_t offset, ByteView octets) -> Result<void> {
        if (offset + octets.size() > octets_max) std::abort();
        if (file.size() < offset + octets.size()) file.resize(static_cast<std::size_t>(offset) + octets.size());
        std::ranges::copy(octets, file.begin() + static_cast<std::ptrdiff_t>(offset));
        return {};
      });
  if (!report) std::abort();
  return *report;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* from, std::size_t octets) {
  if (octets == 0) return 0;
  const ByteView input(from + 1, octets - 1);
  if (from[0] % 2 == 0) {
    // Marks that check out, at the front and the end, so that the tables are reached.
    Bytes file = to_bytes(input);
    const std::size_t data_octets = from[0] % 4 == 0 ? file.size() / 2 : file.size();
    if (from[0] % 8 < 4) {
      file.resize(
          std::max(file.size(), static_cast<std::size_t>(storage::ParityShape::for_data(data_octets).file_octets())));
      std::ranges::copy(storage::encode_mark(data_octets), file.end() - storage::ParityShape::mark_octets);
    }
    (void)repair(file);
    return 0;
  }
  const std::size_t data_octets = input.size() / 2;
  const Bytes data = to_bytes(input.first(data_octets));
  const Bytes whole = storage::with_parity(data);
  Bytes file = whole;
  Reader places(input.subspan(data_octets));
  bool touched = false;
  while (places.ok() && !places.rest().empty()) {
    const std::size_t at = places.u16() % file.size();
    const std::uint8_t flip = places.u8();
    file[at] ^= flip;
    touched = touched || flip != 0;
  }
  const auto report = repair(file);
  if (!touched && (!report.parity_found || report.blocks_damaged != 0)) std::abort();
  if (!report.parity_found) return 0;
  if (report.data_octets != data_octets) std::abort();
  // What is not told as damaged is right: 35 places at most hold CRCs that a fuzzer will not forge.
  if (report.still_damaged.empty() && report.blocks_repaired > 0 && !equal(ByteView(file).first(data_octets), data)) {
    std::abort();
  }
  return 0;
}
