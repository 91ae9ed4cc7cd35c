#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "node/engine/engine.h"
#include "sync/files/file_intake.h"

namespace khuoi::node {

/// A file that somebody gives: what it is called, and its octets.
struct FileSource {
  /// Gives the octets in order, in pieces that hold until the next call; an empty piece is the end. Called on a thread
  /// of its own, never two calls at once.
  using Pieces = std::function<Result<ByteView>()>;
  /// What the record says of its type. The name that a stranger gives counts only for types that no beginning tells, as
  /// text/csv.
  enum class Type : std::uint8_t { by_name, by_beginning };

  std::string name;  ///< under which it is kept (NAMES.md)
  std::function<Result<Pieces>()> open;
  Type type = Type::by_name;
  /// Called now and then with the octets taken in so far, by whoever calls stream(); an error ends the intake.
  std::function<Result<void>(std::uint64_t octets)> taken = {};
};

/// BLAKE2b of all octets, by which two files of one name are told apart (Intake::has_file). Errors: the source's.
Result<Bytes> content_of(const FileSource& source);

/// A file on its way into the store: read and sealed on a thread of its own. It waits in memory for the commit of the
/// record that names it, so that both are one commit; what has no room there goes ahead in commits of 8 MiB. Unless
/// keep() was called after the record's commit, what went ahead is erased again. Threads: one owner.
class StagedFile final {
 public:
  explicit StagedFile(Engine& engine);
  ~StagedFile();
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;

  /// Opens the source, which lives until stream() has returned, and begins to read; once it has begun, does nothing.
  /// Errors: the source's.
  Result<void> begin(const FileSource& source);
  /// After begin(): waits until all is read; once that is done, does nothing. `room` is how many octets may wait in
  /// memory; what does is taken from it. Errors: too_large past 2 GiB, the source's, the store's.
  Result<void> stream(std::size_t& room);
  /// In the batch of the record that names it; asked again, in this batch or a later one, the same facts. Errors:
  /// closed when the batch that it was finished in was dropped, or an earlier one.
  Result<sync::FileFacts> finish(sync::Batch& batch);
  /// The commit after finish() was made.
  void keep();
  [[nodiscard]] bool streamed() const { return streamed_; }
  [[nodiscard]] bool kept() const { return kept_; }
  [[nodiscard]] bool finished() const { return finished_; }
  /// As content_of; after stream().
  [[nodiscard]] const Bytes& content() const { return content_; }

 private:
  class Reading;
  Result<void> add_waiting(sync::Batch& batch);

  Engine& engine_;
  std::optional<sync::FileIntake> intake_;  ///< until it is kept
  sync::FileId file_;
  std::string name_, type_;
  Bytes content_;
  sync::FileFacts facts_;                           ///< once finished
  std::deque<sync::FileIntake::Leaves> waiting_;    ///< sealed, and in no batch
  bool streamed_ = false;                           ///< all of it was read
  bool stored_ = false;                             ///< a commit holds a part of it
  bool finished_ = false;
  bool kept_ = false;
  std::unique_ptr<Reading> reading_;  ///< last: its thread uses the rest
};

/// A file and where it comes from; borrows both.
struct Staging {
  StagedFile* file;
  const FileSource* source;
};
/// Begins and streams them in this order, the next ones being read while one is streamed. Up to 12 MiB wait in memory.
/// Errors: of both.
Result<void> stage_files(std::span<const Staging> files);
inline constexpr std::size_t staged_octets_max = std::size_t{12} << 20U;

/// Stages all files, then does `work` with them in one commit. Nothing stays when it fails.
/// Errors: of both.
using FilesWork = std::function<Result<void>(sync::Replica&, sync::Batch&, std::vector<sync::FileFacts>)>;
Result<void> work_with_files(Engine& engine, const std::vector<FileSource>& sources, const FilesWork& work);

}  // namespace khuoi::node
