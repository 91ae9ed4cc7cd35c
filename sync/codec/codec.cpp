#include "sync/codec/codec.h"

#include <algorithm>

#include "sync/codec/zstd_dictionary.h"

namespace khuoi::sync {
namespace {

constexpr std::size_t head_octets = ModelHash::octets + 1;

Bytes with_head(const Model& model, CodecMode mode, ByteView data) {
  Bytes payload;
  payload.reserve(head_octets + data.size());
  Writer(payload).raw(model.hash().view()).u8(static_cast<std::uint8_t>(mode)).raw(data);
  return payload;
}

Error cut_short() { return fail(Errc::malformed, "a payload is shorter than its model hash and mode"); }

}  // namespace

Bytes encode_payload(const Model& model, ByteView xml) {
  if (auto packed = model.zstd().compress(xml); packed && packed->size() < xml.size()) {
    const auto back = model.zstd().decompress(*packed, xml.size());
    if (back && std::equal(back->begin(), back->end(), xml.begin(), xml.end())) {
      return with_head(model, CodecMode::zstd, *packed);
    }
  }
  return with_head(model, CodecMode::raw, xml);
}

Result<ModelHash> model_of(ByteView payload) {
  if (payload.size() < head_octets) return cut_short();
  return *ModelHash::from(payload.first(ModelHash::octets));
}

Result<CodecMode> mode_of(ByteView payload) {
  if (payload.size() < head_octets) return cut_short();
  const std::uint8_t mode = payload[ModelHash::octets];
  if (mode > static_cast<std::uint8_t>(CodecMode::raw)) {
    return fail(Errc::unsupported, "a payload has a mode this build does not know; update it");
  }
  return static_cast<CodecMode>(mode);
}

Result<Bytes> decode_payload(const Model& model, ByteView payload, std::size_t octets_max) {
  KHUOI_TRY(const ModelHash named, model_of(payload));
  if (named != model.hash()) return fail(Errc::malformed, "a payload names model " + named.hex() + ", not this one");
  KHUOI_TRY(const CodecMode mode, mode_of(payload));
  const ByteView data = payload.subspan(head_octets);
  switch (mode) {
    case CodecMode::zstd:
      return model.zstd().decompress(data, octets_max);
    case CodecMode::raw:
      if (data.size() > octets_max) return fail(Errc::too_large, "a raw payload is past its limit");
      return Bytes(data.begin(), data.end());
    case CodecMode::tokens:
      break;
  }
  return fail(Errc::unsupported, "a payload has a mode this build does not know; update it");
}

}  // namespace khuoi::sync
