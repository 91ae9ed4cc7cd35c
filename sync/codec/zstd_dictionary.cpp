#include "sync/codec/zstd_dictionary.h"

#include <zstd.h>

#include <algorithm>
#include <memory>

#include "sync/base/check.h"

namespace khuoi::sync {
namespace {

constexpr int level = 19;
constexpr int window_log_max = 23;  // 8 MiB: what a decoder may be asked to hold

struct FreeCCtx {
  void operator()(ZSTD_CCtx* ctx) const { ZSTD_freeCCtx(ctx); }
};
struct FreeDCtx {
  void operator()(ZSTD_DCtx* ctx) const { ZSTD_freeDCtx(ctx); }
};

Error no_memory() { return fail(Errc::io, "zstd found no memory; free some and try again"); }

}  // namespace

ZstdDictionary::ZstdDictionary(ByteView content) : compressing_(nullptr), decompressing_(nullptr) {
  if (content.empty()) return;
  ZSTD_compressionParameters parameters = ZSTD_getCParams(level, 4096, content.size());
  parameters.windowLog = std::min(parameters.windowLog, static_cast<unsigned>(window_log_max));
  compressing_ = ZSTD_createCDict_advanced(content.data(), content.size(), ZSTD_dlm_byCopy, ZSTD_dct_rawContent,
                                           parameters, ZSTD_defaultCMem);
  decompressing_ =
      ZSTD_createDDict_advanced(content.data(), content.size(), ZSTD_dlm_byCopy, ZSTD_dct_rawContent, ZSTD_defaultCMem);
  KHUOI_CHECK(compressing_ != nullptr);
  KHUOI_CHECK(decompressing_ != nullptr);
}

ZstdDictionary::~ZstdDictionary() {
  ZSTD_freeCDict(compressing_);
  ZSTD_freeDDict(decompressing_);
}

Result<Bytes> ZstdDictionary::compress(ByteView plain) const {
  const std::unique_ptr<ZSTD_CCtx, FreeCCtx> ctx(ZSTD_createCCtx());
  if (!ctx) return no_memory();
  bool set = true;
  const auto put = [&](ZSTD_cParameter parameter, int value) {
    set = set && ZSTD_isError(ZSTD_CCtx_setParameter(ctx.get(), parameter, value)) == 0;
  };
  put(ZSTD_c_compressionLevel, level);
  put(ZSTD_c_contentSizeFlag, 0);
  put(ZSTD_c_checksumFlag, 0);
  put(ZSTD_c_dictIDFlag, 0);
  put(ZSTD_c_format, ZSTD_f_zstd1_magicless);
  if (compressing_ == nullptr) put(ZSTD_c_windowLog, plain.size() > 1024 * 1024 ? window_log_max : 20);
  KHUOI_CHECK(set);
  if (ZSTD_isError(ZSTD_CCtx_refCDict(ctx.get(), compressing_)) != 0) return no_memory();
  Bytes out(ZSTD_compressBound(plain.size()));
  const std::size_t size = ZSTD_compress2(ctx.get(), out.data(), out.size(), plain.data(), plain.size());
  if (ZSTD_isError(size) != 0) return no_memory();
  out.resize(size);
  return out;
}

Result<Bytes> ZstdDictionary::decompress(ByteView frame, std::size_t octets_max) const {
  const std::unique_ptr<ZSTD_DCtx, FreeDCtx> ctx(ZSTD_createDCtx());
  if (!ctx) return no_memory();
  KHUOI_CHECK(ZSTD_isError(ZSTD_DCtx_setParameter(ctx.get(), ZSTD_d_format, ZSTD_f_zstd1_magicless)) == 0);
  KHUOI_CHECK(ZSTD_isError(ZSTD_DCtx_setParameter(ctx.get(), ZSTD_d_windowLogMax, window_log_max)) == 0);
  if (ZSTD_isError(ZSTD_DCtx_refDDict(ctx.get(), decompressing_)) != 0) return no_memory();
  Bytes out;
  ZSTD_inBuffer in{frame.data(), frame.size(), 0};
  std::size_t left = 1;
  while (left != 0) {
    // One octet past the limit is asked for, so that a frame of exactly octets_max ends before it is refused.
    constexpr std::size_t step_octets = 16 * 1024;
    const std::size_t had = out.size();
    out.resize(std::min(had + step_octets, octets_max + 1));
    ZSTD_outBuffer to{out.data() + had, out.size() - had, 0};
    left = ZSTD_decompressStream(ctx.get(), &to, &in);
    out.resize(had + to.pos);
    if (ZSTD_isError(left) != 0) return fail(Errc::malformed, "a zstd payload does not decode");
    if (out.size() > octets_max) return fail(Errc::too_large, "a zstd payload holds more than its limit");
    if (left != 0 && to.pos == 0 && in.pos == in.size) return fail(Errc::malformed, "a zstd payload is cut short");
  }
  if (in.pos != in.size) return fail(Errc::malformed, "a zstd payload has octets after its end");
  return out;
}

std::size_t ZstdDictionary::octets_used() const {
  return ZSTD_sizeof_CDict(compressing_) + ZSTD_sizeof_DDict(decompressing_);
}

}  // namespace khuoi::sync
