#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sync/base/result.h"
#include "sync/merge/slots.h"

namespace khuoi::speaker {

/// The table [speaker] of DIR/config.toml; everything has a default, and so has the file.
///
///     [speaker]
///     enabled = true
///     noon = "11:30"                  # when the slots begin, +07:00
///     afternoon = "17:00"
///     lasts = 60                      # minutes in which a slot is made up for after a power cut
///     voice = "vi"                    # as `espeak-ng --voices=vi` lists them: vi, vi-vn-x-central, vi-vn-x-south
///     speed = 140                     # words a minute
///     player = "aplay -q"             # words parted by spaces, never a shell; or ["aplay", "-q", "-D", "plughw:1"];
///                                     # the WAV's path goes where {} stands, else at the end; "file:DIR" keeps WAVs there
struct Config {
  bool enabled = true;
  sync::SpeakingTimes times;
  std::string voice = "vi";
  int speed = 140;
  std::vector<std::string> player;    ///< empty: `folder`
  std::filesystem::path folder;       ///< where WAVs are written instead of being played
  /// False where no player is named and this machine had no sound card: nobody hears a WAV in `folder`, so none is written.
  bool heard = true;
};

/// Whether this machine has a sound card now.
bool has_sound_card();

/// What holds without a file: aplay where this machine has a sound card, else nothing can be heard.
Config default_config(const std::filesystem::path& data);

/// Errors: malformed, usage (values that make no sense), both with the line and what to write; too_large, io.
Result<Config> read_config(const std::filesystem::path& data);

}  // namespace khuoi::speaker
