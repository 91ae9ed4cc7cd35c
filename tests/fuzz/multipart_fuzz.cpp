// The multipart reader: the same body in any pieces tells the same, and no more than came is told.
#include <cstdlib>

#include "node/web_server/multipart.h"

namespace {

using namespace khuoi;

class Told final : public http::PartSink {
 public:
  Result<void> begin(http::PartHead head) override {
    text += "[" + head.name + "|" + head.file_name + "|" + head.type + "]";
    return {};
  }
  Result<void> data(ByteView octets) override {
    text += text_of(octets);
    octets_told += octets.size();
    return {};
  }
  Result<void> end() override {
    text += "[end]";
    return {};
  }
  std::string text;
  std::size_t octets_told = 0;
};

struct Outcome {
  bool fine = false;
  std::string text;
};

Outcome read_in_pieces(ByteView body, std::size_t piece) {
  Told told;
  http::MultipartReader reader("b", told);
  Outcome out{true, {}};
  for (std::size_t at = 0; at < body.size() && out.fine; at += piece) {
    out.fine = reader.feed(body.subspan(at, std::min(piece, body.size() - at))).has_value();
  }
  out.fine = out.fine && reader.finish().has_value();
  if (told.octets_told > body.size()) std::abort();
  out.text = std::move(told.text);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView body(data + 1, size - 1);
  const Outcome whole = read_in_pieces(body, body.size() + 1);
  const Outcome pieces = read_in_pieces(body, std::size_t{data[0]} + 1);
  if (whole.fine != pieces.fine) std::abort();
  if (whole.fine && whole.text != pieces.text) std::abort();
  (void)http::boundary_of(text_of(body));
  (void)http::header_parameter(text_of(body), "filename");
  return 0;
}
