#include "sync/record/packed.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "sync/base/check.h"

namespace khuoi::sync {

namespace {

constexpr int window_log_max = 23;
/// Level 19 takes half a second a megabyte; past this size nine is close enough.
constexpr std::size_t thorough_octets_max = 256U << 10U;

std::uint64_t word_at(ByteView octets) {
  std::uint64_t word = 0;
  std::memcpy(&word, octets.data(), sizeof word);
  return word;
}

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

Result<std::vector<std::uint64_t>> unpack_words(ByteView packed, std::size_t octets_max) {
  const std::size_t words_max = octets_max / 8;
  std::vector<std::uint64_t> words;
  words.reserve(std::min(packed.size() / 8 + 1, words_max));  // as much as came; runs of zeros make it more
  Reader from(packed);
  while (from.ok() && !from.rest().empty()) {
    const std::uint8_t tag = from.u8();
    std::array<std::uint8_t, 8> word{};
    for (unsigned bit = 0; bit < 8; ++bit) {
      if ((tag & (1U << bit)) != 0) word[bit] = from.u8();
    }
    const bool has_run = tag == 0x00 || tag == 0xff;  // zero words, or words that stand as they are
    const std::size_t run = has_run ? from.u8() : 0;
    if (words.size() + 1 + run > words_max) return fail(Errc::too_large, "message: larger than it may be once unpacked");
    words.push_back(word_at(word));
    if (run == 0) continue;
    const std::size_t at = words.size();
    words.resize(at + run);
    if (tag == 0x00) continue;
    if (const ByteView plain = from.raw(run * 8); !plain.empty()) std::memcpy(&words[at], plain.data(), plain.size());
  }
  if (!from.ok()) return fail(Errc::malformed, "message: its packing is cut short");
  return words;
}

Bytes compress_frame(ByteView octets) {
  const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
  KHUOI_CHECK(context);
  const auto set = [&context](ZSTD_cParameter parameter, int value) {
    KHUOI_CHECK(ZSTD_isError(ZSTD_CCtx_setParameter(context.get(), parameter, value)) == 0);
  };
  set(ZSTD_c_compressionLevel, octets.size() <= thorough_octets_max ? 19 : 9);
  set(ZSTD_c_format, ZSTD_f_zstd1_magicless);
  set(ZSTD_c_checksumFlag, 0);
  set(ZSTD_c_dictIDFlag, 0);
  Bytes out(ZSTD_compressBound(octets.size()));
  const std::size_t size = ZSTD_compress2(context.get(), out.data(), out.size(), octets.data(), octets.size());
  KHUOI_CHECK(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

Result<Bytes> decompress_frame(ByteView frame, std::size_t octets_max) {
  const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context(ZSTD_createDCtx());
  KHUOI_CHECK(context);
  KHUOI_CHECK(ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_format, ZSTD_f_zstd1_magicless)) == 0);
  KHUOI_CHECK(ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log_max)) == 0);
  Bytes out(std::min(octets_max, std::max<std::size_t>(frame.size() * 4, 4096)));
  ZSTD_inBuffer in{frame.data(), frame.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  for (;;) {
    const std::size_t in_before = in.pos;
    const std::size_t out_before = to.pos;
    const std::size_t left = ZSTD_decompressStream(context.get(), &to, &in);
    if (ZSTD_isError(left) != 0) return fail(Errc::malformed, "compressed octets: not a zstd frame of ours");
    if (left == 0) break;
    const bool stuck = in.pos == in_before && to.pos == out_before;
    if (to.pos == to.size) {
      if (out.size() >= octets_max && stuck) return fail(Errc::too_large, "compressed octets: too much once unpacked");
      out.resize(std::min(octets_max, out.size() * 2));
      to.dst = out.data();
      to.size = out.size();
    } else if (stuck) {
      return fail(Errc::malformed, "compressed octets: the frame is cut short");
    }
  }
  if (in.pos != in.size) return fail(Errc::malformed, "compressed octets: something follows the frame");
  out.resize(to.pos);
  return out;
}

}  // namespace khuoi::sync
