// Frames on a modem's cable: the same octets in any pieces give the same frames, none too long, and what is written is
// read back, whatever came before it.
#include "radio/modem/kiss.h"

#include <algorithm>

#include "sync/base/check.h"

namespace {

using namespace khuoi;
using namespace khuoi::radio;

struct Heard {
  std::vector<KissFrame> frames;
  std::uint64_t dropped = 0;
  bool operator==(const Heard&) const = default;
};

Heard read_in_pieces(KissReader& reader, ByteView cable, std::size_t piece) {
  Heard out;
  while (!cable.empty()) {
    ByteView some = cable.first(std::min(piece, cable.size()));
    cable = cable.subspan(some.size());
    while (auto frame = reader.take(some)) out.frames.push_back(std::move(*frame));
    KHUOI_CHECK(some.empty());
  }
  out.dropped = reader.dropped();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const ByteView cable(data + 1, size - 1);
  KissReader one, other;
  const Heard whole = read_in_pieces(one, cable, size);
  KHUOI_CHECK(whole == read_in_pieces(other, cable, std::size_t{data[0]} + 1));
  Bytes again;
  for (const KissFrame& frame : whole.frames) {
    KHUOI_CHECK(frame.data.size() <= kiss_data_octets_max);
    if (frame.command != 0xc0) append_kiss(again, frame.command, frame.data);
  }
  KissReader fresh;
  KHUOI_CHECK(read_in_pieces(fresh, again, size).frames == whole.frames);
  // After whatever came, at most one frame is lost.
  Bytes two;
  append_kiss(two, 0x08, Bytes{0x46});
  append_kiss(two, 0x50, Bytes{1, 86});
  const auto after = read_in_pieces(one, two, size).frames;
  KHUOI_CHECK(!after.empty() && after.back() == (KissFrame{0x50, {1, 86}}));
  return 0;
}
