#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "node/sticks/stick_sync.h"

namespace khuoi::node {

/// What goes on at a stick, for whoever shows it or makes a sound of it.
struct StickNews {
  enum class What : std::uint8_t { none, working, safe, failed, foreign } what = What::none;  ///< none: pulled out
  std::filesystem::path folder;    ///< or the device, /dev/sdb1, of a stick that the service mounts itself
  std::uint64_t done = 0, of = 0;  ///< of the step under way
  std::string message = {};        ///< failed: a sentence
  std::string reason = {};         ///< failed: a word for it, which the page has a sentence of its own for; or nothing
  sync::Counts counts = {};        ///< safe, foreign: what was moved
  bool put_in = false;  ///< somebody put the stick in, or changed it; else something written here went onto it
};

using TellStickNews = std::function<void(const StickNews&)>;

/// One sync of the stick mounted at `dir`, told and logged under news.folder: `working` as it goes, through `tell`; how
/// it ended is returned, not told. `gone` ends it between two bundles. `memory`, if given, takes what the stick holds
/// now.
StickNews visit_stick(Engine& engine, const std::filesystem::path& dir, StickNews news, const TellStickNews& tell,
                      const std::function<bool()>& gone, StickMemory* memory = nullptr);

}  // namespace khuoi::node
