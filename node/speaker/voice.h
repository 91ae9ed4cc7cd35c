#pragma once

#include <functional>

#include "node/speaker/child.h"
#include "node/speaker/config.h"
#include "node/speaker/sound.h"
#include "storage/files.h"

namespace khuoi::speaker {

using GiveUp = std::function<bool()>;

/// Makes and plays sounds with other programs: espeak-ng speaks, sndfile-convert decodes clips, the configured player
/// plays. Blocks; any thread. Temporary files lie in DIR/run and are gone when a call returns.
class Voice final {
 public:
  Voice(std::filesystem::path data, Config config) : data_(std::move(data)), config_(std::move(config)) {}

  /// The text normalised and spoken, as a WAV for the pages, so at most 2,000 octets of text and three minutes. The file
  /// has no name any more: it goes when it is closed.
  /// Errors: too_large, unsupported (espeak-ng is not installed), io, closed.
  struct Wav {
    storage::Fd file;
    std::uint64_t octets = 0;
  };
  Result<Wav> wav_of_text(std::string_view text) const;

  /// Whether there is a loudspeaker: a player or a folder that config.toml names, or a sound card now.
  [[nodiscard]] bool can_be_heard() const { return config_.heard || has_sound_card(); }
  /// A sentence that says that there is none, and what to do.
  static Error no_sound();

  // `words`, where given, becomes true once somebody may have heard a word: a player that failed or was stopped while its
  // chime would still have sounded, and whatever failed before a player began, leaves it as it was.
  /// A chime, then the text. Errors: as above, without a limit of length below that of a record; unsupported where nothing
  /// can be heard.
  Result<Ended> say(Chime before, std::string_view text, const GiveUp& give_up, bool* words = nullptr) const;
  /// A chime, then the clip in that file. Errors: unsupported (not a sound that can be decoded here), io, closed.
  Result<Ended> play_clip(Chime before, const std::filesystem::path& clip, const GiveUp& give_up, bool* words = nullptr) const;
  Result<Ended> play_chime(Chime which, const GiveUp& give_up) const;
  /// A path in DIR/run that nobody else uses.
  [[nodiscard]] std::filesystem::path fresh_path(std::string_view ending) const;

 private:
  Result<Ended> speak_into(const std::filesystem::path& wav, std::string_view text, const GiveUp& give_up) const;
  /// `lead_seconds`: how long no word sounds at its beginning.
  Result<Ended> play(const std::filesystem::path& wav, double lead_seconds, const GiveUp& give_up, bool* words) const;
  Result<Ended> keep(const std::filesystem::path& wav) const;

  std::filesystem::path data_;
  Config config_;
};

}  // namespace khuoi::speaker
