#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "storage/stick_file.h"
#include "storage/stick_view.h"
#include "storage/stick_writer.h"
#include "sync/base/rng.h"

namespace khuoi::storage {

struct StickLimits {
  std::size_t names_max = 4096;         ///< bundles looked at
  std::size_t entries_max = 1'000'000;  ///< names looked at in all
  std::uint64_t file_octets_max = std::uint64_t{8} << 30;
  std::uint64_t memory_octets_max = std::uint64_t{1} << 20;  ///< larger private copies go to a file
};

/// Why an entry of KHUOI/ was passed over; counted, never shown by name: names from a stick are anyone's.
enum class StickSkip : std::uint8_t {
  foreign_name,  ///< not [0-9a-f]{16}.kbn
  not_a_file,    ///< a folder, FIFO, socket, device, or symbolic link
  linked,        ///< has another name somewhere
  too_large,
  sparse,  ///< claims far more than it holds
  empty,
  unreadable,
  past_limit,  ///< not looked at any more; counts once
};
inline constexpr std::size_t stick_skip_count = 8;
std::string_view name_of(StickSkip reason);

struct StickEntry {
  std::string name;      ///< lower case
  std::string on_stick;  ///< as the file system has it
  std::uint64_t octets = 0;
};

struct StickListing {
  std::vector<StickEntry> entries;  ///< by name
  std::array<std::uint64_t, stick_skip_count> skipped{};
};

/// The folder KHUOI/ in the root of a stick (FORMAT.md, "Stick folder"). Whatever is on a stick is hostile: names are
/// opened below the folder only, without following links or leaving its file system, and only regular files.
/// Threads: one owner.
class StickFolder final {
 public:
  /// `dir`: where the stick is mounted. Changes nothing; KHUOI/ need not be there.
  /// Errors: not_found; denied when KHUOI is something else than a folder of that file system; io.
  static Result<StickFolder> open(const std::filesystem::path& dir, const StickLimits& limits = {});

  /// Whether KHUOI/ is there.
  [[nodiscard]] bool present() const { return khuoi_.open(); }
  [[nodiscard]] Result<StickListing> list() const;
  /// Opens a bundle to be read where it lies. Errors: not_found, denied (no plain file), too_large, io.
  [[nodiscard]] Result<StickView> view(const StickEntry& entry) const;
  /// Copies a bundle into memory, or into a file without a name in `private_dir`. Errors: not_found, denied (no plain
  /// file), too_large, disk_full (of private_dir), io when much of it cannot be read.
  [[nodiscard]] Result<StickFile> copy(const StickEntry& entry, const std::filesystem::path& private_dir) const;

  /// Makes KHUOI/ and its README.txt where they are missing, and removes temporary files of ours that a pulled stick
  /// or a power cut left. Errors: read_only, disk_full, io.
  Result<void> prepare_for_writing(Rng& rng);
  /// After prepare_for_writing(). name: [0-9a-f]{16}.kbn; commit() replaces a bundle of that name.
  Result<StickWriter> create(const std::string& name, Rng& rng);
  /// Removes a bundle of the listing. One that is gone already is no error.
  Result<void> remove(const StickEntry& entry);
  /// Makes removals durable.
  Result<void> sync();

  struct Space {
    std::uint64_t free_octets = 0;
    std::uint64_t cluster_octets = 0;
  };
  [[nodiscard]] Result<Space> space() const;

 private:
  StickFolder(std::filesystem::path dir, const StickLimits& limits) : dir_(std::move(dir)), limits_(limits) {}
  struct Opened {
    Fd file;
    std::uint64_t octets = 0;
    std::string doing;  ///< for errors
  };
  [[nodiscard]] Result<Opened> open_bundle(const StickEntry& entry) const;
  [[nodiscard]] Result<Fd> open_inside(int folder, const std::string& name, int flags) const;
  Result<void> write_readme(Rng& rng);
  Result<void> remove_stale_temps();
  Result<StickWriter> create_any(const std::string& name, Rng& rng);

  std::filesystem::path dir_;
  StickLimits limits_;
  Fd root_;
  Fd khuoi_;
};

/// Whether a name is [0-9a-f]{16}.kbn in any case: what stick file systems make of ours.
bool is_bundle_name(std::string_view name);

}  // namespace khuoi::storage
