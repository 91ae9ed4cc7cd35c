#include "node/acts/staged_files.h"

#include <algorithm>

#include "node/acts/media_type.h"
#include "node/engine/read_ahead.h"
#include "sync/dossiers/intake.h"
#include "sync/seal/hash.h"

namespace khuoi::node {

namespace {
constexpr std::size_t commit_octets = std::size_t{4} << 20U;
using Leaves = sync::FileIntake::Leaves;
}  // namespace

Result<Bytes> content_of(const FileSource& source) {
  KHUOI_TRY(const FileSource::Pieces next, source.open());
  sync::Blake2b hash(sync::file_content_octets);
  for (;;) {
    KHUOI_TRY(const ByteView piece, next());
    if (piece.empty()) return hash.finish();
    hash.add(piece);
  }
}

StagedFile::~StagedFile() {
  // What cannot be erased now, the next start of the writer erases.
  if (kept_ || !stored_) return;
  (void)engine_.work([&](sync::Replica&, sync::Batch& batch) { return sync::Files::erase(batch, intake_.file()); });
}

Result<void> StagedFile::stream(const FileSource& source) {
  KHUOI_TRY(const FileSource::Pieces next, source.open());
  name_ = source.name;
  type_ = media_type(name_);
  sync::Blake2b content(sync::file_content_octets);
  std::uint64_t read = 0;
  bool ended = false;
  ReadAhead<Leaves> sealed([&]() -> Result<std::optional<Leaves>> {
    Leaves out;
    while (!ended && out.octets.size() < commit_octets) {
      KHUOI_TRY(const ByteView piece, next());
      if (read == 0 && source.type == FileSource::Type::by_beginning) type_ = media_type(name_, piece);
      ended = piece.empty();
      read += piece.size();
      content.add(piece);
      KHUOI_TRY(Leaves more, intake_.seal(piece));
      if (out.hashes.empty()) {
        out = std::move(more);
      } else {
        append(out.octets, more.octets);
        out.hashes.insert(out.hashes.end(), more.hashes.begin(), more.hashes.end());
      }
    }
    return out.hashes.empty() ? std::optional<Leaves>() : std::optional(std::move(out));
  });
  for (std::uint64_t at = 0;;) {
    KHUOI_TRY(const auto leaves, sealed.next());
    if (!leaves) break;
    KHUOI_TRY_VOID(engine_.work([&](sync::Replica&, sync::Batch& batch) { return intake_.add(batch, *leaves); }));
    stored_ = true;
    at += leaves->octets.size();
    if (source.stored) KHUOI_TRY_VOID(source.stored(at));
  }
  content_ = content.finish();
  return {};
}

Result<sync::FileFacts> StagedFile::finish(sync::Batch& batch) {
  if (!kept_) {
    KHUOI_TRY(facts_, intake_.finish(batch, name_, type_));
  }
  return facts_;
}

Result<void> work_with_files(Engine& engine, const std::vector<FileSource>& sources, const FilesWork& work) {
  std::vector<std::unique_ptr<StagedFile>> staged;
  for (const FileSource& source : sources) {
    staged.push_back(std::make_unique<StagedFile>(engine));
    KHUOI_TRY_VOID(staged.back()->stream(source));
  }
  KHUOI_TRY_VOID(engine.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    std::vector<sync::FileFacts> files;
    for (const auto& one : staged) {
      KHUOI_TRY(files.emplace_back(), one->finish(batch));
    }
    return work(replica, batch, std::move(files));
  }));
  for (const auto& one : staged) one->keep();
  return {};
}

}  // namespace khuoi::node
