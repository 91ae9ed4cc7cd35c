#pragma once

#include <map>
#include <memory>

#include "node/cli/command.h"
#include "sync/files/file_intake.h"

namespace khuoi::node {

/// Files on their way into the store: streamed in commits of 16 MB, then finished in the commit of whatever names them.
/// One that is never finished is removed again.
class Attachments final {
 public:
  explicit Attachments(Task& task) : task_(task) {}
  ~Attachments();
  Attachments(const Attachments&) = delete;
  Attachments& operator=(const Attachments&) = delete;

  /// Takes in a file that the caller named; its number here. Errors: too_large past 2 GiB, the caller's, the store's.
  Result<std::size_t> stage(const std::string& path);
  /// Whether a staged file is kept under this name (NAMES.md).
  [[nodiscard]] bool has(const std::string& name) const;
  /// Ends the intake of these, in the same batch as the record that names them; for files that are finished already
  /// gives the same facts. When that batch was dropped, drop() them.
  Result<std::vector<sync::FileFacts>> finish(sync::Batch& batch, const std::vector<std::size_t>& files);
  /// BLAKE2b of what is in a staged file (Intake::has_file).
  [[nodiscard]] const Bytes& content(std::size_t file) const { return staged_[file].content; }
  void drop(std::size_t file) { staged_[file].facts.reset(); }

 private:
  struct Staged {
    std::string name;
    std::unique_ptr<sync::FileIntake> intake;
    std::optional<sync::FileFacts> facts;
    Bytes content;
  };
  Task& task_;
  std::vector<Staged> staged_;
};

/// The same for a file that is not staged yet; it is read whole. Errors: the caller's.
Result<Bytes> content_of(Task& task, const std::string& path);

}  // namespace khuoi::node
