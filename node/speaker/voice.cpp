#include "node/speaker/voice.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "node/speaker/speech_text.h"
#include "storage/files.h"
#include "sync/base/check.h"

namespace khuoi::speaker {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using storage::RemoveUnlessKept;

namespace {

constexpr std::size_t page_text_octets_max = 2000;
constexpr std::uint64_t page_wav_octets_max = std::uint64_t{180} * sample_rate * 2;
/// espeak-ng speaks a hundred times faster than it is heard; a box may be thirty times slower than that was measured on.
constexpr milliseconds speaking_patience{120'000};
constexpr milliseconds decoding_patience{120'000};
/// A player that takes longer than its sound hangs.
constexpr milliseconds playing_slack{15'000};
constexpr std::size_t kept_max = 50;
/// A player that fails so soon after it began with a clip could not open the device, or not with that clip's format.
constexpr double clip_lead_seconds = 0.5;

double seconds_of(const Samples& samples) { return static_cast<double>(samples.size()) / sample_rate; }

}  // namespace

fs::path Voice::fresh_path(std::string_view ending) const {
  static std::atomic<unsigned> count = 0;
  std::error_code ignored;
  fs::create_directories(data_ / "run", ignored);
  return data_ / "run" / ("sound-" + std::to_string(getpid()) + "-" + std::to_string(++count) + std::string(ending));
}

Result<Ended> Voice::speak_into(const fs::path& wav, std::string_view text, const GiveUp& give_up) const {
  Child child;
  child.arguments = {"espeak-ng", "-v", config_.voice, "-s", std::to_string(config_.speed), "-b", "1", "--stdin", "-w", wav.string()};
  child.input = text_for_speech(text);
  child.patience = speaking_patience;
  auto ended = run_child(child, give_up);
  if (!ended && ended.error().code == Errc::not_found) {
    return fail(Errc::unsupported, "espeak-ng is not installed, so this machine cannot read texts aloud: apt-get install espeak-ng");
  }
  return ended;
}

Result<Voice::Wav> Voice::wav_of_text(std::string_view text) const {
  if (text.size() > page_text_octets_max) return fail(Errc::too_large, "the text to read aloud is over 2,000 octets: read it in parts");
  const fs::path wav = fresh_path(".wav");
  const RemoveUnlessKept removed(wav);
  KHUOI_TRY(const Ended ended, speak_into(wav, text, {}));
  KHUOI_CHECK(ended == Ended::by_itself);
  Wav out;
  out.file = storage::Fd(open(wav.c_str(), O_RDONLY | O_CLOEXEC));
  if (!out.file.open()) return storage::errno_error(errno, "reading what espeak-ng said");
  const off_t size = lseek(out.file.get(), 0, SEEK_END);
  if (size <= 0) return fail(Errc::io, "espeak-ng made no sound");
  out.octets = static_cast<std::uint64_t>(size);
  if (out.octets > page_wav_octets_max) return fail(Errc::too_large, "read aloud, the text takes over three minutes: read it in parts");
  return out;
}

Error Voice::no_sound() {
  return fail(Errc::unsupported,
              "no sound: this machine has no sound card and config.toml names no player; plug in a loudspeaker, or name "
              "a player as node/speaker/README.md says");
}

Result<Ended> Voice::say(Chime before, std::string_view text, const GiveUp& give_up, bool* words) const {
  if (!can_be_heard()) return no_sound();
  const fs::path speech = fresh_path(".wav"), whole = fresh_path(".wav");
  const RemoveUnlessKept speech_removed(speech), whole_removed(whole);
  KHUOI_TRY(const Ended spoken, speak_into(speech, text, give_up));
  if (spoken == Ended::given_up) return spoken;
  const Samples bell = chime(before);
  KHUOI_TRY_VOID(write_wav(whole, bell, &speech));
  return play(whole, seconds_of(bell), give_up, words);
}

Result<Ended> Voice::play_clip(Chime before, const fs::path& clip, const GiveUp& give_up, bool* words) const {
  fs::path wav = clip;
  const fs::path decoded = fresh_path(".wav");
  const RemoveUnlessKept removed(decoded);
  if (!read_wav(clip)) {
    KHUOI_TRY(const Ended ended, run_child({.arguments = {"sndfile-convert", "-pcm16", clip.string(), decoded.string()}, .input = {}, .patience = decoding_patience}, give_up));
    if (ended == Ended::given_up) return ended;
    wav = decoded;
  }
  KHUOI_TRY(const WavFacts facts, read_wav(wav));
  if (facts.data_octets == 0) return fail(Errc::unsupported, "the clip holds no sound");
  KHUOI_TRY(const Ended chimed, play_chime(before, give_up));
  if (chimed == Ended::given_up) return chimed;
  return play(wav, clip_lead_seconds, give_up, words);
}

Result<Ended> Voice::play_chime(Chime which, const GiveUp& give_up) const {
  const fs::path wav = fresh_path(".wav");
  const RemoveUnlessKept removed(wav);
  KHUOI_TRY_VOID(write_wav(wav, chime(which)));
  return play(wav, 0, give_up, nullptr);
}

Result<Ended> Voice::play(const fs::path& wav, double lead_seconds, const GiveUp& give_up, bool* words) const {
  if (!can_be_heard()) return no_sound();
  KHUOI_TRY(const WavFacts facts, read_wav(wav));
  if (config_.player.empty() && config_.heard) {
    auto kept = keep(wav);
    if (kept && words != nullptr) *words = true;
    return kept;
  }
  Child child;
  // A sound card that was plugged in since the start.
  child.arguments = config_.player.empty() ? std::vector<std::string>{"aplay", "-q"} : config_.player;
  const auto place = std::ranges::find(child.arguments, "{}");
  if (place == child.arguments.end()) {
    child.arguments.push_back(wav.string());
  } else {
    *place = wav.string();
  }
  child.patience = playing_slack + milliseconds(static_cast<std::int64_t>(std::ceil(facts.seconds() * 1100)));
  const auto began = std::chrono::steady_clock::now();
  auto ended = run_child(child, give_up);
  const std::chrono::duration<double> lasted = std::chrono::steady_clock::now() - began;
  const bool whole = ended && *ended == Ended::by_itself;
  if (words != nullptr && (whole || lasted.count() >= lead_seconds)) *words = true;
  return ended;
}

/// Instead of a loudspeaker: numbered files, the newest fifty.
Result<Ended> Voice::keep(const fs::path& wav) const {
  std::error_code failed;
  fs::create_directories(config_.folder, failed);
  std::vector<std::string> there;
  for (fs::directory_iterator at(config_.folder, failed); !failed && at != fs::directory_iterator(); at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (name.size() == 12 && name.ends_with(".wav") && name.find_first_not_of("0123456789") == 8) there.push_back(name);
  }
  std::ranges::sort(there);
  const unsigned long next = there.empty() ? 1 : std::stoul(there.back()) + 1;
  for (std::size_t i = 0; i + kept_max <= there.size(); ++i) fs::remove(config_.folder / there[i], failed);
  std::string name = std::to_string(next);
  name.insert(0, name.size() < 8 ? 8 - name.size() : 0, '0');
  const fs::path to = config_.folder / (name + ".wav"), temporary = config_.folder / (name + ".new");
  const RemoveUnlessKept removed(temporary);
  failed.clear();
  fs::copy_file(wav, temporary, fs::copy_options::overwrite_existing, failed);
  if (!failed) fs::rename(temporary, to, failed);
  if (failed) return fail(Errc::io, "keeping a sound in " + config_.folder.string() + " failed: " + failed.message());
  return Ended::by_itself;
}

}  // namespace khuoi::speaker
