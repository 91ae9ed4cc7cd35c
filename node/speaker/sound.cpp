#include "node/speaker/sound.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "storage/files.h"

namespace khuoi::speaker {

using storage::Fd;

namespace {

constexpr std::size_t header_octets = 44;
constexpr std::size_t piece_octets = 65536;

void little(Bytes& to, std::uint64_t value, std::size_t octets) {
  for (std::size_t i = 0; i < octets; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}
std::uint64_t little_at(ByteView from, std::size_t at, std::size_t octets) {
  std::uint64_t out = 0;
  for (std::size_t i = octets; i-- > 0;) out = out << 8U | from[at + i];
  return out;
}

Bytes wav_header(std::uint64_t data_octets) {
  const std::uint64_t told = std::min<std::uint64_t>(data_octets, 0xFFFFFF00U);
  Bytes out = to_bytes(view_of("RIFF"));
  little(out, told + header_octets - 8, 4);
  append(out, view_of("WAVEfmt "));
  little(out, 16, 4);
  little(out, 1, 2);
  little(out, 1, 2);
  little(out, sample_rate, 4);
  little(out, sample_rate * 2, 4);
  little(out, 2, 2);
  little(out, 16, 2);
  append(out, view_of("data"));
  little(out, told, 4);
  return out;
}

Bytes octets_of(std::span<const std::int16_t> samples) {
  Bytes out;
  out.reserve(samples.size() * 2);
  for (const std::int16_t sample : samples) little(out, static_cast<std::uint16_t>(sample), 2);
  return out;
}

struct Note {
  double hertz, seconds, loudness;
};
constexpr std::array attention_notes = std::to_array<Note>({{659.26, 0.5, 0.6}, {523.25, 0.9, 0.6}});
constexpr std::array done_notes = std::to_array<Note>({{523.25, 0.14, 0.6}, {659.26, 0.14, 0.6}, {783.99, 0.5, 0.6}});
constexpr std::array failed_notes = std::to_array<Note>({{220, 0.35, 0.8}, {165, 0.7, 0.8}});
std::span<const Note> notes_of(Chime which) {
  if (which == Chime::done) return done_notes;
  if (which == Chime::failed) return failed_notes;
  return attention_notes;
}

/// A bell: the note and two overtones, dying away.
void ring(Samples& to, const Note& note) {
  const auto [hertz, seconds, loudness] = note;
  const auto count = static_cast<std::size_t>(seconds * sample_rate);
  for (std::size_t i = 0; i < count; ++i) {
    const double t = static_cast<double>(i) / sample_rate, turn = 2 * std::numbers::pi * hertz * t;
    const double tone = std::sin(turn) + 0.4 * std::sin(2 * turn) + 0.15 * std::sin(3 * turn);
    const double swell = std::min(1.0, t / 0.008) * std::exp(-3.0 * t / seconds);
    to.push_back(static_cast<std::int16_t>(std::lround(tone / 1.55 * swell * loudness * 32767)));
  }
}

void wail(Samples& to, double low, double high, double seconds) {
  const auto count = static_cast<std::size_t>(seconds * sample_rate);
  double turn = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double part = static_cast<double>(i) / static_cast<double>(count);
    const double hertz = low + (high - low) * (part < 0.5 ? 2 * part : 2 - 2 * part);
    turn += 2 * std::numbers::pi * hertz / sample_rate;
    to.push_back(static_cast<std::int16_t>(std::lround(std::sin(turn) * 0.7 * 32767)));
  }
}

void rest(Samples& to, double seconds) { to.insert(to.end(), static_cast<std::size_t>(seconds * sample_rate), 0); }

}  // namespace

Samples chime(Chime which) {
  Samples out;
  if (which == Chime::alarm) {
    for (int i = 0; i < 2; ++i) wail(out, 500, 1000, 2);
  } else {
    for (const Note& note : notes_of(which)) ring(out, note);
  }
  rest(out, 0.3);
  return out;
}

double WavFacts::seconds() const {
  const std::uint64_t octets_a_second = std::uint64_t{rate} * channels * bits / 8;
  return octets_a_second == 0 ? 0 : static_cast<double>(data_octets) / static_cast<double>(octets_a_second);
}

Result<WavFacts> read_wav(const std::filesystem::path& file) {
  const Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.open()) return storage::errno_error(errno, "opening the sound " + file.string());
  const off_t end = lseek(fd.get(), 0, SEEK_END);
  const std::uint64_t size = end > 0 ? static_cast<std::uint64_t>(end) : 0;
  const Error malformed = fail(Errc::malformed, file.string() + " is no WAV of PCM");
  Bytes head(12);
  if (size < header_octets) return malformed;
  KHUOI_TRY_VOID(storage::read_at(fd.get(), 0, head, "reading " + file.string()));
  if (text_of(ByteView(head).first(4)) != "RIFF" || text_of(ByteView(head).subspan(8)) != "WAVE") return malformed;
  WavFacts out;
  std::uint64_t at = 12;
  for (int chunks = 0; chunks < 64 && at + 8 <= size; ++chunks) {
    Bytes chunk(8);
    KHUOI_TRY_VOID(storage::read_at(fd.get(), at, chunk, "reading " + file.string()));
    const std::string name(text_of(ByteView(chunk).first(4)));
    const std::uint64_t octets = little_at(chunk, 4, 4);
    if (name == "fmt " && octets >= 16 && at + 24 <= size) {
      Bytes format(16);
      KHUOI_TRY_VOID(storage::read_at(fd.get(), at + 8, format, "reading " + file.string()));
      const std::uint64_t coding = little_at(format, 0, 2);
      if (coding != 1 && coding != 0xFFFE) return malformed;
      out.channels = static_cast<std::uint16_t>(little_at(format, 2, 2));
      out.rate = static_cast<std::uint32_t>(little_at(format, 4, 4));
      out.bits = static_cast<std::uint16_t>(little_at(format, 14, 2));
    }
    if (name == "data") {
      out.data_at = at + 8;
      out.data_octets = std::min(octets, size - out.data_at);
      const bool whole = out.channels > 0 && out.rate > 0 && out.bits > 0;
      return whole ? Result<WavFacts>(out) : malformed;
    }
    at += 8 + octets + (octets & 1U);
  }
  return malformed;
}

Bytes wav_of(std::span<const std::int16_t> samples) {
  Bytes out = wav_header(samples.size() * 2);
  append(out, octets_of(samples));
  return out;
}

Result<void> write_wav(const std::filesystem::path& to, std::span<const std::int16_t> first,
                       const std::filesystem::path* then) {
  WavFacts more;
  Fd source;
  if (then != nullptr) {
    KHUOI_TRY(more, read_wav(*then));
    if (more.channels != 1 || more.bits != 16 || more.rate != sample_rate) {
      return fail(Errc::unsupported, then->string() + " is not one channel of 16 bits at " + std::to_string(sample_rate) + " Hz");
    }
    source = Fd(open(then->c_str(), O_RDONLY | O_CLOEXEC));
    if (!source.open()) return storage::errno_error(errno, "opening " + then->string());
  }
  const Fd out(open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const std::string doing = "writing the sound " + to.string();
  if (!out.open()) return storage::errno_error(errno, doing);
  KHUOI_TRY_VOID(storage::write_all(out.get(), wav_header(first.size() * 2 + more.data_octets), doing));
  KHUOI_TRY_VOID(storage::write_all(out.get(), octets_of(first), doing));
  Bytes piece(piece_octets);
  for (std::uint64_t done = 0; done < more.data_octets;) {
    const auto want = std::min<std::uint64_t>(piece.size(), more.data_octets - done);
    KHUOI_TRY_VOID(storage::read_at(source.get(), more.data_at + done, std::span(piece).first(want), "reading " + then->string()));
    KHUOI_TRY_VOID(storage::write_all(out.get(), ByteView(piece).first(want), doing));
    done += want;
  }
  return {};
}

}  // namespace khuoi::speaker
