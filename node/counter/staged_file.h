#pragma once

#include "node/engine/engine.h"
#include "node/web_server/sealed_file.h"
#include "sync/files/file_intake.h"

namespace khuoi::http {

/// A file on its way into the store, streamed in commits of 16 MB; unless keep() was called after the commit that
/// finished it, what came of it is erased again.
class StagedFile final {
 public:
  static constexpr std::string_view unknown_type = "application/octet-stream";
  explicit StagedFile(node::Engine& engine) : engine_(engine), intake_(engine.rng()) {}
  ~StagedFile();
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;
  /// Errors: damaged, io; the store's.
  Result<void> stream(const SealedFile& from);
  /// Its type is told by how it begins; its name counts only for kinds that no beginning tells, as text/csv.
  Result<sync::FileFacts> finish(sync::Batch& batch, const std::string& name);
  void keep() { kept_ = true; }

 private:
  node::Engine& engine_;
  std::string type_{unknown_type};
  sync::FileIntake intake_;
  bool kept_ = false;
};

/// The type a file really has, by its first octets, never what its sender says; application/octet-stream if unknown.
std::string sniffed_type(ByteView first_octets);

}  // namespace khuoi::http
