#include "sync/base/check.h"
#include "sync/contact/radio/elements.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {

struct Heard {
  Bytes said;
  bool ended = false;
};
void read_on(ElementReader& reader, bool commune_sends, Heard& to) {
  while (!to.ended) {
    const auto element = reader.next(commune_sends);
    to.ended = !element;
    if (!element || !*element) return;
    if (const auto* record = std::get_if<RadioRecord>(&**element)) {
      KHUOI_CHECK(record->slot < radio_slots && record->body.size() <= radio_record_octets_max);
    }
    append(to.said, encode_element(**element));
  }
}

}  // namespace

/// The first octet says who sends and where the rest is cut. A stream says the same cut or whole, and what it said is
/// read again as the same; a note has one encoding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool commune_sends = (data[0] & 1U) != 0;
  const ByteView stream(data + 1, size - 1);
  const std::size_t cut = stream.size() * (data[0] >> 1U) / 128;
  Heard whole;
  Heard in_parts;
  ElementReader one;
  one.add(stream);
  read_on(one, commune_sends, whole);
  ElementReader two;
  for (const ByteView part : {stream.first(cut), stream.subspan(cut)}) {
    two.add(part);
    read_on(two, commune_sends, in_parts);
  }
  KHUOI_CHECK(equal(whole.said, in_parts.said) && whole.ended == in_parts.ended);
  ElementReader again;
  Heard said;
  again.add(whole.said);
  read_on(again, commune_sends, said);
  KHUOI_CHECK(equal(said.said, whole.said) && !said.ended);
  if (const auto note = decode_note(stream)) KHUOI_CHECK(static_cast<bool>(decode_note(encode_note(*note))));
  return 0;
}
