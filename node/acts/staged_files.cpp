#include "node/acts/staged_files.h"

#include <algorithm>

#include "node/acts/media_type.h"
#include "node/engine/read_ahead.h"
#include "sync/base/check.h"
#include "sync/dossiers/intake.h"
#include "sync/seal/hash.h"

namespace khuoi::node {

namespace {
constexpr std::size_t commit_octets = std::size_t{8} << 20U;
/// What is sealed and hashed at a time, and how many of these wait for whoever stores them.
constexpr std::size_t ahead_octets = std::size_t{1} << 20U;
constexpr std::size_t ahead_ready_max = 6;
/// How many files are read at a time.
constexpr std::size_t begun_max = 3;
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

/// Reads a source, hashes and seals what comes, ahead of whoever stores it.
class StagedFile::Reading final {
 public:
  Reading(const FileSource& source, FileSource::Pieces next, sync::FileIntake& intake)
      : source_(source), next_(std::move(next)), intake_(intake), type_(media_type(source.name)) {}

  Result<std::optional<Leaves>> next() { return sealed_.next(); }
  [[nodiscard]] const FileSource& source() const { return source_; }
  // After the last.
  [[nodiscard]] const std::string& type() const { return type_; }
  Bytes content() { return content_.finish(); }

 private:
  /// Each piece is hashed and sealed while the processor's cache still holds it.
  Result<std::optional<Leaves>> seal() {
    Leaves out;
    out.octets.reserve(ahead_octets + ahead_octets / 8);
    while (!ended_ && out.octets.size() < ahead_octets) {
      KHUOI_TRY(const ByteView piece, next_());
      if (octets_ == 0 && source_.type == FileSource::Type::by_beginning) type_ = media_type(source_.name, piece);
      ended_ = piece.empty();
      octets_ += piece.size();
      content_.add(piece);
      KHUOI_TRY_VOID(intake_.seal(piece, out));
    }
    out.hash();
    return out.octets.empty() ? std::optional<Leaves>() : std::optional(std::move(out));
  }

  const FileSource& source_;
  FileSource::Pieces next_;
  sync::FileIntake& intake_;
  std::string type_;
  sync::Blake2b content_{sync::file_content_octets};
  std::uint64_t octets_ = 0;
  bool ended_ = false;
  ReadAhead<Leaves> sealed_{[this] { return seal(); }, ahead_ready_max};
};

StagedFile::StagedFile(Engine& engine)
    : engine_(engine), intake_(std::in_place, engine.rng()), file_(intake_->file()) {}

StagedFile::~StagedFile() {
  reading_.reset();
  // What cannot be erased now, the next start of the writer erases.
  if (kept_ || !stored_) return;
  (void)engine_.work([&](sync::Replica&, sync::Batch& batch) { return sync::Files::erase(batch, file_); });
}

Result<void> StagedFile::begin(const FileSource& source) {
  if (streamed_ || reading_) return {};
  KHUOI_TRY(FileSource::Pieces next, source.open());
  name_ = source.name;
  reading_ = std::make_unique<Reading>(source, std::move(next), *intake_);
  return {};
}

Result<void> StagedFile::stream(std::size_t& room) {
  if (streamed_) return {};
  KHUOI_CHECK(reading_ != nullptr);
  std::size_t waiting_octets = 0;
  for (std::uint64_t at = 0;;) {
    KHUOI_TRY(auto leaves, reading_->next());
    if (!leaves) break;
    at += leaves->octets.size();
    waiting_octets += leaves->octets.size();
    waiting_.push_back(std::move(*leaves));
    if (waiting_octets > (stored_ ? commit_octets : room)) {
      KHUOI_TRY_VOID(engine_.work([&](sync::Replica&, sync::Batch& batch) { return add_waiting(batch); }));
      stored_ = true;
      waiting_octets = 0;
    }
    if (reading_->source().taken) KHUOI_TRY_VOID(reading_->source().taken(at));
  }
  room -= std::min(room, waiting_octets);
  streamed_ = true;
  type_ = reading_->type();
  content_ = reading_->content();
  reading_.reset();
  return {};
}

/// What the batch has is given back at once, so that nothing lies in memory twice. When the batch is dropped, so is this.
Result<void> StagedFile::add_waiting(sync::Batch& batch) {
  for (; !waiting_.empty(); waiting_.pop_front()) {
    KHUOI_TRY_VOID(intake_->add(batch, waiting_.front()));
  }
  return {};
}

Result<sync::FileFacts> StagedFile::finish(sync::Batch& batch) {
  if (kept_) return facts_;
  if (finished_) {
    KHUOI_TRY(const sync::FileStatus status, sync::Files::status(batch.txn, file_));
    if (status.complete) return facts_;
    return fail(Errc::closed, "the commit that stored the file " + name_ + " was not made: hand it in again");
  }
  KHUOI_TRY_VOID(add_waiting(batch));
  KHUOI_TRY(facts_, intake_->finish(batch, name_, type_));
  finished_ = true;
  return facts_;
}

void StagedFile::keep() {
  kept_ = true;
  intake_.reset();
}

Result<void> stage_files(std::span<const Staging> files) {
  std::size_t room = staged_octets_max;
  std::size_t begun = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (; begun < files.size() && begun < i + begun_max; ++begun) {
      KHUOI_TRY_VOID(files[begun].file->begin(*files[begun].source));
    }
    KHUOI_TRY_VOID(files[i].file->stream(room));
  }
  return {};
}

Result<void> work_with_files(Engine& engine, const std::vector<FileSource>& sources, const FilesWork& work) {
  std::vector<std::unique_ptr<StagedFile>> staged;
  std::vector<Staging> stagings;
  for (const FileSource& source : sources) {
    stagings.push_back({staged.emplace_back(std::make_unique<StagedFile>(engine)).get(), &source});
  }
  KHUOI_TRY_VOID(stage_files(stagings));
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
