#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "sync/base/bytes.h"
#include "sync/base/result.h"

namespace khuoi::speaker {

/// One channel of signed 16 bits, the rate that espeak-ng speaks at.
inline constexpr std::uint32_t sample_rate = 22'050;
using Samples = std::vector<std::int16_t>;

enum class Chime : std::uint8_t {
  attention,  ///< before an announcement: two falling notes
  alarm,      ///< before an emergency: rises and falls for four seconds
  done,       ///< the stick may be pulled: three rising notes
  failed,     ///< something went wrong with the stick: two low notes
};
/// Computed, the same samples on every machine.
Samples chime(Chime which);

/// What a WAV file of PCM says of itself.
struct WavFacts {
  std::uint16_t channels = 0;
  std::uint16_t bits = 0;
  std::uint32_t rate = 0;
  std::uint64_t data_at = 0;      ///< offset of the samples
  std::uint64_t data_octets = 0;  ///< as far as they are there
  [[nodiscard]] double seconds() const;
};
/// Errors: malformed (no PCM WAV), io.
Result<WavFacts> read_wav(const std::filesystem::path& file);
/// Whole, in memory.
Bytes wav_of(std::span<const std::int16_t> samples);
/// Writes `first`, then what `then` holds, as one WAV; in constant memory. `then` must be one channel of 16 bits at our
/// rate. Errors: unsupported, malformed, io, disk_full.
Result<void> write_wav(const std::filesystem::path& to, std::span<const std::int16_t> first,
                       const std::filesystem::path* then = nullptr);

}  // namespace khuoi::speaker
