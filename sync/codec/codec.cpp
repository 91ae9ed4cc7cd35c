#include "sync/codec/codec.h"

#include <algorithm>

#include "sync/codec/record_model.h"
#include "sync/codec/zstd_dictionary.h"

namespace khuoi::sync {
namespace {

constexpr std::size_t head_octets = ModelHash::octets + 1;
/// Longer records go to zstd alone: what the token model costs in time and memory grows with each new word.
constexpr std::size_t tokens_octets_max = 64 * 1024;

Bytes with_head(const Model& model, CodecMode mode, ByteView data) {
  Bytes payload;
  payload.reserve(head_octets + data.size());
  Writer(payload).raw(model.hash().view()).u8(static_cast<std::uint8_t>(mode)).raw(data);
  return payload;
}

Error cut_short() { return fail(Errc::malformed, "a payload is shorter than its model hash and mode"); }

}  // namespace

Bytes encode_payload(const Model& model, ByteView xml) {
  Bytes best = with_head(model, CodecMode::raw, xml);
  const auto offer = [&](CodecMode mode, ByteView data) {
    if (data.size() + head_octets >= best.size()) return;
    Bytes payload = with_head(model, mode, data);
    const auto back = decode_payload(model, payload, xml.size());
    if (back && std::equal(back->begin(), back->end(), xml.begin(), xml.end())) best = std::move(payload);
  };
  if (xml.size() <= tokens_octets_max) {
    if (const auto data = model.records().encode(text_of(xml))) offer(CodecMode::tokens, *data);
  }
  // zstd costs ten times as long, and has not been seen to win where the tokens already saved four fifths.
  if (best.size() > xml.size() / 5) {
    if (const auto data = model.zstd().compress(xml)) offer(CodecMode::zstd, *data);
  }
  return best;
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
    case CodecMode::tokens: {
      const auto text = model.records().decode(data, std::min(octets_max, tokens_octets_max));
      if (!text) return fail(Errc::malformed, "a payload does not decode with its model");
      return Bytes(text->begin(), text->end());
    }
  }
  return fail(Errc::unsupported, "a payload has a mode this build does not know; update it");
}

}  // namespace khuoi::sync
