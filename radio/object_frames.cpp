#include "radio/object_frames.h"

#include "radio/erasure.h"

namespace khuoi::radio {

namespace {

void write_name(Writer& to, const ObjectName& name) { to.raw(name.tag).u8(name.count).u8(name.pad); }

std::optional<ObjectName> read_name(Reader& from) {
  ObjectName out;
  out.tag = from.array<3>();
  out.count = from.u8();
  out.pad = from.u8();
  const bool fits = out.count != 0 && out.count <= ErasureCode::symbols_max / 2 && out.pad < out.count;
  return from.ok() && fits ? std::optional(out) : std::nullopt;
}

}  // namespace

Bytes encode_symbol(const ObjectName& object, ByteView octets) {
  Bytes out;
  Writer to(out);
  write_name(to, object);
  to.raw(octets);
  return out;
}

std::optional<Symbol> decode_symbol(ByteView body) {
  Reader from(body);
  const auto name = read_name(from);
  const ByteView octets = from.rest();
  if (!name || octets.empty()) return std::nullopt;
  return Symbol{*name, octets};
}

Bytes encode_poll(const Poll& poll) {
  Bytes out;
  Writer to(out);
  write_name(to, poll.object);
  for (const RadioAlias alias : poll.asked) to.u16(alias);
  return out;
}

std::optional<Poll> decode_poll(ByteView body) {
  Reader from(body);
  const auto name = read_name(from);
  const std::size_t octets = body.size() - std::min(body.size(), object_name_octets);
  if (!name || octets == 0 || octets % 2 != 0 || octets / 2 > polled_max) return std::nullopt;
  Poll out{*name, {}};
  for (std::size_t i = 0; i < octets / 2; ++i) out.asked.push_back(from.u16());
  return out;
}

Bytes encode_report(const Report& report) { return {report.tag, report.lacking, report.lost}; }

std::optional<Report> decode_report(ByteView body) {
  if (body.size() != 3) return std::nullopt;
  return Report{body[0], body[1], body[2]};
}

}  // namespace khuoi::radio
