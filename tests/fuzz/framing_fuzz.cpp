// Frames on a stream: the same octets in any pieces give the same messages, none larger than agreed, and what is
// written is read back.
#include <cstdlib>

#include "node/links/fiber/framing.h"

namespace {

using namespace khuoi;

struct Told {
  std::vector<Bytes> messages;
  bool broken = false;
  bool in_frame = false;
};

Told read_in_pieces(ByteView stream, std::size_t octets_max, std::size_t piece) {
  node::FrameReader reader(octets_max);
  Told out;
  while (!stream.empty() && !out.broken) {
    ByteView some = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(some.size());
    while (!some.empty() && !out.broken) {
      const std::size_t before = some.size();
      auto message = reader.take(some);
      if (!message) {
        out.broken = true;
        if (message.error().code != Errc::malformed && message.error().code != Errc::too_large) std::abort();
      } else if (*message) {
        if ((*message)->empty() || (*message)->size() > octets_max) std::abort();
        out.messages.push_back(std::move(**message));
      } else if (!some.empty() || before == 0) {
        std::abort();  // it asked for more without having taken what there was
      }
    }
  }
  out.in_frame = reader.in_frame();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::size_t octets_max = std::size_t{data[0]} * 256 + data[1] + 1;
  const std::size_t piece = std::size_t{data[2]} + 1;
  const ByteView stream(data + 3, size - 3);
  const Told whole = read_in_pieces(stream, octets_max, stream.size() + 1);
  const Told pieces = read_in_pieces(stream, octets_max, piece);
  const Told octets = read_in_pieces(stream, octets_max, 1);
  if (whole.messages != pieces.messages || whole.messages != octets.messages) std::abort();
  if (whole.broken != pieces.broken || whole.broken != octets.broken) std::abort();
  Bytes again;
  for (const Bytes& message : whole.messages) node::append_frame(again, message);
  if (!equal(again, stream.first(again.size()))) std::abort();
  if (!whole.broken && whole.in_frame != (again.size() < stream.size())) std::abort();
  return 0;
}
