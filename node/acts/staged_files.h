#pragma once

#include <functional>
#include <memory>
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
  /// Called after each commit with the octets stored so far, by whoever calls stream(); an error ends the intake.
  std::function<Result<void>(std::uint64_t octets)> stored = {};
};

/// BLAKE2b of all octets, by which two files of one name are told apart (Intake::has_file). Errors: the source's.
Result<Bytes> content_of(const FileSource& source);

/// A file on its way into the store: streamed in commits of 4 MB, each read and sealed while the one before is written,
/// then finished in the commit of the record that names it. Unless keep() was called after that commit, what came of it
/// is erased again. Threads: one owner.
class StagedFile final {
 public:
  explicit StagedFile(Engine& engine) : engine_(engine), intake_(engine.rng()) {}
  ~StagedFile();
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;

  /// Errors: too_large past 2 GiB, the source's, the store's.
  Result<void> stream(const FileSource& source);
  /// In the batch of the record that names it; of a file that was kept already the same facts. Errors: closed when an
  /// earlier batch was dropped.
  Result<sync::FileFacts> finish(sync::Batch& batch);
  void keep() { kept_ = true; }
  [[nodiscard]] bool kept() const { return kept_; }
  /// As content_of; after stream().
  [[nodiscard]] const Bytes& content() const { return content_; }

 private:
  Engine& engine_;
  sync::FileIntake intake_;
  std::string name_, type_;
  Bytes content_;
  sync::FileFacts facts_;  ///< once kept
  bool stored_ = false;    ///< a commit holds a part of it
  bool kept_ = false;
};

/// Stages all files, in their order, then does `work` with them in one commit. Nothing stays when it fails.
/// Errors: of both.
using FilesWork = std::function<Result<void>(sync::Replica&, sync::Batch&, std::vector<sync::FileFacts>)>;
Result<void> work_with_files(Engine& engine, const std::vector<FileSource>& sources, const FilesWork& work);

}  // namespace khuoi::node
