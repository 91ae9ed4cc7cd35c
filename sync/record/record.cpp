#include "sync/record/record.h"

#include <algorithm>
#include <limits>

#include "sync/base/check.h"
#include "sync/record/body_codec.h"
#include "sync/record/header.h"
#include "sync/record/kinds.h"
#include "sync/record/packed.h"

namespace khuoi::sync {

namespace {

constexpr std::uint8_t form_packed = 0;
constexpr std::uint8_t form_compressed = 1;
/// As form_compressed, but of an XForm that is larger than a record until it is compressed.
constexpr std::uint8_t form_compressed_large = 2;
/// The form, its files and the rest of its message.
constexpr std::size_t large_octets_max = form_octets_max + record_octets_max;
/// Below this a frame's own header costs more than it saves.
constexpr std::size_t compress_from_octets = 48;

void write_time(Writer to, const WrittenAt& at) {
  to.varint((std::uint64_t{at.run_seconds} << 1U) | (at.clock_stepped ? 1U : 0U));
  if (!at.clock_stepped) return;
  const auto wall = static_cast<std::uint64_t>(std::max<std::int64_t>(at.wall.value, 0));
  to.u64(wall | (at.trusted ? trusted_bit : 0));
}

Result<WrittenAt> read_time(Reader& from) {
  WrittenAt out;
  const std::uint64_t seconds = from.varint();
  if (seconds >> 1U > std::numeric_limits<std::uint32_t>::max()) {
    return fail(Errc::malformed, "record: written later than a run can last");
  }
  out.run_seconds = static_cast<std::uint32_t>(seconds >> 1U);
  out.clock_stepped = (seconds & 1U) != 0;
  if (out.clock_stepped) {
    const std::uint64_t wall = from.u64();
    out.wall.value = static_cast<std::int64_t>(wall & ~trusted_bit);
    out.trusted = (wall & trusted_bit) != 0;
  }
  return out;
}

/// Whether a body's message fits the limit that every reader has for the other forms.
bool is_large(const Body& body, ByteView packed) {
  const auto* form = std::get_if<FormRecord>(&body);
  return form != nullptr && form->xml.size() > record_octets_max / 2 && !unpack_words(packed, record_octets_max);
}

Bytes encode_body(const Body& body) {
  if (const auto* submission = std::get_if<Submission>(&body)) return submission->payload;
  const Bytes packed = pack_body(body);
  Bytes out;
  if (const auto* edit = std::get_if<Edit>(&body)) {
    Writer(out).counted(packed).raw(edit->payload);
    return out;
  }
  const Bytes frame = packed.size() < compress_from_octets ? Bytes{} : compress_frame(packed);
  if (!frame.empty() && frame.size() < packed.size()) {
    Writer(out).u8(is_large(body, packed) ? form_compressed_large : form_compressed).raw(frame);
  } else {
    Writer(out).u8(form_packed).raw(packed);
  }
  return out;
}

Result<Body> decode_edit(ByteView octets) {
  Reader from(octets);
  const ByteView packed = from.counted(octets.size());
  if (!from.ok()) return fail(Errc::malformed, "edit: cut short");
  KHUOI_TRY(Body body, unpack_body(Kind::edit, packed));
  std::get<Edit>(body).payload = to_bytes(from.rest());
  return body;
}

Result<Body> decode_body(Kind kind, ByteView octets) {
  if (kind == Kind::submission) return Body{Submission{to_bytes(octets)}};
  if (kind == Kind::edit) return decode_edit(octets);
  if (octets.empty()) return fail(Errc::malformed, "record: without a body");
  const ByteView content = octets.subspan(1);
  if (octets[0] == form_packed) return unpack_body(kind, content);
  if (octets[0] == form_compressed_large && kind == Kind::form) {
    KHUOI_TRY(const Bytes packed, decompress_frame(content, large_octets_max));
    return unpack_body(kind, packed, large_octets_max);
  }
  if (octets[0] != form_compressed)
    return fail(Errc::unsupported, "record: its body is in a form this build does not know");
  KHUOI_TRY(const Bytes packed, decompress_frame(content, record_octets_max));
  return unpack_body(kind, packed);
}

}  // namespace

std::string_view name_of(Domain domain) { return domain == Domain::health ? "health" : "general"; }

Kind kind_of(const Body& body) {
  // In the order of the variant's alternatives.
  constexpr std::array<Kind, std::variant_size_v<Body>> kinds{
      Kind::submission,   Kind::edit,      Kind::withdrawal, Kind::manifest,      Kind::pick,    Kind::state,
      Kind::announcement, Kind::played,    Kind::document,   Kind::document_read, Kind::message, Kind::form,
      Kind::dictionary,   Kind::group_key, Kind::checkpoint, Kind::node_health,   Kind::erase};
  return kinds.at(body.index());
}

Bytes encode_plain(const Plain& plain) {
  Bytes out{0};
  write_time(Writer(out), plain.at);
  append(out, encode_body(plain.body));
  const std::size_t pad = (4 - out.size() % 4) % 4;
  const auto kind = static_cast<unsigned>(kind_of(plain.body));
  const auto domain = static_cast<unsigned>(plain.domain);
  out[0] = static_cast<std::uint8_t>(kind | (domain << 5U) | (pad << 6U));
  out.resize(out.size() + pad);
  return out;
}

Result<Bytes> encode_plain_checked(const Plain& plain) {
  KHUOI_TRY_VOID(check_body(plain.body));
  Bytes out = encode_plain(plain);
  // What is written must be readable: also once unpacked a body may not pass the record's limit.
  if (const auto read_back = decode_plain(out); !read_back) {
    const std::string name(name_of(kind_of(plain.body)));
    if (kind_of(plain.body) == Kind::form && out.size() > record_octets_max) {
      return fail(Errc::too_large, "a form may have 16 MiB of XML and 1 MiB once compressed; this one has " +
                                       std::to_string(out.size()) + " octets compressed: move lists to CSV files");
    }
    return fail(read_back.error().code, name + " cannot be written: " + read_back.error().what);
  }
  return out;
}

Result<Plain> decode_plain(ByteView octets) {
  if (octets.size() > record_octets_max) return fail(Errc::too_large, "record: over 1 MiB");
  if (octets.empty() || octets.size() % 4 != 0) return fail(Errc::malformed, "record: not a multiple of four octets");
  const std::uint8_t kind_number = octets[0] & 0x1fU;
  const std::size_t pad = octets[0] >> 6U;
  if (kind_number > kind_last)
    return fail(Errc::unsupported, "record: a kind this build does not know; it needs an update");
  Plain out;
  out.kind = static_cast<Kind>(kind_number);
  out.domain = (octets[0] & 0x20U) != 0 ? Domain::health : Domain::general;
  if (facts_of(out.kind).writers == Writers::nobody) return fail(Errc::malformed, "record: a kind that never stands in a plaintext");
  const ByteView padding = octets.last(pad);
  if (std::ranges::any_of(padding, [](std::uint8_t octet) { return octet != 0; })) {
    return fail(Errc::malformed, "record: padding that is not zero");
  }
  Reader from(octets.first(octets.size() - pad).subspan(1));
  KHUOI_TRY(out.at, read_time(from));
  if (!from.ok()) return fail(Errc::malformed, "record: cut short before its body");
  KHUOI_TRY(out.body, decode_body(out.kind, from.rest()));
  KHUOI_TRY_VOID(check_body(out.body));
  return out;
}

}  // namespace khuoi::sync
