#pragma once

#include "sync/codec/model.h"

namespace khuoi::sync {

/// How a payload's data is written; the octet after the model's hash.
enum class CodecMode : std::uint8_t { tokens = 0, zstd = 1, raw = 2 };

/// A payload: model hash 4 ‖ mode u8 ‖ data; drawn in FORMATS.md. Octets come back exactly, whatever they are: each
/// mode is decoded again and compared before it is chosen, and raw always works.
Bytes encode_payload(const Model& model, ByteView xml);

/// The model a payload was encoded with. Errors: malformed.
Result<ModelHash> model_of(ByteView payload);
/// Errors: malformed.
Result<CodecMode> mode_of(ByteView payload);

/// At most octets_max octets come out. Only for octets an AEAD has vouched for: junk may decode to something.
/// Errors: malformed (another model's hash, or mode 0 past octets_max, included), too_large, unsupported (a mode of a
/// later build).
Result<Bytes> decode_payload(const Model& model, ByteView payload, std::size_t octets_max);

}  // namespace khuoi::sync
