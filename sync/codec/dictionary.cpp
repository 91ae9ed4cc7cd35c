#include "sync/codec/dictionary.h"

#include <algorithm>

#include "sync/codec/zstd_dictionary.h"

namespace khuoi::sync {

// version u8 ‖ zstd frame of: for each submission a varint length and its octets.
namespace {
constexpr std::uint8_t dictionary_version = 1;
}

Result<Bytes> Dictionary::encode() const {
  if (submissions.empty()) return Bytes{};
  if (submissions.size() > submissions_max) return fail(Errc::too_large, "a dictionary holds at most 1000 submissions");
  Bytes plain;
  Writer writer(plain);
  for (const Bytes& submission : submissions) writer.counted(submission);
  if (plain.size() > octets_max) return fail(Errc::too_large, "a dictionary holds at most 1 MiB");
  KHUOI_TRY(const Bytes packed, ZstdDictionary({}).compress(plain));
  Bytes out;
  Writer(out).u8(dictionary_version).raw(packed);
  return out;
}

Result<Dictionary> Dictionary::decode(ByteView octets) {
  if (octets.empty()) return Dictionary{};
  if (octets[0] != dictionary_version) return fail(Errc::malformed, "a dictionary of an unknown version");
  KHUOI_TRY(const Bytes plain, ZstdDictionary({}).decompress(octets.subspan(1), octets_max));
  Dictionary out;
  Reader reader(plain);
  while (reader.ok() && !reader.done()) {
    if (out.submissions.size() == submissions_max) {
      return fail(Errc::too_large, "a dictionary holds at most 1000 submissions");
    }
    const ByteView submission = reader.counted(octets_max);
    out.submissions.emplace_back(submission.begin(), submission.end());
  }
  if (!reader.ok() || out.submissions.empty()) return fail(Errc::malformed, "a dictionary is cut short");
  return out;
}

}  // namespace khuoi::sync
